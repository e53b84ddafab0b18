"""A thousand random operations over the example's models: CPython and the compiled bundle must agree on everything."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from capsule.shared.actions import perform
from capsule.shared.scope import Scope
from capsule.shared.transaction import Transaction
from capsule.shared.verdict import Operation
from examples.bang.models import Team
from tests.parity.node import run_node

STEPS = 1000
USERS = ["ann", "bob", "cy", "", "mallory"]
SNAPSHOT: dict[str, Any] = {
    "id": "1-7",
    "feeds": [
        [".", ["andyet", {"id": "andyet", "name": "&yet"}]],
        ["members", [part for user in USERS[:3] for part in (user, {"id": user, "name": user.title()})]],
        ["members.ann.tasks", ["t1", {"id": "t1", "title": "one", "owner": "ann", "createdAt": 5}]],
    ],
}
TITLES: list[Any] = [
    "Ship it",
    "",
    "  ",
    "ünï ☃ 😀",
    "x" * 141,
    7,
    7.5,
    True,
    None,
    ["a"],
    {"a": 1},
    "2",
    "__proto__",
    "\ud800",
]
KEYS = [
    "title",
    "title",
    "title",
    "owner",
    "id",
    "name",
    "text",
    "kind",
    "__proto__",
    "constructor",
    "activeTask",
]
METHODS = ["ship", "ship", "activate", "deactivate", "set", "constructor", "canEdit", "nothing"]


def a_position(random: Random, ids: list[str]) -> dict[str, Any]:
    return random.choice(
        [{}, {"first": True}, {"last": True}, {"before": random.choice(ids)}, {"after": random.choice(ids)}]
    )


def an_action(random: Random, root: Any, step: int) -> dict[str, Any]:
    member = random.choice(["ann", "bob", "cy", "nobody"])
    feed = random.choice(
        [f"members.{member}.tasks"] * 5 + [f"members.{member}.shipped", "members", "chat", ".", "zzz"]
    )
    ids = ["t1", "zzz", "andyet", member]
    for person in root.members.models:
        ids += person.tasks.pluck("id") + person.shipped.pluck("id")
    ids += root.chat.pluck("id")[-5:]
    attrs = {random.choice(KEYS): random.choice(TITLES) for _ in range(random.choice([1, 1, 1, 2, 0]))}
    do = random.choice(["edit", "add", "add", "add", "delete", "move", "move", "call", "call"])
    action: dict[str, Any] = {"do": do, "feed": feed, "id": random.choice(ids)}
    if do == "edit":
        action["attrs"] = attrs
    elif do == "add":
        good = {"text": "hello"} if feed == "chat" else {"title": f"task {step}"}
        action["attrs"] = good if random.random() < 0.7 else attrs
        action["id"] = f"new-{step}" if random.random() < 0.9 else action["id"]
        action["position"] = a_position(random, ids)
    elif do == "move":
        action["position"] = a_position(random, ids)
    elif do == "call":
        action["method"] = random.choice(METHODS)
        action["args"] = random.choice([[], [], [], ["extra"], [1, 2]])
    return action


def owner_of(random: Random, action: dict[str, Any]) -> str:
    """Mostly the one who may, so that most operations do something."""
    parts = action["feed"].split(".")
    if len(parts) == 3 and random.random() < 0.8:
        return str(parts[1])
    return random.choice(USERS)


def trace_python(random: Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    scope = Scope(Team, "team.andyet")
    scope.load(json.loads(json.dumps(SNAPSHOT)))
    events: list[Any] = []

    def watch(collection: Any) -> None:
        path = collection.path
        collection.on(
            "all", lambda name, model=None, *rest: events.append([path, name, getattr(model, "id", None)])
        )

    scope.root.on("all", lambda name, *rest: events.append([".", name, None]))
    for collection in (scope.root.members, scope.root.chat):
        watch(collection)
    for member in scope.root.members.models:
        watch(member.tasks)
        watch(member.shipped)
    steps: list[dict[str, Any]] = []
    trace: list[dict[str, Any]] = []
    for number in range(1, STEPS + 1):
        action = an_action(random, scope.root, number)
        user = owner_of(random, action)
        step: dict[str, Any] = {"action": action, "op": f"{user}.client01.{number}", "user": user, "now": 1_000 + number}
        steps.append(json.loads(json.dumps(step)))
        events.clear()
        recorder = Transaction(scope.root)
        verdict = perform(scope, step["action"], Operation(step["op"], user, step["now"]))
        if not verdict.allowed:
            recorder.undo()
        recorder.stop()
        trace.append(
            json.loads(
                json.dumps(
                    {
                        "verdict": verdict.toJSON(),
                        "events": events,
                        "operations": recorder.operations,
                        "state": scope.root.xport(),
                    }
                )
            )
        )
    return steps, trace


@pytest.mark.parametrize("seed", [1, 2011])
def test_a_thousand_operations_have_no_difference(seed: int, bang_bundle: Path, tmp_path: Path) -> None:
    steps, expected = trace_python(Random(seed))
    got = run_node("bang_trace.mjs", bang_bundle, {"snapshot": SNAPSHOT, "steps": steps}, tmp_path)
    for number, (python, javascript) in enumerate(zip(expected, got, strict=True)):
        assert javascript == python, f"step {number}: {steps[number]}"
    allowed = sum(entry["verdict"]["allowed"] for entry in expected)
    assert STEPS * 0.2 < allowed < STEPS * 0.8, "the walk must do things, and be refused things"
