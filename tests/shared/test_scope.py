from typing import Any

import pytest

from capsule import Collection, Model
from capsule.shared.scope import Scope, nest
from capsule.shared.touched import Touched
from capsule.shared.transaction import Transaction
from examples.bang.models import Team
from tests.shared.simulation import event
from tests.shared.team import FEEDS, ids, tasks, team


def frame(version: int, *events: list[Any], prev: str | None = None) -> dict[str, Any]:
    before = f"{version - 1}-{9 if version == 4 else version - 1}" if prev is None else prev
    return {
        "verb": "event",
        "scope": "team.andyet",
        "id": f"{version}-{version}",
        "prev": before,
        "tx": [["op", list(events)]],
    }


def test_the_root_takes_its_id_from_the_scope() -> None:
    assert team().root.id == "andyet"


def test_load_builds_the_whole_tree_from_flat_feeds() -> None:
    scope = team()
    assert scope.eventId == "3-9"
    assert ids(scope.root.members) == ["ann", "bob"]
    assert ids(tasks(scope)) == ["a", "b", "c", "d"]


def test_load_is_authoritative_and_keeps_instances() -> None:
    scope = team()
    ann = scope.root.members.get("ann")
    b = tasks(scope).get("b")
    feeds = [FEEDS[0], FEEDS[1], ["members.ann.tasks", ["b", {"id": "b", "title": "new"}]]]
    scope.load({"id": "9-1", "feeds": feeds})
    assert scope.root.members.get("ann") is ann
    assert tasks(scope).get("b") is b
    assert b.get("title") == "new"
    assert ids(tasks(scope)) == ["b"]
    assert ids(scope.root.members.get("bob").tasks) == []


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (["publish", "members.ann.tasks", "e", {"id": "e", "title": "E"}, ":end"], "abcde"),
        (["publish", "members.ann.tasks", "e", {"id": "e", "title": "E"}, "begin:"], "eabcd"),
        (["publish", "members.ann.tasks", "e", {"id": "e", "title": "E"}, "b:"], "abecd"),
        (["publish", "members.ann.tasks", "e", {"id": "e", "title": "E"}, ":b"], "aebcd"),
        (["retract", "members.ann.tasks", "c"], "abd"),
        (["position", "members.ann.tasks", "d", "begin:"], "dabc"),
        (["position", "members.ann.tasks", "a", "c:"], "bcad"),
        (["position", "members.ann.tasks", "a", ":end"], "bcda"),
        (["position", "members.ann.tasks", "d", ":b"], "adbc"),
        (["retract", "members.ann.tasks", "gone"], "abcd"),
        (["publish", "members.nobody.tasks", "e", {"id": "e"}, ":end"], "abcd"),
        (["position", "zzz", "e", "begin:"], "abcd"),
    ],
)
def test_each_event_has_its_effect(event: list[Any], expected: str) -> None:
    scope = team()
    assert scope.apply(frame(4, event)) == "applied"
    assert "".join(ids(tasks(scope))) == expected


def test_an_edit_sets_and_unsets_only_what_it_names() -> None:
    scope = team()
    scope.apply(
        frame(
            4,
            ["edit", "members.ann.tasks", "a", {"createdAt": 5}],
            ["edit", "members.ann.tasks", "a", {"title": "x"}, ["createdAt"]],
        )
    )
    a = tasks(scope).get("a")
    assert (a.get("title"), a.get("owner"), a.get("createdAt")) == ("x", "ann", None)


def test_the_root_is_an_item_too() -> None:
    scope = team()
    scope.apply(frame(4, ["edit", ".", "andyet", {"name": "and yet"}]))
    assert scope.root.get("name") == "and yet"


def test_frames_are_applied_once_and_never_across_a_gap() -> None:
    scope = team()
    one = frame(4, ["retract", "members.ann.tasks", "a"])
    assert scope.apply(one) == "applied"
    assert scope.apply(one) == "known"
    assert scope.apply(frame(6, ["retract", "members.ann.tasks", "b"], prev="5-5")) == "gap"
    assert ids(tasks(scope)) == ["b", "c", "d"]
    assert scope.eventId == "4-4"


def test_the_same_version_with_another_nonce_is_not_the_predecessor() -> None:
    """After a power loss the server may count again: its version 4 is not ours."""
    scope = team()
    scope.apply(frame(4, ["retract", "members.ann.tasks", "a"]))
    assert scope.apply(frame(5, ["retract", "members.ann.tasks", "b"], prev="4-77")) == "gap"


