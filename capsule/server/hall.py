"""The rooms of one scope, one for each view of it, behind one subscription."""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from capsule.feeds import Capsule, CapsuleError, InputError
from capsule.feeds.snapshot import Snapshot
from capsule.server.blob import Blob
from capsule.server.flushes import Flushes
from capsule.server.limits import Limits
from capsule.server.open_room import OpenRoom
from capsule.server.paging import PageReader
from capsule.server.ports import Reader
from capsule.server.readership import Readership, View
from capsule.server.room import Room
from capsule.server.sight import Sight
from capsule.server.tail import version
from capsule.server.want import ALL, Want
from capsule.shared.codes import errorMessage
from capsule.shared.windows import windowsOf

logger = logging.getLogger("capsule.server.hall")

T = TypeVar("T")

PAGE_PATIENCE = 5.0


@dataclass(slots=True)
class Seat:
    """Where a reader is: in a room, or (None) waiting for the read rules. `since`, `view` and `want` are what it came
    with; `seen` is what it may see, whatever it wants of it.
    """

    room: OpenRoom | None
    since: str | None
    view: str
    want: Want
    blocked: bool
    seen: View | None = None


class Hall:
    """A scope that somebody here reads. Without a `readership` everybody is in one room and sees all.

    `reading` bounds how many snapshots are read at once.
    """

    def __init__(
        self,
        cap: Capsule,
        name: str,
        limits: Limits,
        flushes: Flushes,
        reading: asyncio.Semaphore,
        readership: Readership | None = None,
    ) -> None:
        self.name = name
        self.limits = limits
        self.flushes = flushes
        self.reading = reading
        self.scope = cap.scope(name)
        self.empty_ticks = 0
        self.quiet_ticks = 0
        self._events = cap.events
        self._presence = cap.presence(name)
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscribed = self._loop.create_future()
        self.rooms: dict[View, OpenRoom] = {}
        self._seats: dict[Reader, Seat] = {}
        self._carried: dict[Reader, list[tuple[int, str]]] = {}
        self._loading = False
        self._sight = Sight(readership, self._review)
        root = None if readership is None else readership.root_class
        self._has_windows = bool(windowsOf(root))
        self._pages = PageReader(self.scope, root)
        self._ahead: list[tuple[int, asyncio.Future[None]]] = []
        self._spawn(self._subscribe())
        self._load()

    @property
    def empty(self) -> bool:
        return not self._seats and all(open_room.room.empty for open_room in self.rooms.values())

    # -- readers

    def room_of(self, reader: Reader) -> Room | None:
        """The room that the reader is in."""
        seat = self._seats.get(reader)
        return None if seat is None or seat.room is None else seat.room.room

    def join(self, reader: Reader, since: str | None, view: str, want: Want = ALL, *, blocked: bool) -> None:
        """Find the reader its room; there it is brought up to date, and kept so. `view`: the token of what it has
        seen so far; under another one it starts anew.
        """
        self.empty_ticks = 0
        self._out(reader)
        if not self._has_windows:
            want = replace(want, windows=False)  # the same room as everybody's
        self._seats[reader] = Seat(None, since, view, want, blocked)
        self._place(reader)

    def leave(self, reader: Reader) -> None:
        """The reader is gone, and what was held for it."""
        seat = self._seats.pop(reader, None)
        self._carried.pop(reader, None)
        if seat is not None and seat.room is not None:
            seat.room.room.leave(reader)

    def lag(self, reader: Reader) -> None:
        """The reader's socket takes no more."""
        seat = self._seats.get(reader)
        if seat is not None:
            seat.blocked = True
            if seat.room is not None:
                seat.room.room.lag(reader)

    def resume(self, reader: Reader) -> None:
        """The reader's socket takes data again."""
        seat = self._seats.get(reader)
        if seat is not None:
            seat.blocked = False
            if seat.room is not None:
                seat.room.room.resume(reader)

    def hold(self, reader: Reader, at: int, text: str) -> None:
        """Write this result once the reader has been sent the event of version `at`."""
        room = self.room_of(reader)
        if room is not None:
            room.hold(reader, at, text)
        else:
            self._carried.setdefault(reader, []).append((at, text))

    async def page(self, reader: Reader, feed: str, before: str | None, count: int) -> Blob | None:
        """The answer to a reader who wants older items; None if it has no place here any more.

        The reader is sent no events until `resume`: one that came to it after the reading and before the answer would
        make the answer useless.
        """
        seat = self._seats.get(reader)
        room = None if seat is None else seat.room
        if seat is None or room is None:
            return None
        if not self._pages.knows(feed) or not room.view.shows(feed):
            return self._no_page(feed, "NOT_FOUND")
        self.lag(reader)
        try:
            page = await self._pages.read(room.view, feed, before, count)
            if page.event_id is not None:
                # What happened up to this event may be what takes the reader's right to see it.
                await asyncio.wait_for(self._noted(version(page.event_id)), PAGE_PATIENCE)
        except (CapsuleError, TimeoutError) as error:
            logger.warning("scope %s: a page of %s: %s", self.name, feed, error)
            return self._no_page(feed, "TOO_MANY")
        if self._seats.get(reader) is not seat or seat.room is not room:
            return None
        return page.blob(self.name, feed, before)

    def _no_page(self, feed: str, name: str) -> Blob:
        return Blob.of(json.dumps({**errorMessage(name), "scope": self.name, "feed": feed}))

    async def _noted(self, at: int) -> None:
        """Return when the read rules know of this version."""
        if self._sight.readership is not None and version(self._sight.id) < at:
            noted = self._loop.create_future()
            self._ahead.append((at, noted))
            await noted

    def _wake(self) -> None:
        for at, noted in self._ahead:
            if not noted.done() and version(self._sight.id) >= at:
                noted.set_result(None)
        self._ahead = [(at, noted) for at, noted in self._ahead if not noted.done()]

    def _place(self, reader: Reader) -> None:
        seat = self._seats[reader]
        if not self._sight.known:
            return
        seat.seen = self._sight.view(reader.user)
        view = self._sight.view(reader.user, seat.want)
        if view is None:
            self._refuse(reader)
            return
        if view not in self.rooms and seat.want.feeds and len(self.rooms) >= self.limits.views:
            self._sight.closed(view)
            del self._seats[reader]
            reader.write(Blob.of(json.dumps({**errorMessage("TOO_MANY"), "scope": self.name})))
            return
        if view not in self.rooms:
            self.rooms[view] = OpenRoom(self, view)
        seat.room = self.rooms[view]
        seat.room.empty_ticks = 0
        held = self._carried.pop(reader, [])
        since = seat.since if seat.view == view.token else None
        seat.room.room.join(reader, since, blocked=seat.blocked)
        for at, text in held:
            seat.room.room.hold(reader, at, text)

    def _refuse(self, reader: Reader) -> None:
        """What this reader waits for is still answered: what it did itself may be what ended its right to see it."""
        for _, text in self._carried.pop(reader, []):
            reader.write(Blob.of(text))
        self._seats.pop(reader, None)
        reader.revoked(self.name)

    def _out(self, reader: Reader) -> None:
        """Take the reader out of its room; what was held for it goes with it to the next."""
        seat = self._seats.get(reader)
        if seat is not None and seat.room is not None:
            self._carried.setdefault(reader, []).extend(seat.room.room.withdraw(reader))
            seat.room = None

    # -- the read rules

    def _review(self) -> None:
        """The rules may answer otherwise now: before anything else is sent, everybody is where they belong."""
        sight = self._sight
        if not sight.known:
            self._load()
        for reader, seat in list(self._seats.items()):
            if seat.room is None:
                self._place(reader)
                continue
            view = sight.view(reader.user)
            if view is seat.seen:
                continue
            self._out(reader)
            if sight.known and view is None:
                self._refuse(reader)
            else:
                # Only the client can say what it still waits for: it subscribes again.
                del self._seats[reader]
                reader.write(Blob.of(f'{{"verb":"resync","scope":"{self.name}"}}'))

    def lost(self) -> None:
        """A room has found its history gone: what the rules were asked about may be gone with it."""
        if self._sight.known:
            self._sight.forget()

    def _load(self) -> None:
        if self._sight.readership is None or self._loading:
            return
        self._loading = True
        windows = windowsOf(self._sight.readership.root_class)  # what rules look at has none
        self.answer(lambda: self.scope.snapshot(windows), self._loaded)

    def _loaded(self, found: Snapshot) -> None:
        self._loading = False
        self.shown(found, None)

    def shown(self, found: Snapshot, view: View | None) -> Snapshot:
        """What a view shows of a snapshot."""
        shown = self._sight.snapshot(found, view)
        self._wake()
        return shown

    def seen(self, frames: list[bytes] | None, view: View) -> list[bytes] | None:
        """What a view shows of frames of the log."""
        if frames is None:
            return None
        for data in frames:
            if not self._sight.note(data):
                self._sight.forget()
        self._wake()
        return [self._sight.part(data, view) for data in frames]

    # -- the store

    def _frame(self, data: bytes) -> None:
        self.quiet_ticks = 0
        sight = self._sight
        if not sight.note(data):
            # The rules have missed something. The rooms ask the log for it, and what it answers comes by here.
            self._gap()
            return
        for open_room in list(self.rooms.values()):
            open_room.room.frame(sight.part(data, open_room.view))
        if self._ahead:
            self._wake()

    def _say(self, line: bytes) -> None:
        for open_room in self.rooms.values():
            open_room.room.say(line)

    def _gap(self) -> None:
        for open_room in list(self.rooms.values()):
            open_room.room.gap()

    def _presence_gap(self) -> None:
        """Joins and leaves may have been missed: show everybody who is here, as on arrival."""
        for open_room in self.rooms.values():
            for reader in list(open_room.room.live):
                reader.arrived(self.name)

    async def _subscribe(self) -> None:
        await self._until_done(lambda: self._events.subscribe(self.scope.channel, self._frame, self._gap))
        await self._until_done(
            lambda: self._events.subscribe(self._presence.channel, self._say, self._presence_gap)
        )
        self._subscribed.set_result(None)

    async def close(self) -> None:
        """Unsubscribe and stop asking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for open_room in self.rooms.values():
            open_room.close()
        try:
            await self._events.unsubscribe(self.scope.channel, self._frame)
            await self._events.unsubscribe(self._presence.channel, self._say)
        except CapsuleError as error:
            logger.warning("scope %s: could not unsubscribe: %s", self.name, error)

    def tick(self) -> None:
        """Called about once a second."""
        self.quiet_ticks += 1
        ask = self.quiet_ticks >= self.limits.room_idle_check
        for view, open_room in list(self.rooms.items()):
            open_room.room.tick()
            if ask:
                # PubSub does not say what it lost.
                self.answer(self.scope.last, open_room.room.last)
            open_room.empty_ticks = open_room.empty_ticks + 1 if open_room.room.empty else 0
            if open_room.empty_ticks > self.limits.room_linger and len(self.rooms) > 1:
                open_room.close()
                del self.rooms[view]
                self._sight.closed(view)
        if ask:
            self.quiet_ticks = 0
        self.empty_ticks = self.empty_ticks + 1 if self.empty else 0

    def answer(self, question: Callable[[], Awaitable[T]], tell: Callable[[T], None]) -> None:
        """Ask the store, and tell what it answers."""
        self._spawn(self._answer(question, tell))

    async def _answer(self, question: Callable[[], Awaitable[T]], tell: Callable[[T], None]) -> None:
        # An answer from before the subscription would leave a hole between the two.
        await asyncio.shield(self._subscribed)
        tell(await self._until_done(question))

    async def _until_done(self, question: Callable[[], Awaitable[T]]) -> T:
        """Ask until the store answers: readers wait in the room, and their sockets are told by the
        heartbeat.
        """
        pause = 0.05
        while True:
            try:
                return await question()
            except CapsuleError as error:
                if isinstance(error, InputError):
                    raise
                logger.warning("scope %s: %s", self.name, error)
            await asyncio.sleep(random.uniform(0, pause))
            pause = min(2.0, pause * 2)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("scope %s: the room failed", self.name, exc_info=task.exception())
