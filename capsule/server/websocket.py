"""A WebSocket after its handshake, on an asyncio transport: the hot path of the gateway.

Writing: `transport.write` of a frame that all the readers of a room share. No task, no queue; the transport's buffer is
told to call out for the first byte that the kernel does not take. From then on the socket is blocked: rooms remember
where it was, and only what is for it alone waits here, as references to shared frames. A large frame is handed to the
transport in pieces, for a transport copies what it cannot send: a thousand slow readers of a snapshot of a megabyte
would otherwise hold a gigabyte.

Reading: small frames one at a time, some of them in a turn, and none while an earlier one waits for the store.
"""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, cast

from capsule.server.blob import PIECE, Blob
from capsule.server.closing import REASONS, CloseCode
from capsule.server.connection import Connection
from capsule.server.frames import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    TOO_BIG,
    FrameReader,
    Heard,
    WireError,
    close_code,
    close_frame,
    pong_frame,
)
from capsule.server.ports import Direct

logger = logging.getLogger("capsule.server.websocket")

# Messages of one client until the others have their turn: less than a millisecond.
TURN = 32
# What may lie here unread while an earlier message waits; then the kernel keeps the rest, and the peer stops.
READ_AHEAD = 64 * 1024
LINGER = 2.0
QUIET = 0.1

Lost = Callable[[Exception | None], None]


class WebSocket(asyncio.Protocol):
    """One open socket; the `Outlet` of its connection.

    `deflate`: shared compressed frames may be sent to it. `lost` is called when the transport is gone.
    """

    __slots__ = (
        "_clear", "_closed", "_connection", "_deflate", "_lost", "_paused", "_reader", "_reading", "_size", "_task",
        "_transport", "_turn", "_waiting", "blocked_since", "direct",
    )  # fmt: skip

    def __init__(
        self,
        connection: Connection,
        transport: asyncio.Transport,
        reader: FrameReader,
        *,
        deflate: bool = False,
        lost: Lost | None = None,
    ) -> None:
        self.blocked_since: float | None = None
        self._connection: Connection | None = connection
        self._transport = transport
        self._reader = reader
        self._deflate = deflate
        self._lost = lost
        self._clear = True
        self._closed = self._paused = False
        self._reading = True
        self._waiting: deque[memoryview] | None = None
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._turn: asyncio.Handle | None = None
        self.direct = _direct(transport)
        transport.set_write_buffer_limits(high=0)
        transport.set_protocol(self)
        connection.opened(self)

    # -- writing

    def write(self, blob: Blob) -> None:
        """Send a text message, or keep it. Never waits."""
        frame = blob.frame
        if self._clear and frame is not None:
            self._transport.write(frame)
        elif not self._closed:
            self._write_large(blob)

    def rest(self, frame: bytes, sent: int) -> None:
        """`direct` took only so many bytes of this frame: the transport carries on, and finds out why."""
        if not self._closed:
            self._transport.write(memoryview(frame)[sent:])

    def close(self, code: int, reason: str) -> bool:
        """Send the close frame. False: the socket takes nothing, and must be aborted."""
        if self._closed:
            return True
        blocked = not self._clear
        self._end()
        if blocked:
            return False
        self._transport.write(close_frame(code, reason))
        Lingering(self._transport, self._lost, sending=code == TOO_BIG)
        return True

    def abandon(self) -> None:
        """Write nothing more, and keep nothing."""
        self._closed, self._clear = True, False
        self._waiting = None

    def abort(self) -> None:
        """End the socket, whatever it was doing."""
        self._transport.abort()

    def _write_large(self, blob: Blob) -> None:
        frame = blob.deflated if self._deflate and blob.deflated is not None else blob.whole
        if self._waiting is None:
            self._waiting = deque()
        elif self._size + len(frame) > self._limit():
            if self._connection is not None:
                self._connection.overflowed()
            return
        self._waiting.append(memoryview(frame))
        self._size += len(frame)
        if not self._paused:
            self._clear = False
            self._pump()

    def _limit(self) -> int:
        connection = self._connection
        return 0 if connection is None else connection.gateway.limits.buffer_bytes

    def _pump(self) -> None:
        """Give the transport pieces until it has enough."""
        waiting = self._waiting
        while waiting and not self._paused:
            piece = waiting[0][:PIECE]
            if len(piece) < len(waiting[0]):
                waiting[0] = waiting[0][PIECE:]
            else:
                waiting.popleft()
            self._size -= len(piece)
            self._transport.write(piece)
        if not waiting and not self._paused and not self._closed:
            self._waiting, self._clear, self._size = None, True, 0

    def pause_writing(self) -> None:
        """The kernel took less than it was given."""
        self._paused, self._clear = True, False
        first = self.blocked_since is None
        self.blocked_since = asyncio.get_running_loop().time()
        if first and self._connection is not None and not self._closed:
            self._connection.blocked()

    def resume_writing(self) -> None:
        """The kernel has taken it all."""
        self._paused = False
        if self._closed:
            return
        self._pump()
        if self._clear:
            self.blocked_since = None
            if self._connection is not None:
                self._connection.drained()

    # -- reading

    def data_received(self, data: bytes) -> None:
        """Some of the client's frames."""
        if self._closed:
            return
        self._reader.feed(data)
        if self._task is None and self._turn is None:
            self._work()
        elif self._reader.waiting > READ_AHEAD and self._reading:
            self._reading = False
            self._transport.pause_reading()

    def _work(self) -> None:
        self._turn = None
        for _ in range(TURN):
            try:
                heard = self._reader.take()
                if heard is None:
                    self._read_on()
                    return
                waits = self._hear(heard)
            except WireError as error:
                self._fail(error)
                return
            if self._closed:
                if waits is not None:
                    waits.close()
                return
            if waits is not None:
                self._task = asyncio.get_running_loop().create_task(self._wait(waits))
                return
        self._turn = asyncio.get_running_loop().call_soon(self._work)

    def _hear(self, heard: Heard) -> Coroutine[Any, Any, None] | None:
        opcode, payload = heard
        connection = cast(Connection, self._connection)
        if opcode == TEXT:
            try:
                return connection.receive(payload.decode())
            except UnicodeDecodeError:
                raise WireError(1007, "Text is UTF-8.") from None
        if opcode == PING:
            if self._clear:  # one that takes nothing need not be told that we are here
                self._transport.write(pong_frame(payload))
        elif opcode == CLOSE:
            code = close_code(payload)
            if self._clear:
                self._transport.write(close_frame(1000 if code == 1005 else code))
            self._end()
            self._transport.close()
        elif opcode != PONG:
            return connection.receive_binary()
        return None

    async def _wait(self, waits: Coroutine[Any, Any, None]) -> None:
        try:
            await waits
        except Exception:
            logger.exception("a message could not be handled")
            self.close(1011, "")
        self._task = None
        if not self._closed:
            self._work()

    def _read_on(self) -> None:
        if not self._reading:
            self._reading = True
            self._transport.resume_reading()

    def _fail(self, error: WireError) -> None:
        connection = cast(Connection, self._connection)
        if error.code == TOO_BIG:
            connection.receive_oversized()
        if not self._closed:
            connection.gateway.counts.closes[error.code] += 1
            if not self.close(error.code, error.sentence):
                self._transport.abort()

    # -- the end

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone."""
        lost = self._lost
        self._end()
        if lost is not None:
            lost(exc)

    def _end(self) -> None:
        """Leave the gateway. Breaks the ring of references, so that nothing is left to the collector."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.gateway.disconnect(connection)
        self.abandon()
        if self._turn is not None:
            self._turn.cancel()
        # Not the task: an action that is on its way to the store is the user's, whether or not he stays.