def test_the_position_moves_before_listeners_run() -> None:
    scope = team()
    seen: list[str] = []
    tasks(scope).on("remove", lambda *rest: seen.append(scope.eventId))
    scope.apply(frame(4, ["retract", "members.ann.tasks", "a"]))
    assert seen == ["4-4"]


def test_a_throwing_listener_does_not_stop_the_frame() -> None:
    scope = team()

    def broken(*rest: Any) -> None:
        raise RuntimeError("listener")

    tasks(scope).on("remove", broken)
    with pytest.raises(RuntimeError, match="listener"):
        scope.apply(frame(4, ["retract", "members.ann.tasks", "a"], ["retract", "members.ann.tasks", "b"]))
    assert ids(tasks(scope)) == ["c", "d"]


@pytest.mark.parametrize(
    "feed", ["zzz", "members.zzz.tasks", "members.ann.zzz", "constructor", "__proto__", "members.ann.get"]
)
def test_a_feed_that_is_not_declared_is_none(feed: str) -> None:
    assert team().collectionAt(feed) is None


def test_nest_leaves_out_feeds_whose_item_is_gone() -> None:
    assert nest([["members", []], ["members.x.tasks", ["t", {"id": "t"}]]], "7") == {"id": "7", "members": []}


class Link(Model):
    type = "link"
    props = {"url": "string"}


class Links(Collection):
    model = Link


class Profile(Model):
    type = "profile"
    props = {"bio": "string"}
    collections = {"links": Links}


class Person(Model):
    type = "person"
    props = {"name": "string"}
    children = {"profile": Profile}


class People(Collection):
    model = Person


class Club(Model):
    type = "club"
    children = {"profile": Profile}
    collections = {"people": People}


def test_child_models_and_their_collections_go_through_storage_and_back() -> None:
    scope, mirror = Scope(Club, "club.7"), Scope(Club, "club.7")
    recorder = Transaction(scope.root)
    scope.root.profile.set({"bio": "a club"})
    scope.root.profile.links.add({"id": "l0", "url": "u0"})
    scope.root.people.add(
        {"id": "ann", "name": "Ann", "profile": {"bio": "x", "links": [{"id": "l1", "url": "u1"}]}}
    )
    scope.root.people.get("ann").profile.links.add({"id": "l2", "url": "u2"})
    scope.root.people.get("ann").profile.set({"bio": "y"})
    assert [operation["feed"] for operation in recorder.operations] == [
        ".",
        "profile-links",
        "people",
        "people.ann.profile-links",
        "people.ann.profile-links",
    ]
    feeds: dict[str, list[Any]] = {}
    for operation in recorder.operations:
        mirror.applyEvent(event(operation))
        feeds.setdefault(operation["feed"], []).extend([operation["id"], operation["item"]])
    assert mirror.root.xport() == scope.root.xport()
    loaded = Scope(Club, "club.7")
    loaded.load({"id": "1-1", "feeds": sorted([name, items] for name, items in feeds.items())})
    assert loaded.root.xport() == scope.root.xport()


def test_scopes_do_not_share_anything() -> None:
    one, two = team(), team()
    tasks(one).get("a").set({"title": "only here"})
    assert tasks(two).get("a").get("title") == "A"
    assert isinstance(one, Scope)


def test_a_feed_that_is_deleted_empties_its_collection_and_settings_are_not_the_models_business() -> None:
    scope = Scope(Team, "team.andyet")
    feeds = [
        ["members", ["ann", {"id": "ann", "name": "Ann"}]],
        ["members.ann.tasks", ["t1", {"id": "t1", "title": "one"}]],
    ]
    scope.load({"id": "1-1", "feeds": feeds})
    gone: list[str] = []
    scope.root.on("publish", lambda event: gone.append(event["event"] + " " + event["model"].id))
    config = ["config", "members", "", {"max_length": 3}]
    scope.apply(
        {"id": "2-1", "prev": "1-1", "tx": [["a.b.1", [config, ["delete", "members.ann.tasks", ""]]]]}
    )
    assert gone == ["remove t1"]
    scope.apply(
        {"id": "3-1", "prev": "2-1", "tx": [["a.b.2", [["delete", "members", ""], ["delete", ".", ""]]]]}
    )
    assert gone == ["remove t1", "remove ann"]
    touched = Touched()
    touched.addFrame({"tx": [["a.b.1", [["delete", "members", ""]]]]})
    assert touched.everything
