"""The worker: takes jobs from the queue, decides them on re-inflated models, commits what they did, answers."""

import asyncio
import json
import logging
import time
from collections.abc import Iterable

from capsule.feeds import Capsule
from capsule.feeds.errors import CapsuleError, StaleError
from capsule.feeds.job import Claim, Job
from capsule.feeds.jobs import POLL_SECONDS
from capsule.feeds.operation import ReadScope, Transaction
from capsule.shared.codes import SENTENCES
from capsule.shared.model import Model
from capsule.shared.scope import Scope
from capsule.shared.verdict import Verdict, refusal
from capsule.shared.wire import NOTHING, versionOf
from capsule.worker.evaluate import evaluate
from capsule.worker.inflated import Inflated
from capsule.worker.validation import Schemas

log = logging.getLogger("capsule.worker")

QUEUE = "actions"
BATCH = 100
TRIES = 8
COMMIT_BYTES = 256 * 1024  # where a batch is cut; one action may be larger, up to the contract's own limit
PAUSE = 0.2
GRANTED = Verdict(True, 200, "", None, "")


class Worker:
    """Works on the queue of actions until `stop`. Any number may run, on any machine.

    `roots` are the classes whose instances are scopes. A scope's jobs are one group: they arrive in order, to one
    worker at a time, and what was claimed together is committed together under the claim's epoch; so a worker that
    slept past its lease changes nothing.
    """

    def __init__(self, cap: Capsule, roots: Iterable[type[Model]], *, queue: str = QUEUE) -> None:
        self.cap = cap
        self.jobs = cap.partitions(queue)
        self.inflated = Inflated(cap, {root.type: root for root in roots})
        self.schemas = Schemas()
        self.stopping = asyncio.Event()
        self.done = 0

    def stop(self) -> None:
        """Finish what is claimed, claim no more."""
        self.stopping.set()

    async def run(self) -> None:
        """Work until stopped. A lost connection is waited for: it never ends the loop."""
        while not self.stopping.is_set():
            try:
                step = await self.jobs.step((), BATCH)
            except CapsuleError as error:
                log.warning("waiting for the server: %s", error)
                await asyncio.sleep(PAUSE)
                continue
            if step.claims:
                await asyncio.gather(*(self.work(claim) for claim in step.claims))
            else:
                await self.idle(POLL_SECONDS if step.due is None else min(step.due, POLL_SECONDS))

    async def idle(self, seconds: float) -> None:
        """Sleep until there may be work, or until stopped."""
        waits = [
            asyncio.ensure_future(self.jobs.wait(max(seconds, 0.01))),
            asyncio.ensure_future(self.stopping.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def work(self, claim: Claim) -> None:
        """Decide, commit and answer one group's batch. Never raises: what goes wrong is the batch's own affair."""
        beat = asyncio.create_task(self.keep(claim))
        try:
            answers = await self.decide(claim)
            if answers is not None:
                await self.finish(claim, answers)
        except ConnectionError as error:
            log.warning("%s is left to its lease: %s", claim.group, error)
        except Exception as error:
            log.exception("the jobs of %s failed", claim.group)
            self.inflated.drop(claim.group)
            await self.fail(claim, error)
        finally:
            beat.cancel()

    async def keep(self, claim: Claim) -> None:
        """Extend the claim for as long as it is worked on, and is ours."""
        held = True
        while held:
            await asyncio.sleep(claim.lease / 3)
            try:
                [held] = await self.jobs.extend(claim)
            except CapsuleError as error:
                log.warning("could not extend %s: %s", claim.group, error)

    async def finish(self, claim: Claim, answers: dict[str, bytes]) -> None:
        """Hand the answers over. A repeated report changes nothing, so a lost reply is simply asked for again."""
        results = [(job, answers[job.id]) for job in claim.jobs]
        for pause in (PAUSE, 2 * PAUSE, 4 * PAUSE, 0.0):
            try:
                await self.jobs.finish(claim, results)
                break
            except ConnectionError:
                if pause == 0.0:
                    raise
                await asyncio.sleep(pause)
        self.done += len(results)

    async def fail(self, claim: Claim, error: Exception) -> None:
        """The head is charged: the group waits and tries again, and in the end goes on without it."""
        try:
            await self.jobs.fail(claim, claim.jobs[0], SENTENCES["INTERNAL"])
        except CapsuleError as second:
            log.warning("could not report %r of %s: %s", error, claim.group, second)

    async def decide(self, claim: Claim) -> dict[str, bytes] | None:
        """Answers by job id; None when the claim is no longer ours."""
        name = claim.group
        if self.inflated.root_class(name) is None:
            return {job.id: reply(refusal("NOT_FOUND"), NOTHING) for job in claim.jobs}
        answers: dict[str, bytes] = {}
        tries = 0
        while waiting := [job for job in claim.jobs if job.id not in answers]:
            settled = len(answers)
            try:
                await self.settle(claim, waiting, answers)
            except ConnectionError:
                # Whether the commit happened is unknown: the next try looks the operation ids up first. However long
                # it takes: to give up now would be to refuse what may have been done.
                if self.stopping.is_set():
                    raise
                await asyncio.sleep(PAUSE)
                continue
            except StaleError:
                return None
            tries = 0 if len(answers) > settled else tries + 1
            if tries == TRIES:
                event_id = await self.cap.scope(name).last()
                answers.update({job.id: reply(refusal("CONFLICT"), event_id) for job in waiting})
        return answers

    async def settle(self, claim: Claim, waiting: list[Job], answers: dict[str, bytes]) -> None:
        """Answer as many of the jobs, in order, as fit one commit; none when somebody else wrote in between."""
        stored = self.cap.scope(claim.group)
        held = await self.inflated.current(claim.group)
        known = await stored.lookup([job.id for job in waiting])
        reads = (ReadScope(versionOf(held.eventId)),)
        decided: list[tuple[Job, Verdict]] = []
        transactions: list[Transaction] = []
        size = 0
        for job, event_id in zip(waiting, known, strict=True):
            if event_id is not None:
                # Done before its worker died: to evaluate it again would refuse what it did.
                answers[job.id] = reply(GRANTED, event_id)
                continue
            if len(transactions) > 0 and size > COMMIT_BYTES:
                break
            answer = evaluate(held, self.schemas, job.id, job.data, int(time.time() * 1000))
            decided.append((job, answer.verdict))
            if answer.operations:
                transactions.append(Transaction(job.id, answer.operations, reads))
                size += answer.size
        if transactions and not await self.commit(claim, held, transactions):
            return
        for job, verdict in decided:
            answers[job.id] = reply(verdict, held.eventId)

    async def commit(self, claim: Claim, held: Scope, transactions: list[Transaction]) -> bool:
        """Write what the models hold already. Unless all of it is written, they hold too much, and are dropped."""
        try:
            outcomes = await self.cap.scope(claim.group).commit(transactions, epoch=claim.epoch)
        except BaseException:
            self.inflated.drop(claim.group)
            raise
        if any(outcome.code != "applied" for outcome in outcomes):
            self.inflated.drop(claim.group)
            return False
        held.eventId = outcomes[0].event_id or held.eventId
        return True


def reply(verdict: Verdict, event_id: str) -> bytes:
    """What the client is told: the verdict, and the event id that its state must have reached before it hears."""
    body = {"code": verdict.code, "id": event_id, "verdict": verdict.toJSON()}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
