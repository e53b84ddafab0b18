"""The room, without I/O: what it asks, what it forwards, and what nobody may ever see."""

import pytest

from capsule.server.blob import Blob
from capsule.server.limits import Limits
from capsule.server.room import Mode, Room

from .scripted import Page, Script, frame, live_room, result, resume, root
from .world import World


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def room(script: Script) -> Room:
    """A live room at event 5."""
    return live_room(Room("team.7", script, Limits(tail_frames=10)), script, "5-7")


def joined(room: Room, script: Script, page: Page | None = None) -> Page:
    page = page or resume(Page(), room.id)
    room.join(page, page.at)
    assert page.arrivals > 0
    return page


def test_frames_are_forwarded_as_the_very_bytes_and_one_message_a_tick(room: Room, script: Script) -> None:
    page = joined(room, script)
    before = page.messages
    raw = [frame(6), frame(7).replace(b'"tx"', b'  "tx"')]
    blobs: list[Blob] = []
    page.write = blobs.append  # type: ignore[method-assign, assignment]
    for data in raw:
        room.frame(data)
    room.flush()
    assert [blob.payload for blob in blobs] == [b"\n".join(data.split(b"\n", 1)[1] for data in raw)]
    assert page.messages == before
    assert room.id == "7-7"


def test_a_known_frame_is_dropped(room: Room, script: Script) -> None:
    page = joined(room, script)
    for number in (6, 6, 5, 7, 6):
        room.frame(frame(number))
    room.flush()
    assert page.versions == [6, 7]


def test_frames_that_came_while_opening_follow_the_answer_or_are_contained_in_it(script: Script) -> None:
    room = Room("team.7", script, Limits())
    for number in (4, 5, 6):
        room.frame(frame(number))
    room.last("5-7")
    assert room.id == "6-7"
    assert room.mode is Mode.LIVE


