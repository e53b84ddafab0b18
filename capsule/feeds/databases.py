"""One server, or several that do not know of each other: each holds an equal range of the hash slots."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from . import handshake, layout
from .address import Where
from .blocking import Blocking
from .commands import Commands
from .events import Events
from .link import Link
from .node import Node
from .store import Store
from .subscriber import Subscriber


class Databases(Store):
    """The databases of `places`, in this order. One is the usual case, and costs nothing extra."""

    def __init__(self, places: Sequence[Where]) -> None:
        self.events = Events(self._subscriber)
        self._nodes = [Node(where, self.events, self._check(n)) for n, where in enumerate(places)]
        self._epoch: int | None = None

    async def open(self) -> None:
        # In turn: the first tells the others' epoch, and the first error is the one to be told.
        for node in self._nodes:
            await node.open()

    async def close(self) -> None:
        self.events.clear()
        await asyncio.gather(*(node.close() for node in self._nodes))

    def at(self, key: str) -> Commands:
        return self._node(key).connection

    def waiting(self, key: str) -> Blocking:
        return self._node(key).blocking

    def nodes(self) -> list[Node]:
        return self._nodes

    def _node(self, key: str | bytes) -> Node:
        if len(self._nodes) == 1:
            return self._nodes[0]
        return self._nodes[layout.index_of(layout.slot_of(key), len(self._nodes))]

    def _subscriber(self, name: bytes) -> Subscriber:
        return self._node(name).subscriber

    def _check(self, index: int) -> Callable[[Link], Awaitable[None]]:
        async def check(link: Link) -> None:
            await handshake.check_server(link)
            self._epoch = await layout.check(link, index, len(self._nodes), self._epoch)
            await handshake.check_contract(link.call)

        return check
