"""What a storm strikes: the processes of workers, and the server that they share."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from capsule.feeds.embedded import Server
from tests.conftest import steady


class Crew:
    """Processes of one module, `python -m MODULE URL`. `counts` is what was done to them."""

    def __init__(self, module: str, size: int, url: str) -> None:
        self.command = [sys.executable, "-m", module, url]
        self.counts: Counter[str] = Counter()
        self.workers = [self._start() for _ in range(size)]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command)

    def kill(self) -> None:
        """One of them dies; another takes its place."""
        n = random.randrange(len(self.workers))
        self.workers[n].kill()
        self.workers[n].wait()
        self.workers[n] = self._start()
        self.counts["workers killed"] += 1

    async def freeze(self, seconds: float) -> None:
        """One of them sleeps past its lease, and wakes up believing that it still holds its claims."""
        worker = random.choice(self.workers)
        worker.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        worker.send_signal(signal.SIGCONT)
        self.counts["workers frozen past their lease"] += 1

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()


class Victims:
    """A crew, and a server of its own that is killed, too, and comes back with its data."""

    def __init__(self, module: str, size: int, directory: Path) -> None:
        self.directory = directory
        self.server: Server = steady(directory)
        self.crew = Crew(module, size, self.server.url)
        self.counts = self.crew.counts

    async def strike(
        self,
        seconds: float,
        lease: float,
        enough: Callable[[], bool],
        also: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Strike for so long, until both have been struck and it is enough. `also` is done before each blow."""
        end, next_server = time.monotonic() + seconds, time.monotonic() + 1.0
        while (
            time.monotonic() < end
            or not (self.counts["workers killed"] and self.counts["servers killed"])
            or not enough()
        ):
            await asyncio.sleep(random.uniform(0.2, 0.6))
            if also is not None:
                await also()
            if random.random() < 0.3:
                await self.crew.freeze(lease * 1.5)
            else:
                self.crew.kill()
            if time.monotonic() > next_server:
                await self.kill_server()
                next_server = time.monotonic() + random.uniform(1.5, 4.0)

    async def kill_server(self) -> None:
        assert self.server.process is not None
        self.server.process.kill()
        self.server.process.wait()
        await asyncio.sleep(random.uniform(0, 0.3))
        self.server = steady(self.directory)
        self.counts["servers killed"] += 1

    def stop(self) -> None:
        self.crew.stop()
        self.server.stop()


def tell(capsys: pytest.CaptureFixture[str], what: str, seconds: float, report: dict[str, int]) -> None:
    """Print what a storm did and found, whatever pytest captures."""
    with capsys.disabled():
        print(f"\n{what}, {seconds:g} s: " + ", ".join(f"{count} {name}" for name, count in report.items()))
