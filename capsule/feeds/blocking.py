"""Commands that wait on the server (BLPOP, XREAD BLOCK). Each has a connection to itself while it waits."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

from .address import Where
from .errors import ConnectionLostError, ServerError
from .link import NOT_READY, Argument, Link, Reply, open_link

GRACE_SECONDS = 5.0  # past what the server was asked to wait


class Blocking(ABC):
    """Commands that wait, to whichever server holds one slot: the counterpart of Commands."""

    @abstractmethod
    async def call(self, *arguments: Argument, seconds: float) -> Reply:
        """Send a command that waits up to `seconds` on the server. Raises ConnectionLostError and
        ServerError.
        """


class BlockingPool(Blocking):
    """Connections for blocking commands, reused when idle. A caller that is cancelled closes its connection:
    only that makes the server stop waiting.
    """

    def __init__(self, where: Where) -> None:
        self._where = where
        self._idle: list[Link] = []
        self._busy: set[Link] = set()

    async def call(self, *arguments: Argument, seconds: float) -> Reply:
        while self._idle and self._idle[-1].lost.done():
            self._idle.pop()
        link = self._idle.pop() if self._idle else await open_link(self._where)
        self._busy.add(link)
        try:
            async with asyncio.timeout(seconds + GRACE_SECONDS):
                reply = await link.call(*arguments)
        except TimeoutError:
            link.close()
            raise ConnectionLostError(
                f"No word from {self._where} within {seconds + GRACE_SECONDS:g} s."
            ) from None
        except ServerError as error:
            if error.reply not in NOT_READY and error.reply != "UNBLOCKED":
                self._idle.append(link)
                raise
            # The server is in another role now; a new connection may reach the right one.
            link.close()
            raise ConnectionLostError(f"{self._where} stopped the wait: {error}") from None
        except BaseException:
            link.close()
            raise
        finally:
            self._busy.discard(link)
        self._idle.append(link)
        return reply

    def forget(self) -> None:
        """Close what is idle: another server may answer at the address."""
        for link in self._idle:
            link.close()
        self._idle.clear()

    def close(self) -> None:
        for link in self._busy:
            link.close()
        self.forget()
