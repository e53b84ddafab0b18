"""Long feeds in a replica: always the server's end of them, and the whole of them once paged to the beginning."""

import json
from typing import Any

import pytest

from capsule.shared.paging import PageRequest
from capsule.shared.replica import Replica
from capsule.shared.saved import restoreReplica, saveReplica
from tests.shared.board import NAME, Archive, Board, check, settle
from tests.shared.simulation import Link


def opened(notes: int) -> tuple[Archive, Link]:
    archive = Archive(notes)
    link = Link(archive, Board, "ann", "client01")
    settle(archive, link)
    return archive, link


def ids(link: Link) -> list[str]:
    return [note.id for note in link.replica.root.notes.models]


def lines(link: Link, verb: str) -> list[dict[str, Any]]:
    link.up.extend(link.replica.take())
    return [said for said in map(json.loads, link.up) if said["verb"] == verb]


def test_a_long_feed_opens_with_its_last_items() -> None:
    _, link = opened(10)
    notes = link.replica.root.notes
    assert ids(link) == ["n7", "n8", "n9"]
    assert (notes.hasOlder, notes.totalLength, notes.length) == (True, 10, 3)


def test_older_items_come_before_those_that_are_held_as_one_change() -> None:
    archive, link = opened(10)
    told: list[str] = []
    link.replica.root.notes.on("all", lambda name, *rest: told.append(name))
    request = link.replica.root.notes.loadOlder(4)
    assert request.state == "pending"
    settle(archive, link)
    assert request.state == "loaded"
    assert ids(link) == ["n3", "n4", "n5", "n6", "n7", "n8", "n9"]
    assert told == ["add"] * 4 + ["update"]
    assert link.replica.root.notes.totalLength == 10


def test_paging_ends_at_the_beginning() -> None:
    archive, link = opened(5)
    notes = link.replica.root.notes
    link.replica.root.notes.loadOlder(50)
    settle(archive, link)
    assert (ids(link), notes.hasOlder) == (["n0", "n1", "n2", "n3", "n4"], False)
    again = notes.loadOlder(50)
    assert again.state == "loaded"
    assert lines(link, "page") == []


def test_one_page_of_a_feed_at_a_time() -> None:
    _, link = opened(10)
    notes = link.replica.root.notes
    assert notes.loadOlder(2) is notes.loadOlder(2)
    assert len(lines(link, "page")) == 1


def test_settled_fires_once_when_the_items_are_here() -> None:
    archive, link = opened(10)
    told: list[tuple[str, int]] = []

    def settled(request: PageRequest) -> None:
        told.append((request.state, link.replica.root.notes.length))

    link.replica.root.notes.loadOlder(2).on("settled", settled)
    settle(archive, link)
    settle(archive, link)
    assert told == [("loaded", 5)]


def test_a_page_of_an_earlier_event_is_asked_for_again() -> None:
    archive, link = opened(10)
    link.replica.root.notes.loadOlder(2)
    link.send_one()
    archive.change({"do": "delete", "feed": "notes", "id": "n6"})
    link.receive_one()
    archive.answer()
    link.receive_one()
    assert ids(link) == ["n7", "n8", "n9"]
    assert len(lines(link, "page")) == 1
    settle(archive, link)
    assert ids(link) == ["n4", "n5", "n7", "n8", "n9"]


def test_a_page_of_a_later_event_waits_for_it() -> None:
    archive, link = opened(10)
    link.replica.root.notes.loadOlder(2)
    archive.change({"do": "delete", "feed": "notes", "id": "n6"})
    link.send_one()
    archive.answer()
    link.down.rotate(1)  # the answer overtakes the event
    link.receive_one()
    assert ids(link) == ["n7", "n8", "n9"]
    link.receive_one()
    assert ids(link) == ["n4", "n5", "n7", "n8", "n9"]


@pytest.mark.parametrize("position", [{"last": True}, {"before": "n5"}, {"first": True}])
def test_the_item_that_was_asked_before_goes_away_meanwhile(position: dict[str, Any]) -> None:
    archive, link = opened(10)
    request = link.replica.root.notes.loadOlder(2)
    archive.change({"do": "move", "feed": "notes", "id": "n7", "position": position})
    settle(archive, link)
    assert request.state == "loaded"
    check(archive, link)
    assert link.replica.root.notes.length >= 4


def test_all_that_is_held_may_go_while_there_is_more() -> None:
    archive, link = opened(6)
    for key in ("n3", "n4", "n5"):
        archive.change({"do": "delete", "feed": "notes", "id": key})
    settle(archive, link)
    assert ids(link) == []
    assert link.replica.root.notes.hasOlder
    link.replica.root.notes.loadOlder(2)
    assert lines(link, "page")[0]["before"] is None
    settle(archive, link)
    assert ids(link) == ["n1", "n2"]


def test_what_happens_to_items_that_are_not_held_only_counts() -> None:
    archive, link = opened(10)
    notes = link.replica.root.notes
    told: list[str] = []
    notes.on("all", lambda name, *rest: told.append(name))
    archive.change({"do": "edit", "feed": "notes", "id": "n1", "attrs": {"text": "other"}})
    archive.change({"do": "delete", "feed": "notes", "id": "n2"})
    archive.change({"do": "add", "feed": "notes", "id": "x1", "attrs": {}, "position": {"first": True}})
    archive.change({"do": "add", "feed": "notes", "id": "x2", "attrs": {}, "position": {"after": "n3"}})
    archive.change({"do": "move", "feed": "notes", "id": "n5", "position": {"before": "n1"}})
    settle(archive, link)
    assert told == []
    assert notes.totalLength == 11
    check(archive, link)


