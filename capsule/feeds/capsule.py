"""The way in: one object that holds a process's connections to Redis."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from . import handshake
from .address import Address
from .blocking import BlockingPool
from .connection import Connection
from .events import Events
from .jobs import Jobs
from .presence import Presence
from .scope import Scope

if TYPE_CHECKING:
    from .embedded import Server

DATA_DIR = ".capsule"


class Capsule:
    """`cap = await Capsule.connect()`, then `cap.scope(...)`, `cap.jobs(...)`, `cap.presence(...)`,
    `cap.events`.

    Holds one connection for commands, one for events, and one for each call that waits on the server.
    """

    def __init__(self, url: str, server: Server | None = None) -> None:
        self.url = url
        self.server = server
        address = Address.parse(url)
        self.connection = Connection(address, handshake.check)
        self.events = Events(address)
        self._blocking = BlockingPool(address)

    @classmethod
    async def connect(cls, url: str | None = None, *, data_dir: Path | str | None = None) -> Capsule:
        """Connect to `url`, else to REDIS_URL, else to the embedded server of `data_dir` (`.capsule` in the
        working directory), which is started if nobody has. With `data_dir`, REDIS_URL is not looked at.

        Raises ConnectionLostError, ServerError (a refused login), ServerTooOldError, ContractError,
        EmbeddedError.
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
            await cap.connection.open()
            if cap.connection.link is not None:
                await handshake.warn_of_settings(cap.connection.link)
            await cap.events.open()
        except BaseException:
            await cap.close()
            raise
        return cap

    async def close(self) -> None:
        """Close every connection, and stop the embedded server if this process started it."""
        self._blocking.close()
        await self.events.close()
        await self.connection.close()
        if self.server is not None:
            self.server.stop()

    def scope(self, name: str) -> Scope:
        """The scope `name`, such as `team.7`. Raises NameInvalidError."""
        return Scope(self.connection, name)

    def presence(self, name: str) -> Presence:
        """Who is in the scope `name`. Raises NameInvalidError."""
        return Presence(self.connection, name)

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
        return Jobs(
            self.connection, self._blocking, name, lease=lease, attempts=attempts, backoff=backoff, keep=keep
        )
