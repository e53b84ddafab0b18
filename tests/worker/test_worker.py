import asyncio
import json
import logging
from typing import Any

import pytest

from capsule.feeds import Capsule, Edit, Transaction
from capsule.feeds.errors import ConnectionLostError
from capsule.shared.scope import Scope
from capsule.worker.worker import TRIES
from examples.bang.models import Task, Team
from tests.conftest import Run
from tests.worker.seeded import SCOPE, TASKS, answer, items, put, seed, working

EDIT = {"do": "edit", "feed": TASKS, "id": "t0", "attrs": {"title": "edited"}}
SHIP = {"do": "call", "feed": TASKS, "id": "t0", "method": "ship", "args": []}


def test_a_job_is_decided_committed_and_answered(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        async with working(cap):
            await put(cap, "ann.client01.1", EDIT)
            result = await answer(cap, "ann.client01.1")
        assert (result["code"], result["verdict"]["allowed"]) == (200, True)
        assert result["id"] == await cap.scope(SCOPE).last()
        assert (await items(cap, TASKS))["t0"]["title"] == "edited"

    run(test)


def test_a_refusal_is_answered_with_the_sentence_of_the_model_and_writes_nothing(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        before = await cap.scope(SCOPE).last()
        async with working(cap):
            await put(cap, "bob.client01.1", SHIP)
            result = await answer(cap, "bob.client01.1")
        assert result["code"] == 403
        assert result["verdict"]["sentence"] == "Only the owner may ship a task."
        assert await cap.scope(SCOPE).last() == before

    run(test)


def test_shipping_is_one_frame(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        before = await cap.scope(SCOPE).last()
        async with working(cap):
            await put(cap, "ann.client01.1", SHIP)
            await answer(cap, "ann.client01.1")
        [frame] = await cap.scope(SCOPE).log(before) or []
        [[op, events]] = json.loads(frame.split(b"\n", 1)[1])["tx"]
        assert op == "ann.client01.1"
        assert [(event[0], event[1]) for event in events] == [
            ("retract", TASKS),
            ("publish", "members.ann.shipped"),
            ("publish", "chat"),
        ]

    run(test)


def test_jobs_of_a_batch_see_each_other_and_run_in_order(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        add = {"do": "add", "feed": TASKS, "id": "new", "attrs": {"title": "new"}}
        actions: list[dict[str, Any]] = [
            add,
            {**EDIT, "id": "new"},
            {"do": "move", "feed": TASKS, "id": "new", "position": {"first": True}},
            {**SHIP, "id": "new"},
        ]
        for number, action in enumerate(actions, 1):
            await put(cap, f"ann.client01.{number}", action)
        await put(cap, "ann.client01.5", {**SHIP, "id": "new"})
        async with working(cap):
            results = [await answer(cap, f"ann.client01.{number}") for number in range(1, 6)]
        assert [result["code"] for result in results] == [200, 200, 200, 200, 404]
        [shipped] = (await items(cap, "members.ann.shipped")).values()
        assert shipped["title"] == "edited"

    run(test)


def test_an_operation_that_was_applied_before_is_answered_as_done(run: Run) -> None:
    """A worker died between its commit and its report: the job comes again, and must not be refused what it did."""

    async def test(cap: Capsule) -> None:
        await seed(cap)
        edit = Edit(TASKS, "t0", json.dumps({"id": "t0", "title": "x", "owner": "bob"}), '{"owner":"bob"}')
        [outcome] = await cap.scope(SCOPE).commit([Transaction("ann.client01.1", [edit])])
        async with working(cap):
            await put(cap, "ann.client01.1", EDIT)
            result = await answer(cap, "ann.client01.1")
        assert (result["code"], result["id"]) == (200, outcome.event_id)
        assert (await items(cap, TASKS))["t0"]["title"] == "x"

    run(test)


def test_somebody_else_writing_in_between_leads_to_a_new_decision(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        async with working(cap) as worker:
            await put(cap, "ann.client01.1", EDIT)
            await answer(cap, "ann.client01.1")
            current = worker.inflated.current

            async def overtaken(name: str) -> Scope:
                held = await current(name)
                worker.inflated.current = current  # type: ignore[method-assign]
                taken = Edit(
                    TASKS, "t0", json.dumps({"id": "t0", "title": "x", "owner": "bob"}), '{"owner":"bob"}'
                )
                await cap.scope(SCOPE).commit([Transaction("other", [taken])])
                return held

            worker.inflated.current = overtaken  # type: ignore[method-assign]
            await put(cap, "ann.client01.2", {**EDIT, "attrs": {"title": "mine"}})
            assert (await answer(cap, "ann.client01.2"))["code"] == 403
        assert (await items(cap, TASKS))["t0"]["title"] == "x"

    run(test)


def test_a_lost_reply_to_the_commit_is_looked_up_not_repeated(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        from capsule.feeds.scope import Scope as Stored

        commit = Stored.commit
        lost: list[bool] = []

        async def losing(self: Any, transactions: Any, **options: Any) -> Any:
            outcome = await commit(self, transactions, **options)
            if not lost:
                lost.append(True)
                raise ConnectionLostError("the reply was lost")
            return outcome

        monkeypatch.setattr(Stored, "commit", losing)
        async with working(cap):
            await put(cap, "ann.client01.1", SHIP)
            assert (await answer(cap, "ann.client01.1"))["code"] == 200
        assert len(await items(cap, "members.ann.shipped")) == 1

    run(test)


def test_what_was_committed_is_not_refused_because_the_store_went_away_for_long_after_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capsule.worker.worker.PAUSE", 0.001)

    async def test(cap: Capsule) -> None:
        await seed(cap)
        from capsule.feeds.scope import Scope as Stored

        commit, lookup = Stored.commit, Stored.lookup
        lost: list[str] = []

        async def losing(self: Any, transactions: Any, **options: Any) -> Any:
            await commit(self, transactions, **options)
            lost.append("commit")
            raise ConnectionLostError("the reply was lost")

        async def away(self: Any, operations: Any) -> Any:
            if 0 < len(lost) < 3 * TRIES:
                lost.append("lookup")
                raise ConnectionLostError("nobody is there")
            return await lookup(self, operations)

        monkeypatch.setattr(Stored, "commit", losing)
        monkeypatch.setattr(Stored, "lookup", away)
        async with working(cap):
            await put(cap, "ann.client01.1", SHIP)
            assert (await answer(cap, "ann.client01.1"))["code"] == 200
        assert lost.count("lookup") > TRIES
        assert len(await items(cap, "members.ann.shipped")) == 1

    run(test)


def test_forged_jobs_are_answered_and_their_neighbours_go_on(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        forged: list[tuple[dict[str, Any], int]] = [
            ({**EDIT, "attrs": {"id": "z"}}, 422),
            ({**EDIT, "attrs": {"owner": "bob"}}, 422),
            ({**EDIT, "user": "ann"}, 422),
            ({"do": "drop"}, 422),
            ({**EDIT, "feed": "members.bob.zzz"}, 404),
            ({"do": "add", "feed": TASKS, "id": "x", "attrs": {"title": "y" * 141}}, 422),
            ({"do": "add", "feed": TASKS, "id": "end", "attrs": {"title": "y"}}, 422),
            ({"do": "call", "feed": TASKS, "id": "t0", "method": "remove", "args": []}, 403),
        ]
        async with working(cap):
            for number, (action, _) in enumerate(forged, 1):
                await put(cap, f"ann.client01.{number}", action)
            await put(cap, "ann.client01.99", EDIT)
            codes = [(await answer(cap, f"ann.client01.{n}"))["code"] for n in range(1, len(forged) + 1)]
            assert (await answer(cap, "ann.client01.99"))["code"] == 200
        assert codes == [code for _, code in forged]

    run(test)


def test_a_scope_of_another_type_does_not_exist(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        async with working(cap):
            await put(cap, "ann.client01.1", EDIT, scope="task.t0")
            assert (await answer(cap, "ann.client01.1"))["code"] == 404
            await put(cap, "ann.client01.2", EDIT, scope="team.nowhere")
            assert (await answer(cap, "ann.client01.2"))["code"] == 404

    run(test)


def test_a_bug_of_the_application_is_answered_500_and_logged(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Any) -> None:
        raise RuntimeError("a bug of the application")

    monkeypatch.setattr(Task, "ship", broken)

    async def test(cap: Capsule) -> None:
        await seed(cap)
        async with working(cap):
            await put(cap, "ann.client01.1", SHIP)
            assert (await answer(cap, "ann.client01.1"))["code"] == 500
            await put(cap, "ann.client01.2", EDIT)
            assert (await answer(cap, "ann.client01.2"))["code"] == 200

    with caplog.at_level(logging.ERROR, "capsule.worker"):
        run(test)
    assert "a bug of the application" in caplog.text


def test_two_workers_share_the_scopes_and_the_result_is_the_same(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap, tasks=40)
        async with working(cap), working(cap):
            for number in range(40):
                await put(cap, f"ann.client01.{number + 1}", {**SHIP, "id": f"t{number}"})
            for number in range(40):
                assert (await answer(cap, f"ann.client01.{number + 1}"))["code"] == 200
        assert len(await items(cap, "members.ann.shipped")) == 40
        assert await items(cap, TASKS) == {}

    run(test)


def test_what_a_worker_holds_is_what_is_stored(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        async with working(cap) as worker:
            for number in range(1, 30):
                action = [
                    {**EDIT, "attrs": {"title": f"x{number}"}},
                    {
                        "do": "add",
                        "feed": TASKS,
                        "id": f"n{number}",
                        "attrs": {"title": "n"},
                        "position": {"before": "t1"},
                    },
                ]
                await put(cap, f"ann.client01.{number}", action[number % 2])
            await answer(cap, "ann.client01.29")
            held = worker.inflated.scopes[SCOPE]
        stored = Scope(Team, SCOPE)
        stored.load((await cap.scope(SCOPE).snapshot()).parsed())
        assert held.root.xport() == stored.root.xport()
        assert held.eventId == stored.eventId

    run(test)


def test_stop_finishes_what_is_claimed(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        for number in range(1, 20):
            await put(cap, f"ann.client01.{number}", {**EDIT, "attrs": {"title": f"x{number}"}})
        async with working(cap) as worker:
            await asyncio.sleep(0)
            while not worker.done:
                await asyncio.sleep(0.001)
        assert worker.done == 19

    run(test)
