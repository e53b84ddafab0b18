"""scripts/step.lua: leases, epochs, order in a group, turns between groups, failures, dead letters."""

import asyncio
import json

import pytest

from capsule.feeds import (
    Capsule,
    Claim,
    Fail,
    Finish,
    Jobs,
    Report,
    ScriptError,
    WrongTypeError,
    script,
)
from tests.conftest import Run, blocked


async def fill(jobs: Jobs, group: str, count: int, reply: str | None = None) -> None:
    for n in range(count):
        await jobs.put(f"{group}-{n}", f"{group}:{n}", group=group, reply=reply)


def ids(claims: list[Claim]) -> list[list[str]]:
    return [[job.id for job in claim.jobs] for claim in claims]


def done(claim: Claim, result: bytes = b"{}") -> Report:
    return Report(claim, tuple(Finish(job, result) for job in claim.jobs))


async def expire(cap: Capsule, jobs: Jobs, group: str) -> None:
    await cap.connection.command("ZADD", f"{jobs.prefix}leases", 1, group)


def test_a_group_is_handed_out_in_order_to_one_claimer_at_a_time(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 5)
        [claim] = await jobs.claim(3)
        assert ids([claim]) == [["a-0", "a-1", "a-2"]]
        assert await jobs.claim(3) == []
        await jobs.finish(claim, [(claim.jobs[0], b"{}"), (claim.jobs[1], b"{}")])
        assert await jobs.claim(3) == []
        await jobs.finish(claim, [(claim.jobs[2], b"{}")])
        assert ids(await jobs.claim(3)) == [["a-3", "a-4"]]

    run(test)


def test_groups_are_served_in_turn(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "busy", 30)
        await fill(jobs, "b", 1)
        await fill(jobs, "c", 1)
        served = []
        step = await jobs.step((), 10)
        while step.claims:
            served += [claim.group for claim in step.claims]
            step = await jobs.step([done(claim) for claim in step.claims], 10)
        assert served == ["busy", "b", "c", "busy", "busy", "busy"]

    run(test)


def test_one_call_reports_and_claims(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 2)
        await fill(jobs, "b", 2)
        first = await jobs.step((), 3)
        assert ids(first.claims) == [["a-0", "a-1"], ["b-0"]]
        second = await jobs.step([done(claim) for claim in first.claims], 10)
        assert second.outcomes == ["ok", "ok", "ok"]
        assert ids(second.claims) == [["b-1"]]

    run(test)


def test_the_epoch_grows_with_every_claim_even_when_the_clock_goes_back(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 1)
        await fill(jobs, "b", 3)
        seen = [claim.epoch for claim in await jobs.claim(2)]
        seconds, micros = await cap.connection.command("TIME")
        assert abs(int(seconds) * 1_000_000 + int(micros) - seen[0]) < 60_000_000
        for group in ("a", "b"):
            await expire(cap, jobs, group)
        ahead = seen[-1] + 3_600_000_000
        await cap.connection.command("HSET", f"{jobs.prefix}meta", "epoch", ahead)
        seen += [claim.epoch for _ in "ab" for claim in await jobs.claim(10)]
        assert seen == sorted(set(seen))
        assert seen[-2:] == [ahead + 1, ahead + 2]

    run(test)


def test_a_report_under_an_old_epoch_changes_nothing(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 1, reply="gw")
        [old] = await jobs.claim(1)
        await expire(cap, jobs, "a")
        [new] = await jobs.claim(1)
        assert new.epoch > old.epoch
        assert (await jobs.step([done(old, b'"old"')])).outcomes == ["lost"]
        assert await jobs.fail(old, old.jobs[0], "late") == "lost"
        assert await jobs.release(old) is False
        assert await jobs.extend(old, new) == [False, True]
        assert await jobs.result("a-0") is None
        assert await jobs.finish(new, [(new.jobs[0], b'"new"')]) is True
        assert await jobs.result("a-0") == b'"new"'
        assert [result for _, _, result in await jobs.replies("gw", "0-0", 0)] == [b'"new"']

    run(test)


