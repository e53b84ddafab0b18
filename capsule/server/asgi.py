"""The gateway as an ASGI application: serve it by itself, or mount it in Starlette, FastAPI or Django.

    app = Starlette(routes=[WebSocketRoute("/live", GatewayApp(gateway))], lifespan=gateway.lifespan)

A mounted application's lifespan is not run by its parent: start the gateway from yours, as above. Served by
itself, the application starts and stops its gateway.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from capsule.server.closing import REASONS, CloseCode
from capsule.server.connection import Connection
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.outbox import Outbox, Send
from capsule.shared.codes import errorMessage

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

TAKE_OVER = "capsule.take_over"
"""Key of the ASGI extension by which a server gives the gateway the socket itself, once it is accepted, and
learns which gateway it went to: it drains them before it exits.
"""
TakeOver = Callable[[Gateway, str], bool]
"""False: this socket must be served by way of `receive` and `send`."""


class GatewayApp:
    """An ASGI 3 application for WebSockets and lifespan. HTTP requests are answered 426."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await _upgrade_required(send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.gateway.started:
            # It would take actions, and never hear what became of them.
            raise RuntimeError(
                "The gateway was not started: give gateway.lifespan to the application around it."
            )
        await receive()
        handshake = Handshake.from_asgi(scope)
        if not handshake.same_site(self.gateway.origins):
            await send({"type": "websocket.close", "code": CloseCode.REFUSED_TOO_OFTEN})  # answered 403
            return
        if len(self.gateway.connections) >= self.gateway.limits.sockets:
            await _shed(self.gateway, scope, send)
            return
        user = self.gateway.who(handshake)
        if user is not None and not isinstance(user, str):
            user = await user
        await send({"type": "websocket.accept"})
        if user is None:
            text = json.dumps(errorMessage("UNAUTHORIZED"))
            await send({"type": "websocket.send", "text": text})
            await _close(send, CloseCode.UNAUTHORIZED)
        elif self.gateway.draining:
            await _close(send, CloseCode.RESTART)
        else:
            await self._converse(user, scope, receive, send)

    async def _converse(self, user: str, scope: Scope, receive: Receive, send: Send) -> None:
        take_over: TakeOver | None = scope.get("extensions", {}).get(TAKE_OVER)
        if take_over is not None and take_over(self.gateway, user):
            while (await receive())["type"] != "websocket.disconnect":
                pass
            return
        aborted = False

        def abort() -> None:
            nonlocal aborted
            aborted = True
            if task is not None:
                task.cancel()

        task = asyncio.current_task()
        connection = self.gateway.connect(user)
        connection.opened(Outbox(send, self.gateway.limits.buffer_bytes, connection, abort))
        try:
            await _read(connection, receive)
        except asyncio.CancelledError:
            if not aborted or task is None:
                raise
            task.uncancel()
        finally:
            self.gateway.disconnect(connection)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.gateway.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.gateway.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _read(connection: Connection, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        waits = connection.receive_binary() if text is None else connection.receive(text)
        if waits is not None:
            await waits


async def _close(send: Send, code: CloseCode) -> None:
    await send({"type": "websocket.close", "code": int(code), "reason": REASONS[code]})


async def _shed(gateway: Gateway, scope: Scope, send: Send) -> None:
    """Too many: come back later, and not all at the same moment. Servers without the extension say 403."""
    gateway.counts.shed += 1
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": int(CloseCode.TRY_LATER)})
        return
    wait = gateway.limits.retry_after
    headers = [(b"retry-after", str(wait + random.randint(0, wait)).encode())]
    await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"Service Unavailable\n"})


async def _upgrade_required(send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 426,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"upgrade", b"websocket")],
        }
    )
    await send({"type": "http.response.body", "body": b"This is a WebSocket endpoint.\n"})
