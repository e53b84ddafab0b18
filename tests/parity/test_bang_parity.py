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
VALUES: list[Any] = [
    *("Ship it", "", "  ", "ünï ☃ 😀", "x" * 141, "2", "__proto__", "\ud800", "text"),
    *(7, 7.5, -0.0, 2**53, True, None, ["a"], {"a": 1}),
]
KEYS = [
    "title",
    "owner",
    "id",
    "name",
    "text",
    "kind",
    "__proto__",
    "constructor",
    "activeTask",
    "tasks",
    "zzz",
]
METHODS = ["ship", "activate", "deactivate", "set", "constructor", "canEdit", "nothing", "toString"]


def a_position(random: Random, ids: list[str]) -> dict[str, Any]:
    return random.choice(
        [{}, {"first": True}, {"last": True}, {"before": random.choice(ids)}, {"after": random.choice(ids)}]
    )


def sensible(random: Random, root: Any, step: int) -> dict[str, Any]:
    """What a page would ask for."""
    member = random.choice(root.members.models)
    if random.random() < 0.1:
        return {"do": "add", "feed": "chat", "id": f"chat-{step}", "attrs": {"text": f"hello {step}"}}
    feed = member.tasks.path
    ids = member.tasks.pluck("id")
    do = random.choice(["edit", "edit", "add", "add", "move", "move", "delete", "call", "call"])
    if do == "add" or not ids:
        position = a_position(random, ids) if ids else {}
        return {
            "do": "add",
            "feed": feed,
            "id": f"new-{step}",
            "attrs": {"title": f"task {step}"},
            "position": position,
        }
    action: dict[str, Any] = {"do": do, "feed": feed, "id": random.choice(ids)}
    if do == "edit":
        action["attrs"] = {"title": random.choice([f"title {step}", "ünï ☃ 😀", "same"])}
    elif do == "move":
        action["position"] = a_position(random, ids)
    elif do == "call":
        action |= {"method": random.choice(["ship", "activate", "deactivate"]), "args": []}
    return action


def wild(random: Random, root: Any, step: int) -> dict[str, Any]:
    """What nobody should ask for, and somebody will."""
    member = random.choice(["ann", "bob", "cy", "nobody"])
    places = [
        f"members.{member}.tasks",
        f"members.{member}.shipped",
        "members",
        "chat",
        ".",
        "zzz",
        "members.ann.get",
    ]
    ids = ["t1", "zzz", "andyet", member, "constructor", "__proto__"]
    for person in root.members.models:
        ids += person.tasks.pluck("id") + person.shipped.pluck("id")[-3:]
    ids += root.chat.pluck("id")[-3:]
    action: dict[str, Any] = {
        "do": random.choice(["edit", "add", "delete", "move", "call"]),
        "feed": random.choice(places),
        "id": random.choice(ids),
    }
    if action["do"] in ("edit", "add"):
        keys = random.sample(KEYS, random.choice([0, 1, 1, 2]))
        action["attrs"] = {key: random.choice(VALUES) for key in keys}
    if action["do"] in ("add", "move"):
        action["position"] = a_position(random, ids)
    if action["do"] == "call":
        action |= {"method": random.choice(METHODS), "args": random.choice([[], [], ["extra"], [1, [2]]])}
    return action


def a_step(random: Random, root: Any, number: int) -> dict[str, Any]:
    action = sensible(random, root, number) if random.random() < 0.6 else wild(random, root, number)
    parts = action["feed"].split(".")
    owner = parts[1] if len(parts) == 3 else "ann"
    user = owner if random.random() < 0.8 else random.choice(USERS)
    return {"action": action, "op": f"{user}.client01.{number}", "user": user, "now": 1_000 + number}


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
        step = a_step(random, scope.root, number)
        steps.append(json.loads(json.dumps(step)))
        events.clear()
        recorder = Transaction(scope.root)
        verdict = perform(scope, step["action"], Operation(step["op"], step["user"], step["now"]))
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
