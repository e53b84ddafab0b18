"""A server, and the connections that a process has to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .address import Where
from .blocking import BlockingPool
from .connection import Connection
from .link import Link
from .subscriber import Hearer, Subscriber


class Node:
    """One connection for commands, one for events, and one for each call that waits."""

    def __init__(
        self,
        where: Where,
        hearer: Hearer,
        on_open: Callable[[Link], Awaitable[None]],
        *,
        sharded: bool = False,
        on_trouble: Callable[[], None] | None = None,
    ) -> None:
        self.where = where
        self.connection = Connection(where, on_open, on_trouble=on_trouble, on_unfit=self._unfit)
        self.subscriber = Subscriber(where, hearer, sharded=sharded, on_trouble=on_trouble)
        self.blocking = BlockingPool(where)

    async def open(self) -> None:
        """Connect. Raises what the first attempt raises."""
        await self.connection.open()
        await self.subscriber.connection.open()

    def start(self) -> None:
        """Connect without waiting for it."""
        self.connection.start()
        self.subscriber.connection.start()

    async def close(self) -> None:
        self.blocking.close()
        await asyncio.gather(self.subscriber.connection.close(), self.connection.close())

    def _unfit(self) -> None:
        # The other connections have not noticed yet that the server is a replica now.
        self.blocking.forget()
        self.subscriber.connection.reconnect()
