"""A room wired to the store: its questions become reads, and the answers show what its view shows."""

import asyncio
from typing import TYPE_CHECKING

from capsule.feeds import InputError
from capsule.feeds.snapshot import Snapshot
from capsule.server.blob import Blob
from capsule.server.readership import View
from capsule.server.room import Room
from capsule.server.snapshot import older, snapshot_blob

if TYPE_CHECKING:
    from capsule.server.hall import Hall

# Items of a snapshot that is put together on the loop: less than a quarter of a millisecond.
SMALL = 50


class OpenRoom:
    """The room of those who share a view: the `Port` through which it asks."""

    def __init__(self, hall: "Hall", view: View) -> None:
        self.view = view
        self.empty_ticks = 0
        self._hall = hall
        self._began = False
        self.room = Room(hall.name, self, hall.limits)

    def flush_soon(self) -> None:
        self._hall.flushes.soon(self.room)

    def ask_last(self) -> None:
        if self._began:
            self._hall.lost()  # a room that asks this again has given up its history
        self._began = True
        self._hall.answer(self._hall.scope.last, lambda event_id: self.room.last(event_id))

    def ask_log(self, since: str) -> None:
        async def read() -> list[bytes] | None:
            try:
                return await self._hall.scope.log(since)
            except InputError:
                return None  # no id that a commit ever gave; the client may have made it up

        self._hall.answer(read, lambda frames: self.room.log(since, self._hall.seen(frames, self.view)))

    def ask_snapshot(self) -> None:
        self._hall.answer(self._read_snapshot, lambda found: self.room.snapshot(*found))

    def close(self) -> None:
        """Write no more."""
        self._hall.flushes.forget(self.room)

    async def _read_snapshot(self) -> tuple[str, Blob]:
        """Read once, put together once and compressed once, however many wait for it."""
        async with self._hall.reading:
            found = self._hall.shown(await self._hall.scope.snapshot(self.view.windows), self.view)
        if sum(len(items) for _, items in found.feeds) < SMALL:
            return found.event_id, self._blob(found)
        # Some milliseconds of work: apart from the loop, which has others to serve.
        return found.event_id, await asyncio.get_running_loop().run_in_executor(None, self._blob, found)

    def _blob(self, found: Snapshot) -> Blob:
        blob = snapshot_blob(self._hall.name, found.event_id, found.feeds, self.view.token, older(found))
        from_size = self._hall.limits.deflate_bytes
        if from_size and len(blob) >= from_size:
            blob.deflate()
        return blob
