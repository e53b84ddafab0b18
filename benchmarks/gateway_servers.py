"""The servers that `scripts/bench gateway` compares, each started, measured and ended in the same way."""

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import rivals
from benchmarks.gateway_clients import HERE, Dialog
from benchmarks.gateway_clients import OURS as EVENTS_OF_OURS

HELLO = '{"verb":"hello","protocol":1,"client":"c%n"}'
SUBSCRIBE = '{"verb":"subscribe","scope":"team.%r","since":null}'
OURS = Dialog("/?as=u%n", '"verb":"snapshot"', (f"=>{HELLO}\n{SUBSCRIBE}",))
SOCKET_IO = Dialog("/socket.io/?EIO=4&transport=websocket", '42["joined"', ("0{=>40", '40{=>42["join","%r"]'))


@dataclass(frozen=True)
class Kind:
    """One server. `most`: connections that it is measured with at most; `events`: see `Publisher`."""

    name: str
    dialog: Dialog
    command: tuple[str, ...]
    events: str = "bench"
    most: int = 1_000_000
    missing: str = ""

    @property
    def ours(self) -> bool:
        """Whether it reads scopes' channels."""
        return self.events in EVENTS_OF_OURS


@dataclass
class Running:
    """A server that answers on `port`."""

    kind: Kind
    process: subprocess.Popen[str]
    port: int
    pids: list[int] = field(default_factory=list)

    def say(self, word: str) -> None:
        """Ours only: `watch` begins to watch the turns of its loop."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def stalls(self) -> dict[str, Any]:
        """How long the turns of its loop took since `watch`."""
        self.say("tell")
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def kinds(store: str, writer: Path | None, centrifuge: Path | None) -> list[Kind]:
    """All of them, the ceiling first. `store`: path of the store's socket; the programs, where they could be made."""
    node = shutil.which("node")
    url = f"unix://{store}"
    rival = str(HERE / "gateway_rivals.py")

    def own(driver: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "benchmarks.gateway_ours", driver, url)

    no_compiler = "" if writer else "no C compiler (cc) here"
    no_socket_io = (
        "" if node and (HERE / "node_modules" / "socket.io").exists() else "npm ci has not been run"
    )
    try:
        python = str(rivals.python("gateway"))
        no_python = ""
    except subprocess.CalledProcessError:
        python, no_python = "", "rivals-gateway.txt could not be installed"
    return [
        Kind("C writer", Dialog("/?room=%r"), (str(writer), "PORT", store), "write", missing=no_compiler),
        Kind("capsule, standalone", OURS, own("own"), "ours"),
        Kind("capsule, standalone, two views", OURS, own("views"), "private"),
        Kind("capsule, mounted, our driver", OURS, own("uvicorn"), "ours"),
        Kind("capsule, mounted, plain ASGI", OURS, own("asgi"), "ours"),
        Kind(
            "uvicorn, bare",
            Dialog("/?room=%r"),
            (python, rival, "bare", store, "PORT"),
            missing=no_python,
        ),
        Kind(
            "socket.io (Node)",
            SOCKET_IO,
            (str(node), str(HERE / "gateway_rival.mjs"), store, "PORT"),
            missing=no_socket_io,
        ),
        Kind(
            "python-socketio",
            SOCKET_IO,
            (python, rival, "socketio", store, "PORT"),
            most=2_000,
            missing=no_python,
        ),
        Kind(
            "Django Channels",
            Dialog("/room/%r"),
            (python, rival, "channels", store, "PORT"),
            most=1_000,
            missing=no_python,
        ),
        Kind(
            "centrifuge 0.15 (Go)",
            Dialog("/?room=%r", '"result"', ('=>{"id":1}',)),
            (str(centrifuge), store, "PORT"),
            missing="" if centrifuge else "see the head of gateway_rival.go",
        ),
    ]


def start(kind: Kind, port: int = 0) -> Running:
    """Start a server on processor 0 and wait for its `ready`. Raises RuntimeError when it ends first."""
    asked = port or (0 if kind.ours else _free_port())
    command = [part if part != "PORT" else str(asked) for part in kind.command]
    if kind.ours and port:
        command.append(str(port))
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE.parent,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        preexec_fn=lambda: pinned(0),
    )
    assert process.stdout is not None
    line = process.stdout.readline().split()
    if not line or line[0] != "ready":
        process.kill()
        raise RuntimeError(f"{kind.name} did not start")
    return Running(kind, process, int(line[1]) if len(line) > 1 else asked)


def pinned(processor: int) -> None:
    """Keep this process on one processor, where there are several."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {processor})


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
