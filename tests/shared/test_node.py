from typing import Any

import pytest

from capsule.shared import Collection, DeclarationError, Model, ModelError, Operation, PropError


class Task(Model):
    type = "task"
    props = {"title": "string", "tags": "list", "owner": {"type": "ref", "to": "member"}}
    session = {"selected": "boolean"}
    derived = {"loud": {"deps": ["title"], "fn": lambda task: (task.get("title") or "").upper()}}


class Tasks(Collection):
    model = Task


class Address(Model):
    props = {"city": "string", "zip": "string"}


class Profile(Model):
    type = "profile"
    props = {"bio": "string"}
    children = {"address": Address}
    address: Address


class Member(Model):
    type = "member"
    props = {"name": "string"}
    children = {"profile": Profile}
    collections = {"tasks": Tasks}
    derived = {"where": {"deps": ["name", "profile.address.city"], "fn": "whereabouts"}}
    profile: Profile
    tasks: Tasks

    def whereabouts(self) -> str:
        return f"{self.get('name')} in {self.profile.address.get('city')}"


class Members(Collection):
    model = Member


class Team(Model):
    type = "team"
    collections = {"members": Members}
    members: Members


DATA: dict[str, Any] = {
    "id": "7",
    "name": "andyet",
    "members": [
        {
            "id": "ann",
            "name": "Ann",
            "profile": {"bio": "hi", "address": {"city": "Kiev"}},
            "tasks": [{"id": "t1", "title": "one"}, {"id": "t2", "title": "two", "owner": "ann"}],
        },
        {"id": "bob", "profile": {"address": {}}, "tasks": []},
    ],
}


def team() -> Any:
    return Team(DATA)


def published(root: Any) -> list[Any]:
    heard: list[Any] = []
    root.on("publish", heard.append)
    return heard


# -- the tree


def test_nested_data_makes_children_and_collections_that_know_their_parents() -> None:
    root = team()
    ann = root.members.get("ann")
    task = ann.tasks.get("t1")
    assert [ann.parent, ann.tasks.parent, task.parent, task.collection] == [root, ann, ann, ann.tasks]
    assert [ann.profile.parent, ann.profile.address.root, task.root, root.root, root.parent] == [
        ann,
        root,
        root,
        root,
        None,
    ]
    assert [ann.childModels(), ann.childCollections(), ann.childCollection("zip")] == [
        [ann.profile],
        [ann.tasks],
        None,
    ]


def test_initialize_sees_its_children() -> None:
    seen: list[Any] = []

    class Child(Member):
        def initialize(self) -> None:
            seen.append([self.tasks.length, self.profile.get("bio"), self.tasks.parent is self])

    Child(DATA["members"][0])
    assert seen == [[2, "hi", True]]


def test_setting_nested_data_updates_children_in_place() -> None:
    ann = team().members.get("ann")
    profile, task = ann.profile, ann.tasks.get("t1")
    ann.set({"profile": {"bio": "new"}, "tasks": [{"id": "t1", "title": "ONE"}], "name": "A"})
    assert [ann.profile, ann.tasks.models, ann.get("profile")] == [profile, [task], None]
    assert [profile.get("bio"), profile.address.get("city"), task.get("title")] == ["new", "Kiev", "ONE"]
    ann.set({"profile": None, "tasks": None})
    assert [ann.profile, ann.tasks.length] == [profile, 1]
    with pytest.raises(PropError, match="takes a list, not a object"):
        ann.set({"tasks": {"id": "x"}})


def test_a_child_can_be_replaced_by_another_model() -> None:
    root = team()
    ann = root.members.get("ann")
    old = ann.profile
    heard: list[str] = []
    ann.on("all", lambda name, *rest: heard.append(name))
    events = published(root)
    new = Profile({"bio": "fresh"})
    ann.set({"profile": new})
    old.set("bio", "unheard")
    new.set("bio", "heard")
    assert ann.profile is new
    assert heard == ["change:profile", "change", "change:profile.bio", "change"]
    assert [event["changed"] for event in events] == [
        {"profile": {"bio": "fresh", "address": {}}},
        {"profile": {"bio": "heard", "address": {}}},
    ]
    with pytest.raises(ModelError, match="already part of another"):
        root.members.get("bob").set({"profile": new})


# -- events


def test_a_childs_changes_are_heard_on_its_owner_under_its_name() -> None:
    ann = team().members.get("ann")
    heard: list[Any] = []
    ann.on("change:profile.address.city", lambda model, value: heard.append([model, value]))
    ann.on("change", lambda model: heard.append(model))
    ann.profile.address.set("city", "Oslo")
    assert heard == [[ann.profile.address, "Oslo"], ann]


def test_derived_values_can_depend_on_a_childs() -> None:
    ann = team().members.get("ann")
    assert ann.get("where") == "Ann in Kiev"
    heard: list[Any] = []
    ann.on("change:where", lambda model, value: heard.append(value))
    ann.profile.address.set("city", "Oslo")
    ann.set("name", "A")
    assert heard == ["Ann in Oslo", "A in Oslo"]


