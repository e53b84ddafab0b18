from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from capsule.shared.recorder import Recorder
from tests.shared.team import ids, tasks, team


def shape(root: Any) -> Any:
    return root.xport()


def test_undo_restores_values_membership_and_order_with_the_same_instances() -> None:
    scope = team()
    before = shape(scope.root)
    b = tasks(scope).get("b")
    recorder = Recorder(scope.root)
    b.set({"title": "changed", "createdAt": 7})
    tasks(scope).remove(b)
    tasks(scope).moveItem("d", {"first": True})
    scope.root.chat.add({"id": "m1", "text": "hello"})
    recorder.undo()
    assert shape(scope.root) == before
    assert tasks(scope).get("b") is b
    assert ids(tasks(scope)) == ["a", "b", "c", "d"]


def test_what_happens_after_stop_is_not_recorded() -> None:
    scope = team()
    recorder = Recorder(scope.root)
    recorder.stop()
    tasks(scope).get("a").set({"title": "later"})
    assert recorder.events == []
    recorder.undo()
    assert tasks(scope).get("a").get("title") == "later"


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 30))
def test_any_walk_can_be_undone(random: Random, steps: int) -> None:
    scope = team()
    before = shape(scope.root)
    recorder = Recorder(scope.root)
    for step in range(steps):
        collection = tasks(scope)
        kind = random.randrange(5)
        key = random.choice(ids(collection)) if collection.models else None
        if kind == 0 or key is None:
            collection.add(
                {"id": f"n{step}", "title": "new"}, {"at": random.randrange(len(collection.models) + 1)}
            )
        elif kind == 1:
            collection.remove(key)
        elif kind == 2:
            collection.moveItem(key, {"at": random.randrange(len(collection.models))})
        elif kind == 3:
            collection.get(key).set({"title": f"title {step}"})
        else:
            collection.get(key).unset("createdAt")
    recorder.undo()
    assert shape(scope.root) == before
