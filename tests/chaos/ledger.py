"""What was acknowledged while things were killed, what was answered, and what readers heard of: the three must agree.

No acknowledged job is lost, none takes effect twice, each group's effects are in the order of its puts, and a reader
gets every event once, in order.
"""

import asyncio
import json
from collections.abc import Sequence
from types import TracebackType

from capsule.feeds import Capsule, Chain, ConnectionLostError, ServerError
from tests.chaos.plain_worker import actions

SETTLE_SECONDS = 300


class Reader:
    """A reader of one scope, as a gateway is one: live frames, and the log when one is missing."""

    def __init__(self, cap: Capsule, name: str) -> None:
        self.scope = cap.scope(name)
        self.cap = cap
        self.last = "0-0"
        self.operations: list[str] = []
        self.missed = asyncio.Event()
        self.live = self.caught_up = 0

    async def run(self) -> None:
        await self.cap.events.subscribe(self.scope.channel, self.receive, self.missed.set)
        self.missed.set()
        while True:
            await self.missed.wait()
            self.missed.clear()
            try:
                frames = await self.scope.log(self.last)
            except (ConnectionLostError, ServerError):
                self.missed.set()
                await asyncio.sleep(0.05)
                continue
            assert frames is not None, (
                f"{self.scope.name}: {self.last} is not in the log: an event was rolled back"
            )
            for frame in frames:
                if self.apply(frame):
                    self.caught_up += 1

    def receive(self, frame: bytes) -> None:
        if self.apply(frame):
            self.live += 1

    def apply(self, frame: bytes) -> bool:
        header, line = frame.split(b"\n")
        event_id, prev, _ = header.decode().split(" ", 2)
        if int(event_id.split("-")[0]) <= int(self.last.split("-")[0]):
            return False
        if prev != self.last:
            self.missed.set()
            return False
        self.last = event_id
        self.operations += [op for op, _ in json.loads(line)["tx"]]
        return True


class Ledger:
    """Puts jobs into groups (`team.0`, `team.1`, ...), collects results, and reads every scope, while it is entered.
    Plain workers do the jobs.
    """

    def __init__(self, cap: Capsule, groups: int) -> None:
        self.cap = cap
        self.jobs = actions(cap)
        self.acknowledged: list[list[str]] = [[] for _ in range(groups)]
        self.results: dict[str, bytes] = {}
        self.readers = [Reader(cap, f"team.{group}") for group in range(groups)]
        self._full = asyncio.Event()
        self._producers: list[asyncio.Task[None]] = []
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def total(self) -> int:
        return sum(map(len, self.acknowledged))

    async def __aenter__(self) -> "Ledger":
        self._tasks = [asyncio.create_task(reader.run()) for reader in self.readers]
        self._tasks.append(asyncio.create_task(self._collect()))
        self._producers = [
            asyncio.create_task(self._produce(group)) for group in range(len(self.acknowledged))
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in (*self._tasks, *self._producers):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._producers, return_exceptions=True)

    async def _produce(self, group: int) -> None:
        client = f"user{group}.client{group}"
        n = 0
        while not self._full.is_set():
            n += 1
            job_id = f"{client}.{n}"
            chain = Chain(client, n)
            while True:
                try:
                    put = await self.jobs.put(
                        job_id, json.dumps(n), group=f"team.{group}", reply="producer", chain=chain
                    )
                    assert put.state != "gap"
                    self.acknowledged[group].append(job_id)
                    break
                except (ConnectionLostError, ServerError):
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.003)

    async def _collect(self) -> None:
        last = "0-0"
        while True:
            try:
                for stream_id, job_id, result in await self.jobs.replies("producer", last, 500):
                    last = stream_id
                    assert self.results.setdefault(job_id, result) == result, "one job, two results"
            except (ConnectionLostError, ServerError):
                await asyncio.sleep(0.02)

    async def close(self) -> dict[str, int]:
        """Put no more, wait until all is answered and heard of, and compare."""
        self._full.set()
        await asyncio.gather(*self._producers)
        async with asyncio.timeout(SETTLE_SECONDS):
            while len(self.results) < self.total or any(
                len(reader.operations) < len(jobs)
                for reader, jobs in zip(self.readers, self.acknowledged, strict=True)
            ):
                for task in self._tasks:
                    if task.done():
                        task.result()  # a broken promise ends its task: say which
                await asyncio.sleep(0.05)
        for reader, jobs in zip(self.readers, self.acknowledged, strict=True):
            await self._compare(reader, jobs)
        for part in await self.jobs.parts():
            assert await self.cap.at(part.prefix).command("XLEN", f"{part.prefix}dead") == 0
        return {
            "jobs acknowledged": self.total,
            "events live": sum(reader.live for reader in self.readers),
            "events from the log": sum(reader.caught_up for reader in self.readers),
        }

    async def _compare(self, reader: Reader, jobs: Sequence[str]) -> None:
        assert reader.operations == jobs, (
            "every job took effect once, in the order of the puts, and was heard of"
        )
        snapshot = await reader.scope.snapshot()
        assert snapshot.event_id == reader.last
        assert snapshot.feeds == [("done", [(f"j{n}", str(n).encode()) for n in range(1, len(jobs) + 1)])]
        assert [self.results[job].decode() for job in jobs] == await reader.scope.lookup(jobs)
