"""Inside a custom job: scopes that commit when the block ends, progress, follow-up jobs."""

import asyncio
import json
from typing import Any

import pytest

from capsule.feeds import Capsule, Edit, InputError, Transaction
from capsule.worker.assignment import Assignment
from capsule.worker.workshop import Workshop
from tests.conftest import Run
from tests.worker.seeded import SCOPE, TASKS, items, seed
from tests.worker.test_workshop import open_shop, result


async def retitle(cap: Capsule, title: str) -> None:
    edit = Edit(
        TASKS, "t0", json.dumps({"id": "t0", "title": title, "owner": "ann"}), json.dumps({"title": title})
    )
    [outcome] = await cap.scope(SCOPE).commit([Transaction(f"other.{title}", [edit])])
    assert outcome.code == "applied"


def task(team: Any, name: str = "t0") -> Any:
    return team.members.get("ann").tasks.get(name)


def test_what_is_changed_on_the_models_is_committed_as_one_when_the_block_ends(run: Run) -> None:
    shop = Workshop()

    @shop.job("chores")
    async def chores(job: Assignment) -> str:
        async with job.scope(SCOPE) as team:
            task(team).set({"title": "one"})
            tasks = team.members.get("ann").tasks
            tasks.add({"id": tasks.newId(), "title": "new", "owner": "ann"})
            tasks.remove("t1")
        assert job.event_id is not None
        return job.event_id

    async def test(cap: Capsule) -> None:
        await seed(cap)
        before = await cap.scope(SCOPE).last()
        async with open_shop(cap, shop):
            await cap.jobs("chores").put("c1", "")
            answer = await result(cap, "chores", "c1")
        assert answer == {"code": 200, "id": answer["result"], "result": answer["result"]}
        [frame] = await cap.scope(SCOPE).log(before) or []
        [[operation, events]] = json.loads(frame.split(b"\n", 1)[1])["tx"]
        assert operation == f"c1~{SCOPE}"
        assert [event[0] for event in events] == ["edit", "publish", "retract"]
        assert (await items(cap, TASKS))["t0"]["title"] == "one"

    run(test)


def test_a_block_that_changes_nothing_or_raises_commits_nothing(run: Run) -> None:
    shop = Workshop()

    @shop.job("chores")
    async def chores(job: Assignment) -> str:
        async with job.scope(SCOPE) as team:
            title = task(team).get("title")
        if job.data == "raise":
            try:
                async with job.scope(SCOPE) as team:
                    task(team).set({"title": "half"})
                    raise LookupError("on second thoughts")
            except LookupError:
                async with job.scope(SCOPE) as team:
                    return str(task(team).get("title"))
        return str(title)

    async def test(cap: Capsule) -> None:
        await seed(cap)
        before = await cap.scope(SCOPE).last()
        async with open_shop(cap, shop):
            for job_id, data in (("c1", '"look"'), ("c2", '"raise"')):
                await cap.jobs("chores").put(job_id, data)
                assert (await result(cap, "chores", job_id))["result"] == "task 0"
        assert await cap.scope(SCOPE).last() == before

    run(test)


def test_on_a_conflict_the_whole_function_runs_again_uncharged(run: Run) -> None:
    shop, runs = Workshop(), []

    async def test(cap: Capsule) -> None:
        @shop.job("chores")
        async def chores(job: Assignment) -> str:
            runs.append(job.attempts)
            async with job.scope(SCOPE) as team:
                if len(runs) < 4:
                    await retitle(cap, f"other {len(runs)}".replace(" ", "-"))
                task(team).set({"title": task(team).get("title") + "!"})
            return "done"

        await seed(cap)
        async with open_shop(cap, shop):
            await cap.jobs("chores").put("c1", "")
            assert (await result(cap, "chores", "c1"))["code"] == 200
        assert runs == [0, 0, 0, 0]
        assert (await items(cap, TASKS))["t0"]["title"] == "other-3!"

    run(test)