def _direct(transport: asyncio.Transport) -> Direct | None:
    """`send` of the socket itself, for a transport that keeps nothing back and adds nothing.

    A frame that goes through `transport.write` touches the transport and its dict, which for 10,000 sockets are not
    in the cache: 1 us of 6. asyncio hides the method, not the socket; other event loops have no such attribute, and
    TLS must see all that is written.
    """
    if transport.get_extra_info("sslcontext") is not None:
        return None
    sock = getattr(transport.get_extra_info("socket"), "_sock", None)
    return sock.send if isinstance(sock, socket.socket) else None


class Lingering(asyncio.Protocol):
    """A socket that has been told why it is closed. What it still sends is read and thrown away, for a
    while: to close with bytes unread is to reset the connection, and the peer would not read our last word.

    `sending`: the peer is in the middle of a message. It is left alone until it has said it: asyncio's own
    transport raises when it is aborted after an end of file that came while it was sending.
    """

    __slots__ = ("_heard", "_lost", "_timer", "_transport", "_until")

    def __init__(
        self, transport: asyncio.Transport, lost: Lost | None = None, *, sending: bool = False
    ) -> None:
        self._lost = lost
        self._transport = transport
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(
            QUIET if sending else LINGER, self._quiet if sending else transport.abort
        )
        transport.set_protocol(self)
        if transport.can_write_eof() and not sending:
            transport.write_eof()
        if not transport.is_closing():
            transport.resume_reading()
        self._heard = False
        self._until = loop.time() + LINGER

    def data_received(self, data: bytes) -> None:
        """Thrown away."""
        self._heard = True

    def _quiet(self) -> None:
        loop = asyncio.get_running_loop()
        if self._heard and loop.time() < self._until:
            self._heard = False
            self._timer = loop.call_later(QUIET, self._quiet)
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer has left, or the time is over."""
        self._timer.cancel()
        if self._lost is not None:
            self._lost(exc)


def refusal(code: CloseCode) -> bytes:
    """The close frame for a code of the client protocol."""
    return close_frame(code, REASONS[code])
