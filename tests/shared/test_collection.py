from typing import Any

import pytest

from capsule.shared import Collection, Model, Operation


class Task(Model):
    type = "task"
    props = {
        "title": {"type": "string", "required": True},
        "owner": {"type": "string", "required": True},
        "at": "time",
        "done": {"type": "boolean", "default": False},
    }
    clientEditable = ["title", "done"]
    clientAddable = ["title"]

    def stamp(self, user: str, now: int) -> None:
        self.set({"owner": user, "at": now})


class Tasks(Collection):
    model = Task
    sorted = True

    def canAdd(self, user: str, model: Any) -> Any:
        if model.collection is not self or model.parent is not self.parent or self.includes(model):
            raise AssertionError("A proposal has its place but is not in it yet.")
        return (user == model.get("owner") == self.parent.id) or self.deny("Only your own.")


class Log(Collection):
    model = Task

    def canAdd(self) -> bool:
        return True


class Member(Model):
    collections = {"tasks": Tasks, "log": Log}
    tasks: Tasks
    log: Log


def member() -> Any:
    root = Member({"id": "ann", "tasks": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]})
    root.operation = Operation("ann.client01.3", "ann", 1000)
    return root


def test_an_add_is_stamped_validated_asked_and_done() -> None:
    root = member()
    heard: list[str] = []
    root.on("publish", lambda event: heard.append(event["event"]))
    verdict = root.tasks.safeAdd({"title": "new"}, "ann", {"id": "n", "before": "b"})
    assert verdict.allowed
    assert [model.id for model in root.tasks] == ["a", "n", "b"]
    assert root.tasks.get("n").xport() == {
        "title": "new",
        "done": False,
        "id": "n",
        "owner": "ann",
        "at": 1000,
    }
    assert heard == ["add"]


def test_without_an_id_the_operation_makes_one() -> None:
    root = member()
    assert root.tasks.safeAdd({"title": "x"}, "ann").allowed
    assert root.tasks.last().id == "client01-3-1"
    root.operation = None
    assert root.tasks.safeAdd({"title": "x"}, "ann").field == "id"


@pytest.mark.parametrize(
    ("attrs", "user", "options", "code", "rule", "field"),
    [
        ({"title": "x"}, "bob", {"id": "n"}, 403, "canAdd", None),
        ({"title": "x"}, None, {"id": "n"}, 403, "user", None),
        ({"title": "x"}, "ann", {"id": "a"}, 409, "id", "id"),
        ({"title": "x"}, "ann", {"id": "a.b"}, 422, "id", "id"),
        ({"title": "x"}, "ann", {"id": ""}, 422, "id", "id"),
        ({"title": "x"}, "ann", {"id": 5}, 422, "id", "id"),
        ({"title": "x"}, "ann", {"id": None}, 422, "id", "id"),
        ({"title": "x"}, "ann", {"id": "x" * 65}, 422, "id", "id"),
        ({"title": "x", "id": "n"}, "ann", {"id": "n"}, 403, "clientAddable", "id"),
        ({"title": "x", "owner": "bob"}, "ann", {"id": "n"}, 403, "clientAddable", "owner"),
        ({"title": "x", "done": True}, "ann", {"id": "n"}, 403, "clientAddable", "done"),
        ({"title": "x", "zip": 1}, "ann", {"id": "n"}, 422, "clientAddable", "zip"),
        ({"title": 5}, "ann", {"id": "n"}, 422, "props", "title"),
        ({}, "ann", {"id": "n"}, 422, "validate", "title"),
        (None, "ann", {"id": "n"}, 422, "clientAddable", None),
        ([], "ann", {"id": "n"}, 422, "clientAddable", None),
        ({"title": "x"}, "ann", {"id": "n", "before": "zip"}, 422, "position", "position"),
        ({"title": "x"}, "ann", {"id": "n", "at": 0}, 422, "options", "at"),
        ({"title": "x"}, "ann", {"id": "n", "first": True, "last": True}, 422, "position", "position"),
        ({"title": "x"}, "ann", [], 422, "options", None),
        ({"title": "x"}, "ann", {"id": "n", "silent": True}, 422, "options", "silent"),
    ],
)
def test_a_refused_add_names_its_reason_and_leaves_no_trace(
    attrs: Any, user: Any, options: Any, code: int, rule: str, field: str | None
) -> None:
    root = member()
    heard: list[str] = []
    root.tasks.on("all", heard.append)
    root.on("publish", heard.append)
    verdict = root.tasks.safeAdd(attrs, user, options)
    assert [verdict.allowed, verdict.code, verdict.rule, verdict.field] == [False, code, rule, field]
    assert [heard, root.tasks.length, root.modelGetter("task", "n")] == [[], 2, None]


