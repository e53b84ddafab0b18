"""scripts/step.lua: jobs without a group, what expires, and who is served when both wait."""

import asyncio
import json

import pytest

from capsule.feeds import Capsule, Claim, Terms
from tests.conftest import Run
from tests.feeds.test_step import expire, ids


@pytest.mark.parametrize("reply", ["x5", "p9", None])
def test_names_are_not_taken_for_options(run: Run, reply: str | None) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await jobs.put("j1", b" x1 a1\n x2", group="x7", reply=reply, terms=Terms(expires=600, attempts=2))
        assert (await jobs.look("j1"))[0].options.startswith("a2 x")
        [claim] = await jobs.claim(1)
        assert await cap.connection.command("EXISTS", f"{jobs.prefix}expiring") == 0
        assert await jobs.fail(claim, claim.jobs[0], "no luck") == "retry"

    run(test)


def test_a_job_that_has_not_begun_in_its_time_is_dropped_and_answered(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        for n, group in enumerate((None, "a", "a")):
            await jobs.put(f"j{n}", b"", group=group, reply="gw", terms=Terms(expires=0.02))
        await jobs.put("j3", b"", group="a")
        await asyncio.sleep(0.05)
        assert ids(await jobs.claim(10)) == [["j3"]]
        answers = {job_id: json.loads(result) for _, job_id, result in await jobs.replies("gw", "0-0", 0)}
        assert set(answers) == {"j0", "j1", "j2"}
        assert {(answer["code"], answer["name"]) for answer in answers.values()} == {(410, "EXPIRED")}

    run(test)


def test_a_job_that_has_begun_does_not_expire(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", backoff=(0.01, 0.01))
        claims: list[Claim] = []
        while not claims:  # until one begins in its time, however busy the machine is
            await jobs.put("j1", b"", terms=Terms(expires=0.05))
            claims = await jobs.claim(1)
            await cap.connection.command("DEL", f"{jobs.prefix}result:j1")
        await jobs.fail(claims[0], claims[0].jobs[0], "no luck")
        await asyncio.sleep(0.1)
        assert ids(await jobs.claim(1, wait=60)) == [["j1"]]

    run(test)


def test_jobs_without_a_group_and_groups_share_a_step(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        for n in range(20):
            await jobs.put(f"k{n}", b"")
            await jobs.put(f"g{n}", b"", group=f"g{n}")
        step = await jobs.step((), 10)
        assert [len(claim.jobs) for claim in step.claims if not claim.group] == [5]
        assert [claim.group for claim in step.claims if claim.group] == [f"g{n}" for n in range(5)]
        # Above priority 0 goes before everything; what one side leaves goes to the other.
        for n in range(8):
            await jobs.put(f"u{n}", b"", terms=Terms(priority=1))
        [urgent, *rest] = (await jobs.step((), 9)).claims
        assert [job.id for job in urgent.jobs] == [f"u{n}" for n in range(8)]
        assert [claim.group for claim in rest] == ["g5"]
        await jobs.cancel(*(f"g{n}" for n in range(20)))
        assert [len(claim.jobs) for claim in await jobs.claim(100)] == [15]

    run(test)


def test_one_that_backs_off_leaves_its_claim_to_the_others(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", backoff=(0.02, 0.02))
        for n in range(3):
            await jobs.put(f"k{n}", b"")
        [claim] = await jobs.claim(10)
        assert await jobs.fail(claim, claim.jobs[1], "no luck") == "retry"
        assert await jobs.finish(claim, [(claim.jobs[0], b"{}"), (claim.jobs[2], b"{}")])
        assert await jobs.extend(claim) == [False]
        [again] = await jobs.claim(10, wait=60)
        assert [(job.id, job.attempts) for job in again.jobs] == [("k1", 1)]

    run(test)


def test_jobs_that_went_down_together_go_out_alone_and_only_the_guilty_is_charged(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions", attempts=2)
        for n in range(3):
            await jobs.put(f"k{n}", b"", reply="gw")
        await jobs.put("g0", b"", group="g")
        deaths, done_ids = 0, []
        while claims := await jobs.claim(10):
            if any(job.id == "k1" for claim in claims for job in claim.jobs):
                deaths += 1
                for claim in claims:
                    await expire(cap, jobs, claim.group or f":{claim.epoch}")
                continue
            for claim in claims:
                assert all(job.attempts == 0 for job in claim.jobs)
                done_ids += [job.id for job in claim.jobs]
                await jobs.finish(claim, [(job, b"{}") for job in claim.jobs])
        assert deaths == 3  # once together, which charges nobody, then twice alone
        assert sorted(done_ids) == ["g0", "k0", "k2"]
        assert [view.id for view in await jobs.page("dead")] == ["k1"]

    run(test)
