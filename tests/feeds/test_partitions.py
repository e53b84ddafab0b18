"""A queue divided into several, on one server, on several databases, and on a cluster."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from capsule.feeds import (
    Capsule,
    Chain,
    Claim,
    ConnectionLostError,
    InputError,
    LayoutError,
    connection,
    layout,
)
from capsule.feeds.embedded import ensure
from capsule.feeds.job import Finish, Release, Report
from capsule.feeds.partitions import Partitions
from tests.conftest import Run, ask, blocked, until

from .conftest import RunOn
from .real_cluster import RealCluster

GROUPS = [f"team.{n}" for n in range(20)]


async def divided(cap: Capsule, count: int = 4) -> Partitions:
    jobs = cap.partitions("actions")
    await jobs.divide(count)
    return jobs


async def work(jobs: Partitions, count: int) -> list[tuple[str, str]]:
    """Claim and finish until `count` jobs are done; (group, id) in the order of the claims."""
    done: list[tuple[str, str]] = []
    async with asyncio.timeout(60):
        while len(done) < count:
            for claim in await jobs.claim(10, wait=5):
                done += [(claim.group, job.id) for job in claim.jobs]
                assert await jobs.finish(claim, [(job, job.id.encode()) for job in claim.jobs])
    return done


@pytest.mark.parametrize("place", ["url", "databases", "cluster"])
def test_jobs_are_put_claimed_and_answered_wherever_their_partition_is(
    run_on: RunOn, place: str, request: pytest.FixtureRequest
) -> None:
    found = request.getfixturevalue(place)

    async def test(cap: Capsule) -> None:
        jobs = await divided(cap)
        for n in range(1, 4):
            for group in GROUPS:
                chain = Chain(f"ann.{group}", n)
                put = await jobs.put(f"{group}.{n}", "x", group=group, reply="me", chain=chain)
                assert put.state == "queued"
        done = await work(jobs, 60)
        assert Counter(group for group, _ in done) == dict.fromkeys(GROUPS, 3)
        for group in GROUPS:
            assert [job_id for name, job_id in done if name == group] == [f"{group}.{n}" for n in (1, 2, 3)]
        results: dict[str, bytes] = {}
        last = "0-0"
        while len(results) < 60:
            for stream_id, job_id, result in await jobs.replies("me", last, 5000):
                last = stream_id
                assert job_id not in results
                results[job_id] = result
        assert results == {job_id: job_id.encode() for _, job_id in done}
        assert await jobs.result("team.3.2") == b"team.3.2"
        assert await jobs.result("nobody") is None
        assert (await jobs.put("team.3.2", "x", group="team.3")).state == "done"

    run_on(found.url if isinstance(found, RealCluster) else found, test)


def test_a_group_is_in_the_queue_of_its_slot(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = await divided(cap, 4)
        parts = await jobs.parts()
        assert [part.name for part in parts] == ["actions.0", "actions.1", "actions.2", "actions.3"]
        for group in GROUPS:
            await jobs.put(f"{group}.1", "x", group=group)
            part = parts[layout.slot_of(group) % 4]
            assert await cap.connection.command("HEXISTS", f"{part.prefix}job", f"{group}.1") == 1

    run(test)


def test_a_queue_that_nobody_divided_is_the_queue_itself(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        whole, divided = cap.jobs("actions"), cap.partitions("actions")
        await divided.put("j1", "x", group="team.7", reply="me")
        [claim] = await whole.claim(1)
        assert await divided.finish(claim, [(claim.jobs[0], b"done")])
        assert [result for _, _, result in await divided.replies("me", "0-0", 60_000)] == [b"done"]
        await whole.put("j2", "x", group="team.7")
        [claim] = await divided.claim(1, wait=60)
        assert await divided.extend(claim) == [True]
        assert await divided.release(claim)
        await divided.wait(0.01)

    run(test)


def test_all_processes_read_the_same_number(run: Run, url: str) -> None:
    async def test(cap: Capsule) -> None:
        await divided(cap, 3)
        other = await Capsule.connect(url)
        assert len(await other.partitions("actions").parts()) == 3
        await other.close()

    run(test)


def test_a_queue_with_unfinished_jobs_is_not_divided(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.partitions("actions")
        await jobs.put("j1", "x", group="team.7")
        with pytest.raises(LayoutError, match="actions has 1 jobs that have not ended"):
            await jobs.divide(4)
        await work(jobs, 1)
        await jobs.divide(4)
        await jobs.put("j2", "x", group="team.7")
        with pytest.raises(LayoutError, match=r"actions\.\d has 1 jobs"):
            await jobs.divide(1)
        for count in (0, 257):
            with pytest.raises(InputError, match=f"1 to 256 partitions, not {count}"):
                await jobs.divide(count)

    run(test)


def test_reports_on_several_partitions_are_answered_in_their_order(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = await divided(cap)
        for group in GROUPS:
            for n in (1, 2):
                await jobs.put(f"{group}.{n}", "x", group=group)
        claims: list[Claim] = []
        while len(claims) < len(GROUPS):
            claims += (await jobs.step((), 40)).claims
        lost = claims[::3]
        assert all([await jobs.release(claim) for claim in lost])
        reports = [
            Report(claim, (Finish(claim.jobs[0], b""), Finish(claim.jobs[1], b"")) if n % 2 else (Release(),))
            for n, claim in enumerate(claims)
        ]
        step = await jobs.step(reports)
        expected = [
            word
            for report in reports
            for word in ["lost" if report.claim in lost else "ok"] * len(report.entries)
        ]
        assert step.outcomes == expected
        assert await jobs.extend(*claims) == [False] * len(claims)

    run(test)


def test_a_worker_that_waits_hears_of_any_partition(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsule.feeds.partitions.POLL_SECONDS", 3600.0)  # it does not look by itself

    async def test(cap: Capsule) -> None:
        jobs = await divided(cap)
        for group in GROUPS[:6]:
            waiting = asyncio.create_task(jobs.claim(1, wait=3600))
            await blocked(cap.url, 4)
            await jobs.put(f"{group}.1", "x", group=group)
            [claim] = await asyncio.wait_for(waiting, 60)
            await jobs.finish(claim, [(claim.jobs[0], b"")])

    run(test)


def test_what_a_busy_worker_hears_is_handed_to_an_idle_one(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capsule.feeds.partitions.POLL_SECONDS", 3600.0)  # nobody looks by itself

    async def test(cap: Capsule) -> None:
        busy = await divided(cap)
        other = await Capsule.connect(url)
        idle = other.partitions("actions")
        hearing = asyncio.create_task(busy.wait(3600))
        await blocked(url, 4)
        hearing.cancel()  # its waits outlive the call, and are first in line
        for group in GROUPS[:6]:
            waiting = asyncio.create_task(idle.claim(1, wait=3600))
            await blocked(url, len(busy._waits) + 4)
            await busy.put(f"{group}.1", "x", group=group)
            [claim] = await asyncio.wait_for(waiting, 60)
            await idle.finish(claim, [(claim.jobs[0], b"")])
        await other.close()

    run(test)


def test_a_partition_that_is_away_does_not_keep_the_others_from_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = [ensure(tmp_path / name) for name in ("a", "b")]

    async def body() -> None:
        cap = await Capsule.connect(",".join(server.url for server in servers))
        jobs = await divided(cap, 8)
        parts = await jobs.parts()
        home = {group: layout.slot_of(parts[layout.slot_of(group) % 8].prefix) // 8192 for group in GROUPS}
        for group in GROUPS:
            await jobs.put(f"{group}.1", "x", group=group)
        claims = (await jobs.step((), 1000)).claims
        gone = next(claim for claim in claims if home[claim.group] == 0)
        for claim in claims:
            if claim is not gone:
                await jobs.release(claim)
        servers[0].stop()
        await until(lambda: cap.store.nodes()[0].connection.link is None)
        here = [group for group in GROUPS if home[group] == 1]
        monkeypatch.setattr(connection, "WAIT_SECONDS", 0.2)
        with pytest.raises(ConnectionLostError):
            await jobs.step([Report(gone, (Release(),))], 1000)
        monkeypatch.setattr(connection, "WAIT_SECONDS", 60.0)
        began = asyncio.get_running_loop().time()
        for n in (1000, 3):
            claims = (await jobs.step((), n)).claims
            assert {claim.group for claim in claims} <= set(here)
            assert len(claims) >= min(n, len(here))
            for claim in claims:
                await jobs.release(claim)
        # Not as long as a command waits for a server, or leases would run out.
        assert asyncio.get_running_loop().time() - began < connection.WAIT_SECONDS
        servers[0].process = ensure(tmp_path / "a").process
        found: set[str] = set()
        async with asyncio.timeout(60):
            while found != set(GROUPS) - {gone.group}:
                found |= {claim.group for claim in (await jobs.step((), 1000)).claims}
                await jobs.wait(0.2)
        await cap.close()

    try:
        asyncio.run(body())
    finally:
        for server in servers:
            server.stop()


def test_results_that_were_read_are_not_read_again_and_an_older_position_reads_them_again(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = await divided(cap)
        for group in GROUPS:
            await jobs.put(f"{group}.1", "x", group=group, reply="me")
        await work(jobs, len(GROUPS))
        seen: list[str] = []
        last = "0-0"
        while len(seen) < len(GROUPS):
            for stream_id, job_id, _ in await jobs.replies("me", last, 60_000):
                last = stream_id
                seen.append(job_id)
        assert sorted(seen) == sorted(f"{group}.1" for group in GROUPS)
        assert await jobs.replies("me", last, 50) == []
        assert len(await jobs.replies("me", "0-0", 0)) == len(GROUPS)

    run(test)


def test_closing_breaks_off_what_waits(url: str) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        jobs = await divided(cap)
        tasks = [asyncio.create_task(jobs.wait(30)), asyncio.create_task(jobs.replies("me", "0-0", 30_000))]
        await blocked(url, 8)
        await cap.close()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert await ask(url, "PING") == b"PONG"

    asyncio.run(body())
