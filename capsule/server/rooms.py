"""The open rooms of a gateway, wired to the store: questions become reads, published frames become events."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from capsule.feeds import Capsule, CapsuleError, InputError
from capsule.server.limits import Limits
from capsule.server.room import Reader, Room

logger = logging.getLogger("capsule.server.rooms")

T = TypeVar("T")


class OpenRoom:
    """A room with its subscription: the `Port` through which it asks."""

    def __init__(self, cap: Capsule, name: str, limits: Limits) -> None:
        self.name = name
        self.empty_ticks = 0
        self.quiet_ticks = 0
        self._cap = cap
        self._scope = cap.scope(name)
        self._presence = cap.presence(name)
        self._loop = asyncio.get_running_loop()
        self._flush: asyncio.Handle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscribed = self._loop.create_future()
        self.room = Room(name, self, limits)
        self._spawn(self._subscribe())

    # -- Port

    def flush_soon(self) -> None:
        if self._flush is None:
            self._flush = self._loop.call_soon(self._flush_now)

    def ask_last(self) -> None:
        self._spawn(self._answer(self._scope.last, lambda event_id: self.room.last(event_id)))

    def ask_log(self, since: str) -> None:
        async def read() -> list[bytes] | None:
            try:
                return await self._scope.log(since)
            except InputError:
                return None  # no id that a commit ever gave; the client may have made it up

        self._spawn(self._answer(read, lambda frames: self.room.log(since, frames)))

    def ask_snapshot(self) -> None:
        self._spawn(
            self._answer(self._scope.snapshot, lambda found: self.room.snapshot(found.event_id, found.feeds))
        )

    # -- wiring

    async def close(self) -> None:
        """Unsubscribe and stop asking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._flush is not None:
            self._flush.cancel()
        try:
            await self._cap.events.unsubscribe(self._scope.channel, self._frame)
            await self._cap.events.unsubscribe(self._presence.channel, self.room.say)
        except CapsuleError as error:
            logger.warning("scope %s: could not unsubscribe: %s", self.name, error)

    async def _subscribe(self) -> None:
        events = self._cap.events
        await self._until_done(lambda: events.subscribe(self._scope.channel, self._frame, self.room.gap))
        await self._until_done(
            lambda: events.subscribe(self._presence.channel, self.room.say, self._presence_gap)
        )
        self._subscribed.set_result(None)

    def _frame(self, data: bytes) -> None:
        self.quiet_ticks = 0
        self.room.frame(data)

    def _presence_gap(self) -> None:
        """Joins and leaves may have been missed: show everybody who is here, as on arrival."""
        for reader in list(self.room.live):
            reader.arrived(self.name)

    def _flush_now(self) -> None:
        self._flush = None
        self.room.flush()

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


class Rooms:
    """Every scope that somebody here reads, each subscribed once."""

    def __init__(self, cap: Capsule, limits: Limits) -> None:
        self._cap = cap
        self._limits = limits
        self._open: dict[str, OpenRoom] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._open)

    def get(self, scope: str) -> Room | None:
        """The open room, if there is one."""
        found = self._open.get(scope)
        return None if found is None else found.room

    def join(self, scope: str, reader: Reader, since: str | None) -> None:
        """Bring the reader up to date and keep it so. Raises InputError for a name that no scope can have."""
        found = self._open.get(scope)
        if found is None:
            found = self._open[scope] = OpenRoom(self._cap, scope, self._limits)
        found.empty_ticks = 0
        found.room.join(reader, since)

    def tick(self) -> None:
        """Called about once a second: close what is empty, check what is quiet."""
        for scope, found in list(self._open.items()):
            found.room.tick()
            found.quiet_ticks += 1
            if found.quiet_ticks >= self._limits.room_idle_check:
                found.quiet_ticks = 0
                found.ask_last()  # PubSub does not say what it lost
            found.empty_ticks = found.empty_ticks + 1 if found.room.empty else 0
            if found.empty_ticks > self._limits.room_linger:
                del self._open[scope]
                task = asyncio.ensure_future(found.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every room."""
        rooms, self._open = self._open, {}
        await asyncio.gather(*(found.close() for found in rooms.values()), *self._closing)
