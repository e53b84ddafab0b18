"""What is on its way to one socket: sent at once while the socket takes it, bounded while it does not.

ASGI's `send` is a coroutine, but on a socket with room in its buffer it finishes without waiting. So a
write drives it one step by hand: no task, no queue, and no reader ever waits for another. (Awaiting sends
in a loop over sockets stopped everybody when one in ten stalled; a task for each send cost three times as
much CPU.) Only when `send` does wait does a task carry it on, and what comes meanwhile is kept, up to a
limit, and then sent as one message.
"""

import asyncio
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator, MutableMapping
from contextlib import suppress
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Outbox:
    """The writing side of one WebSocket.

    `limit`: characters kept while the socket takes nothing. Beyond it everything kept is thrown away and
    `overflowed` is called; writes are ignored until the socket takes data again, and then `drained` is
    called.
    """

    def __init__(
        self, send: Send, limit: int, overflowed: Callable[[], None], drained: Callable[[], None]
    ) -> None:
        self._send = send
        self._limit = limit
        self._overflowed = overflowed
        self._drained = drained
        self._waiting: list[str] = []
        self._last: Message | None = None
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self.lagging = False
        """Between `overflowed` and `drained`: what is written now is lost."""
        self.blocked_since: float | None = None
        """Loop time since when the socket has taken nothing, or None."""

    def write(self, text: str) -> None:
        """Send a text message, or keep it. Never waits."""
        if self._closed or self.lagging:
            return
        if self._task is None:
            self._start({"type": "websocket.send", "text": text})
            return
        self._waiting.append(text)
        self._size += len(text)
        if self._size > self._limit:
            self._waiting.clear()
            self._size = 0
            self.lagging = True
            self._overflowed()

    def close(self, code: int, reason: str) -> bool:
        """Send the close frame after what is kept. False: the socket takes nothing, and must be aborted."""
        if self._closed:
            return True
        self._closed = True
        message: Message = {"type": "websocket.close", "code": code, "reason": reason}
        if self._task is not None:
            self._last = message
            return False
        self._start(message)
        return True

    def abandon(self) -> None:
        """The socket is gone: send nothing more."""
        self._closed = True
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    def _start(self, message: Message) -> None:
        coroutine = self._coroutine(message)
        try:
            waits_for = coroutine.send(None)
        except StopIteration:
            return
        except Exception:
            # Servers raise various errors on a lost socket; its disconnect is on its way to the reading side.
            self._closed = True
            return
        loop = asyncio.get_running_loop()
        self.blocked_since = loop.time()
        self._task = loop.create_task(self._carry_on(coroutine, waits_for))

    async def _coroutine(self, message: Message) -> None:
        await self._send(message)

    async def _carry_on(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            with suppress(Exception):
                await _resumed(coroutine, waits_for)
                while self._waiting:
                    self.blocked_since = asyncio.get_running_loop().time()
                    text = "\n".join(self._waiting)
                    self._waiting.clear()
                    self._size = 0
                    await self._send({"type": "websocket.send", "text": text})
                if self._last is not None:
                    await self._send(self._last)
        finally:
            self._task = None
            self.blocked_since = None
        if self.lagging and not self._closed:
            self.lagging = False
            self._drained()


@types.coroutine
def _resumed(coroutine: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine that was already driven to its first wait."""
    try:
        yield waits_for
    except BaseException as error:
        coroutine.throw(error)
    yield from coroutine.__await__()
