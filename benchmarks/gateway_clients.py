"""Tens of thousands of clients, in C (gateway_load.c), and one publisher; what they saw, read while they run."""

import json
import mmap
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from capsule.feeds import keys

HERE = Path(__file__).parent
NAMES = "stop started ready failed closed delivered lost doubled messages bytes large quiet".split()
BUCKETS = 2048
SIZE = 8 * (len(NAMES) + 2 * BUCKETS)
EVENT_BYTES = 240
OURS = ("ours", "private")


def compiled(name: str, into: Path) -> Path | None:
    """The program made from `<name>.c`; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    program = into / name
    subprocess.run([compiler, "-O2", "-o", str(program), str(HERE / f"{name}.c")], check=True)
    return program


def built(name: str, into: Path) -> Path | None:
    """The program made from `<name>.go` with Debian's libraries; None where they or Go are not installed."""
    go = shutil.which("go")
    if go is None:
        return None
    program = into / name
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
    command = [go, "build", "-o", str(program), str(HERE / f"{name}.go")]
    return program if subprocess.run(command, env=environment, check=False).returncode == 0 else None


@dataclass(frozen=True)
class Dialog:
    """How a client of some server begins: see the head of gateway_load.c."""

    path: str
    ready: str = ""
    steps: tuple[str, ...] = ()


class Clients:
    """Running load generators: `with Clients(...) as clients`."""

    def __init__(
        self, load: Path, ports: list[int], count: int, room_size: int, dialog: Dialog, *, at_once: int = 128
    ) -> None:
        self.count = count
        self.room_size = room_size
        self._processes: list[subprocess.Popen[bytes]] = []
        self._folder = tempfile.TemporaryDirectory()
        self._maps: list[mmap.mmap] = []
        self._began = time.monotonic()
        # A process may have 20,000 descriptors here; rooms are not split between two of them.
        most = max(room_size, 15_000 // room_size * room_size)
        for first in range(0, count, most):
            path = Path(self._folder.name) / str(first)
            path.write_bytes(bytes(SIZE))
            with path.open("r+b") as file:
                self._maps.append(mmap.mmap(file.fileno(), SIZE))
            here = min(most, count - first)
            numbers = [",".join(map(str, ports)), here, room_size, first, at_once]
            command = [load, path, *numbers, dialog.path, dialog.ready, *dialog.steps]
            self._processes.append(subprocess.Popen([str(part) for part in command]))

    def __enter__(self) -> "Clients":
        return self

    def __exit__(self, *_: object) -> None:
        for shared in self._maps:
            shared[0:8] = struct.pack("<Q", 1)
        for process in self._processes:
            process.wait()
        for shared in self._maps:
            shared.close()
        self._folder.cleanup()

    def __getattr__(self, name: str) -> int:
        if name not in NAMES:
            raise AttributeError(name)
        at = 8 * NAMES.index(name)
        return sum(int(struct.unpack_from("<Q", shared, at)[0]) for shared in self._maps)

    def connected(self, within: float = 300.0) -> float:
        """Seconds until everybody was ready. Raises RuntimeError when somebody was refused or does not get there."""
        while self.ready < self.count:
            if self.failed or time.monotonic() - self._began > within:
                raise RuntimeError(f"{self.ready} of {self.count} connected, {self.failed} failed")
            time.sleep(0.002)
        return time.monotonic() - self._began

    def percentiles(
        self, which: str = "latency", base: list[int] | None = None
    ) -> tuple[float, float, float]:
        """p50, p99 and the largest, in milliseconds, of what came after `base` (an earlier `histogram`)."""
        counts = self.histogram(which)
        if base is not None:
            counts = [now - before for now, before in zip(counts, base, strict=True)]
        total, so_far = sum(counts), 0
        found: list[float] = []
        wanted = [total * 0.5, total * 0.99, total - 0.5]
        for index, count in enumerate(counts):
            so_far += count
            while len(found) < 3 and total and so_far > wanted[len(found)]:
                found.append(_microseconds(index) / 1000)
        return (found[0], found[1], found[2]) if found else (0.0, 0.0, 0.0)

    def histogram(self, which: str = "latency") -> list[int]:
        """Counts by bucket."""
        at = 8 * (len(NAMES) + (BUCKETS if which == "connect" else 0))
        each = [struct.unpack_from(f"<{BUCKETS}Q", shared, at) for shared in self._maps]
        return [sum(counts) for counts in zip(*each, strict=True)]


def _microseconds(index: int) -> float:
    if index < 32:
        return index
    octave, part = divmod(index, 32)
    return float((32 + part) << (octave - 1))


class Publisher:
    """Publishes events on the store's channels over one plain socket.

    `events`: as the commit script would, on the channels of scopes and with versions ("ours"), or besides with a part
    that only some may read ("private"); any other word is for bare ones, on the channels `<word>:<room>`.
    """

    def __init__(self, store: str, rooms: int, events: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(store)
        self._socket.setblocking(False)
        self._versions = [0] * rooms
        self._events = events
        self.published = 0

    def publish(self, rooms: Iterator[int], count: int) -> None:
        """So many events, each to the next room, at once."""
        commands = []
        for _ in range(count):
            room = next(rooms)
            self._versions[room] += 1
            channel, text = self._event(room, self._versions[room])
            commands.append(
                b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n"
                % (len(channel), channel, len(text), text)
            )
        self.published += count
        data = memoryview(b"".join(commands))
        while data:
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                self._drain()
                time.sleep(0.0001)
        self._drain()

    def _event(self, room: int, number: int) -> tuple[bytes, bytes]:
        mark = f"@T={time.monotonic_ns():019d}#{number:09d}"
        before = f"{number - 1}-7" if number > 1 else "0-0"
        edits, feeds = [["edit", "members.42.tasks", "t1", {"title": mark}]], "members.42.tasks"
        if self._events == "private":
            edits.append(["edit", "members.42.tasks--staff", "t1", {"cost": number}])
            feeds += ",members.42.tasks--staff"
        line = {
            "verb": "event",
            "scope": f"team.{room}",
            "id": f"{number}-7",
            "prev": before,
            "tx": [[f"ann.bench001.{number}", edits]],
        }
        text = json.dumps(line, separators=(",", ":"))
        text = text.replace(mark, mark + "x" * (EVENT_BYTES - len(text)))
        if self._events not in OURS:
            return f"{self._events}:{room}".encode(), text.encode()
        return (
            f"{keys.scope(f'team.{room}')}events".encode(),
            f"{number}-7 {before} * {feeds}\n{text}".encode(),
        )

    def _drain(self) -> None:
        try:
            while self._socket.recv(1 << 16):
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        self._socket.close()


class Usage:
    """CPU seconds and memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        self.pids = [pid, *_children(pid)]

    def cpu(self) -> float:
        """User and system time so far, to the nanosecond where the kernel tells it."""
        threads = (each for pid in self.pids for each in Path(f"/proc/{pid}/task").iterdir())
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9

    def kilobytes(self) -> float:
        """Resident memory."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found
