from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from capsule.shared.transaction import Transaction
from tests.shared.simulation import event
from tests.shared.team import ids, tasks, team


def test_several_changes_of_an_item_are_one_edit_that_publishes_only_what_changed() -> None:
    scope = team()
    recorder = Transaction(scope.root)
    a = tasks(scope).get("a")
    a.set({"title": "one"})
    a.set({"title": "two", "createdAt": 5})
    a.unset("createdAt")
    assert recorder.operations == [
        {
            "verb": "edit",
            "feed": "members.ann.tasks",
            "id": "a",
            "item": a.itemJSON(),
            "changes": {"title": "two"},
            "unset": ["createdAt"],
        }
    ]


def test_a_change_of_what_was_just_added_is_part_of_the_publish() -> None:
    scope = team()
    recorder = Transaction(scope.root)
    added = tasks(scope).add({"id": "e", "title": "E"}, {"at": 1})
    added.set({"title": "E2"})
    [operation] = recorder.operations
    assert (operation["verb"], operation["position"], operation["sorted"]) == ("publish", "a:", True)
    assert operation["item"]["title"] == "E2"


def test_a_model_brings_what_is_nested_in_it_parents_first() -> None:
    scope = team()
    recorder = Transaction(scope.root)
    scope.root.members.add({"id": "cy", "name": "Cy", "tasks": [{"id": "x", "title": "X"}]})
    scope.root.members.get("cy").tasks.add({"id": "y", "title": "Y"})
    assert [(entry["feed"], entry["id"]) for entry in recorder.operations] == [
        ("members", "cy"),
        ("members.cy.tasks", "x"),
        ("members.cy.tasks", "y"),
    ]
    assert "tasks" not in recorder.operations[0]["item"]


def test_shipping_is_three_operations_of_one_transaction() -> None:
    scope = team()
    scope.root.members.get("ann").set({"activeTask": "a"})
    from capsule.shared.actions import perform
    from capsule.shared.verdict import Operation

    recorder = Transaction(scope.root)
    action = {"do": "call", "feed": "members.ann.tasks", "id": "a", "method": "ship", "args": []}
    assert perform(scope, action, Operation("ann.client01.1", "ann", 99)).allowed
    assert [(entry["verb"], entry["feed"]) for entry in recorder.operations] == [
        ("edit", "members"),
        ("retract", "members.ann.tasks"),
        ("publish", "members.ann.shipped"),
        ("publish", "chat"),
    ]
    assert [entry["id"] for entry in recorder.operations[2:]] == ["client01-1-1", "client01-1-2"]


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 25))
def test_the_operations_rebuild_the_state_elsewhere(random: Random, steps: int) -> None:
    scope, mirror = team(), team()
    recorder = Transaction(scope.root)
    for step in range(steps):
        walk(scope, random, step)
    events = [event(operation) for operation in recorder.operations]
    for entry in events:
        mirror.applyEvent(entry)
    assert mirror.root.xport() == scope.root.xport()


def walk(scope: Any, random: Random, step: int) -> None:
    collection = tasks(scope)
    key = random.choice(ids(collection)) if collection.models else None
    kind = random.randrange(5)
    if kind == 0 or key is None:
        key = f"n{step}" if random.random() < 0.7 else "a"
        if collection.get(key) is None:
            collection.add({"id": key, "title": "new"}, {"at": random.randrange(len(collection.models) + 1)})
    elif kind == 1:
        collection.remove(key)
    elif kind == 2:
        collection.moveItem(key, {"at": random.randrange(len(collection.models))})
    elif kind == 3:
        collection.get(key).set({"title": f"title {step}", "createdAt": step})
    else:
        collection.get(key).unset("createdAt")
