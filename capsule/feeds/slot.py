"""Commands to whoever owns one slot of a cluster.

A slot that is being moved key by key answers nobody (see Commands): its callers wait, for as long as the move
of this one slot takes. ASK is therefore never followed: it means "wait" here.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from . import connection
from .blocking import GRACE_SECONDS, Blocking
from .commands import Commands
from .errors import ConnectionLostError, ServerError
from .link import Argument, Reply

if TYPE_CHECKING:
    from .cluster import Cluster

PAUSE_FIRST, PAUSE_MOST = 0.004, 0.25  # seconds; the wait is a random part of min(most, first * 2**attempt)


class Patience:
    """Waits between attempts, longer each time, until it is enough."""

    def __init__(self, slot: int, seconds: float) -> None:
        self._slot = slot
        self._seconds = seconds
        self._attempt = 0
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + seconds

    async def wait(self, why: str) -> None:
        """Raises ConnectionLostError when the time is over: the command was never run."""
        if self._loop.time() > self._deadline:
            raise ConnectionLostError(
                f"Slot {self._slot} was not served for {self._seconds:g} seconds: {why}."
            )
        await asyncio.sleep(random.random() * min(PAUSE_MOST, PAUSE_FIRST * 2**self._attempt))
        self._attempt += 1


class Slot(Commands):
    """Sends again what a server refused to run, and only that."""

    guarded = True

    def __init__(self, cluster: Cluster, slot: int) -> None:
        self._cluster = cluster
        self._slot = slot

    async def command(self, *arguments: Argument) -> Reply:
        patience: Patience | None = None
        while True:
            node = self._cluster.owner(self._slot)
            link = None if node is None else node.connection.link
            why = (
                "nobody owns it"
                if node is None
                else f"no connection to {node.where} ({node.connection.failure})"
            )
            if node is not None and link is not None:
                try:
                    return await link.call(*arguments)
                except ServerError as error:
                    if not self._cluster.refused(error, node.address.host):
                        raise
                    why = str(error)
            else:
                self._cluster.refresh()
            patience = patience or Patience(self._slot, connection.WAIT_SECONDS)
            await patience.wait(why)


class SlotBlocking(Blocking):
    """The same for commands that wait."""

    def __init__(self, cluster: Cluster, slot: int) -> None:
        self._cluster = cluster
        self._slot = slot

    async def call(self, *arguments: Argument, seconds: float) -> Reply:
        patience = Patience(self._slot, seconds + GRACE_SECONDS)
        while True:
            node = self._cluster.owner(self._slot)
            why = "nobody owns it"
            if node is not None:
                try:
                    return await node.blocking.call(*arguments, seconds=seconds)
                except ServerError as error:
                    if not self._cluster.refused(error, node.address.host):
                        raise
                    why = str(error)
                except ConnectionLostError:
                    self._cluster.refresh()
                    raise
            else:
                self._cluster.refresh()
            await patience.wait(why)
