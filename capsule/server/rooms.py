"""The scopes that a gateway's readers are in."""

import asyncio
import functools
from collections.abc import Iterable

from capsule.feeds import Capsule
from capsule.server.flushes import Flushes
from capsule.server.hall import Hall
from capsule.server.limits import Limits
from capsule.server.ports import Reader
from capsule.server.readership import Readership, audiences
from capsule.server.want import ALL, Want
from capsule.shared.model import Model


class Rooms:
    """Every scope that somebody here reads, each subscribed once."""

    def __init__(self, cap: Capsule, limits: Limits, roots: Iterable[type[Model]] = ()) -> None:
        self.cap = cap
        self.limits = limits
        self.roots = {root.type: root for root in roots}
        for root in self.roots.values():
            audiences(root)  # what is declared wrong is heard of now, and not when somebody subscribes
        self.reading = asyncio.Semaphore(limits.snapshots)
        self._open: dict[str, Hall] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @functools.cached_property
    def flushes(self) -> Flushes:
        """The rooms that have something to write."""
        return Flushes()  # not before there is a loop

    def __len__(self) -> int:
        return len(self._open)

    def get(self, scope: str) -> Hall | None:
        """The open scope, if somebody is in it."""
        return self._open.get(scope)

    def join(
        self,
        scope: str,
        reader: Reader,
        since: str | None,
        view: str = "",
        want: Want = ALL,
        *,
        blocked: bool = False,
    ) -> None:
        """Bring the reader up to date and keep it so, or tell it that it may not read the scope.

        Raises InputError for a name that no scope can have.
        """
        found = self._open.get(scope)
        if found is None:
            root = self.roots.get(scope.partition(".")[0])
            if root is None and self.roots:
                reader.revoked(scope)
                return
            readership = None if root is None else Readership(root, scope)
            found = Hall(self.cap, scope, self.limits, self.flushes, self.reading, readership)
            self._open[scope] = found
        found.join(reader, since, view, want, blocked=blocked)

    def tick(self) -> None:
        """Called about once a second: close what is empty, check what is quiet."""
        for scope, found in list(self._open.items()):
            found.tick()
            if found.empty_ticks > self.limits.room_linger:
                del self._open[scope]
                task = asyncio.ensure_future(found.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every room."""
        rooms, self._open = self._open, {}
        await asyncio.gather(*(found.close() for found in rooms.values()), *self._closing)
