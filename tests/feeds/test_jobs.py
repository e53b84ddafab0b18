"""The queue from Python: waiting, replies, the limits of arguments. What the scripts do: test_put.py,
test_step.py.
"""

import asyncio

import pytest

from capsule.feeds import Capsule, Chain, InputError, NameInvalidError
from tests.conftest import Run, blocked


def test_a_waiting_worker_is_woken_by_a_put(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsule.feeds.jobs.POLL_SECONDS", 3600.0)  # it is not found by looking again

    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        claiming = asyncio.create_task(jobs.claim(10, wait=3600))
        await blocked(cap.url, 1)
        await jobs.put("j1", b"", group="team.7")
        [claim] = await asyncio.wait_for(claiming, 60)
        assert claim.group == "team.7"

    run(test)


def test_a_claim_that_finds_nothing_ends_when_its_time_is_up(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        assert await jobs.claim(10) == []
        assert await jobs.claim(10, wait=0.05) == []

    run(test)


def test_a_waiting_worker_finds_leases_that_run_out(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", lease=0.1)
        await jobs.put("j1", b"", group="team.7")
        [dead] = await jobs.claim(1)
        [claim] = await jobs.claim(1, wait=60)
        assert claim.epoch > dead.epoch
        assert claim.jobs[0].attempts == 1

    run(test)


def test_a_cancelled_claim_takes_nothing_with_it(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        claiming = asyncio.create_task(jobs.claim(10, wait=60))
        await blocked(cap.url, 1)
        claiming.cancel()
        await asyncio.gather(claiming, return_exceptions=True)
        await jobs.put("j1", b"", group="team.7")
        assert len(await jobs.claim(10, wait=60)) == 1

    run(test)


def test_the_owner_of_a_claim_can_be_read(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await jobs.put("j1", b"", group="team.7")
        [claim] = await jobs.claim(1, owner="worker 3")
        stored = await cap.connection.command("HGET", f"{jobs.prefix}claims", "team.7")
        assert stored.decode().rstrip() == f"{claim.epoch} 1 1 worker 3"

    run(test)


def test_replies_wait_and_continue_after_the_last_one_seen(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        waiting = asyncio.create_task(jobs.replies("gw", "0-0", 60_000))
        for n in range(3):
            await jobs.put(f"j{n}", b"", group="team.7", reply="gw")
        [claim] = await jobs.claim(10)
        await jobs.finish(claim, [(claim.jobs[0], b"zero")])
        [(last, job_id, result)] = await waiting
        assert (job_id, result) == ("j0", b"zero")
        await jobs.finish(claim, [(claim.jobs[1], b"one"), (claim.jobs[2], b"two")])
        assert [(job_id, result) for _, job_id, result in await jobs.replies("gw", last, 60_000)] == [
            ("j1", b"one"),
            ("j2", b"two"),
        ]
        assert await jobs.replies("nobody", "0-0", 20) == []
        assert 1800 <= await cap.connection.command("TTL", f"{jobs.prefix}reply:gw") <= 3600

    run(test)


def test_waiting_for_replies_holds_up_neither_commands_nor_claims(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        replies = asyncio.create_task(jobs.replies("gw", "0-0", 60_000))
        claims = [asyncio.create_task(jobs.claim(1, wait=60)) for _ in range(2)]
        await blocked(cap.url, 3)
        await jobs.put("j1", b"", group="a", reply="gw")
        await jobs.put("j2", b"", group="b")
        for finished in await asyncio.gather(*claims):
            await jobs.finish(finished[0], [(job, b"{}") for job in finished[0].jobs])
        assert [job_id for _, job_id, _ in await replies] == ["j1"]

    run(test)


def test_results_are_kept_for_as_long_as_was_said(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", keep=60)
        await jobs.put("j1", b"", group="team.7")
        [claim] = await jobs.claim(1)
        await jobs.finish(claim, [(claim.jobs[0], b"{}")])
        assert await jobs.result("j1") == b"{}"
        key = f"{jobs.prefix}result:j1"
        assert 0 < await cap.connection.command("PTTL", key) <= 60_000
        await cap.connection.command("PEXPIRE", key, 1)  # the minute is over
        while await jobs.result("j1") is not None:
            await asyncio.sleep(0.005)
        assert (await jobs.put("j1", b"", group="team.7")).state == "queued"

    run(test)


def test_queues_do_not_touch(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await cap.jobs("actions").put("j1", b"", group="team.7")
        assert await cap.jobs("mail").claim(1) == []
        assert (await cap.jobs("mail").put("j1", b"", group="team.7")).state == "queued"

    run(test)


def test_bad_names_and_numbers_are_refused_before_they_are_sent(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        for job_id, group, reply in (
            ("j 1", "g", "r"),
            ("j1", "g g", "r"),
            ("j1", "g", "r\n"),
            ("", "g", None),
        ):
            with pytest.raises(NameInvalidError):
                await jobs.put(job_id, b"", group=group, reply=reply)
        with pytest.raises(NameInvalidError):
            cap.jobs("a{b}")
        for n in (-1, 1001):
            with pytest.raises(InputError):
                await jobs.claim(n)
        with pytest.raises(InputError):
            await jobs.put("j1", b"", group="g", chain=Chain("ann.c1", 0))
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)


def test_extending_nothing_asks_nobody(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        assert await cap.jobs("actions").extend() == []

    run(test)
