"""A queue divided into several, so that no single slot carries every click."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from . import keys
from .commands import Commands
from .errors import CapsuleError, ConnectionLostError, InputError, LayoutError
from .job import Chain, Claim, Job, Put, Report, ReportOutcome, Step
from .jobs import POLL_SECONDS, Jobs
from .layout import slot_of
from .names import check_scope

log = logging.getLogger("capsule.feeds")

MOST = 256
PATIENCE_SECONDS = 0.1  # with a partition that does not answer, while others do


@dataclass(slots=True)
class _Read:
    """A wait for results of one partition that outlives the call which began it: to break it off would cost
    its connection.
    """

    since: str
    task: asyncio.Task[list[tuple[str, str, bytes]]]


class _Taken:
    """What the partitions answered."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.due: list[float] = []
        self.failures: list[CapsuleError] = []
        self.answers = 0

    def take(self, task: asyncio.Task[Step]) -> None:
        try:
            step = task.result()
        except CapsuleError as error:
            self.failures.append(error)
            return
        self.answers += 1
        self.claims += step.claims
        self.due += [] if step.due is None else [step.due]

    def count(self) -> int:
        return sum(len(claim.jobs) for claim in self.claims)


class Partitions:
    """`cap.partitions("actions")`: the queues `actions.0`, `actions.1`, ..., or `actions` itself if nobody has
    divided it. A group belongs to the queue of its hash slot, modulo their number; the number is recorded in
    Redis, so that all processes agree, and is read once.

    Has of Jobs what the actions of users need, with the same promises. A worker's `wait` and a gateway's
    `replies` hold a blocking connection for each partition.
    """

    def __init__(
        self, at: Callable[[str], Commands], make: Callable[[str], Jobs], name: str, lease: float
    ) -> None:
        self.name = check_scope(name)
        self.lease = lease
        self._at = at
        self._make = make
        self._parts: tuple[Jobs, ...] = ()
        self._turn = 0
        self._steps: dict[int, asyncio.Task[Step]] = {}
        self._waits: dict[int, asyncio.Task[None]] = {}
        self._listening = 0
        self._reads: dict[tuple[str, int], _Read] = {}
        self._returning: set[asyncio.Task[Step]] = set()

    async def parts(self) -> tuple[Jobs, ...]:
        """The queues, in order. Raises ConnectionLostError."""
        if not self._parts:
            key = keys.partitions(self.name)
            count = int(await self._at(key).command("GET", key) or 1)
            names = [f"{self.name}.{index}" for index in range(count)] if count > 1 else [self.name]
            self._parts = tuple(self._make(name) for name in names)
        return self._parts

    async def divide(self, count: int) -> None:
        """Divide the queue into `count`, 1 to 256. For operators, while no gateway or worker runs: jobs that
        have not ended would be in the wrong queue, and a running process would not notice.

        Raises InputError, and LayoutError when there are such jobs.
        """
        if not 1 <= count <= MOST:
            raise InputError(f"A queue has 1 to {MOST} partitions, not {count}.")
        for part in await self.parts():
            if left := await self._at(part.prefix).command("HLEN", f"{part.prefix}job"):
                raise LayoutError(
                    f"{part.name} has {left} jobs that have not ended: let the workers end them first."
                )
        key = keys.partitions(self.name)
        await self._at(key).command("SET", key, count)
        await self.close()
        self._parts = ()

    async def close(self) -> None:
        """Break off what still waits."""
        tasks: list[asyncio.Task[Any]] = [*self._waits.values(), *self._steps.values(), *self._returning]
        tasks += [read.task for read in self._reads.values()]
        self._waits.clear()
        self._steps.clear()
        self._reads.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def put(
        self,
        job_id: str,
        data: bytes | str,
        *,
        group: str,
        reply: str | None = None,
        chain: Chain | None = None,
    ) -> Put:
        """See Jobs.put. The id is the idempotency key within its group; so are the numbers of a chain."""
        parts = await self.parts()
        part = parts[_index(group, len(parts))]
        return await part.put(job_id, data, group=group, reply=reply, chain=chain)

    async def step(self, reports: Sequence[Report] = (), n: int = 0, *, owner: str | None = None) -> Step:
        """See Jobs.step; here it is two calls, first the reports, then the claims. A partition whose server is
        away is passed over by the claims, but a report for it raises what it raises.
        """
        parts = await self.parts()
        if len(parts) == 1:
            return await parts[0].step(reports, n, owner=owner)
        outcomes = await self._report(parts, reports)
        claims, due = await self._claim(parts, n, owner) if n > 0 else ([], None)
        return Step(outcomes, claims, due)

    async def _report(self, parts: tuple[Jobs, ...], reports: Sequence[Report]) -> list[ReportOutcome]:
        places: dict[int, list[int]] = {}  # partition -> which of the reports are for it
        for at, report in enumerate(reports):
            places.setdefault(_index(report.claim.group, len(parts)), []).append(at)
        answers = await asyncio.gather(
            *(parts[index].step([reports[at] for at in found]) for index, found in places.items())
        )
        outcomes: dict[int, list[ReportOutcome]] = {}
        for found, answer in zip(places.values(), answers, strict=True):
            told = iter(answer.outcomes)
            for at in found:
                outcomes[at] = list(islice(told, len(reports[at].entries)))
        return [outcome for at in range(len(reports)) for outcome in outcomes[at]]

    async def _claim(
        self, parts: tuple[Jobs, ...], n: int, owner: str | None
    ) -> tuple[list[Claim], float | None]:
        """Each partition is asked for its share, or, when there are more partitions than jobs wanted, one after
        the other. An answer that takes long is not waited for, or the leases of what the others gave would run
        out meanwhile: it is in what a later call returns.
        """
        taken = _Taken()
        for index in [index for index, task in self._steps.items() if task.done()]:
            taken.take(self._steps.pop(index))
        self._turn += 1
        order = [(index + self._turn) % len(parts) for index in range(len(parts))]
        for asked in [order] if n >= len(parts) else [[index] for index in order]:
            room = n - taken.count()
            for place, index in enumerate(asked):
                share = (room + place) // len(asked)
                if share > 0 and index not in self._steps:
                    self._steps[index] = asyncio.create_task(parts[index].step((), share, owner=owner))
            tasks = [self._steps[index] for index in asked if index in self._steps]
            if room > 0 and tasks:
                await asyncio.wait(tasks, timeout=PATIENCE_SECONDS)
            for index in asked:
                if index in self._steps and self._steps[index].done():
                    taken.take(self._steps.pop(index))
        for failure in taken.failures:
            log.warning("A partition of %s was passed over: %s", self.name, failure)
        if taken.failures and not taken.answers:
            raise taken.failures[0]
        return taken.claims, min(taken.due, default=None) if not taken.claims else None

    async def claim(self, n: int, wait: float = 0.0, *, owner: str | None = None) -> list[Claim]:
        """See Jobs.claim."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            step = await self.step((), n, owner=owner)
            left = deadline - loop.time()
            if step.claims or left <= 0:
                return step.claims
            await self.wait(
                max(0.01, min(left, POLL_SECONDS, POLL_SECONDS if step.due is None else step.due))
            )

    async def wait(self, seconds: float) -> None:
        """See Jobs.wait. The waits of the other partitions go on when one is over, also while its caller
        works: what they hear meanwhile is handed to another worker.
        """
        parts = await self.parts()
        if len(parts) == 1:
            await parts[0].wait(seconds)
            return
        for index, part in enumerate(parts):
            if index not in self._waits:
                task = asyncio.create_task(part.wait(min(seconds, POLL_SECONDS)))
                task.add_done_callback(partial(self._woken, index, part))
                self._waits[index] = task
        self._listening += 1
        try:
            await asyncio.wait(
                [*self._waits.values(), *self._steps.values()],
                timeout=seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            self._listening -= 1

    def _woken(self, index: int, part: Jobs, task: asyncio.Task[None]) -> None:
        if self._waits.get(index) is task:
            del self._waits[index]
            if not self._listening and not task.cancelled():
                # Nobody here is idle: a step that claims nothing wakes the next who is, if there is work.
                back = asyncio.create_task(part.step((), 0))
                self._returning.add(back)
                back.add_done_callback(self._returned)

    def _returned(self, back: asyncio.Task[Step]) -> None:
        self._returning.discard(back)
        if not back.cancelled() and back.exception() is not None:
            log.warning("A partition of %s was not woken: %s", self.name, back.exception())

    async def finish(self, claim: Claim, results: Sequence[tuple[Job, bytes]]) -> bool:
        """See Jobs.finish."""
        return await (await self._of(claim)).finish(claim, results)

    async def fail(self, claim: Claim, job: Job, reason: str, retry: bool = True) -> ReportOutcome:
        """See Jobs.fail."""
        return await (await self._of(claim)).fail(claim, job, reason, retry)

    async def release(self, claim: Claim) -> bool:
        """See Jobs.release."""
        return await (await self._of(claim)).release(claim)

    async def extend(self, *claims: Claim) -> list[bool]:
        """See Jobs.extend."""
        places: dict[Jobs, list[int]] = {}
        for at, claim in enumerate(claims):
            places.setdefault(await self._of(claim), []).append(at)
        held = [False] * len(claims)
        answers = await asyncio.gather(
            *(part.extend(*(claims[at] for at in found)) for part, found in places.items())
        )
        for found, answer in zip(places.values(), answers, strict=True):
            for at, one in zip(found, answer, strict=True):
                held[at] = one
        return held

    async def result(self, job_id: str) -> bytes | None:
        """See Jobs.result. An id does not tell its group: all partitions are asked."""
        found = await asyncio.gather(*(part.result(job_id) for part in await self.parts()))
        return next((result for result in found if result is not None), None)

    async def replies(self, stream: str, last_id: str, block_ms: int) -> list[tuple[str, str, bytes]]:
        """See Jobs.replies. A stream id is one of each partition, with commas between them."""
        parts = await self.parts()
        if len(parts) == 1:
            return await parts[0].replies(stream, last_id, block_ms)
        since = last_id.split(",") if "," in last_id else [last_id] * len(parts)
        for index, part in enumerate(parts):
            read = self._reads.get((stream, index))
            if read is not None and read.since != since[index]:
                read.task.cancel()
                read = None
            if read is None:
                task = asyncio.create_task(part.replies(stream, since[index], block_ms))
                self._reads[stream, index] = _Read(since[index], task)
        tasks = [self._reads[stream, index].task for index in range(len(parts))]
        await asyncio.wait(
            tasks, return_when=asyncio.FIRST_COMPLETED if block_ms > 0 else asyncio.ALL_COMPLETED
        )
        found: list[tuple[str, str, bytes]] = []
        failure: BaseException | None = None
        for index, task in enumerate(tasks):
            if not task.done():
                continue
            self._reads.pop((stream, index), None)
            if task.cancelled():
                raise ConnectionLostError("The connection was closed by this process.")
            if error := task.exception():
                failure = failure or error
                continue
            for stream_id, job_id, result in task.result():
                since[index] = stream_id
                found.append((",".join(since), job_id, result))
        if failure is not None and not found:
            raise failure
        return found

    async def _of(self, claim: Claim) -> Jobs:
        parts = await self.parts()
        return parts[_index(claim.group, len(parts))]


def _index(group: str, count: int) -> int:
    return slot_of(group) % count