def test_a_change_is_published_once_with_what_changed_and_what_was() -> None:
    root = team()
    events = published(root)
    task = root.members.get("ann").tasks.get("t1")
    task.set({"title": "new", "tags": ["a"], "selected": True})
    assert events == [
        {
            "event": "change",
            "model": task,
            "changed": {"title": "new", "tags": ["a"]},
            "unset": [],
            "previous": {"title": "one"},
        }
    ]
    del events[:]
    task.set({"selected": False})
    task.set({"title": "new"})
    assert events == []
    task.unset("title")
    assert [events[0]["changed"], events[0]["unset"], events[0]["previous"]] == [
        {},
        ["title"],
        {"title": "new"},
    ]


def test_silent_changes_are_published_too_for_replicas_must_not_differ() -> None:
    root = team()
    events = published(root)
    root.set({"name": "x"}, {"silent": True})
    assert [event["changed"] for event in events] == [{"name": "x"}]


def test_publish_comes_before_listeners_and_in_the_order_of_the_deeds() -> None:
    root = team()
    order: list[Any] = []
    root.on("publish", lambda event: order.append(["publish", event["changed"]]))
    root.on("change:a", lambda: root.set("b", 1))
    root.on("change", lambda: order.append("change"))
    root.set("a", 1)
    assert order == [["publish", {"a": 1}], ["publish", {"b": 1}], "change"]


def test_publish_survives_a_listener_that_throws() -> None:
    root = team()
    events = published(root)

    def angry() -> None:
        raise ValueError("no")

    root.members.get("ann").on("change:name", angry)
    with pytest.raises(ValueError, match="no"):
        root.members.get("ann").set("name", "x")
    assert [event["changed"] for event in events] == [{"name": "x"}]


def test_a_grandchilds_change_is_told_as_one_of_the_item() -> None:
    root = team()
    events = published(root)
    ann = root.members.get("ann")
    ann.profile.address.set({"city": "Oslo", "zip": "1"})
    assert events == [
        {
            "event": "change",
            "model": ann,
            "changed": {"profile": {"bio": "hi", "address": {"city": "Oslo", "zip": "1"}}},
            "unset": [],
            "previous": {"profile": {"bio": "hi", "address": {"city": "Kiev"}}},
        }
    ]


def test_all_listeners_do_not_hear_publish() -> None:
    root = team()
    heard: list[str] = []
    root.on("all", lambda name, *rest: heard.append(name))
    root.set("x", 1)
    assert heard == ["change:x", "change"]


# -- ids and references


def test_model_getter_and_references() -> None:
    root = team()
    ann = root.members.get("ann")
    task = ann.tasks.get("t2")
    assert [root.modelGetter("task", "t2"), task.modelGetter("team", "7")] == [task, root]
    assert [
        root.modelGetter("task", "zip"),
        root.modelGetter("zip", "t2"),
        root.modelGetter("task", None),
    ] == [None] * 3
    assert task.getRef("owner") is ann
    with pytest.raises(ModelError, match="is not a ref"):
        task.getRef("title")


def test_an_id_stays_within_an_operation() -> None:
    root = team()
    ann = root.members.get("ann")
    root.operation = Operation("ann.client01.1", "ann", 5)
    with pytest.raises(PropError, match="keeps its id"):
        ann.set({"id": "other"})
    ann.set({"id": "ann", "name": "x"})
    assert [ann.newId(), ann.now(), root.newId()] == ["client01-1-1", 5, "client01-1-2"]
    root.operation = None
    with pytest.raises(RuntimeError, match="inside an operation"):
        ann.now()
    ann.set({"id": "other"})
    assert root.members.get("other") is ann


# -- declarations


def test_names_cannot_mean_two_things() -> None:
    class Shadowing(Model):
        children = {"trigger": Task}

    class Reserved(Model):
        collections = {"attributes": Tasks}

    class Both(Model):
        children = {"x": Task}
        collections = {"x": Tasks}

    class PropToo(Model):
        props = {"x": "string"}
        children = {"x": Task}

    class Private(Model):
        children = {"_x": Task}

    for cls in [Shadowing, Reserved, Both, PropToo, Private]:
        with pytest.raises(DeclarationError):
            cls()


def test_declarations_merge_over_the_bases() -> None:
    class Base(Model):
        props = {"a": "string"}
        collections = {"tasks": Tasks}

    class Sub(Base):
        props = {"b": {"type": "string", "default": "x"}}
        children = {"profile": Profile}

    sub: Any = Sub({"a": "1"})
    assert sub.xport() == {"a": "1", "b": "x", "profile": {"address": {}}, "tasks": []}
    with pytest.raises(PropError):
        Base({"b": "x"})
    assert isinstance(sub, Base)
