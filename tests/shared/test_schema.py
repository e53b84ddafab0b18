from typing import Any

import pytest
from jsonschema import Draft202012Validator

from capsule.shared import Collection, Model
from capsule.shared.schema import addSchema, editSchema, snapshotSchema


class Task(Model):
    props = {
        "title": {"type": "string", "required": True, "min": 1, "max": 5},
        "owner": {"type": "ref", "to": "member", "required": True},
        "size": {"type": "string", "values": ["s", "m"], "default": "m"},
        "at": "time",
        "ratio": {"type": "number", "min": 0, "max": 1, "allowNull": True},
        "done": "boolean",
        "tags": {"type": "list", "max": 2},
        "extra": "object",
        "anything": "any",
        "level": {"type": "integer", "values": [0, 1], "allowNull": True},
    }
    session = {"selected": "boolean"}
    clientEditable = ["title", "size", "at", "ratio", "done", "tags", "extra", "anything", "level", "owner"]
    clientAddable = ["title", "size"]


class Tasks(Collection):
    model = Task


class Profile(Model):
    props = {"bio": "string"}


class Team(Model):
    props = {"name": "string"}
    children = {"profile": Profile}
    collections = {"tasks": Tasks}


class Comment(Model):
    pass


class Comments(Collection):
    model = Comment


Comment.collections = {"replies": Comments}


def valid(schema: dict[str, Any], data: Any) -> bool:
    Draft202012Validator.check_schema(schema)
    return bool(Draft202012Validator(schema).is_valid(data))


@pytest.mark.parametrize(
    "attrs",
    [
        {},
        {"title": "abc", "size": "s", "done": True},
        {"title": "\U0001f600" * 5},
        {"ratio": None, "at": 1.0, "tags": [1, "x"], "extra": {"a": 1}, "anything": [None], "level": None},
        {"owner": "ann"},
    ],
)
def test_what_safe_set_takes_the_edit_schema_takes(attrs: Any) -> None:
    assert valid(editSchema(Task), attrs)
    assert Allowing().safeSet(attrs, "ann").allowed


@pytest.mark.parametrize(
    "attrs",
    [
        None,
        [],
        "x",
        {"id": "x"},
        {"selected": True},
        {"zip": 1},
        {"__proto__": 1},
        {"title": ""},
        {"title": "abcdef"},
        {"title": 5},
        {"title": None},
        {"size": "l"},
        {"at": 1.5},
        {"at": 2**53},
        {"ratio": 1.5},
        {"ratio": True},
        {"done": 1},
        {"tags": [1, 2, 3]},
        {"tags": {}},
        {"extra": []},
        {"level": True},
        {"owner": "a.b"},
        {"owner": "ann\n"},
    ],
)
def test_what_the_edit_schema_refuses_safe_set_refuses(attrs: Any) -> None:
    assert not valid(editSchema(Task), attrs)
    assert not Allowing().safeSet(attrs, "ann").allowed


class Allowing(Task):
    def __init__(self) -> None:
        super().__init__({"title": "x", "owner": "ann"})

    def canEdit(self) -> bool:
        return True


def test_adding_requires_what_is_required_and_the_users_to_give() -> None:
    schema = addSchema(Task)
    assert schema["required"] == ["title"]
    assert valid(schema, {"title": "x", "size": "s"})
    for attrs in [
        {},
        {"title": "x", "done": True},
        {"title": "x", "owner": "ann"},
        {"title": "x", "id": "y"},
    ]:
        assert not valid(schema, attrs)


def test_without_an_own_list_the_editable_ones_can_be_added() -> None:
    class Note(Model):
        clientEditable = ["text"]

    assert valid(addSchema(Note), {"text": [1]})
    assert not valid(addSchema(Note), {"zip": 1})


def test_the_snapshot_schema_takes_what_xport_gives() -> None:
    schema = snapshotSchema(Team)
    team: Any = Team({"id": "7", "name": "x", "profile": {"bio": "hi"}})
    team.tasks.add({"id": "a", "title": "one", "selected": True, "tags": [1]})
    assert valid(schema, team.xport())
    for data in [
        [],
        {"name": 5},
        {"profile": []},
        {"tasks": {}},
        {"tasks": [{"title": "x"}]},
        {"tasks": [{"id": "a.b"}]},
        {"tasks": [{"id": "a", "done": "yes"}]},
    ]:
        assert not valid(schema, data)
    # A newer class may have stored more; an older one may have allowed more.
    assert valid(
        schema,
        {"tasks": [{"id": "a", "title": "longer than five", "newer": 1, "size": "xl", "owner": "ann"}]},
    )


def test_a_class_that_holds_itself_has_one_definition() -> None:
    schema = snapshotSchema(Comment)
    assert list(schema["$defs"]) == ["Comment"]
    assert valid(schema, {"id": "1", "replies": [{"id": "2", "replies": [{"id": "3", "replies": []}]}]})
    assert not valid(schema, {"id": "1", "replies": [{"id": "2", "replies": [{}]}]})