def test_a_missing_frame_is_fetched_from_the_log_before_anything_goes_on(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.frame(frame(8))
    room.frame(frame(9))
    assert script.taken() == ["log 5-7"]
    room.flush()
    assert page.versions == []
    room.log("5-7", [frame(6), frame(7), frame(8)])
    assert page.versions == [6, 7, 8, 9]


def test_a_scope_that_was_rolled_back_is_begun_anew_by_everybody(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.frame(frame(6, nonce=99, prev="5-42"))
    assert script.taken() == ["log 5-7"]
    room.log("5-7", None)
    assert page.verbs()[-1] == "resync"
    assert script.taken() == ["last"]
    room.last("6-99")
    room.join(page, None)
    assert script.taken() == ["snapshot"]
    room.snapshot(*root("6-99"))
    assert page.at == "6-99"


def test_bytes_that_are_no_frame_start_over_instead_of_reaching_anybody(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.frame(b"garbage")
    room.flush()
    assert page.verbs()[-1] == "resync"
    assert script.taken() == ["last"]


def test_an_interrupted_subscription_asks_the_log(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.gap()
    room.gap()
    room.log("5-7", [frame(6)])
    assert script.taken() == ["log 5-7", "log 6-7"], "the second interruption may be younger than the answer"
    room.log("6-7", [])
    assert page.versions == [6]
    assert room.mode is Mode.LIVE


def test_a_log_that_does_not_follow_is_not_asked_for_ever(room: Room, script: Script) -> None:
    joined(room, script)
    room.gap()
    room.log("5-7", [frame(9)])
    assert script.taken()[-1] == "last"
    assert room.mode is Mode.OPENING


def test_too_many_early_frames_are_fetched_instead_of_kept(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.gap()
    for number in range(6, 40):
        room.frame(frame(number))
    room.log("5-7", [])
    room.frame(frame(40))
    assert script.taken() == ["log 5-7", "log 15-7"]
    room.log("15-7", [frame(number) for number in range(16, 41)])
    assert page.versions == list(range(6, 41))


def test_a_quiet_room_finds_out_that_it_missed_something(room: Room, script: Script) -> None:
    room.last("5-7")
    assert script.taken() == []
    room.last("6-7")
    assert script.taken() == ["log 5-7"]


# -- joining


def test_a_reader_that_is_current_is_resumed_at_once(room: Room, script: Script) -> None:
    page = joined(room, script)
    assert page.verbs() == ["resumed"]
    assert script.taken() == []


def test_a_reader_in_the_tail_gets_what_it_missed_then_resumed(room: Room, script: Script) -> None:
    for number in (6, 7, 8):
        room.frame(frame(number))
    page = joined(room, script, resume(Page(), "6-7"))
    assert page.verbs() == ["event", "event", "resumed"]
    assert page.messages == 1


def test_news_of_the_same_tick_reaches_a_newcomer_once(room: Room, script: Script) -> None:
    old = joined(room, script)
    room.frame(frame(6))
    new = joined(room, script, resume(Page(), "5-7"))
    room.flush()
    assert (old.versions, new.versions) == ([6], [6])


def test_a_reader_from_beyond_the_tail_is_resumed_from_the_log(room: Room, script: Script) -> None:
    page = resume(Page(), "2-7")
    room.join(page, "2-7")
    assert script.taken() == ["log 2-7"]
    room.frame(frame(6))
    room.log("2-7", [frame(3), frame(4), frame(5)])
    assert page.verbs() == ["event"] * 4 + ["resumed"]


def test_many_readers_from_the_same_place_share_one_read(room: Room, script: Script) -> None:
    pages = [resume(Page(str(number)), "2-7") for number in range(5)]
    for page in pages:
        room.join(page, "2-7")
    assert script.taken() == ["log 2-7"]
    room.log("2-7", [frame(3), frame(4), frame(5)])
    assert all(page.at == "5-7" for page in pages)


def test_a_log_that_is_ahead_of_the_room_brings_the_room_forward_too(room: Room, script: Script) -> None:
    old, new = joined(room, script), resume(Page("new"), "2-7")
    room.join(new, "2-7")
    room.log("2-7", [frame(number) for number in range(3, 8)])
    assert script.taken() == ["log 2-7", "log 5-7"]
    room.log("5-7", [frame(6), frame(7)])
    assert script.taken() == ["log 2-7"]
    room.log("2-7", [frame(number) for number in range(3, 8)])
    assert (old.versions, new.versions) == ([6, 7], [3, 4, 5, 6, 7])


def test_a_reader_ahead_of_the_room_waits_for_it(room: Room, script: Script) -> None:
    page = resume(Page(), "7-7")
    room.join(page, "7-7")
    room.log("7-7", [])
    assert script.taken() == ["log 7-7", "log 5-7"]
    room.log("5-7", [frame(6), frame(7)])
    assert page.verbs() == ["resumed"]


def test_a_reader_with_an_unknown_id_gets_a_snapshot(room: Room, script: Script) -> None:
    page = Page()
    room.join(page, "5-8")
    room.log("5-8", None)
    assert script.taken() == ["log 5-8", "snapshot"]
    room.snapshot(*root("5-7"))
    assert page.verbs() == ["snapshot"]


def test_a_snapshot_is_built_once_and_reused_while_the_tail_covers_it(room: Room, script: Script) -> None:
    first, second, third = Page("1"), Page("2"), Page("3")
    room.join(first, None)
    room.join(second, None)
    assert script.taken() == ["snapshot"]
    room.snapshot(*root("5-7"))
    for number in (6, 7):
        room.frame(frame(number))
    room.join(third, None)
    room.flush()
    assert script.taken() == []
    assert [page.verbs() for page in (first, second, third)] == [["snapshot", "event", "event"]] * 3
    assert first.lines[0] == third.lines[0]


def test_a_snapshot_that_the_tail_left_behind_is_built_anew_and_not_kept(room: Room, script: Script) -> None:
    room.join(Page(), None)
    room.snapshot(*root("5-7"))
    for number in range(6, 20):
        room.frame(frame(number))
    room.tick()
    page = Page()
    room.join(page, None)
    assert script.taken() == ["snapshot", "snapshot"]
    room.snapshot(*root("19-7"))
    assert page.at == "19-7"


def test_a_snapshot_ahead_of_the_room_waits_for_the_frames(room: Room, script: Script) -> None:
    page = Page()
    room.join(page, None)
    room.snapshot(*root("7-7"))
    assert page.lines == []
    assert script.taken() == ["snapshot", "log 5-7"]
    room.log("5-7", [frame(6), frame(7), frame(8)])
    assert page.verbs() == ["snapshot", "event"]


def test_a_snapshot_older_than_the_room_reveals_a_rollback(room: Room, script: Script) -> None:
    old, new = joined(room, script), Page("new")
    room.join(new, None)
    room.snapshot(*root("3-9"))
    assert old.verbs()[-1] == "resync"
    assert script.taken() == ["snapshot", "last"]
    room.last("3-9")
    room.snapshot(*root("3-9"))
    assert new.at == "3-9"


def test_a_snapshot_of_a_history_that_was_taken_back_is_not_waited_for(room: Room, script: Script) -> None:
    page = Page()
    room.join(page, None)
    room.snapshot(*root("9-9"))
    room.log("5-7", [])
    assert script.taken() == ["snapshot", "log 5-7", "snapshot"]
    room.snapshot(*root("5-7"))
    assert page.at == "5-7"


def test_a_snapshot_says_which_pending_actions_it_contains(room: Room, script: Script) -> None:
    page = Page(pending={3: 4, 4: 5, 5: 6})
    room.join(page, None)
    room.snapshot(*root("5-7"))
    assert page.lines[0]["contained"] == [3, 4]


def test_joining_again_begins_anew_without_events_in_between(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.join(page, None)
    room.frame(frame(6))
    room.flush()
    assert page.versions == []
    room.snapshot(*root("6-7"))
    assert page.at == "6-7"


def test_a_reader_that_left_hears_nothing_more(room: Room, script: Script) -> None:
    page, joining = joined(room, script), Page("joining")
    room.join(joining, None)
    room.hold(page, 6, result(6))
    room.leave(page)
    room.leave(joining)
    room.frame(frame(6))
    room.snapshot(*root("6-7"))
    room.flush()
    assert (page.verbs(), joining.verbs()) == (["resumed"], [])
    assert room.empty


# -- results


def test_a_result_waits_for_the_event_of_its_version(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.hold(page, 6, result(6))
    room.flush()
    assert page.verbs() == ["resumed"]
    room.frame(frame(6))
    room.flush()
    assert page.verbs() == ["resumed", "event", "result"]


def test_a_result_of_a_version_that_passed_is_written_in_this_tick(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.hold(page, 5, result(5))
    assert script.flushes > 0
    room.flush()
    assert page.verbs() == ["resumed", "result"]


def test_a_result_waits_until_its_reader_is_up_to_date(room: Room, script: Script) -> None:
    page = Page()
    room.join(page, None)
    room.hold(page, 4, result(4))
    room.flush()
    assert page.lines == []
    room.snapshot(*root("5-7"))
    room.flush()
    assert page.verbs() == ["snapshot", "result"]


def test_a_dropped_reader_gets_its_result_after_it_joined_again(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.drop(page)
    room.hold(page, 5, result(5))
    room.flush()
    room.join(page, "5-7")
    room.flush()
    assert page.verbs() == ["resumed", "resumed", "result"]


def test_a_result_whose_event_pubsub_lost_makes_the_room_ask(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.hold(page, 6, result(6))
    for _ in range(3):
        room.tick()
    assert script.taken() == ["log 5-7"]
    room.log("5-7", [frame(6)])
    assert page.verbs()[-2:] == ["event", "result"]


def test_a_result_of_a_version_that_was_taken_back_is_told_rather_than_kept_for_ever(
    room: Room, script: Script
) -> None:
    page = joined(room, script)
    room.hold(page, 9, result(5))
    for _ in range(3):
        room.tick()
    room.log("5-7", [])
    assert page.verbs()[-1] == "result"


def test_presence_goes_out_in_its_place_among_the_events(room: Room, script: Script) -> None:
    page = joined(room, script)
    room.frame(frame(6))
    room.say(b'{"verb":"presence","scope":"team.7","join":{},"leave":[]}')
    room.frame(frame(7))
    room.flush()
    assert page.verbs() == ["resumed", "event", "presence", "event"]
    assert page.messages == 2


def test_a_reader_that_drops_out_while_being_written_to_does_not_disturb_the_others(
    room: Room, script: Script
) -> None:
    slow, fast = joined(room, script, resume(Page("slow"), "5-7")), joined(room, script)

    def give_up(blob: Blob) -> None:
        room.drop(slow)

    slow.write = give_up  # type: ignore[method-assign]
    room.frame(frame(6))
    room.flush()
    room.frame(frame(7))
    room.flush()
    assert fast.versions == [6, 7]
    assert slow not in room.live


@pytest.mark.parametrize("seed", range(300))
def test_whatever_happens_every_page_ends_complete_and_saw_every_event_once_in_order(seed: int) -> None:
    world = World(seed)
    for _ in range(120):
        world.step()
    world.settle()
    assert {page.at for page in world.pages} <= {world.ids[-1]}
    assert world.room.id == world.ids[-1]
    for page in world.owed:
        if page in world.pages:
            assert "result" in page.verbs()
