"""Looking after a queue: pages, cancel, retry, hold, dead letters. Random mixtures: test_random_jobs.py."""

import asyncio
import json

import pytest

from capsule.feeds import (
    Capsule,
    Finish,
    InputError,
    Jobs,
    Report,
    ScriptError,
    Terms,
    WrongTypeError,
    script,
)
from tests.conftest import Run


async def bury(jobs: Jobs, *job_ids: str, group: str | None = None) -> None:
    for job_id in job_ids:
        await jobs.put(job_id, job_id.encode(), group=group, reply="gw", terms=Terms(attempts=1))
        [claim] = await jobs.claim(1)
        assert await jobs.fail(claim, claim.jobs[0], f"no luck with {job_id}") == "dead"


async def age(cap: Capsule, jobs: Jobs, job_id: str, seconds: int) -> None:
    """The only dead letter so far is older than it is."""
    [(stream_id, fields)] = await cap.connection.command("XRANGE", f"{jobs.prefix}dead", "-", "+")
    older = f"{int(stream_id.split(b'-')[0]) - seconds * 1000}-0"
    await cap.connection.command("DEL", f"{jobs.prefix}dead")
    await cap.connection.command("XADD", f"{jobs.prefix}dead", older, *fields)
    await cap.connection.command("HSET", f"{jobs.prefix}buried", job_id, older)


