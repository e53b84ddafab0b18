"""capsule's part of `scripts/bench jobs`: python -m benchmarks.jobs_ours KIND put|work URL COUNT.

The same conversation as rivals_jobs.py. KIND: `alone` (jobs without a group), `groups` (100 groups), `singles` (every
job a group of its own), or `function` (a registered function with a schema, by the worker of `capsule worker --jobs`).
"""

import asyncio
import json
import os
import sys
import time

from capsule.feeds import Capsule, Finish, Jobs, Report
from capsule.worker.assignment import Assignment
from capsule.worker.workshop import Workshop

CALLERS = 100
DATA = '{"text":"' + "x" * 89 + '"}'
RESULT = b'{"code":200,"id":"12-81","verdict":{"allowed":true}}'
GROUPS = {"alone": None, "function": None, "groups": 100, "singles": 10**9}

clock = [0.0, 0.0]


def ready() -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    clock[:] = time.perf_counter(), time.process_time()


def finish() -> None:
    seconds, cpu = time.perf_counter() - clock[0], time.process_time() - clock[1]
    print(json.dumps({"seconds": seconds, "cpu": cpu}), flush=True)
    os._exit(0)


async def put(jobs: Jobs, count: int, groups: int | None, prefix: str = "j") -> None:
    async def caller(number: int) -> None:
        for n in range(number, count, CALLERS):
            group = None if groups is None else f"g{n % groups}"
            await jobs.put(f"{prefix}{n}", DATA, group=group, reply="gateway")

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))


async def work(jobs: Jobs, count: int) -> None:
    """A worker whose jobs take no time: what is left is the queue's own cost. Three rounds are on their way at a time:
    server and worker need not wait for each other.
    """
    done = 0

    async def rounds() -> None:
        nonlocal done
        step = await jobs.step((), 100)
        while done < count:
            reports = []
            for claim in step.claims:
                reports.append(Report(claim, tuple(Finish(job, RESULT) for job in claim.jobs)))
                done += len(claim.jobs)
            step = await jobs.step(reports, 100)

    await asyncio.gather(*(rounds() for _ in range(3)))


async def function(cap: Capsule, count: int) -> None:
    shop, stopping, done = Workshop(), asyncio.Event(), 0
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}

    @shop.job("bench", schema=schema, concurrency=CALLERS)
    async def bench(job: Assignment) -> str:
        nonlocal done
        done += 1
        if done == count:
            stopping.set()
        return "done"

    await shop.run(cap, stopping=stopping)


async def main(kind: str, phase: str, url: str, count: int) -> None:
    cap = await Capsule.connect(url)
    jobs = cap.jobs("bench")
    ready()
    if phase == "put":
        await put(jobs, count, GROUPS[kind])
    elif kind == "function":
        await function(cap, count)
    else:
        await work(jobs, count)
    finish()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