def test_a_claim_that_is_extended_keeps_its_epoch_and_does_not_expire(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", lease=30)
        await fill(jobs, "a", 1)
        [claim] = await jobs.claim(1)
        await expire(cap, jobs, "a")
        assert await jobs.extend(claim) == [True]
        assert await jobs.claim(1) == []
        assert await jobs.finish(claim, [(claim.jobs[0], b"{}")]) is True

    run(test)


@pytest.mark.parametrize("arguments", [(), ("soon",), (1000, "a"), (1000, "a", 7, "b")])
def test_a_malformed_extension_is_refused(run: Run, arguments: tuple[str | int, ...]) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(ScriptError, match="extension are malformed"):
            await cap.connection.run(script.load("extend"), cap.jobs("actions").prefix, *arguments)

    run(test)


def test_after_an_expired_batch_nobody_is_charged_and_as_many_go_one_at_a_time(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", attempts=2)
        await fill(jobs, "a", 6)
        await jobs.claim(3)
        await expire(cap, jobs, "a")
        handed = []
        step = await jobs.step((), 10)
        while step.claims:
            handed += [(job.id, job.attempts, len(claim.jobs)) for claim in step.claims for job in claim.jobs]
            step = await jobs.step([done(claim) for claim in step.claims], 10)
        assert handed == [(f"a-{n}", 0, 1) for n in range(3)] + [(f"a-{n}", 0, 3) for n in range(3, 6)]

    run(test)


def test_a_job_that_ends_its_workers_is_charged_buried_and_its_group_moves_on(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", attempts=3)
        await fill(jobs, "a", 4, reply="gw")
        deaths, finished = 0, []
        while claims := await jobs.claim(10):
            [claim] = claims
            if any(job.id == "a-1" for job in claim.jobs):
                deaths += 1
                await expire(cap, jobs, "a")
                continue
            await jobs.finish(claim, [(job, b"{}") for job in claim.jobs])
            finished += [job.id for job in claim.jobs]
        # Once in a batch, which charges nobody, then three times alone.
        assert deaths == 4
        assert finished == ["a-0", "a-2", "a-3"]
        result = json.loads(await jobs.result("a-1") or b"{}")
        assert (result["code"], result["name"]) == (500, "INTERNAL")
        assert "3 attempts" in result["sentence"]
        assert [job_id for _, job_id, _ in await jobs.replies("gw", "0-0", 0)] == ["a-0", "a-1", "a-2", "a-3"]

    run(test)


def test_a_failing_head_holds_its_group_for_a_while_and_others_go_on(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", attempts=3, backoff=(0.02, 0.05))
        await fill(jobs, "a", 2)
        [claim] = await jobs.claim(1)
        assert await jobs.fail(claim, claim.jobs[0], "no luck") == "retry"
        await fill(jobs, "b", 1)
        step = await jobs.step((), 10)
        assert ids(step.claims) == [["b-0"]]
        again = await jobs.claim(10, wait=60)
        assert ids(again) == [["a-0", "a-1"]]
        assert [job.attempts for job in again[0].jobs] == [1, 0]

    run(test)


def test_a_job_that_keeps_failing_becomes_a_dead_letter_answered_with_500(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", attempts=2, backoff=(0.01, 0.01))
        await fill(jobs, "a", 3, reply="gw")
        [claim] = await jobs.claim(10)
        assert await jobs.fail(claim, claim.jobs[0], "no luck") == "retry"
        [claim] = await jobs.claim(10, wait=60)
        assert ids([claim]) == [["a-0", "a-1", "a-2"]]
        assert await jobs.fail(claim, claim.jobs[0], 'no "luck"') == "dead"
        assert await jobs.finish(claim, [(job, b"{}") for job in claim.jobs[1:]]) is True
        expected = {"code": 500, "name": "INTERNAL", "sentence": 'no "luck"'}
        assert json.loads(await jobs.result("a-0") or b"") == expected
        [(_, fields)] = await cap.connection.command("XRANGE", f"{jobs.prefix}dead", "-", "+")
        letter = dict(zip(fields[::2], fields[1::2], strict=True))
        assert json.loads(letter.pop(b"reason")) == expected
        assert letter == {b"id": b"a-0", b"group": b"a", b"attempts": b"2", b"options": b"", b"data": b"a:0"}
        assert await cap.connection.command("EXISTS", f"{jobs.prefix}fails") == 0
        assert await jobs.claim(10) == []

    run(test)


def test_a_failure_that_should_not_be_tried_again_is_buried_at_once(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 2)
        [claim] = await jobs.claim(10)
        entries = (Fail(claim.jobs[0], "never", retry=False), Finish(claim.jobs[1], b"{}"))
        assert (await jobs.step([Report(claim, entries)])).outcomes == ["dead", "ok"]
        assert await cap.connection.command("XLEN", f"{jobs.prefix}dead") == 1

    run(test)


def test_what_is_said_after_a_retry_belongs_to_no_claim(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", backoff=(0.01, 0.01))
        await fill(jobs, "a", 3)
        [claim] = await jobs.claim(10)
        first, second, third = claim.jobs
        entries = (Finish(first, b"{}"), Fail(second, "no luck"), Finish(third, b"{}"))
        assert (await jobs.step([Report(claim, entries)])).outcomes == ["ok", "retry", "lost"]
        assert ids(await jobs.claim(10, wait=60)) == [["a-1", "a-2"]]

    run(test)


def test_released_jobs_are_claimed_again_at_once_and_uncharged(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 3)
        [claim] = await jobs.claim(10)
        await jobs.finish(claim, [(claim.jobs[0], b"{}")])
        assert await jobs.release(claim) is True
        [again] = await jobs.claim(10)
        assert [(job.id, job.attempts) for job in again.jobs] == [("a-1", 0), ("a-2", 0)]

    run(test)


def test_a_finish_sent_twice_answers_once(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 2, reply="gw")
        [claim] = await jobs.claim(10)
        report = Report(claim, (Finish(claim.jobs[0], b"1"),))
        assert (await jobs.step([report])).outcomes == ["ok"]
        assert (await jobs.step([report])).outcomes == ["ok"]
        assert len(await jobs.replies("gw", "0-0", 0)) == 1
        assert (await jobs.step([Report(claim, (Finish(claim.jobs[1], b"2"),))])).outcomes == ["ok"]
        assert await jobs.result("a-1") == b"2"

    run(test)


def test_jobs_finished_out_of_order_leave_the_others_in_order(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 4)
        [claim] = await jobs.claim(10)
        await jobs.finish(claim, [(claim.jobs[2], b"{}"), (claim.jobs[1], b"{}")])
        await jobs.release(claim)
        assert ids(await jobs.claim(10)) == [["a-0", "a-3"]]

    run(test)


def test_a_job_of_another_group_cannot_be_finished_under_a_claim(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await fill(jobs, "a", 1)
        await fill(jobs, "b", 1)
        a, b = await jobs.claim(10)
        await jobs.step([Report(a, (Finish(b.jobs[0], b"stolen"),))])
        assert await jobs.result("b-0") is None
        assert await jobs.finish(b, [(b.jobs[0], b"own")]) is True

    run(test)


def test_a_claimer_that_leaves_work_behind_wakes_the_next(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsule.feeds.jobs.POLL_SECONDS", 3600.0)  # it is not found by looking again

    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        waiting = [asyncio.create_task(jobs.claim(1, wait=3600)) for _ in range(3)]
        await blocked(cap.url, 3)
        await asyncio.gather(*(jobs.put(f"j{n}", b"", group=f"g{n}") for n in range(3)))
        claimed = await asyncio.wait_for(asyncio.gather(*waiting), 60)
        assert sorted(claim.group for claims in claimed for claim in claims) == ["g0", "g1", "g2"]

    run(test)


def test_nothing_is_left_of_jobs_that_ended_but_their_results(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", backoff=(0.01, 0.01))
        await fill(jobs, "a", 5)
        [claim] = await jobs.claim(2)
        await expire(cap, jobs, "a")
        [claim] = await jobs.claim(2)
        await jobs.fail(claim, claim.jobs[0], "no luck")
        step = await jobs.step((), 10)
        while step.claims or step.due is not None:
            if step.due is not None:
                await asyncio.sleep(step.due)
            step = await jobs.step([done(claim) for claim in step.claims], 10)
        left = {
            key.decode().removeprefix(jobs.prefix)
            for key in await cap.connection.command("KEYS", f"{jobs.prefix}*")
        }
        assert left - {"wake"} == {"meta"} | {f"result:a-{n}" for n in range(5)}
        ttl = await cap.connection.command("PTTL", f"{jobs.prefix}result:a-0")
        assert 3_500_000 < ttl <= 3_600_000

    run(test)


@pytest.mark.parametrize(
    "suffix", ["job", "ring", "leases", "claims", "delayed", "solo", "fails", "meta", "dead"]
)
def test_a_key_of_another_type_is_an_error_before_anything_is_written(run: Run, suffix: str) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await cap.connection.command("SET", f"{jobs.prefix}{suffix}", "x")
        with pytest.raises(WrongTypeError):
            await jobs.claim(1)
        assert await cap.connection.command("KEYS", "cap1:{*") == [f"{jobs.prefix}{suffix}".encode()]

    run(test)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (1000, 1, "me", 4, 250, 4000, 1000),
        (1000, 1001, "me", 4, 250, 4000, 1000, 0),
        (1000, 1, "me", 4, 250, 4000, 0, 0),
        (1000, 1, "me", 4, 250, 4000, 1000, 1, "a", 7, 1, "explode", "a-0", ""),
        (1000, 1, "me", 4, 250, 4000, 1000, 1, "a", 7, 2, "finish", "a-0", ""),
        (1000, 1, "me", 4, 250, 4000, 1000, 1, "a", 7, -1),
        (1000, 1, "me", 4, 250, 4000, 1000, 1, "a"),
    ],
)
def test_malformed_arguments_change_nothing(run: Run, arguments: tuple[str | int, ...]) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(ScriptError):
            await cap.connection.run(script.load("step"), cap.jobs("actions").prefix, *arguments)
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)