def test_a_job_that_never_gets_through_is_answered_409(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsule.worker.shift.TRIES", 3)
    shop, runs = Workshop(), []

    async def test(cap: Capsule) -> None:
        @shop.job("chores")
        async def chores(job: Assignment) -> None:
            runs.append(1)
            async with job.scope(SCOPE) as team:
                await retitle(cap, f"other-{len(runs)}")
                task(team).set({"title": "mine"})

        await seed(cap)
        async with open_shop(cap, shop):
            await cap.jobs("chores").put("c1", "")
            assert (await result(cap, "chores", "c1"))["name"] == "CONFLICT"
        assert len(runs) == 3

    run(test)


def test_what_was_committed_before_the_worker_died_takes_effect_once_and_the_rest_follows(run: Run) -> None:
    """First run: the commit happens, then the job fails. Second run: the block fails, and that is dropped."""
    shop, after = Workshop(), []

    @shop.job("chores")
    async def chores(job: Assignment) -> None:
        async with job.scope(SCOPE) as team:
            done = task(team)
            assert done is not None, "it was retracted by the first run"
            team.members.get("ann").tasks.remove("t0")
        after.append(job.attempts)
        if job.attempts == 0:
            raise OSError("the outside world is away")
        await job.put("mail", {"about": "t0"})

    async def test(cap: Capsule) -> None:
        await seed(cap)
        before = await cap.scope(SCOPE).last()
        async with open_shop(cap, shop):
            await cap.jobs("chores").put("c1", "")
            answer = await result(cap, "chores", "c1")
        assert len(await cap.scope(SCOPE).log(before) or []) == 1
        assert answer["id"] == await cap.scope(SCOPE).last()
        assert after == [0, 1]
        assert [view.id for view in await cap.jobs("mail").page("waiting")] == ["c1-1"]

    run(test)


def test_jobs_on_one_scope_at_once_lose_no_update(run: Run) -> None:
    shop = Workshop()

    @shop.job("chores", concurrency=8)
    async def chores(job: Assignment) -> None:
        async with job.scope(SCOPE) as team:
            title = task(team).get("title")
            await asyncio.sleep(0)
            task(team).set({"title": title + "x"})

    async def test(cap: Capsule) -> None:
        await seed(cap)
        async with open_shop(cap, shop):
            await asyncio.gather(*(cap.jobs("chores").put(f"c{n}", "") for n in range(12)))
            codes = [(await result(cap, "chores", f"c{n}"))["code"] for n in range(12)]
        # Whoever was overtaken too often is told so; nobody's update is lost.
        done = codes.count(200)
        assert set(codes) <= {200, 409}
        assert (await items(cap, TASKS))["t0"]["title"] == "task 0" + "x" * done
        assert done >= 8

    run(test)


def test_two_scopes_are_one_commit_each(run: Run) -> None:
    shop = Workshop()

    @shop.job("chores")
    async def chores(job: Assignment) -> None:
        for name in (SCOPE, "team.other", SCOPE):
            async with job.scope(name) as team:
                team.chat.add({"id": team.newId(), "text": "hello"})

    async def test(cap: Capsule) -> None:
        await seed(cap)
        before = await cap.scope(SCOPE).last()
        async with open_shop(cap, shop):
            await cap.jobs("chores").put("c1", "")
            assert (await result(cap, "chores", "c1"))["code"] == 200
        assert len(await cap.scope(SCOPE).log(before) or []) == 2
        assert await cap.scope("team.other").last() != "0-0"

    run(test)


def test_a_scope_of_an_unknown_type_is_an_error(run: Run) -> None:
    shop, errors = Workshop(), []

    @shop.job("chores")
    async def chores(job: Assignment) -> None:
        try:
            job.scope("planet.mars")
        except InputError as error:
            errors.append(str(error))

    async def test(cap: Capsule) -> None:
        async with open_shop(cap, shop):
            await cap.jobs("chores").put("c1", "")
            await result(cap, "chores", "c1")
        assert errors == ["This worker knows no root for the scope planet.mars."]

    run(test)


def test_progress_is_heard_on_the_reply_stream(run: Run) -> None:
    shop = Workshop()

    @shop.job("chores")
    async def chores(job: Assignment) -> None:
        await job.progress({"percent": 50})

    async def test(cap: Capsule) -> None:
        async with open_shop(cap, shop):
            await cap.jobs("chores").put("c1", "", reply="me")
            await result(cap, "chores", "c1")
        heard = [(kind, text) for _, _, kind, text in await cap.jobs("chores").messages("me", "0-0", 100)]
        assert heard == [("progress", b'{"percent":50}'), ("result", b'{"code":200}')]

    run(test)
