"""A small team to do things to."""

from typing import Any

from capsule.shared.scope import Scope
from examples.bang.models import Team

FEEDS: list[Any] = [
    [".", ["andyet", {"id": "andyet", "name": "&yet"}]],
    ["members", ["ann", {"id": "ann", "name": "Ann"}, "bob", {"id": "bob", "name": "Bob"}]],
    [
        "members.ann.tasks",
        [part for key in "abcd" for part in (key, {"id": key, "title": key.upper(), "owner": "ann"})],
    ],
    ["members.bob.tasks", ["t3", {"id": "t3", "title": "three", "owner": "bob"}]],
    ["chat", []],
]


def team() -> Scope:
    scope = Scope(Team, "team.andyet")
    scope.load({"id": "3-9", "feeds": FEEDS})
    return scope


def tasks(scope: Scope) -> Any:
    return scope.root.members.get("ann").tasks


def ids(collection: Any) -> list[str]:
    return [model.id for model in collection.models]
