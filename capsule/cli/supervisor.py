"""Child processes that live and die together, watched from a terminal."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from capsule.feeds.child import bound

STOP_SECONDS = 10.0  # how long a process may take to end before it is killed
START_SECONDS = 60.0  # how long the gateway may take to answer
TAIL_LINES = 20


class ProcessError(Exception):
    """A process that should run has ended; the message is for the person at the terminal."""


class Supervisor:
    """Child processes that live and die together. Their output goes to `logs`/NAME.log, or without `logs` to where
    ours goes.

    Each is a session of its own, so that a Ctrl-C at the terminal reaches this process alone and the children
    are stopped in order: the last one started first. On Linux they also end when this process is killed.
    """

    def __init__(self, logs: Path | None, environment: Mapping[str, str]) -> None:
        self.logs = logs
        self.environment = dict(environment)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False
        if logs is not None:
            logs.mkdir(parents=True, exist_ok=True)

    def obey_signals(self) -> None:
        """From now on Ctrl-C, SIGTERM and a closed terminal make the next `wait` raise KeyboardInterrupt."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def start(self, name: str, *command: str) -> None:
        """Start a Python module that is to run until the end."""
        with nullcontext() if self.logs is None else self._log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                bound(sys.executable, "-m", *command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=None if log is None else subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )

    def finish(self, name: str, *command: str) -> str:
        """Run a Python module to its end; answers what it wrote to its log. Raises ProcessError when it fails."""
        self.start(name, *command)
        process = self.running[name]
        while process.poll() is None:
            self.wait()
        del self.running[name]
        if process.returncode != 0:
            raise ProcessError(self._obituary(name, process.returncode))
        return "" if self.logs is None else self._log(name).read_text(errors="replace").strip()

    def wait(self, seconds: float = 0.1) -> None:
        """Sleep a little. Raises KeyboardInterrupt when somebody wants this to end."""
        if self.stopping:
            raise KeyboardInterrupt
        time.sleep(seconds)

    def ended(self) -> list[str]:
        """What there is to say of each process that has ended since this was asked."""
        gone = [name for name, process in self.running.items() if process.poll() is not None]
        return [self._obituary(name, self.running.pop(name).returncode) for name in gone]

    def check(self) -> None:
        """Raise ProcessError when one of the processes has ended."""
        for obituary in self.ended():
            raise ProcessError(obituary)

    def stop(self, *names: str) -> None:
        """End these, or all that still runs, the last one started first; what does not listen is killed."""
        for name in list(reversed(self.running)):
            if names and name not in names:
                continue
            process = self.running.pop(name)
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _log(self, name: str) -> Path:
        assert self.logs is not None
        return self.logs / f"{name}.log"

    def _obituary(self, name: str, status: int) -> str:
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        if self.logs is None:
            return f"The process `{name}` has ended ({how})."
        lines = self._log(name).read_text(errors="replace").splitlines()[-TAIL_LINES:]
        tail = "\n".join(f"    {line}" for line in lines)
        return f"The process `{name}` has ended ({how}). The end of {self._log(name)}:\n{tail}"


def wait_for(supervisor: Supervisor, url: str) -> None:
    """Return when the gateway answers. Raises ProcessError when it ended, or when it takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        supervisor.check()
        supervisor.wait()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise ProcessError(f"The gateway does not answer at {url} ({error}).") from None


def port_problem(host: str, port: int) -> str | None:
    """Why nobody can listen there, in a sentence, or None."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            return f"port {port} cannot be used ({reason}). Choose another one: --port {port + 1}"
    return None
