import json

from capsule.feeds import Capsule, Edit, Transaction
from capsule.worker import inflated
from capsule.worker.inflated import Inflated
from examples.bang.models import Team
from tests.conftest import Run
from tests.worker.seeded import SCOPE, TASKS, seed


def edit(title: str) -> Edit:
    return Edit(
        TASKS, "t0", json.dumps({"id": "t0", "title": title, "owner": "ann"}), json.dumps({"title": title})
    )


def title(scope: object) -> str:
    return str(scope.root.members.get("ann").tasks.get("t0").get("title"))  # type: ignore[attr-defined]


def test_a_held_scope_is_brought_forward_by_the_log(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        scopes = Inflated(cap, {"team": Team})
        held = await scopes.current(SCOPE)
        await cap.scope(SCOPE).commit([Transaction("op1", [edit("one")])])
        await cap.scope(SCOPE).commit([Transaction("op2", [edit("two")])])
        assert await scopes.current(SCOPE) is held
        assert title(held) == "two"
        assert held.eventId == await cap.scope(SCOPE).last()

    run(test)


def test_a_scope_whose_log_is_gone_is_inflated_anew(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        scopes = Inflated(cap, {"team": Team})
        held = await scopes.current(SCOPE)
        held.eventId = "1-1"  # as after a power loss: an event that the server does not know
        renewed = await scopes.current(SCOPE)
        assert renewed is not held
        assert renewed.eventId == await cap.scope(SCOPE).last()

    run(test)


def test_a_dropped_scope_is_read_again(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await seed(cap)
        scopes = Inflated(cap, {"team": Team})
        held = await scopes.current(SCOPE)
        held.root.members.get("ann").tasks.get("t0").set({"title": "never committed"})
        scopes.drop(SCOPE)
        assert title(await scopes.current(SCOPE)) == "task 0"

    run(test)


def test_only_so_many_are_held(run: Run, monkeypatch: object) -> None:
    async def test(cap: Capsule) -> None:
        scopes = Inflated(cap, {"team": Team})
        for number in range(inflated.SCOPES_KEPT + 3):
            await scopes.current(f"team.{number}")
        assert len(scopes.scopes) == inflated.SCOPES_KEPT
        assert "team.0" not in scopes.scopes

    run(test)


def test_a_type_that_is_not_known_has_no_class(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scopes = Inflated(cap, {"team": Team})
        assert scopes.root_class("team.7") is Team
        assert scopes.root_class("task.7") is None

    run(test)