def test_an_item_that_is_moved_out_of_sight_is_not_held_any_more() -> None:
    archive, link = opened(10)
    archive.change({"do": "move", "feed": "notes", "id": "n8", "position": {"first": True}})
    settle(archive, link)
    assert ids(link) == ["n7", "n9"]
    check(archive, link)


@pytest.mark.parametrize("position", [{"last": True}, {"before": "n8"}, {"after": "n8"}])
def test_an_item_that_is_moved_into_sight_comes_with_the_move(position: dict[str, Any]) -> None:
    archive, link = opened(10)
    link.replica.root.marks.loadOlder(2)
    settle(archive, link)
    archive.change({"do": "move", "feed": "marks", "id": "n2", "position": position})
    link.receive_one()
    assert link.replica.root.marks.get("n2").get("text") == "note 2"
    assert link.replica.root.marks.length == 6, "what was paged in stays"
    assert lines(link, "subscribe") == []
    check(archive, link)


@pytest.mark.parametrize("position", [{"last": True}, {"before": "n8"}, {"after": "n8"}])
def test_one_with_feeds_below_it_is_read_with_all_others(position: dict[str, Any]) -> None:
    archive, link = opened(10)
    archive.change({"do": "move", "feed": "notes", "id": "n2", "position": position})
    link.receive_one()
    assert ids(link) == ["n7", "n8", "n9"], "until then nothing is shown that never was"
    settle(archive, link)
    assert "n2" in ids(link)
    check(archive, link)


def test_what_was_added_and_moved_in_one_commit_is_no_unknown_item() -> None:
    archive, link = opened(10)
    item = {"id": "x1", "text": "new"}
    before = archive.scope.eventId
    events: list[Any] = [["publish", "notes", "x1", item, ":end"], ["position", "notes", "x1", ":n8"]]
    for event in events:
        archive.scope.applyEvent(event)
    archive.publish([["zed.elsewhere.99", events]])
    settle(archive, link)
    assert ids(link) == ["n7", "x1", "n8", "n9"]
    assert before != link.replica.base.eventId == archive.scope.eventId
    check(archive, link)


def test_what_the_user_puts_first_of_all_is_not_shown_before_what_is_there() -> None:
    archive, link = opened(10)
    link.replica.root.notes.get("n9").moveServer({"first": True})
    link.replica.root.notes.addServer({"text": "mine"}, {"first": True})
    assert ids(link) == ["n7", "n8"]
    check(archive, link)
    settle(archive, link)
    assert ids(link) == ["n7", "n8"]
    assert link.replica.root.notes.totalLength == 11
    check(archive, link)


def test_a_refused_move_brings_the_same_instance_back() -> None:
    archive, link = opened(10)
    note = link.replica.root.notes.get("n9")
    archive.change({"do": "delete", "feed": "notes", "id": "n8"})
    note.moveServer({"before": "n8"})
    assert ids(link) == ["n7", "n9", "n8"]
    settle(archive, link)
    assert ids(link) == ["n7", "n9"]
    assert link.replica.root.notes.get("n9") is note


def test_a_pending_change_stays_on_top_of_a_page() -> None:
    archive, link = opened(10)
    link.replica.root.notes.addServer({"text": "mine"})
    link.replica.root.notes.get("n8").deleteServer()
    link.up.clear()
    link.replica.take()
    link.replica.root.notes.loadOlder(2)
    settle(archive, link)
    assert ids(link) == ["n5", "n6", "n7", "n9", "client01-1"]
    check(archive, link)


def test_a_page_that_was_wanted_is_asked_for_again_after_a_cut() -> None:
    archive, link = opened(10)
    request = link.replica.root.notes.loadOlder(2)
    link.send_one()
    link.cut()
    archive.answers.clear()
    assert request.state == "pending"
    settle(archive, link)
    assert request.state == "loaded"
    assert ids(link) == ["n5", "n6", "n7", "n8", "n9"]


def test_resuming_keeps_what_was_paged_in_and_a_snapshot_begins_anew() -> None:
    archive, link = opened(10)
    link.replica.root.notes.loadOlder(2)
    settle(archive, link)
    link.cut()
    settle(archive, link)
    assert len(ids(link)) == 5
    for n in range(20):
        archive.change({"do": "edit", "feed": "notes", "id": "n9", "attrs": {"text": str(n)}})
    link.cut()
    settle(archive, link)
    assert ids(link) == ["n7", "n8", "n9"]
    check(archive, link)


def test_what_outlives_a_page_knows_that_there_is_more() -> None:
    archive, link = opened(10)
    link.replica.root.notes.loadOlder(2)
    settle(archive, link)
    record = json.loads(json.dumps(saveReplica(link.replica)))
    later = Replica(Board, NAME, {"client": link.client, "user": "ann"})
    restoreReplica(later, record)
    assert later.root.notes.hasOlder
    assert later.root.notes.totalLength == 10
    assert [note.id for note in later.root.notes.models] == ["n5", "n6", "n7", "n8", "n9"]


def test_a_refused_page_says_why() -> None:
    _, link = opened(10)
    request = link.replica.root.notes.loadOlder(2)
    error = {"code": 404, "name": "NOT_FOUND", "sentence": "No."}
    link.say({"verb": "error", **error, "scope": NAME, "feed": "notes"})
    link.receive_one()
    assert (request.state, request.verdict.code, request.verdict.sentence) == ("rejected", 404, "No.")
    assert link.replica.state == "live"
