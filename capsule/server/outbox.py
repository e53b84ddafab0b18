"""What is on its way to one ASGI socket: sent at once while it takes it, bounded while it does not.

ASGI's `send` is a coroutine, but on a socket with room in its buffer it finishes without waiting. So a
write drives it one step by hand: no task, no queue, and no reader ever waits for another. (Awaiting sends
in a loop over sockets stopped everybody when one in ten stalled; a task for each send cost three times as
much CPU.) Only when `send` does wait does a task carry it on. From then on the socket is blocked: its rooms
send it nothing, and the few lines that are for it alone are kept, up to a limit, and then sent as one message.
"""

import asyncio
import inspect
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator, MutableMapping
from contextlib import suppress
from typing import Any, Protocol

from capsule.server.blob import Blob
from capsule.server.ports import Direct

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Sender(Protocol):
    """Who uses a socket, and is told how it does."""

    def blocked(self) -> None:
        """The socket takes no more for now: write only what cannot be said later."""

    def drained(self) -> None:
        """The socket has taken everything."""

    def overflowed(self) -> None:
        """More waits than may: end this socket."""


class Outlet(Protocol):
    """The writing side of a socket, of whatever kind."""

    blocked_since: float | None
    """Loop time since when the socket has taken nothing, or None."""

    direct: Direct | None
    """Hands a frame to the kernel, if that is possible: only for a socket that is not blocked."""

    def rest(self, frame: bytes, sent: int) -> None:
        """`direct` took only so many bytes of this frame."""

    def write(self, blob: Blob) -> None:
        """Send a text message, or keep it. Never waits."""

    def close(self, code: int, reason: str) -> bool:
        """Send the close frame after what is kept. False: the socket takes nothing, and must be aborted."""

    def abort(self) -> None:
        """End a socket that takes no data, not even a close frame."""

    def abandon(self) -> None:
        """The socket is gone: send nothing more."""


class Outbox:
    """The writing side of an ASGI WebSocket. `limit`: bytes kept while the socket takes nothing. `abort` ends it."""

    __slots__ = (
        "_closed",
        "_last",
        "_limit",
        "_send",
        "_sender",
        "_size",
        "_task",
        "_waiting",
        "abort",
        "blocked_since",
    )

    def __init__(self, send: Send, limit: int, sender: Sender, abort: Callable[[], None]) -> None:
        self.abort = abort
        self._send = send if inspect.iscoroutinefunction(send) else _awaiting(send)
        self._limit = limit
        self._sender = sender
        self._waiting: list[Blob] = []
        self._last: Message | None = None
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self.blocked_since: float | None = None

    direct: Direct | None = None

    def rest(self, frame: bytes, sent: int) -> None:
        """Never called: there is no way around ASGI."""

    def write(self, blob: Blob) -> None:
        """Send a text message, or keep it. Never waits."""
        if self._closed:
            return
        if self._task is None:
            # `_start` by hand: with 10,000 sockets each call more is a tenth of what is not the server's own.
            coroutine = self._send({"type": "websocket.send", "text": blob.text})
            try:
                waits_for = coroutine.send(None)
            except StopIteration:
                return
            except Exception:
                self._closed = True
                return
            self._wait(coroutine, waits_for)
            return
        self._waiting.append(blob)
        self._size += len(blob)
        if self._size > self._limit:
            self._waiting.clear()
            self._size = 0
            self._sender.overflowed()

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
        coroutine = self._send(message)
        try:
            waits_for = coroutine.send(None)
        except StopIteration:
            return
        except Exception:
            # Servers raise various errors on a lost socket; its disconnect is on its way to the reading side.
            self._closed = True
            return
        self._wait(coroutine, waits_for)

    def _wait(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        loop = asyncio.get_running_loop()
        self.blocked_since = loop.time()
        self._task = loop.create_task(self._carry_on(coroutine, waits_for))
        if not self._closed:
            self._sender.blocked()

    async def _carry_on(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            with suppress(Exception):
                await _resumed(coroutine, waits_for)
                while self._waiting:
                    self.blocked_since = asyncio.get_running_loop().time()
                    text = "\n".join(blob.text for blob in self._waiting)
                    self._waiting.clear()
                    self._size = 0
                    await self._send({"type": "websocket.send", "text": text})
                if self._last is not None:
                    await self._send(self._last)
        finally:
            self._task = None
            self.blocked_since = None
        if not self._closed:
            self._sender.drained()


def _awaiting(send: Send) -> Callable[[Message], Coroutine[Any, Any, None]]:
    """As a coroutine function, for ASGI asks only for an awaitable."""

    async def sending(message: Message) -> None:
        await send(message)

    return sending


@types.coroutine
def _resumed(coroutine: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine that was already driven to its first wait."""
    try:
        yield waits_for
    except BaseException as error:
        coroutine.throw(error)
    yield from coroutine.__await__()
