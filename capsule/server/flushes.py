"""The end of an event-loop tick: every room that has news writes it, without keeping the loop for long.

10,000 sockets take 80 ms to write to. So after `SLICE` seconds the loop gets its turn, reads what came meanwhile,
and the rest is written then. What comes for a room that still waits joins the same message.
"""

import asyncio
import logging
from collections.abc import Callable

from capsule.server.room import Room

logger = logging.getLogger("capsule.server.flushes")

SLICE = 0.005
# Readers of one room between two looks at the clock: about a millisecond.
READERS = 128


class Flushes:
    """The rooms of one gateway that have something to write, in the order they were heard."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._dirty: dict[Room, None] = {}
        self._handle: asyncio.Handle | None = None

    def soon(self, room: Room) -> None:
        """Flush this room at the end of the tick."""
        self._dirty[room] = None
        if self._handle is None:
            self._handle = self._loop.call_soon(self._flush)

    def forget(self, room: Room) -> None:
        """The room is closed."""
        self._dirty.pop(room, None)

    def flush(self, now: Callable[[], float]) -> bool:
        """Write until all is written or the slice is over; whether something is left."""
        until = now() + SLICE
        while self._dirty:
            room = next(iter(self._dirty))
            # A flush may make its own room dirty again: by a reader that joins, or a result that is held.
            del self._dirty[room]
            try:
                if room.flush(READERS):
                    self._dirty = {room: None, **self._dirty}
            except Exception:
                logger.exception("scope %s: could not be flushed", room.scope)
            if now() >= until:
                break
        return bool(self._dirty)

    def _flush(self) -> None:
        left = self.flush(self._loop.time)
        self._handle = self._loop.call_soon(self._flush) if left else None
