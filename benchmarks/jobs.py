"""Jobs: putting, claiming, finishing with a result on the requester's stream; many groups, few groups, a
large backlog.

    python -m benchmarks.jobs
"""

import asyncio
import tempfile

from benchmarks.measure import Table
from capsule.feeds import Capsule, Finish, Jobs, Report

DATA = b"x" * 100
RESULT = b'{"code":200,"id":"12-81","verdict":{"allowed":true}}'


async def put(jobs: Jobs, name: str, count: int, groups: int, reply: str | None) -> None:
    async def caller(number: int) -> None:
        for n in range(count // 100):
            job = number * (count // 100) + n
            await jobs.put(f"{name}.{job}", DATA, group=f"g{job % groups}", reply=reply)

    await asyncio.gather(*(caller(number) for number in range(100)))


async def work(jobs: Jobs, count: int) -> None:
    """A worker whose jobs take no time: what is left is the queue's own cost."""
    done = 0
    step = await jobs.step((), 100)
    while done < count:
        reports = []
        for claim in step.claims:
            reports.append(Report(claim, tuple(Finish(job, RESULT) for job in claim.jobs)))
            done += len(claim.jobs)
        step = await jobs.step(reports, 100)


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        cap = await Capsule.connect(data_dir=directory)
        try:
            table = Table(cap)
            count = 30_000
            for groups, reply in ((100, None), (100, "gateway"), (10_000, "gateway"), (1, "gateway")):
                jobs = cap.jobs(f"{groups}.{reply}")
                what = f"{groups:,} groups, {'a reply each' if reply else 'no reply'}"
                async with table.row(f"put, 100 callers, {what}", count):
                    await put(jobs, "j", count, groups, reply)
                async with table.row(f"work, one worker, {what}", count):
                    await work(jobs, count)
            for backlog in (100, 10_000, 100_000):
                jobs = cap.jobs(f"backlog.{backlog}")
                await put(jobs, "j", backlog, 10, None)
                async with table.row(f"put and work above a backlog of {backlog:,}", 5000):
                    await asyncio.gather(put(jobs, "k", 5000, 10, None), work(jobs, min(5000, backlog)))
            await table.print()
        finally:
            await cap.close()


if __name__ == "__main__":
    asyncio.run(main())