def test_an_unsorted_collection_grows_at_the_end() -> None:
    root = member()
    verdict = root.log.safeAdd({"title": "x"}, "ann", {"id": "n", "first": True})
    assert [verdict.code, verdict.rule] == [422, "sorted"]
    assert root.log.safeAdd({"title": "x"}, "ann", {"id": "n", "last": True}).allowed


def test_can_add_with_and_without_attributes() -> None:
    root = member()
    assert root.tasks.can("add", "ann").allowed
    assert root.tasks.can("add", "ann", {"title": "x"}).allowed
    assert root.tasks.can("add", "ann", {"title": 5}).code == 422
    verdict = root.tasks.can("add", "bob")
    assert [verdict.code, verdict.sentence, root.tasks.length] == [403, "Only your own.", 2]
    root.operation = None
    assert root.tasks.can("add", "ann", {"title": "x"}, {"id": "n"}).allowed
    assert root.tasks.can("fly", "ann").code == 422


def test_a_refused_model_listens_to_nothing_any_more() -> None:
    class Listening(Model):
        clientEditable = ["x"]

        def initialize(self) -> None:
            self.listenTo(self.parent, "ping", lambda: None)

    class Listenings(Collection):
        model = Listening

    class Root(Model):
        collections = {"items": Listenings}
        items: Listenings

    root = Root()
    assert not root.items.safeAdd({"x": 1}, "ann", {"id": "n"}).allowed
    assert not root._listeners


def test_a_factory_s_model_is_asked_for_its_own_whitelist() -> None:
    class Note(Model):
        clientEditable = ["kind", "text"]

    class Zoo(Collection):
        def model(self, attrs: Any, options: Any) -> Any:
            return Note(attrs, options) if attrs.get("kind") == "note" else Task(attrs, options)

        def canAdd(self) -> bool:
            return True

    zoo = Zoo()
    assert zoo.safeAdd({"kind": "note", "text": "x"}, "ann", {"id": "n"}).allowed
    assert zoo.safeAdd({"kind": "note", "zip": "x"}, "ann", {"id": "m"}).field == "zip"
    assert zoo.safeAdd({"title": "x", "owner": "bob"}, "ann", {"id": "m"}).field == "owner"
    assert [model.id for model in zoo] == ["n"]


class Link:
    def __init__(self) -> None:
        self.asked: list[Any] = []

    def newId(self) -> str:
        return "fresh"

    def request(self, action: Any) -> str:
        self.asked.append(action)
        return "pending"


def test_add_server_asks_the_link() -> None:
    root = member()
    with pytest.raises(RuntimeError, match="not connected"):
        root.tasks.addServer({"title": "x"})
    with pytest.raises(RuntimeError, match="not part of a tree"):
        Tasks().addServer({"title": "x"})
    root.link = Link()
    assert root.tasks.addServer({"title": "x"}) == "pending"
    root.tasks.addServer({"title": "y"}, {"first": True})
    assert root.link.asked == [
        {"do": "add", "feed": "tasks", "id": "fresh", "attrs": {"title": "x"}},
        {"do": "add", "feed": "tasks", "id": "fresh", "attrs": {"title": "y"}, "position": {"first": True}},
    ]
    assert root.tasks.length == 2


def test_models_ask_the_link_too() -> None:
    root = member()
    task = root.tasks.get("a")
    with pytest.raises(RuntimeError, match="not connected"):
        task.setServer({"title": "x"})
    root.link = Link()
    task.setServer({"title": "x"})
    task.toggleServer("done")
    task.deleteServer()
    task.moveServer({"last": True})
    task.callServerMethod("finish", 1, 2)
    place = {"feed": "tasks", "id": "a"}
    assert root.link.asked == [
        {"do": "edit", "attrs": {"title": "x"}, **place},
        {"do": "edit", "attrs": {"done": True}, **place},
        {"do": "delete", **place},
        {"do": "move", "position": {"last": True}, **place},
        {"do": "call", "method": "finish", "args": [1, 2], **place},
    ]
    assert task.get("done") is False