def test_waiting_jobs_are_listed_in_the_order_in_which_they_are_served(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        for n, priority in enumerate([0, -1, 5, 0, 5]):
            await jobs.put(f"j{n}", b"x" * 5000, terms=Terms(priority=priority))
        for n in range(3):
            await jobs.put(f"g{n}", b"", group="team.7")
        views = await jobs.page("waiting")
        assert [view.id for view in views] == ["j2", "j4", "j0", "j3", "j1"]
        assert {len(view.data) for view in views} == {1000}
        assert [view.id for view in await jobs.page("waiting", first=1, count=2)] == ["j4", "j0"]
        assert [view.id for view in await jobs.page("waiting", group="team.7", first=1)] == ["g1", "g2"]
        assert await jobs.groups() == [("team.7", 3)]
        [claim, _] = await jobs.claim(10)
        assert [job.id for job in claim.jobs] == ["j2", "j4", "j0", "j3", "j1"]

    run(test)


def test_a_job_shows_all_that_is_known_of_it(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await jobs.put("j1", b"x" * 5000, reply="gw", terms=Terms(priority=7, attempts=9))
        [claim] = await jobs.claim(1)
        await jobs.fail(claim, claim.jobs[0], "no luck")
        [view] = await jobs.look("j1")
        assert (view.state, view.attempts, view.options, view.reply) == ("delayed", 1, "p7 a9", "gw")
        assert view.due is not None
        assert len(view.data) == 5000
        assert await jobs.retry("j1") == ["ready"]
        [claim] = await jobs.claim(1)
        assert await jobs.progress(claim, claim.jobs[0], "half")
        [view] = await jobs.look("j1")
        assert (view.state, view.progress) == ("active", b"half")
        await jobs.finish(claim, [(claim.jobs[0], b'"good"')])
        [view, unknown] = await jobs.look("j1", "nobody")
        assert (view.state, view.result, unknown.state) == ("done", b'"good"', "unknown")

    run(test)


def test_a_cancelled_job_is_answered_and_never_begun(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await jobs.put("late", b"", reply="gw", terms=Terms(delay=600))
        await jobs.put("a", b"", group="g")
        await jobs.put("b", b"", group="g", reply="gw")
        [claim] = await jobs.claim(1)
        assert await jobs.cancel("late", "a", "b", "b", "nobody") == [
            "cancelled",
            "active",
            "cancelled",
            "done",
            "unknown",
        ]
        answers = {job_id: json.loads(result) for _, job_id, result in await jobs.replies("gw", "0-0", 0)}
        assert {answer["name"] for answer in answers.values()} == {"CANCELLED"}
        assert set(answers) == {"late", "b"}
        await jobs.finish(claim, [(claim.jobs[0], b"{}")])
        assert await jobs.claim(1) == []
        assert (await jobs.put("b", b"", group="g")).state == "done"

    run(test)


def test_a_held_group_waits_while_others_go_on_and_goes_on_where_it_was(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        for group in ("a", "b"):
            for n in range(2):
                await jobs.put(f"{group}{n}", b"", group=group)
        assert await jobs.hold("a") is True
        assert await jobs.hold("a") is False
        [claim] = await jobs.claim(10)
        assert claim.group == "b"
        assert [view.state for view in await jobs.look("a0")] == ["held"]
        assert await jobs.resume("a") is True
        assert await jobs.resume("a") is False
        [claim] = await jobs.claim(10)
        assert [job.id for job in claim.jobs] == ["a0", "a1"]

    run(test)


def test_a_held_queue_hands_out_nothing_and_wakes_nobody(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await jobs.put("j0", b"")
        [claim] = await jobs.claim(1)
        await jobs.hold()
        await jobs.put("j1", b"")
        await jobs.wait(1)
        step = await jobs.step([Report(claim, (Finish(claim.jobs[0], b"{}"),))], 10)
        assert (step.outcomes, step.claims) == (["ok"], [])
        assert await cap.connection.command("EXISTS", f"{jobs.prefix}wake") == 0
        waiting = asyncio.create_task(jobs.claim(1, wait=60))
        await jobs.resume()
        assert len(await waiting) == 1

    run(test)


def test_dead_letters_are_redriven_by_id_in_their_group_and_answer_nobody(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await bury(jobs, "j1", "j2", group="team.7")
        before = len(await jobs.replies("gw", "0-0", 0))
        assert [(view.id, view.group, view.data) for view in await jobs.page("dead")] == [
            ("j1", "team.7", b"j1"),
            ("j2", "team.7", b"j2"),
        ]
        assert await jobs.redrive("j2", "nobody", "j2") == ["j2"]
        assert await jobs.result("j2") is None
        [claim] = await jobs.claim(10)
        assert [(job.id, job.attempts) for job in claim.jobs] == [("j2", 0)]
        await jobs.finish(claim, [(claim.jobs[0], b'"better"')])
        assert await jobs.result("j2") == b'"better"'
        assert len(await jobs.replies("gw", "0-0", 0)) == before
        assert await jobs.drop("j1", "j2") == ["j1"]
        assert await jobs.page("dead") == []

    run(test)


def test_dead_letters_are_redriven_or_dropped_by_age(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await bury(jobs, "old")
        await age(cap, jobs, "old", 3600)
        await bury(jobs, "new")
        assert await jobs.redrive_all(older_than=7200) == 0
        assert await jobs.redrive_all(younger_than=1800) == 1
        assert [view.id for view in await jobs.page("dead")] == ["old"]
        assert await jobs.purge("dead", older_than=7200) == 0
        assert await jobs.purge("dead", older_than=1800) == 1
        assert (await jobs.stats())["dead"] == 0
        assert await jobs.redrive_all() == 0

    run(test)


def test_a_redriven_job_that_dies_again_at_once_does_not_come_round_for_ever(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await bury(jobs, "j1")
        assert await jobs.redrive_all() == 1
        [claim] = await jobs.claim(1)
        assert await jobs.fail(claim, claim.jobs[0], "still no luck") == "dead"
        assert [view.id for view in await jobs.page("dead")] == ["j1"]

    run(test)


def test_purging_cancels_what_waits_and_leaves_what_has_begun(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await jobs.put("active", b"")
        [claim] = await jobs.claim(1)
        for n in range(1200):
            await jobs.put(f"j{n}", b"", group=None if n % 2 else f"g{n % 7}")
        await jobs.put("late", b"", terms=Terms(delay=60))
        assert await jobs.purge("waiting") == 1200
        assert await jobs.purge("delayed") == 1
        numbers = await jobs.stats()
        assert (numbers["jobs"], numbers["active"], numbers["ended_cancelled"]) == (1, 1, 1201)
        assert await jobs.finish(claim, [(claim.jobs[0], b"{}")])

    run(test)


def test_dead_letters_have_a_limit_and_the_oldest_go(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        lower = script.Script("step", script.load("step").source.replace("10000, 500", "2, 500"), "0" * 40)
        arguments = (600_000, 1, "me", 1, 250, 4000, 60_000)
        for n in range(4):
            await jobs.put(f"j{n}", b"")
            [_, _, [[group, epoch, [job_id, *_]]]] = await cap.connection.command(
                "EVAL", lower.source, 1, jobs.prefix, *arguments, 0
            )
            report = (1, group, epoch, 1, "fail", job_id, "{}")
            await cap.connection.command(
                "EVAL", lower.source, 1, jobs.prefix, 600_000, 0, *arguments[2:], *report
            )
        assert [view.id for view in await jobs.page("dead")] == ["j2", "j3"]
        assert await jobs.redrive("j0", "j3") == ["j3"]

    run(test)


def test_wrong_questions_are_refused_before_they_are_sent(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        with pytest.raises(InputError):
            await jobs.page("waiting", count=1001)
        with pytest.raises(InputError):
            await jobs.page("dead", group="team.7")
        with pytest.raises(InputError):
            await jobs.purge("active")
        with pytest.raises(InputError):
            await jobs.purge("waiting", older_than=1)
        nothing: list[object] = [
            *await jobs.look(),
            *await jobs.cancel(),
            *await jobs.retry(),
            *await jobs.redrive(),
            *await jobs.drop(),
        ]
        assert nothing == []

    run(test)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cancel", ()),
        ("cancel", ("soon", "{}", "j1")),
        ("hold", ("stop", "")),
        ("hold", ("hold", "a b")),
        ("redrive", ("revive", "", "", 1)),
        ("redrive", ("drop", "x", "", 1)),
        ("redrive", ("drop", "", "", 1001)),
        ("look", ()),
        ("look", ("waiting", 0, "", 0, 1001)),
        ("look", ("lost", 0, "", 0, 1)),
        ("progress", ("", "1", "j1")),
        ("progress", ("", "1", "j1", "x" * 65_537)),
        ("schedule", ("set", "a b", "", 1)),
        ("schedule", ("set", "a", "")),
        ("schedule", ("forget", "a", "", 1)),
    ],
)
def test_malformed_arguments_change_nothing(run: Run, name: str, arguments: tuple[str | int, ...]) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises((ScriptError, InputError)):
            await cap.connection.run(script.load(name), cap.jobs("mail").prefix, *arguments)
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)


@pytest.mark.parametrize(
    ("name", "arguments", "suffix"),
    [
        ("cancel", (1000, "{}", "j1"), "later"),
        ("retry", ("j1",), "delayed"),
        ("hold", ("hold", "a"), "held"),
        ("redrive", ("redrive", "", "", 10), "buried"),
        ("schedule", ("set", "a", "{}", 5), "ticks"),
    ],
)
def test_a_key_of_another_type_is_an_error_before_anything_is_written(
    run: Run, name: str, arguments: tuple[str | int, ...], suffix: str
) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await cap.connection.command("SET", f"{jobs.prefix}{suffix}", "x")
        with pytest.raises(WrongTypeError):
            await cap.connection.run(script.load(name), jobs.prefix, *arguments)
        assert await cap.connection.command("KEYS", "cap1:{*") == [f"{jobs.prefix}{suffix}".encode()]

    run(test)
