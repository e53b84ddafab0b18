"""Commands that wait on the server (BLPOP, XREAD BLOCK). Each has a connection to itself while it waits."""

from __future__ import annotations

import asyncio

from .address import Address
from .errors import ConnectionLostError
from .link import Argument, Link, Reply, open_link

GRACE_SECONDS = 5.0  # past what the server was asked to wait


class BlockingPool:
    """Connections for blocking commands, reused when idle. A caller that is cancelled closes its connection:
    only that makes the server stop waiting.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._idle: list[Link] = []
        self._busy: set[Link] = set()

    async def call(self, *arguments: Argument, seconds: float) -> Reply:
        """Send a command that waits up to `seconds` on the server. Raises ConnectionLostError and
        ServerError.
        """
        while self._idle and self._idle[-1].lost.done():
            self._idle.pop()
        link = self._idle.pop() if self._idle else await open_link(self._address)
        self._busy.add(link)
        try:
            async with asyncio.timeout(seconds + GRACE_SECONDS):
                reply = await link.call(*arguments)
        except TimeoutError:
            link.close()
            raise ConnectionLostError(
                f"No word from {self._address} within {seconds + GRACE_SECONDS:g} s."
            ) from None
        except BaseException:
            link.close()
            raise
        finally:
            self._busy.discard(link)
        self._idle.append(link)
        return reply

    def close(self) -> None:
        for link in [*self._idle, *self._busy]:
            link.close()
        self._idle.clear()
