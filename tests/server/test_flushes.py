"""The end of a tick: everything is written, nobody is kept waiting for long, and one room's fault is its own."""

import asyncio
from typing import Any

import pytest

from capsule.server.flushes import READERS, SLICE, Flushes
from capsule.server.limits import Limits
from capsule.server.room import Room
from tests.conftest import until

from .scripted import Page, Script, frame, live_room, resume


class Asking(Script):
    """A port that is flushed as in the gateway."""

    def __init__(self, flushes: Flushes) -> None:
        super().__init__()
        self.flushes_of_gateway = flushes
        self.room: Room | None = None

    def flush_soon(self) -> None:
        if self.room is not None:
            self.flushes_of_gateway.soon(self.room)


def room_with(flushes: Flushes, count: int) -> tuple[Room, list[Page]]:
    script = Asking(flushes)
    room = live_room(Room("team.7", script, Limits()), script, "5-7")
    script.room = room
    pages = [resume(Page(str(number)), "5-7") for number in range(count)]
    for page in pages:
        room.join(page, page.at)
    return room, pages


def test_everybody_gets_everything_at_the_end_of_the_tick() -> None:
    async def body() -> None:
        flushes = Flushes()
        rooms = [room_with(flushes, 3) for _ in range(4)]
        for room, _ in rooms:
            room.frame(frame(6))
            room.frame(frame(7))
        await until(lambda: all(page.versions == [6, 7] for _, pages in rooms for page in pages))

    asyncio.run(body())


def test_a_large_room_is_written_in_parts_and_others_have_their_turn() -> None:
    async def body() -> None:
        flushes = Flushes()
        large, many = room_with(flushes, 3 * READERS)
        small, few = room_with(flushes, 1)
        await asyncio.sleep(0)
        large.frame(frame(6))
        small.frame(frame(6))
        clock = iter(range(100))

        def slow() -> float:
            return next(clock) * SLICE  # each look at the clock is a whole slice later

        turns = 1
        while flushes.flush(slow):
            turns += 1
        assert turns == 4
        assert [page.versions for page in many + few] == [[6]] * (3 * READERS + 1)

    asyncio.run(body())


def test_who_joins_while_a_message_is_half_written_gets_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        flushes = Flushes()
        room, pages = room_with(flushes, 2 * READERS)
        await asyncio.sleep(0)
        room.frame(frame(6))
        assert room.flush(READERS)
        late = resume(Page("late"), "5-7")
        room.join(late, "5-7")
        room.frame(frame(7))
        room.flush()
        assert [page.versions for page in [*pages, late]] == [[6, 7]] * (2 * READERS + 1)

    asyncio.run(body())


def test_a_room_that_fails_does_not_keep_the_others_from_being_written(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        flushes = Flushes()
        broken, _ = room_with(flushes, 1)
        sound, [page] = room_with(flushes, 1)
        await asyncio.sleep(0)

        def fail(*_: Any) -> bool:
            raise RuntimeError("no")

        monkeypatch.setattr(broken, "flush", fail)
        broken.frame(frame(6))
        sound.frame(frame(6))
        await until(lambda: page.versions == [6])
        assert "could not be flushed" in caplog.text

    asyncio.run(body())
