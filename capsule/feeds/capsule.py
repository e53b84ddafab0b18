"""The way in: one object that holds a process's connections to Redis."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import handshake, keys
from .blocking import Blocking
from .cluster import Cluster
from .commands import Commands
from .connection import Connection
from .databases import Databases
from .errors import LayoutError
from .events import Events
from .feed import Feed
from .jobs import Jobs
from .location import locate
from .partitions import Partitions
from .presence import Presence
from .queue import Queue
from .scope import Scope
from .sorted_feed import SortedFeed
from .store import Store

if TYPE_CHECKING:
    from .embedded import Server

DATA_DIR = ".capsule"


class Capsule:
    """`cap = await Capsule.connect()`, then `cap.scope(...)`, `cap.jobs(...)`, `cap.presence(...)`,
    `cap.events`.

    Holds, for each server, one connection for commands, one for events, and one for each call that waits.
    """

    def __init__(self, url: str, server: Server | None = None) -> None:
        self.url = url
        self.server = server
        self.store: Store = _store(url)
        self.events: Events = self.store.events
        self._partitions: list[Partitions] = []

    @classmethod
    async def connect(cls, url: str | None = None, *, data_dir: Path | str | None = None) -> Capsule:
        """Connect to `url`, else to REDIS_URL, else to the embedded server of `data_dir` (`.capsule` in the
        working directory), which is started if nobody has. With `data_dir`, REDIS_URL is not looked at. What a
        URL may say: see location.locate.

        Raises InputError, ConnectionLostError, ServerError (a refused login), ServerTooOldError,
        ContractError, LayoutError, EmbeddedError.
        """
        server: Server | None = None
        if url is None and data_dir is None:
            url = os.environ.get("REDIS_URL") or None
        if url is None:
            # Not needed, and not to be had on Windows, where there is a REDIS_URL. It blocks the loop while
            # the server starts, on purpose: the server ends with the thread that started it, which must not
            # be a pool's.
            from .embedded import ensure

            server = ensure(data_dir or DATA_DIR)
            url = server.url
        cap = cls(url, server)
        try:
            await cap.store.open()
            for node in cap.store.nodes():
                if node.connection.link is not None:
                    await handshake.warn_of_settings(node.connection.link)
        except BaseException:
            await cap.close()
            raise
        return cap

    async def close(self) -> None:
        """Close every connection, and stop the embedded server if this process started it."""
        await asyncio.gather(*(each.close() for each in self._partitions))
        await self.store.close()
        if self.server is not None:
            self.server.stop()

    @property
    def connection(self) -> Connection:
        """The connection to the only server. Raises LayoutError when there are several: then ask `at`."""
        if isinstance(self.store, Cluster) or len(self.store.nodes()) > 1:
            raise LayoutError(
                "There are several servers: Capsule.at(key) is the connection to the one with a key."
            )
        return self.store.nodes()[0].connection

    def at(self, key: str) -> Commands:
        """Commands to the server that holds `key`, and all keys with its hash tag."""
        return self.store.at(key)

    def waiting(self, key: str) -> Blocking:
        """Commands that wait, to the server that holds `key`."""
        return self.store.waiting(key)

    def scope(self, name: str) -> Scope:
        """The scope `name`, such as `team.7`. Raises NameInvalidError."""
        return Scope(self.at(keys.scope(name)), self.events, name)

    def feed(self, name: str) -> Feed:
        """The feed `name`: a scope of this one feed, `.`. For a feed of a larger scope: `cap.scope(...).feed(...)`.
        Raises NameInvalidError.
        """
        return self.scope(name).feed(".")

    def sorted_feed(self, name: str) -> SortedFeed:
        """The sorted feed `name`: a scope of this one feed, `.`. Raises NameInvalidError."""
        return self.scope(name).sorted_feed(".")

    def queue(self, name: str) -> Queue:
        """The queue `name`, which hands out what is put in at most once. Raises NameInvalidError."""
        prefix = keys.handout(name)
        return Queue(self.at(prefix), self.waiting(prefix), name)

    def presence(self, name: str) -> Presence:
        """Who is in the scope `name`. Raises NameInvalidError."""
        return Presence(self.at(keys.presence(name)), name)

    def jobs(
        self,
        name: str,
        *,
        lease: float = 10.0,
        attempts: int = 4,
        backoff: tuple[float, float] = (0.25, 4.0),
        keep: float = 3600.0,
    ) -> Jobs:
        """The queue `name`, such as `actions`; see Jobs for the options. Raises NameInvalidError."""
        prefix = keys.queue(name)
        return Jobs(
            self.at(prefix),
            self.waiting(prefix),
            name,
            lease=lease,
            attempts=attempts,
            backoff=backoff,
            keep=keep,
        )

    def partitions(
        self,
        name: str,
        *,
        lease: float = 10.0,
        attempts: int = 4,
        backoff: tuple[float, float] = (0.25, 4.0),
        keep: float = 3600.0,
    ) -> Partitions:
        """The queue `name`, divided as somebody said (see Partitions.divide), or whole; for the actions of
        users. The options are those of `jobs`. Raises NameInvalidError.
        """
        make = partial(self.jobs, lease=lease, attempts=attempts, backoff=backoff, keep=keep)
        found = Partitions(self.at, make, name, lease)
        self._partitions.append(found)
        return found


def _store(url: str) -> Store:
    location = locate(url)
    return Cluster(location.cluster) if location.cluster else Databases(location.databases)
