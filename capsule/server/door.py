"""The door of the standalone server: the HTTP before a WebSocket.

Requests are read and handshakes are answered by the `websockets` package, whose parts do no I/O; all that is ours is
who may enter, and what everybody else is told. A handshake takes 40 us this way, 450 through an HTTP server.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

from capsule.server.blob import Blob
from capsule.server.closing import CloseCode
from capsule.server.frames import FrameReader
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.websocket import Lingering, WebSocket, refusal
from capsule.server.wheel import Wheel
from capsule.shared.codes import errorMessage

PLAIN = "text/plain; charset=utf-8"
Page = Callable[[], tuple[int, str]]
"""What a GET of a path is answered: status and text."""

# No context is kept between messages: neither a compressor a socket, nor one of the client's to follow.
DEFLATE = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
LARGEST_WINDOW = 15


@dataclass(slots=True, eq=False)
class Hall:
    """What the doors of one port share. Without a gateway it only has pages."""

    gateway: Gateway | None
    pages: dict[str, Page] = field(default_factory=dict)
    doors: Wheel["Door"] = field(default_factory=Wheel)
    entering: int = 0
    closed: bool = False
    most: int = 0
    """Sockets that the process has descriptors for."""
    handshakes: ServerProtocol = field(init=False)
    """Answers all of them, one after the other: to make one costs as much as half an answer."""

    def __post_init__(self) -> None:
        compress = self.gateway is not None and self.gateway.limits.deflate_bytes
        self.handshakes = ServerProtocol(extensions=[DEFLATE] if compress else None)

    def full(self) -> bool:
        """Whether one more would be too many."""
        gateway = self.gateway
        if gateway is None:
            return False
        limits = gateway.limits
        inside = len(gateway.connections) + len(self.doors)
        most = min(limits.sockets, self.most or limits.sockets)
        return self.closed or gateway.draining or inside > most or self.entering >= limits.entering

    def turn(self, now: float, patience: float) -> None:
        """Called some times a second: doors that stand open too long are shut."""
        for door in self.doors.turn():
            if now - door.since > patience:
                door.refuse(HTTPStatus.REQUEST_TIMEOUT)


class Door(asyncio.Protocol):
    """One connection until it is a WebSocket, or answered."""

    __slots__ = ("_hall", "_parsing", "_request", "_size", "_stream", "_task", "_transport", "since")

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._size = 0
        self._stream = StreamReader()
        self._parsing: Generator[None, None, Request] = Request.parse(self._stream.read_line)
        self._request: Request | None = None
        self._task: asyncio.Task[None] | None = None
        self.since = asyncio.get_running_loop().time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it
        self._hall.doors.add(self)
        if self._hall.full():
            self.shed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        self._stream.feed_data(data)
        if self._request is not None:
            # Bytes after the request of somebody who is not let in yet. A real client waits for the answer.
            if self._size > self._most():
                self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        try:
            next(self._parsing)
        except StopIteration as done:
            self._request = done.value
            head, self._size = self._size - self._rest(), self._rest()
            if head > self._most():
                self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
            self._answer(done.value)
            if self._task is not None and self._size > self._most():
                self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except (
            Exception
        ):  # whatever is wrong with it, and whichever error this version of the parser calls it
            self.refuse(HTTPStatus.BAD_REQUEST)
        else:
            if self._size > self._most():
                self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # -- answers

    def refuse(self, status: HTTPStatus, text: str = "", kind: str = PLAIN, *headers: str) -> None:
        """Answer, and close."""
        gateway = self._hall.gateway
        if gateway is not None and status >= 400:
            gateway.counts.refused[int(status)] += 1
        body = (text or f"{status.phrase}\n").encode()
        head = [
            f"HTTP/1.1 {status.value} {status.phrase}",
            f"Content-Type: {kind}",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "Connection: close",
            *headers,
        ]
        self._transport.write("\r\n".join([*head, "", ""]).encode() + body)
        self._leave()
        Lingering(self._transport)

    def shed(self) -> None:
        """Too many want to enter: this one is asked to come back later, and not all at the same moment."""
        gateway = self._hall.gateway
        wait = 5 if gateway is None else gateway.limits.retry_after
        if gateway is not None:
            gateway.counts.shed += 1
        after = wait + random.randint(0, wait)
        self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "", PLAIN, f"Retry-After: {after}")

    def _answer(self, request: Request) -> None:
        path = request.path.partition("?")[0]
        page = self._hall.pages.get(path)
        upgrade = "websocket" in request.headers.get("Upgrade", "").lower()
        if page is not None and not upgrade:
            status, text = page()
            self.refuse(HTTPStatus(status), text, "text/plain; version=0.0.4; charset=utf-8")
        elif self._hall.gateway is None:
            self.refuse(HTTPStatus.NOT_FOUND)
        elif not upgrade:
            text = "This is a WebSocket endpoint.\n"
            self.refuse(HTTPStatus.UPGRADE_REQUIRED, text, PLAIN, "Upgrade: websocket")
        elif self._hall.full():
            self.shed()
        else:
            self._enter(self._hall.gateway, request)

    def _enter(self, gateway: Gateway, request: Request) -> None:
        raw_path, _, query = request.path.partition("?")
        peer = self._transport.get_extra_info("peername")
        client = str(peer[0]) if isinstance(peer, tuple) else ""
        handshake = Handshake.of(unquote(raw_path), query, request.headers.raw_items(), client)
        if not handshake.same_site(gateway.origins):
            self.refuse(HTTPStatus.FORBIDDEN)
            return
        response = self._hall.handshakes.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self.refuse(HTTPStatus(response.status_code), response.body.decode(errors="replace"))
            return
        extension = next(iter(self._hall.handshakes.extensions), None)
        found = gateway.who(handshake)
        accepted = response.serialize()
        if found is not None and not isinstance(found, str):
            self._hall.entering += 1
            coroutine = self._enter_later(gateway, found, accepted, extension)
            self._task = asyncio.get_running_loop().create_task(coroutine)
        else:
            self._let_in(gateway, found, accepted, extension)

    async def _enter_later(
        self, gateway: Gateway, found: Awaitable[str | None], accepted: bytes, extension: Extension | None
    ) -> None:
        try:
            user = await found
        finally:
            self._hall.entering -= 1
        if self not in self._hall.doors:
            return  # he has left, or was refused meanwhile; what `authenticate` had begun it has finished
        if gateway.draining:
            self.shed()
        else:
            self._let_in(gateway, user, accepted, extension)

    def _let_in(
        self, gateway: Gateway, user: str | None, accepted: bytes, extension: Extension | None
    ) -> None:
        self._leave()
        self._transport.write(accepted)
        if user is None:
            # After the 101, for a browser cannot read the status of a refused handshake.
            line = Blob.of(json.dumps(errorMessage("UNAUTHORIZED")))
            gateway.counts.closed(CloseCode.UNAUTHORIZED)
            self._transport.write(line.whole + refusal(CloseCode.UNAUTHORIZED))
            Lingering(self._transport)
            return
        # Slightly above the session's own limit: up to here the session answers, and knows whom.
        reader = FrameReader(gateway.limits.message_bytes + 1024, deflate=extension is not None)
        # A client may ask for a smaller window than the frames that everybody shares were compressed with.
        deflate = (
            isinstance(extension, PerMessageDeflate) and extension.local_max_window_bits == LARGEST_WINDOW
        )
        socket = WebSocket(gateway.connect(user), self._transport, reader, deflate=deflate)
        if rest := self._rest():
            socket.data_received(bytes(self._stream.buffer[:rest]))

    # -- the end

    def _leave(self) -> None:
        self._hall.doors.discard(self)

    def _most(self) -> int:
        gateway = self._hall.gateway
        return 16 * 1024 if gateway is None else gateway.limits.head_bytes

    def _rest(self) -> int:
        """Bytes that came after the request."""
        return len(self._stream.buffer)
