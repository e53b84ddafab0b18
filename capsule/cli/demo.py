"""`capsule demo`: the &bang example with all its processes, from one command to one URL."""

import argparse
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from capsule.feeds import embedded

NAME = "demo"
HELP = "run the &bang example: server, worker, gateway and bots"

APP = "examples.bang"
MODELS = Path("examples/bang/models.py")
HOST = "127.0.0.1"
DATA = Path(".capsule")
LOCK = "demo.lock"
STOP_SECONDS = 10.0  # how long a process may take to end before it is killed
START_SECONDS = 30.0  # how long the gateway may take to answer
TAIL_LINES = 20


class ProcessError(Exception):
    """A process that should run has ended; the message is for the person at the terminal."""


class Supervisor:
    """Child processes that live and die together. Their output goes to `logs`/NAME.log.

    Each is a session of its own, so that a Ctrl-C at the terminal reaches this process alone and the children
    are stopped in order: the last one started first.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self.logs = logs
        self.environment = dict(environment)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False
        logs.mkdir(parents=True, exist_ok=True)

    def obey_signals(self) -> None:
        """From now on Ctrl-C, SIGTERM and a closed terminal make the next `wait` raise KeyboardInterrupt."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def start(self, name: str, *command: str) -> None:
        """Start a Python module that is to run until the end."""
        with self._log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )

    def finish(self, name: str, *command: str) -> str:
        """Run a Python module to its end; answers what it wrote. Raises ProcessError when it fails."""
        self.start(name, *command)
        process = self.running[name]
        while process.poll() is None:
            self.wait()
        del self.running[name]
        if process.returncode != 0:
            raise ProcessError(self._obituary(name, process.returncode))
        return self._log(name).read_text(errors="replace").strip()

    def wait(self, seconds: float = 0.1) -> None:
        """Sleep a little. Raises KeyboardInterrupt when somebody wants this to end."""
        if self.stopping:
            raise KeyboardInterrupt
        time.sleep(seconds)

    def check(self) -> None:
        """Raise ProcessError when one of the processes has ended."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise ProcessError(self._obituary(name, process.returncode))

    def stop(self) -> None:
        """End what still runs, the last one started first; what does not listen is killed."""
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.running.clear()

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _obituary(self, name: str, status: int) -> str:
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        lines = self._log(name).read_text(errors="replace").splitlines()[-TAIL_LINES:]
        tail = "\n".join(f"    {line}" for line in lines)
        return f"The process `{name}` has ended ({how}). The end of {self._log(name)}:\n{tail}"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: capsule demo --port 8020"
    parser.add_argument(
        "--port", type=int, default=8020, help="where the page is served (default: %(default)s)"
    )
    parser.add_argument("--no-bots", action="store_true", help="a quiet team: nobody works but you")
    parser.add_argument(
        "--fresh", action="store_true", help="forget what was kept, and begin with a new team"
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="what is kept (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM (0), or until one of the processes ends (1)."""
    args.data.mkdir(parents=True, exist_ok=True)
    with (args.data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return complain(
                f"another demo runs with the data in {args.data}. Stop it, or name other data: --data DIR"
            )
        if problem := problem_with(args):
            return complain(problem)
        if args.fresh:
            forget(args.data)
        return supervise(args)


def complain(sentence: str) -> int:
    print(f"capsule demo: {sentence}", file=sys.stderr)
    return 1


def problem_with(args: argparse.Namespace) -> str | None:
    """Why the demo cannot run here, in a sentence, or None."""
    if not MODELS.is_file():
        return f"the example is part of the repository. Run this in a checkout, where {MODELS} is."
    if args.fresh and os.environ.get("REDIS_URL"):
        return "--fresh empties the embedded store. REDIS_URL names your own server: empty that one yourself."
    if args.fresh and store_runs(args.data):
        return (
            f"--fresh would empty a store that is in use: something else runs with the data in {args.data}."
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, args.port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            return f"port {args.port} cannot be used ({reason}). Choose another one: --port {args.port + 1}"
    return None


def store_runs(data: Path) -> bool:
    """Whether an embedded server lives on this data: it holds its lock for as long as it does."""
    with (data / "server.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def forget(data: Path) -> None:
    """Remove what was kept, but for the lock that this demo holds."""
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def supervise(args: argparse.Namespace) -> int:
    supervisor = Supervisor(args.data / "logs", environment(args.data))
    supervisor.obey_signals()
    store: embedded.Server | None = None
    try:
        if "REDIS_URL" not in os.environ:
            store = embedded.ensure(args.data)
            supervisor.environment["REDIS_URL"] = store.url
            tell("store", f"embedded Valkey, data in {args.data}")
        else:
            tell("store", "the server that REDIS_URL names")
        start(supervisor, args)
        while True:
            supervisor.check()
            supervisor.wait(0.2)
    except KeyboardInterrupt:
        print("\n  Stopping...", flush=True)
        return 0
    except ProcessError as death:
        return complain(str(death))
    finally:
        supervisor.stop()
        if store is not None:
            store.stop()


def start(supervisor: Supervisor, args: argparse.Namespace) -> None:
    """Start everything, in the order in which one needs the other."""
    supervisor.finish("build", "capsule.cli.main", "build", str(MODELS), "-o", str(MODELS.parent / "dist"))
    tell("models", f"{MODELS} compiled to {MODELS.parent / 'dist'}")
    tell("team", supervisor.finish("seed", f"{APP}.seed"))
    supervisor.start("worker", "capsule.cli.main", "worker", f"{APP}.models")
    tell("worker", "running")
    address = f"http://{HOST}:{args.port}"
    supervisor.start("gateway", f"{APP}.server", "--host", HOST, "--port", str(args.port))
    wait_for(supervisor, f"{address}/login")
    tell("gateway", "running")
    if not args.no_bots:
        supervisor.start("bots", f"{APP}.bots", address)
        tell("bots", "at work (--no-bots for a quiet team)")
    print(
        f"\n  &bang is at  {address}\n\n"
        "  Open it in two browsers, or in one and a private window, as two people.\n"
        f"  Ctrl-C stops everything. The team is kept in {args.data}/ (--fresh begins a new one).",
        flush=True,
    )


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


def environment(data: Path) -> dict[str, str]:
    """What the processes share: the path, and the key that signs login cookies (kept, so that logins are)."""
    key = data / "cookie.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32))
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
        "BANG_COOKIE_KEY": key.read_text(),
    }


def tell(what: str, sentence: str) -> None:
    print(f"  {what:<9} {sentence}", flush=True)
