import json
from typing import Any

import pytest

from capsule.feeds.operation import Edit, Move, Publish, Retract
from capsule.worker.evaluate import Answer, evaluate
from capsule.worker.validation import Schemas
from tests.shared.team import ids, tasks, team

SCHEMAS = Schemas()
TASKS = "members.ann.tasks"


def ask(scope: Any, user: str, **action: Any) -> Answer:
    data = {"user": user, "scope": "team.andyet", "action": action}
    return evaluate(scope, SCHEMAS, f"{user}.client01.1", json.dumps(data).encode(), 42)


def test_an_edit_stores_all_and_publishes_what_changed() -> None:
    scope = team()
    answer = ask(scope, "ann", do="edit", feed=TASKS, id="a", attrs={"title": "x"})
    assert answer.verdict.allowed
    [edit] = answer.operations
    assert isinstance(edit, Edit)
    assert json.loads(edit.changes) == {"title": "x"}
    assert json.loads(edit.item) == {"id": "a", "title": "x", "owner": "ann"}
    assert answer.size > 0


def test_each_kind_of_operation_has_its_form() -> None:
    scope = team()
    [published] = ask(
        scope, "ann", do="add", feed=TASKS, id="e", attrs={"title": "E"}, position={"after": "a"}
    ).operations
    assert isinstance(published, Publish)
    assert (published.position, published.kind) == ("a:", "sorted_feed")
    assert json.loads(published.item)["createdAt"] == 42
    [moved] = ask(scope, "ann", do="move", feed=TASKS, id="d", position={"first": True}).operations
    assert moved == Move(TASKS, "d", "begin:")
    [gone] = ask(scope, "ann", do="delete", feed=TASKS, id="b").operations
    assert gone == Retract(TASKS, "b")


def test_an_edit_that_changes_nothing_is_allowed_and_writes_nothing() -> None:
    answer = ask(team(), "ann", do="edit", feed=TASKS, id="a", attrs={"title": "A"})
    assert answer.verdict.allowed
    assert answer.operations == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"garbage", 422),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"user":"ann","scope":"team.andyet","action":{"do":"drop"}}', 422),
        (b'{"user":"ann","scope":"team.other","action":{"do":"delete","feed":"chat","id":"m"}}', 404),
        (b'{"user":"","scope":"team.andyet","action":{"do":"delete","feed":"chat","id":"m"}}', 422),
        (
            b'{"user":"ann","scope":"team.andyet","action":{"do":"delete","feed":"chat","id":"m"},"extra":1}',
            422,
        ),
    ],
)
def test_what_is_no_job_of_this_scope_is_refused(data: bytes, code: int) -> None:
    assert evaluate(team(), SCHEMAS, "ann.client01.1", data, 42).verdict.code == code


def test_a_refusal_leaves_the_models_as_they_were() -> None:
    scope = team()
    before = scope.root.xport()
    for action in (
        {"do": "edit", "feed": TASKS, "id": "a", "attrs": {"title": "x", "owner": "bob"}},
        {"do": "edit", "feed": TASKS, "id": "a", "attrs": {"id": "z"}},
        {"do": "add", "feed": TASKS, "id": "e", "attrs": {"title": ""}},
        {"do": "add", "feed": TASKS, "id": "a", "attrs": {"title": "taken"}},
        {"do": "move", "feed": TASKS, "id": "a", "position": {"before": "t3"}},
        {"do": "call", "feed": TASKS, "id": "a", "method": "set", "args": [{"title": "x"}]},
    ):
        answer = ask(scope, "ann", **action)
        assert not answer.verdict.allowed, action
        assert answer.operations == ()
        assert scope.root.xport() == before


def test_a_bug_of_the_application_is_a_500_and_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = team()
    before = scope.root.xport()

    def ship(self: Any) -> None:
        self.collection.remove(self)
        raise RuntimeError("a bug")

    monkeypatch.setattr("examples.bang.models.Task.ship", ship)
    answer = ask(scope, "ann", do="call", feed=TASKS, id="a", method="ship", args=[])
    assert answer.verdict.code == 500
    assert scope.root.xport() == before
    assert ids(tasks(scope)) == ["a", "b", "c", "d"]
