from typing import Any

import pytest

from capsule.shared.actions import perform
from capsule.shared.verdict import Operation
from tests.shared.team import ids, tasks, team

TASKS = "members.ann.tasks"


def do(scope: Any, user: str, **action: Any) -> Any:
    return perform(scope, action, Operation(f"{user}.client01.1", user, 42))


def test_each_action_is_the_safe_call_of_its_name() -> None:
    scope = team()
    assert do(scope, "ann", do="edit", feed=TASKS, id="a", attrs={"title": "x"}).allowed
    assert do(
        scope, "ann", do="add", feed=TASKS, id="e", attrs={"title": "E"}, position={"before": "a"}
    ).allowed
    assert do(scope, "ann", do="move", feed=TASKS, id="d", position={"first": True}).allowed
    assert do(scope, "ann", do="delete", feed=TASKS, id="b").allowed
    assert do(scope, "ann", do="call", feed=TASKS, id="c", method="activate", args=[]).allowed
    assert ids(tasks(scope)) == ["d", "e", "a", "c"]
    assert tasks(scope).get("e").get("createdAt") == 42
    assert tasks(scope).get("e").get("owner") == "ann"
    assert scope.root.members.get("ann").get("activeTask") == "c"
    assert scope.root.operation is None


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"do": "edit", "feed": TASKS, "id": "a", "attrs": {"title": "x"}}, 403),
        ({"do": "edit", "feed": TASKS, "id": "zzz", "attrs": {"title": "x"}}, 404),
        ({"do": "edit", "feed": "zzz", "id": "a", "attrs": {}}, 404),
        ({"do": "add", "feed": "zzz", "id": "a", "attrs": {}}, 404),
        ({"do": "add", "feed": TASKS, "id": "z", "attrs": {"title": "x"}}, 403),
        ({"do": "delete", "feed": ".", "id": "andyet"}, 403),
        ({"do": "call", "feed": TASKS, "id": "a", "method": "ship", "args": []}, 403),
        ({"do": "call", "feed": TASKS, "id": "a", "method": "set", "args": [{"title": "x"}]}, 403),
    ],
)
def test_a_refusal_changes_nothing_and_has_its_code(action: dict[str, Any], code: int) -> None:
    scope = team()
    before = scope.root.xport()
    verdict = do(scope, "bob", **action)
    assert (verdict.allowed, verdict.code) == (False, code)
    assert scope.root.xport() == before


def test_who_may_not_read_the_root_hears_404_of_everything() -> None:
    assert do(team(), "mallory", do="edit", feed=TASKS, id="a", attrs={"title": "x"}).code == 404


@pytest.mark.parametrize("user", ["", None])
def test_nobody_is_refused_before_any_rule(user: Any) -> None:
    verdict = perform(team(), {"do": "delete", "feed": TASKS, "id": "a"}, Operation("x.client01.1", user, 1))
    assert not verdict.allowed


def test_the_very_sentence_of_the_model_is_the_answer() -> None:
    verdict = do(team(), "bob", do="call", feed=TASKS, id="a", method="ship", args=[])
    assert verdict.sentence == "Only the owner may ship a task."
