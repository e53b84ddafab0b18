"""The worker: takes jobs from the queue, decides them on re-inflated models, commits what they did, answers."""

import asyncio
import json
import logging
import time
from collections.abc import Iterable

from capsule.feeds import Capsule
from capsule.feeds.operation import ReadScope, Transaction
from capsule.feeds.errors import CapsuleError
from capsule.feeds.jobs import Claim, Job
from capsule.shared.model import Model
from capsule.shared.scope import Scope
from capsule.shared.verdict import Verdict, refusal
from capsule.shared.wire import versionOf
from capsule.worker.evaluate import Answer, evaluate
from capsule.worker.inflated import Inflated
from capsule.worker.validation import Schemas

log = logging.getLogger("capsule.worker")

QUEUE = "actions"
BATCH = 100
ROUNDS = 8
PAUSE = 0.2
GRANTED = Verdict(True, 200, "", None, "")


class Worker:
    """Works on the queue of actions until `stop`. Any number may run, on any machine.

    `roots` are the classes whose instances are scopes. A scope's jobs are one group: they arrive in order, to one worker
    at a time, and what was claimed together is committed together under the claim's epoch; so a worker that slept past
    its lease changes nothing.
    """

    def __init__(self, cap: Capsule, roots: Iterable[type[Model]], *, queue: str = QUEUE) -> None:
        self.cap = cap
        self.jobs = cap.jobs(queue)
        self.inflated = Inflated(cap, {root.type: root for root in roots})
        self.schemas = Schemas()
        self.stopping = False
        self.done = 0

    def stop(self) -> None:
        """Finish what is claimed, claim no more."""
        self.stopping = True

    async def run(self) -> None:
        """Work until stopped. A lost connection is waited for: it never ends the loop."""
        while not self.stopping:
            try:
                claims = await self.jobs.claim(BATCH, wait=1.0)
                await asyncio.gather(*(self.work(claim) for claim in claims))
            except (ConnectionError, CapsuleError) as error:
                log.warning("waiting for the server: %s", error)
                await asyncio.sleep(PAUSE)

    async def work(self, claim: Claim) -> None:
        """Decide, commit and answer one group's batch."""
        beat = asyncio.create_task(self.extend(claim))
        try:
            answers = await self.decide(claim)
        finally:
            beat.cancel()
        if answers is None:
            return  # another worker has the group now; it will answer
        await self.jobs.finish(claim, [(job, answers[job.id]) for job in claim.jobs])
        self.done += len(claim.jobs)

    async def extend(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(claim.lease / 3)
            await self.jobs.extend(claim)

    async def decide(self, claim: Claim) -> dict[str, bytes] | None:
        """Answers by job id; None when the claim is no longer ours."""
        name = claim.group
        if self.inflated.root_class(name) is None:
            return {job.id: reply(refusal("NOT_FOUND"), "0-0") for job in claim.jobs}
        answers: dict[str, bytes] = {}
        waiting = list(claim.jobs)
        for _ in range(ROUNDS):
            try:
                waiting = await self.round(claim, waiting, answers)
            except ConnectionError:
                # Whether the commit happened is unknown: the next round looks the operation ids up first.
                self.inflated.drop(name)
                await asyncio.sleep(PAUSE)
            except CapsuleError as error:
                self.inflated.drop(name)
                if error.code == "STALE":
                    return None
                raise
            if not waiting:
                return answers
        for job in waiting:
            answers[job.id] = reply(refusal("CONFLICT"), await self.cap.scope(name).last())
        return answers

    async def round(self, claim: Claim, waiting: list[Job], answers: dict[str, bytes]) -> list[Job]:
        """Try to settle the jobs; those that met a conflict come back, to be evaluated again on newer state."""
        stored = self.cap.scope(claim.group)
        held = await self.inflated.current(claim.group)
        known = await stored.lookup([job.id for job in waiting])
        evaluated: list[tuple[Job, Answer]] = []
        for job, event_id in zip(waiting, known, strict=True):
            if event_id is None:
                evaluated.append((job, self.evaluate(held, job)))
            else:
                # Done before its worker died: to evaluate it again would refuse what it did.
                answers[job.id] = reply(GRANTED, event_id)
        reads = (ReadScope(versionOf(held.eventId)),)
        transactions = [
            Transaction(answer.transaction.op, answer.transaction.operations, reads)
            for _, answer in evaluated
            if answer.transaction is not None
        ]
        if transactions:
            try:
                outcomes = await stored.commit(transactions, epoch=claim.epoch)
            except BaseException:
                self.inflated.drop(claim.group)
                raise
            if any(outcome.code != "applied" for outcome in outcomes):
                self.inflated.drop(claim.group)
                return [job for job, _ in evaluated]
            held.eventId = outcomes[0].event_id
        for job, answer in evaluated:
            answers[job.id] = reply(answer.verdict, held.eventId)
        return []

    def evaluate(self, held: Scope, job: Job) -> Answer:
        return evaluate(held, self.schemas, job.id, job.data, int(time.time() * 1000))


def reply(verdict: Verdict, event_id: str) -> bytes:
    """What the client is told: the verdict, and the event id that its state must have reached before it hears."""
    body = {"code": verdict.code, "id": event_id, "verdict": verdict.toJSON()}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
