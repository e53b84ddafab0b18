from typing import Any

from capsule.shared import Collection, Model


class Task(Model):
    type = "task"


class Tasks(Collection):
    model = Task


class Member(Model):
    type = "member"
    collections = {"tasks": Tasks}


class Members(Collection):
    model = Member


class Team(Model):
    type = "team"
    collections = {"members": Members}
    members: Members


def team(key: str) -> Any:
    return Team({"id": key, "members": [{"id": "m", "tasks": [{"id": "t"}]}]})


def test_what_is_added_is_found_with_all_below_it_and_what_is_removed_is_not() -> None:
    root = team("1")
    assert root.modelGetter("task", "t").id == "t"
    root.members.add({"id": "n", "tasks": [{"id": "u"}]})
    assert root.modelGetter("task", "u").parent is root.modelGetter("member", "n")
    gone = root.members.remove("n")
    assert [root.modelGetter("task", "u"), root.modelGetter("member", "n")] == [None, None]
    assert gone.modelGetter("task", "u").id == "u"
    root.members.reset([{"id": "o"}])
    assert [
        root.modelGetter("member", "m"),
        root.modelGetter("task", "t"),
        root.modelGetter("member", "o").id,
    ] == [
        None,
        None,
        "o",
    ]


def test_one_roots_models_are_unknown_to_another() -> None:
    one, two = team("1"), team("2")
    assert one.modelGetter("task", "t") is not two.modelGetter("task", "t")
    one.members.at(0).tasks.add({"id": "secret"})
    assert two.modelGetter("task", "secret") is None
    assert one.modelGetter("team", "2") is None


def test_it_follows_changes_of_ids() -> None:
    root = team("1")
    task = root.modelGetter("task", "t")
    task.set({"id": "z"})
    root.set({"id": "9"})
    assert [root.modelGetter("task", "t"), root.modelGetter("task", "z"), root.modelGetter("team", "9")] == [
        None,
        task,
        root,
    ]


def test_of_two_models_with_one_id_removing_one_leaves_the_other() -> None:
    root = team("1")
    root.members.add({"id": "n", "tasks": [{"id": "t"}]})
    first = root.modelGetter("task", "t")
    root.members.remove("m")
    second = root.modelGetter("task", "t")
    assert [second.parent.id, first is second] == ["n", False]


def test_ids_and_types_may_have_any_name() -> None:
    root = team("1")
    assert root.modelGetter("constructor", "__proto__") is None
    root.members.add({"id": "__proto__"})
    assert root.modelGetter("member", "__proto__").id == "__proto__"
