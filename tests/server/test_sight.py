"""What goes from the store to the rooms: rules first, then only what the view shows."""

import json
from typing import Any

import pytest

from capsule.feeds.snapshot import Snapshot
from capsule.server.readership import WHOLE, Readership, View
from capsule.server.sight import Sight
from tests.shared.company import FEEDS, NAME, Company

from .test_readership import stored


class Watched:
    """A sight that counts how often the answers may have changed."""

    def __init__(self) -> None:
        self.changes = 0
        self.sight = Sight(Readership(Company, NAME), self.changed)

    def changed(self) -> None:
        self.changes += 1

    def frame(self, data: bytes, view: View) -> bytes:
        """As a room hears of a frame."""
        assert self.sight.note(data)
        return self.sight.part(data, view)

    def view(self, user: str) -> View:
        view = self.sight.view(user)
        assert view is not None
        return view


@pytest.fixture
def watched() -> Watched:
    watched = Watched()
    watched.sight.snapshot(Snapshot("3-1", stored(FEEDS)), None)
    assert watched.changes == 1
    return watched


def frame(
    number: int, *events: list[Any], op: str = "zed.aaaaaaaa.1", nonce: int = 1, prev: str = ""
) -> bytes:
    feeds = ",".join(dict.fromkeys(event[1] for event in events))
    prev = prev or f"{number - 1}-1"
    body = {
        "verb": "event",
        "scope": NAME,
        "id": f"{number}-{nonce}",
        "prev": prev,
        "tx": [[op, list(events)]],
    }
    return f"{number}-{nonce} {prev} * {feeds}\n{json.dumps(body, ensure_ascii=False)}".encode()


def told(data: bytes) -> Any:
    return json.loads(data.split(b"\n", 1)[1])["tx"]


def test_before_the_first_snapshot_nobody_may_read() -> None:
    sight = Watched().sight
    assert sight.view("ann") is None
    assert not sight.known


def test_a_snapshot_shows_what_the_view_shows(watched: Watched) -> None:
    found = Snapshot("3-1", stored(FEEDS))
    assert [feed for feed, _ in watched.sight.snapshot(found, watched.view("bob")).feeds] == [
        ".",
        "people",
        "news",
    ]
    assert watched.sight.snapshot(found, WHOLE) is found


def test_an_open_frame_passes_as_the_very_bytes(watched: Watched) -> None:
    data = frame(4, ["edit", "news", "n1", {"text": "é"}])
    assert watched.frame(data, watched.view("bob")) is data
    assert watched.changes == 1


def test_a_mixed_frame_loses_what_is_hidden_and_a_hidden_one_all(watched: Watched) -> None:
    salary = ["edit", "people--bosses", "bob", {"salary": 2}]
    news = ["edit", "news", "n1", {"text": "é"}]
    data = frame(4, salary, news)
    bob, ann = watched.view("bob"), watched.view("ann")
    assert told(watched.frame(data, bob)) == [["zed.aaaaaaaa.1", [news]]]
    assert watched.frame(data, ann) is data
    hidden = watched.frame(frame(5, salary), bob)
    assert told(hidden) == []
    assert b"salary" not in hidden
    assert b"zed" not in hidden
    assert hidden.startswith(b"5-1 4-1 ")


def test_one_view_is_filtered_once_a_frame(watched: Watched) -> None:
    data = frame(4, ["edit", "people--bosses", "bob", {"salary": 2}])
    bob = watched.view("bob")
    assert watched.frame(data, bob) is watched.frame(data, bob)


def test_a_change_of_membership_is_heard_of_before_its_frame_goes_on(watched: Watched) -> None:
    bob = watched.view("bob")
    answers: list[View | None] = []
    watched.sight._changed = lambda: answers.append(watched.sight.view("bob"))
    watched.frame(frame(4, ["retract", "people", "bob"]), bob)
    assert answers == [None]


def test_each_frame_is_noted_once_however_many_rooms_are_told(watched: Watched) -> None:
    data = frame(4, ["edit", "people", "bob", {"role": "boss"}])
    for view in (watched.view("bob"), watched.view("ann"), WHOLE):
        watched.frame(data, view)
    assert watched.changes == 2
    assert watched.sight.id == "4-1"


def test_what_does_not_follow_is_not_let_through(watched: Watched) -> None:
    late = frame(6, ["edit", "news", "n1", {"text": "x"}])
    assert not watched.sight.note(late)
    assert watched.changes == 1
    for number in (4, 5):
        assert watched.sight.note(frame(number, ["edit", "news", "n1", {"text": "x"}]))
    assert watched.sight.note(late)


def test_what_is_forgotten_nobody_may_read_until_the_next_snapshot(watched: Watched) -> None:
    watched.sight.forget()
    assert watched.sight.view("ann") is None
    assert watched.changes == 2
    watched.sight.snapshot(Snapshot("7-1", stored(FEEDS)), None)
    assert watched.sight.view("ann") is not None
    assert watched.sight.id == "7-1"


def test_a_newer_snapshot_is_looked_at_before_it_is_shown(watched: Watched) -> None:
    fewer = [[feed, [] if feed == "people" else items] for feed, items in FEEDS]
    watched.sight.snapshot(Snapshot("5-1", stored(fewer)), watched.view("bob"))
    assert watched.sight.view("bob") is None
    older = watched.sight.snapshot(Snapshot("3-1", stored(FEEDS)), WHOLE)
    assert older.event_id == "3-1"
    assert watched.sight.view("bob") is None, "an older one takes nothing back"


def test_another_event_of_a_version_that_was_noted_does_not_follow(watched: Watched) -> None:
    assert not watched.sight.note(frame(3, ["edit", "news", "n1", {"text": "x"}], nonce=9))


def test_what_no_commit_script_wrote_is_left_to_the_room(watched: Watched) -> None:
    assert watched.frame(b"garbage", watched.view("bob")) == b"garbage"
