"""A node's data, out and in: xport, itemJSON, mport, patch, clone; the rest is in test_node.py."""

import json

import pytest

from capsule.shared import InputError
from tests.shared.test_node import DATA, Member, Team, published, team

# -- out and in


def test_xport_is_the_whole_subtree_and_mport_takes_it_back() -> None:
    root = team()
    assert root.xport() == DATA
    assert root.toJSON() == DATA
    assert json.loads(json.dumps(root.xport())) == DATA
    other = Team()
    other.mport(DATA)
    assert other.xport() == DATA


def test_item_json_leaves_out_collections_session_and_derived() -> None:
    ann = team().members.get("ann")
    task = ann.tasks.get("t1")
    task.set("selected", True)
    assert ann.itemJSON() == {
        "id": "ann",
        "name": "Ann",
        "profile": {"bio": "hi", "address": {"city": "Kiev"}},
    }
    assert task.itemJSON() == {"id": "t1", "title": "one"}


def test_mport_is_idempotent_and_keeps_identities_and_listeners() -> None:
    root = team()
    ann = root.members.get("ann")
    task = ann.tasks.get("t2")
    heard: list[str] = []
    for emitter in [root, ann, task, ann.tasks, ann.profile]:
        emitter.on("all", lambda name, *rest: heard.append(name))
    root.mport(DATA)
    assert [name for name in heard if name != "update"] == []
    data = json.loads(json.dumps(DATA))
    data["members"][0]["tasks"][1]["title"] = "changed"
    root.mport(data)
    assert [root.members.get("ann"), ann.tasks.get("t2"), task.get("title")] == [ann, task, "changed"]
    assert "change:title" in heard


def test_mport_is_authoritative() -> None:
    root = team()
    root.set({"extra": 1})
    root.members.get("ann").set({"tasks": [{"id": "gone"}], "name": "old"})
    root.members.get("ann").tasks.get("gone").set("selected", True)
    root.members.add({"id": "zed"})
    data = {"id": "7", "members": [{"id": "bob"}, {"id": "ann", "tasks": [{"id": "t2"}, {"id": "t1"}]}]}
    root.mport(data)
    assert root.xport() == {
        "id": "7",
        "members": [
            {"id": "bob", "profile": {"address": {}}, "tasks": []},
            {"id": "ann", "profile": {"address": {}}, "tasks": [{"id": "t2"}, {"id": "t1"}]},
        ],
    }
    root.mport({})
    assert root.xport() == {"members": []}


def test_mport_keeps_session_state_and_unknown_properties() -> None:
    root = team()
    task = root.members.get("ann").tasks.get("t1")
    task.set("selected", True)
    data = json.loads(json.dumps(DATA))
    data["members"][0]["tasks"][0]["fromTheFuture"] = {"x": 1}
    root.mport(data)
    assert task.get("selected") is True
    assert root.xport() == data


def test_a_refused_mport_changes_nothing() -> None:
    root = team()
    events = published(root)
    with pytest.raises(InputError) as caught:
        root.mport({"id": "7", "name": "x", "members": [{"id": "ann", "name": "changed"}, {"id": "a.b"}]})
    assert [caught.value.code, caught.value.field] == [422, "Team.members[1]"]
    assert [root.xport(), events] == [DATA, []]


def test_patch_changes_and_unsets_in_one_event() -> None:
    root = team()
    ann = root.members.get("ann")
    heard: list[str] = []
    ann.on("all", lambda name, *rest: heard.append(name))
    profile = ann.profile
    ann.patch({"profile": {"bio": "x"}, "newer": 1}, ["name", "tasks"])
    assert ann.itemJSON() == {"id": "ann", "newer": 1, "profile": {"bio": "x", "address": {}}}
    assert [ann.profile is profile, ann.tasks.length, heard.count("change:name"), heard[-1]] == [
        True,
        2,
        1,
        "change",
    ]


def test_clone_copies_the_content_and_belongs_to_nothing() -> None:
    ann = team().members.get("ann")
    copy = ann.clone()
    assert [copy.xport(), copy.collection, copy.parent] == [ann.xport(), None, None]
    copy.tasks.get("t1").set("title", "mine")
    assert ann.tasks.get("t1").get("title") == "one"
    assert type(copy) is Member


def test_a_listener_that_throws_leaves_no_snapshot_half_taken() -> None:
    root = team()
    bob = root.members.get("bob")

    def angry() -> None:
        raise ValueError("no")

    for emitter in [root, root.members, root.members.get("ann"), root.members.get("ann").tasks, bob.profile]:
        emitter.on("change add remove update sort", angry)
    data = {
        "id": "7",
        "name": "new",
        "members": [
            {"id": "zed", "profile": {"address": {}}, "tasks": []},
            {
                "id": "ann",
                "profile": {"bio": "new", "address": {}},
                "tasks": [{"id": "t9"}, {"id": "t2", "title": "x"}],
            },
        ],
    }
    with pytest.raises(ValueError, match="no"):
        root.mport(data)
    assert [member["id"] for member in root.xport()["members"]] == ["zed", "ann"]
    assert root.xport()["members"][1]["profile"] == {"bio": "new", "address": {}}
    assert root.members.get("ann").tasks.pluck("id") == ["t9", "t2"]
    with pytest.raises(ValueError, match="no"):
        root.members.get("ann").patch({"profile": {"bio": "newer"}, "name": "both"}, [])
    assert [root.members.get("ann").get("name"), root.members.get("ann").profile.get("bio")] == [
        "both",
        "newer",
    ]
    with pytest.raises(ValueError, match="no"):
        root.members.set([])
    assert root.members.length == 0
