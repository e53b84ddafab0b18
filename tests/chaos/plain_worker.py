"""A worker as simple as one can be, to be killed: python -m tests.chaos.plain_worker URL

What it claims from the queue `actions` it commits under its epoch, then finishes.
"""

import asyncio
import contextlib
import json
import random
import sys

from capsule.feeds import (
    Capsule,
    Claim,
    ConnectionLostError,
    Fail,
    Finish,
    Publish,
    ReadScope,
    Report,
    StaleError,
    Transaction,
)
from capsule.feeds.partitions import Partitions

LEASE = 0.8
ATTEMPTS = 1_000_000  # kills are nobody's fault here: no job may become a dead letter
FAILS = 0.01


def actions(cap: Capsule) -> Partitions:
    return cap.partitions("actions", lease=LEASE, attempts=ATTEMPTS, backoff=(0.01, 0.05))


async def work(url: str) -> None:
    cap = await Capsule.connect(url)
    jobs = actions(cap)
    reports: list[Report] = []
    while True:
        try:
            step = await jobs.step(reports, 20)
            reports = []
            if not step.claims:
                await jobs.wait(0.1)
            decided = await asyncio.gather(*(decide(cap, claim) for claim in step.claims))
            reports = [report for report in decided if report is not None]
        except ConnectionLostError:
            # Reports may have been taken: sent again, they change nothing. Claims come back with their leases.
            await asyncio.sleep(0.02)


async def decide(cap: Capsule, claim: Claim) -> Report | None:
    scope = cap.scope(claim.group)
    if random.random() < FAILS:
        return Report(claim, (Fail(claim.jobs[0], "no luck"),))
    while True:
        known = await scope.lookup([job.id for job in claim.jobs])
        version = int((await scope.last()).split("-")[0])
        transactions = [
            Transaction(
                job.id, [Publish("done", f"j{json.loads(job.data)}", job.data.decode())], [ReadScope(version)]
            )
            for job, event_id in zip(claim.jobs, known, strict=True)
            if event_id is None
        ]
        try:
            outcomes = await scope.commit(transactions, epoch=claim.epoch)
        except StaleError:
            return None
        if all(outcome.code in ("applied", "known") for outcome in outcomes):
            events = {job.id: event_id for job, event_id in zip(claim.jobs, known, strict=True)}
            events |= {made.op: out.event_id for made, out in zip(transactions, outcomes, strict=True)}
            return Report(claim, tuple(Finish(job, (events[job.id] or "").encode()) for job in claim.jobs))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work(sys.argv[1]))
