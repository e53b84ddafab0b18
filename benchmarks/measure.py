"""What a stretch of work costs: operations a second, and CPU microseconds of client and server an operation.

Rates move with whatever else the machine does; CPU time hardly does. So each run also measures plain SETs on
the same server (`redis-benchmark -t set -c 50 -d 100`, if there is one on PATH), and ratios to that are what
to compare.
"""

import asyncio
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from capsule.feeds import Capsule

SETS = 100_000


class Table:
    """Collects rows and prints them as Markdown."""

    def __init__(self, cap: Capsule) -> None:
        self.cap = cap
        self.plain = self.plain_cost = 0.0
        self.rows: list[str] = []

    async def begin(self) -> None:
        """Measure plain SETs."""
        before = await self.server_seconds()
        self.plain = plain_sets(self.cap)
        self.plain_cost = (await self.server_seconds() - before) / SETS * 1e6

    @asynccontextmanager
    async def row(self, what: str, count: int) -> AsyncIterator[None]:
        """Measure the block as `count` operations."""
        server, client, started = await self.server_seconds(), time.process_time(), time.perf_counter()
        yield
        wall, client = time.perf_counter() - started, time.process_time() - client
        server = await self.server_seconds() - server
        ratio = f"{count / wall / self.plain:.2f}" if self.plain else "-"
        cells = [
            what,
            f"{count / wall:,.0f}",
            ratio,
            f"{client / count * 1e6:.1f}",
            f"{server / count * 1e6:.1f}",
        ]
        self.rows.append(f"| {' | '.join(cells)} |")

    async def server_seconds(self) -> float:
        """CPU seconds that the server has used."""
        info = (await self.cap.connection.command("INFO", "cpu")).decode()
        return sum(float(used) for used in re.findall(r"used_cpu_(?:sys|user):([\d.]+)", info))

    async def settled(self) -> None:
        """Wait for a rewrite of the append-only file: its copied pages would be counted as work."""
        while True:
            if b"aof_rewrite_in_progress:0" in await self.cap.connection.command("INFO", "persistence"):
                return
            await asyncio.sleep(0.1)

    async def print(self) -> None:
        info = (await self.cap.connection.command("INFO", "server")).decode()
        version = re.findall(r"^(redis|valkey)_version:([\d.]+)", info, re.MULTILINE)[-1]
        print(f"{' '.join(version)}, Python {platform.python_version()}, {os.cpu_count()} cores")
        print(
            f"plain SET: {self.plain:,.0f}/s, {self.plain_cost:.1f} us of server CPU\n"
            if self.plain
            else "no redis-benchmark on PATH: no ratios\n"
        )
        print("| what | per second | to SET | client us | server us |\n|---|---|---|---|---|")
        print("\n".join(self.rows))


def plain_sets(cap: Capsule) -> float:
    """SETs a second by redis-benchmark, 0 if there is none."""
    program = shutil.which("redis-benchmark") or shutil.which("valkey-benchmark")
    if program is None or not cap.url.startswith("unix://"):
        return 0.0
    options = f"-t set -c 50 -d 100 -n {SETS} --csv".split()
    command = [program, "-s", cap.url.removeprefix("unix://"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(re.findall(r'"SET","([\d.]+)"', done.stdout)[0])
