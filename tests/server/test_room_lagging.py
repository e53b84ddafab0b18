"""A reader whose socket takes no more: nothing is written to it, nothing is kept for it, nothing is missed."""

from capsule.server.limits import Limits
from capsule.server.room import Room

from .scripted import Page, Script, frame, live_room, result, resume, root

SAID = b'{"verb":"presence","scope":"team.7","join":{},"leave":[]}'


def place() -> tuple[Room, Script, Page]:
    """A live room at event 5 with one reader, who then lags."""
    script = Script()
    room = live_room(Room("team.7", script, Limits(tail_frames=5)), script, "5-7")
    page = resume(Page("slow"), "5-7")
    room.join(page, page.at)
    room.lag(page)
    page.blocked = True
    return room, script, page


def unblock(room: Room, page: Page) -> list[str]:
    """What the reader is sent when its socket takes data again."""
    page.blocked = False
    before = len(page.lines)
    room.resume(page)
    room.flush()
    return page.verbs()[before:]


def test_it_goes_on_where_it_was_and_is_told_nothing_else() -> None:
    room, _, page = place()
    for number in (6, 7, 8):
        room.frame(frame(number))
        room.flush()
    assert unblock(room, page) == ["event"] * 3
    assert page.arrivals == 1
    room.frame(frame(9))
    room.flush()
    assert page.versions == [6, 7, 8, 9]


def test_what_this_tick_brought_is_sent_once() -> None:
    room, _, page = place()
    room.frame(frame(6))
    assert unblock(room, page) == ["event"]
    assert page.versions == [6]


def test_if_it_missed_nothing_it_is_sent_nothing() -> None:
    room, _, page = place()
    assert unblock(room, page) == []
    assert page in room.live


def test_joins_and_leaves_that_it_missed_are_made_good() -> None:
    room, _, page = place()
    room.say(SAID)
    room.flush()
    unblock(room, page)
    assert page.arrivals == 2


def test_one_that_the_tail_left_behind_is_told_to_resync_and_counted() -> None:
    room, _, page = place()
    for number in range(6, 20):
        room.frame(frame(number))
    room.flush()
    assert unblock(room, page) == ["resync"]
    assert page.resyncs == 1
    assert page not in room.live
    room.join(page, None)
    room.snapshot(*root("19-7"))
    assert page.at == "19-7"


def test_results_wait_for_it() -> None:
    room, _, page = place()
    room.hold(page, 6, result(6))
    room.frame(frame(6))
    room.flush()
    assert unblock(room, page) == ["event", "result"]


def test_a_room_with_a_lagging_reader_is_not_empty_until_it_leaves() -> None:
    room, _, page = place()
    assert not room.empty
    room.leave(page)
    assert room.empty
    room.resume(page)
    assert room.empty


def test_one_that_joins_while_its_socket_is_blocked_begins_when_it_is_not() -> None:
    room, script, page = place()
    room.join(page, None, blocked=True)
    assert script.taken() == []
    page.blocked = False
    room.resume(page)
    assert script.taken() == ["snapshot"]
    room.snapshot(*root("5-7"))
    assert page.verbs()[-1] == "snapshot"


def test_one_that_lags_while_it_joins_is_brought_up_to_date_later() -> None:
    room, _, _ = place()
    page = Page("new")
    room.join(page, None)
    room.lag(page)
    page.blocked = True
    room.snapshot(*root("5-7"))
    assert unblock(room, page) == ["snapshot"]
    assert page.arrivals == 1


def test_one_that_blocks_while_the_room_is_half_written_is_sent_the_rest_first() -> None:
    room, _, _ = place()
    pages = [resume(Page(str(number)), "5-7") for number in range(3)]
    for page in pages:
        room.join(page, page.at)
    room.frame(frame(6))
    assert room.flush(1)
    room.lag(pages[2])
    assert [page.versions for page in pages] == [[6]] * 3
    pages[2].blocked = True
    room.frame(frame(7))
    room.flush()
    assert unblock(room, pages[2]) == ["event"]
    assert pages[2].versions == [6, 7]


def test_when_the_history_is_begun_anew_so_is_it() -> None:
    room, _, page = place()
    room.frame(frame(6, nonce=99, prev="5-42"))
    room.log("5-7", None)
    room.last("6-99")
    assert unblock(room, page) == ["resync"]
