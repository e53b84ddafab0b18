"""A link that is kept open: it reconnects by itself, and never sends a command twice."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from .address import Where
from .commands import Commands
from .errors import ConnectionLostError, ServerError
from .link import NOT_READY, Argument, Link, Reply, open_link

log = logging.getLogger("capsule.feeds")

BACKOFF_FIRST, BACKOFF_MOST = 0.05, 2.0  # seconds; the wait is a random part of min(most, first * 2**attempt)
WAIT_SECONDS = 10.0  # how long a command waits for a connection
SILENCE_SECONDS = 10.0  # how long a connection may be silent, asked or pinged, before it is taken for dead
TICKS = 4


class Connection(Commands):
    """One multiplexed connection. Any number of tasks call `command` and `run`; the calls of one event-loop
    tick share a write.

    `on_open` runs on every new link before anybody else may use it; if it raises, the link is tried again.
    `on_trouble` is called whenever an attempt to reconnect failed, `on_unfit` when the server turned out to
    be in the wrong role.
    """

    def __init__(
        self,
        where: Where,
        on_open: Callable[[Link], Awaitable[None]] | None = None,
        *,
        on_trouble: Callable[[], None] | None = None,
        on_unfit: Callable[[], None] | None = None,
    ) -> None:
        self.where = where
        self._on_open = on_open
        self._on_trouble = on_trouble
        self._on_unfit = on_unfit
        self._link: Link | None = None
        self._ready = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._closed = False
        self.failure: Exception | None = None  # of the last attempt to connect
        self.tried = asyncio.Event()  # there was a first attempt

    async def open(self) -> None:
        """Connect for the first time. Unlike later, a failure is raised: an address may be wrong."""
        await self._connect()
        self.start()

    def start(self) -> None:
        """Keep connected from now on, without waiting for it."""
        self._keeper = asyncio.create_task(self._keep(), name=f"capsule connection to {self.where}")

    async def close(self) -> None:
        self._closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._link is not None:
            self._link.close()

    @property
    def link(self) -> Link | None:
        """The open link, or None while there is none."""
        if self._link is None or self._link.lost.done():
            self._ready.clear()
        return self._link if self._ready.is_set() else None

    async def command(self, *arguments: Argument) -> Reply:
        link = self.link or await self._wait()
        try:
            return await link.call(*arguments)
        except ServerError as error:
            if error.reply in NOT_READY:
                # After a failover this is the wrong server; the next connection may reach the right one.
                link.close()
                if self._on_unfit is not None:
                    self._on_unfit()
            raise

    def reconnect(self) -> None:
        """Drop the link and make another."""
        if self._link is not None:
            self._link.close()

    async def _wait(self) -> Link:
        if self._closed:
            raise ConnectionLostError("The connection was closed by this process.")
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while (link := self.link) is None:
                    await self._ready.wait()
        except TimeoutError:
            raise ConnectionLostError(
                f"No connection to {self.where} for {WAIT_SECONDS:g} seconds."
            ) from None
        return link

    async def _connect(self) -> None:
        link = await open_link(self.where)
        try:
            if self._on_open is not None:
                await self._on_open(link)
        except BaseException:
            link.close()
            raise
        self._link = link
        self.failure = None
        self._ready.set()
        self.tried.set()

    async def _keep(self) -> None:
        while True:
            if self._link is not None:
                await self._watch(self._link)
            self._ready.clear()
            attempt = 0
            while not self._ready.is_set():
                if self._link is not None or attempt > 0:
                    await asyncio.sleep(random.random() * min(BACKOFF_MOST, BACKOFF_FIRST * 2**attempt))
                attempt += 1
                try:
                    await self._connect()
                except Exception as error:  # whatever it is, giving up would leave a process that hangs
                    self.failure = error
                    self.tried.set()
                    log.warning("Connecting to %s: %s", self.where, error)
                    if self._on_trouble is not None:
                        self._on_trouble()
            log.info("Connected to %s.", self.where)

    async def _watch(self, link: Link) -> None:
        """Return when the link is lost. A peer that vanished without a word is found by its silence, counted
        in ticks of this loop: one that was busy itself has heard nothing, and may not blame the peer.
        """
        quiet, heard = 0, link.heard
        while not link.lost.done():
            await asyncio.wait([link.lost], timeout=SILENCE_SECONDS / TICKS)
            quiet = quiet + 1 if link.heard == heard else 0
            heard = link.heard
            if quiet >= TICKS / 2:
                link.ping()
            if quiet > TICKS:
                log.warning("No word from %s for %g seconds: connecting again.", self.where, SILENCE_SECONDS)
                link.close()
