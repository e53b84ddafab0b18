"""The loop of a queue: heartbeats, lost claims, a server that is away."""

import asyncio

import pytest

from capsule.feeds import Capsule
from capsule.feeds.errors import ConnectionLostError
from capsule.worker.assignment import Assignment
from capsule.worker.inflated import Inflated
from capsule.worker.shift import Craft, Shift
from tests.conftest import Run, until


@pytest.fixture
def beating(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heart that beats every 0.1 s, of a lease that outlasts any pause of the machine."""
    monkeypatch.setattr("capsule.worker.shift.BEATS", 600)


def shift(cap: Capsule, function: object) -> Shift:
    craft = Craft("chores", function, None, 4, None)  # type: ignore[arg-type]
    return Shift(cap, cap.jobs("chores", lease=60.0), craft, Inflated(cap, {}), asyncio.Event())


async def close(worker: Shift, task: "asyncio.Task[None]") -> None:
    worker.stopping.set()
    await asyncio.wait_for(task, 60)


def test_a_long_job_keeps_its_claim(run: Run, beating: None) -> None:
    async def test(cap: Capsule) -> None:
        renewed = asyncio.Event()

        async def long(job: Assignment) -> None:
            await renewed.wait()

        worker = shift(cap, long)
        leases = f"{worker.jobs.prefix}leases"
        task = asyncio.create_task(worker.run())
        await worker.jobs.put("c1", "")
        await until(lambda: worker.running)
        [claim, before] = await cap.connection.command("ZRANGE", leases, 0, -1, "WITHSCORES")
        for _ in range(3):

            async def extended(before: bytes = before) -> bool:
                return float(await cap.connection.command("ZSCORE", leases, claim)) > float(before)

            await until(extended)
            before = await cap.connection.command("ZSCORE", leases, claim)
        renewed.set()
        await until(lambda: worker.done)
        await close(worker, task)
        assert (await worker.jobs.stats())["ended_done"] == 1
        assert worker.done == 1

    run(test)


def test_what_runs_under_a_lost_claim_is_stopped_and_its_worker_goes_on(
    run: Run, beating: None, caplog: pytest.LogCaptureFixture
) -> None:
    stopped: list[str] = []

    async def test(cap: Capsule) -> None:
        async def long(job: Assignment) -> None:
            if job.attempts:
                return
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                stopped.append(job.id)
                raise

        worker = shift(cap, long)
        task = asyncio.create_task(worker.run())
        await worker.jobs.put("c1", "")
        await until(lambda: worker.running)
        await cap.connection.command("DEL", f"{worker.jobs.prefix}claims")
        await until(lambda: stopped)
        await close(worker, task)

    run(test)
    assert stopped == ["c1"]
    assert "the claim of ['c1'] in chores was lost" in caplog.text


def test_a_full_worker_leaves_what_wakes_to_others(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("feeds.jobs", "worker.shift"):
        monkeypatch.setattr(f"capsule.{module}.POLL_SECONDS", 3600.0)  # nobody finds work by looking again

    async def test(cap: Capsule) -> None:
        gate = asyncio.Event()

        async def wait(job: Assignment) -> None:
            await gate.wait()

        worker = shift(cap, wait)
        task = asyncio.create_task(worker.run())
        for n in range(4):
            await worker.jobs.put(f"c{n}", "")
        await until(lambda: len(worker.running) == 4)
        other = [asyncio.create_task(worker.jobs.claim(1, wait=3600)) for _ in range(3)]
        await asyncio.sleep(0.05)
        for n in range(4, 7):
            await worker.jobs.put(f"c{n}", "")
        assert all(await asyncio.wait_for(asyncio.gather(*other), 60))
        gate.set()
        await close(worker, task)

    run(test)


def test_a_server_that_is_away_is_waited_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(cap: Capsule) -> None:
        async def quick(job: Assignment) -> None:
            for _ in range(2):
                await cap.connection.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")

        async def ended() -> int:
            try:
                return (await worker.jobs.stats())["ended_done"]
            except ConnectionLostError:  # the last kill may reach the connection after its job was told
                return 0

        worker = shift(cap, quick)
        monkeypatch.setattr("capsule.worker.shift.PAUSE", 0.01)
        for n in range(3):  # before anything cuts the connection
            await worker.jobs.put(f"c{n}", "")
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(0.3)
        assert not task.done()
        worker.craft = Craft("chores", lambda job: asyncio.sleep(0), None, 4, None)
        async with asyncio.timeout(60):
            while await ended() < 3:
                await asyncio.sleep(0.02)
        await close(worker, task)

    run(test)
