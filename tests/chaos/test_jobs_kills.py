"""Kill -9 of the server and of workers with their schedulers, workers that sleep past their lease, while jobs of all
kinds are put: in groups, with priorities, delays and failures, and once a second.

What must hold: every acknowledged job ends well, exactly once; none begins before its time; groups take effect in
order; each tick of the clock is put exactly once. Run it longer with CAPSULE_CHAOS_SECONDS=600.
"""

import asyncio
import contextlib
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from capsule.feeds import (
    Capsule,
    Claim,
    ConnectionLostError,
    Fail,
    Finish,
    Report,
    Schedule,
    ServerError,
    Terms,
)
from tests.chaos.plain_worker import ATTEMPTS, FAILS, LEASE
from tests.chaos.victims import Victims, tell

SECONDS = float(os.environ.get("CAPSULE_CHAOS_SECONDS", "15"))
WORKERS = 3
GROUPS = 4
KEEP = 86_400.0


async def work(url: str) -> None:
    """A worker that writes down what it does, in the order in which it does it, and puts ticks beside."""
    cap = await Capsule.connect(url)
    jobs = cap.jobs("mixed", lease=LEASE, attempts=ATTEMPTS, backoff=(0.01, 0.05), keep=KEEP)
    clock = asyncio.create_task(jobs.schedules.run())
    reports: list[Report] = []
    while not clock.done():
        try:
            step = await jobs.step(reports, 20)
            reports = []
            if not step.claims:
                await jobs.wait(0.05)
            for claim in step.claims:
                reports.append(await do(cap, claim))
        except (ConnectionLostError, ServerError):
            await asyncio.sleep(0.02)
    clock.result()


async def do(cap: Capsule, claim: Claim) -> Report:
    entries: list[Finish | Fail] = []
    for job in claim.jobs:
        if random.random() < FAILS:
            entries.append(Fail(job, "no luck"))
            if claim.group:
                break
            continue
        await cap.connection.command("RPUSH", "runs", f"{time.time_ns() // 1_000_000} {job.id}")
        entries.append(Finish(job, job.id.encode()))
    return Report(claim, tuple(entries))


class Put:
    """What a producer was told is taken, and when it may begin."""

    def __init__(self) -> None:
        self.due: dict[str, float] = {}
        self.kinds: Counter[str] = Counter()

    async def produce(self, cap: Capsule, number: int, stop: asyncio.Event) -> None:
        jobs, n = cap.jobs("mixed", keep=KEEP), 0
        while not stop.is_set():
            n += 1
            kind = random.choice(["grouped", "delayed", "urgent", "unhurried", "plain"])
            delay = random.uniform(0.05, 1.5) if kind == "delayed" else None
            priority = {"urgent": 5, "unhurried": -5}.get(kind, 0)
            group = f"g{number}" if kind == "grouped" else None
            job_id = f"{kind}.{number}.{n}"
            begun = time.time()
            while True:
                try:
                    await jobs.put(job_id, b"", group=group, terms=Terms(delay=delay, priority=priority))
                    break
                except (ConnectionLostError, ServerError):
                    await asyncio.sleep(0.02)
            self.due[job_id] = begun + (delay or 0)
            self.kinds[kind] += 1
            await asyncio.sleep(0.002)


async def storm(directory: Path) -> dict[str, int]:
    victims, put = Victims("tests.chaos.test_jobs_kills", WORKERS, directory), Put()
    cap = await Capsule.connect(victims.server.url)
    try:
        jobs = cap.jobs("mixed")
        await jobs.schedules.set(Schedule("secondly", "* * * * * *", catch_up="all"))
        stop = asyncio.Event()
        producers = [asyncio.create_task(put.produce(cap, n, stop)) for n in range(GROUPS)]
        await victims.strike(SECONDS, LEASE, lambda: len(put.due) > 500)
        stop.set()
        await asyncio.gather(*producers)
        async with asyncio.timeout(300):
            while await ticks_begun(cap) < SECONDS:
                await asyncio.sleep(0.1)
            await jobs.schedules.remove("secondly")
            while (numbers := await jobs.stats())["jobs"]:
                await asyncio.sleep(0.1)
        lines = [line.decode().split(" ") for line in await cap.connection.command("LRANGE", "runs", 0, -1)]
        return {**victims.counts, **put.kinds, **await judge(cap, put, numbers, lines)}
    finally:
        await cap.close()
        victims.stop()


async def ticks_begun(cap: Capsule) -> int:
    lines = await cap.connection.command("LRANGE", "runs", 0, -1)
    return len({line.split(b" ")[1] for line in lines if b" secondly." in line})


async def judge(cap: Capsule, put: Put, numbers: dict[str, int], lines: list[list[str]]) -> dict[str, int]:
    """Compare what was acknowledged with what was done."""
    first: dict[str, int] = {}
    for moment, job_id in lines:
        first.setdefault(job_id, int(moment))
    ticks = sorted(int(job_id.split(".")[1]) for job_id in first if job_id.startswith("secondly."))
    assert ticks == list(range(ticks[0], ticks[-1] + 1000, 1000)), "a tick of the clock was lost"
    assert len(ticks) >= SECONDS
    assert set(put.due) == {job_id for job_id in first if not job_id.startswith("secondly.")}
    for job_id, due in put.due.items():
        assert first[job_id] >= due * 1000 - 50, f"{job_id} began before its time"
    for number in range(GROUPS):
        order = [int(job_id.split(".")[2]) for job_id in first if job_id.startswith(f"grouped.{number}.")]
        assert order == sorted(order), "a group was not done in order"
    # Each ended once, well: not more ends than jobs, and every one has its own result.
    assert numbers["ended_done"] == len(put.due) + len(ticks)
    assert (numbers["dead"], numbers["ended_dead"], numbers["ended_expired"]) == (0, 0, 0)
    ids = list(first)
    for at in range(0, len(ids), 500):
        part = ids[at : at + 500]
        found = await asyncio.gather(*(cap.jobs("mixed").result(job_id) for job_id in part))
        assert found == [job_id.encode() for job_id in part]
    prefix = cap.jobs("mixed").prefix
    kept = {"meta", "wake"}
    left = {key.decode().removeprefix(prefix) for key in await cap.connection.command("KEYS", f"{prefix}*")}
    assert {name for name in left if not name.startswith("result:")} <= kept, (
        "something is left of ended jobs"
    )
    return {"ticks": len(ticks), "done": len(first), "begun again after a kill": len(lines) - len(first)}


@pytest.mark.chaos
def test_jobs_of_all_kinds_survive_and_every_tick_is_put_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = asyncio.run(storm(tmp_path / "data"))
    tell(capsys, "jobs chaos", SECONDS, report)
    assert report["workers killed"] > 0
    assert report["servers killed"] > 0
    assert report["done"] > 500


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work(sys.argv[1]))
