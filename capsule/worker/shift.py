"""The loop of one queue of custom jobs: claim as many as there are hands, run them side by side, report, beat."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from capsule.feeds import Capsule, Claim, Fail, Finish, Job, Jobs, Release, Report
from capsule.feeds.errors import CapsuleError
from capsule.feeds.jobs import POLL_SECONDS
from capsule.worker.assignment import Assignment, ConflictError, RefusedError, body, text
from capsule.worker.inflated import Inflated

log = logging.getLogger("capsule.worker")

TRIES = 10
PAUSE = 0.2
BEATS = 3  # heartbeats in the time of a lease

Function = Callable[[Assignment], Awaitable[Any]]


@dataclass(frozen=True)
class Craft:
    """How one kind of job is done."""

    name: str
    function: Function
    validator: Draft202012Validator | None
    concurrency: int
    timeout: float | None


class Shift:
    """Works on one queue until `stopping` is set; then finishes what it has begun. Jobs of one group are done one after
    the other, all others side by side.
    """

    def __init__(
        self, cap: Capsule, jobs: Jobs, craft: Craft, inflated: Inflated, stopping: asyncio.Event
    ) -> None:
        self.cap = cap
        self.jobs = jobs
        self.craft = craft
        self.inflated = inflated
        self.stopping = stopping
        self.done = 0
        self.running: dict[asyncio.Task[None], Claim] = {}
        self.reports: list[Report] = []
        self.wake: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """A lost connection is waited for: it never ends the loop."""
        beat = asyncio.create_task(self.beat())
        try:
            while not self.stopping.is_set() or self.running or self.reports:
                await self.round()
        finally:
            own = [task for task in (beat, self.wake) if task is not None]
            for task in own:
                task.cancel()
            await asyncio.gather(*own, return_exceptions=True)

    async def round(self) -> None:
        """Report and claim, then wait until there is something to do again."""
        free = 0 if self.stopping.is_set() else max(0, self.craft.concurrency - len(self.running))
        woken = self.wake is not None and self.wake.done()
        reports, self.reports = merged(self.reports), []
        due: float | None = None
        # Also when there is no hand free: a token that was taken from the queue must not be kept from other workers.
        if reports or free or woken:
            try:
                step = await self.jobs.step(reports, free)
            except CapsuleError as error:
                # Reports may have been taken; sent again they change nothing.
                self.reports = reports + self.reports
                log.warning("%s waits for the server: %s", self.craft.name, error)
                await asyncio.sleep(PAUSE)
                return
            if woken:
                self.wake = None
            for claim in step.claims:
                self.begin(claim)
            if step.claims:
                free = max(0, self.craft.concurrency - len(self.running))
            else:
                due = step.due
        if not self.reports:
            await self.idle(due, bool(free))

    def begin(self, claim: Claim) -> None:
        if claim.group:
            self.start(self.one_by_one(claim), claim)
        else:
            for job in claim.jobs:
                self.start(self.alone(claim, job), claim)

    def start(self, work: Coroutine[Any, Any, None], claim: Claim) -> None:
        task = asyncio.create_task(work)
        self.running[task] = claim
        task.add_done_callback(lambda ended: self.running.pop(ended, None))

    async def idle(self, due: float | None, hungry: bool) -> None:
        """Until a job has ended, there may be a new one, or it is time to stop."""
        seconds = POLL_SECONDS if due is None else max(0.01, min(due, POLL_SECONDS))
        if hungry and self.wake is None and not self.stopping.is_set():
            self.wake = asyncio.create_task(self.jobs.wait(POLL_SECONDS))
        stop = asyncio.create_task(self.stopping.wait())
        waits: set[asyncio.Task[Any]] = {*self.running}
        if not self.stopping.is_set():
            waits |= {stop} if self.wake is None else {stop, self.wake}
        try:
            if waits:
                await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            await asyncio.gather(stop, return_exceptions=True)

    async def beat(self) -> None:
        """Extend every claim, BEATS times a lease. What runs under a claim that is lost is stopped: another
        worker has it.
        """
        while True:
            await asyncio.sleep(self.jobs.lease / BEATS)
            claims = list({claim.epoch: claim for claim in self.running.values()}.values())
            try:
                held = await self.jobs.extend(*claims)
            except CapsuleError as error:
                log.warning("could not extend the claims of %s: %s", self.craft.name, error)
                continue
            lost = {claim.epoch for claim, still in zip(claims, held, strict=True) if not still}
            for task, claim in list(self.running.items()):
                if claim.epoch in lost:
                    log.warning(
                        "the claim of %s in %s was lost", [job.id for job in claim.jobs], self.craft.name
                    )
                    task.cancel()

    async def one_by_one(self, claim: Claim) -> None:
        for number, job in enumerate(claim.jobs):
            if number and self.stopping.is_set():
                self.reports.append(Report(claim, (Release(),)))
                return
            entry = await self.entry(claim, job)
            if isinstance(entry, Fail):
                # The group backs off; if the job was buried instead, the others are free again.
                self.reports.append(Report(claim, (entry, Release())))
                return
            self.reports.append(Report(claim, (entry,)))

    async def alone(self, claim: Claim, job: Job) -> None:
        entry = await self.entry(claim, job)  # first: `self.reports` is another list by then
        self.reports.append(Report(claim, (entry,)))

    async def entry(self, claim: Claim, job: Job) -> Finish | Fail:
        """Run the function; what to report."""
        try:
            data = self.valid(job)
            for again in range(TRIES):
                assignment = Assignment(self.cap, self.jobs, self.inflated, claim, job, data)
                try:
                    async with asyncio.timeout(self.craft.timeout):
                        value = await self.craft.function(assignment)
                    self.done += 1
                    return Finish(job, text(body(value, assignment.event_id)).encode())
                except (ConflictError, ConnectionError) as error:
                    # Nobody's fault: not charged. What was committed is found by its operation id.
                    log.info("%s of %s runs again: %s", job.id, self.craft.name, error)
                    await asyncio.sleep(0.01 * again if isinstance(error, ConflictError) else PAUSE)
            raise RefusedError("The scope was changed by others all the time.", 409, "CONFLICT")
        except RefusedError as refused:
            return Finish(job, text(refused.body).encode())
        except Exception as error:
            log.exception("%s of %s failed", job.id, self.craft.name)
            return Fail(job, f"{type(error).__name__}: {error}"[:300])

    def valid(self, job: Job) -> Any:
        try:
            data = json.loads(job.data or b"null")
        except ValueError:
            raise RefusedError("The job's data is not JSON.", 422, "BAD_JSON") from None
        problem = best_match(self.craft.validator.iter_errors(data)) if self.craft.validator else None
        if problem is not None:
            place = "".join(f"[{part!r}]" for part in problem.absolute_path)
            raise RefusedError(f"data{place}: {problem.message}"[:300])
        return data


def merged(reports: list[Report]) -> list[Report]:
    """One report for each claim: the server looks at a claim once for all that is said about it."""
    entries: dict[int, list[Report]] = {}
    for report in reports:
        entries.setdefault(report.claim.epoch, []).append(report)
    return [
        Report(parts[0].claim, tuple(entry for part in parts for entry in part.entries))
        for parts in entries.values()
    ]
