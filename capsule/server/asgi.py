"""The gateway as an ASGI application: serve it by itself, or mount it in Starlette, FastAPI or Django.

    app = Starlette(routes=[WebSocketRoute("/live", GatewayApp(gateway))], lifespan=gateway.lifespan)

A mounted application's lifespan is not run by its parent: start the gateway from yours, as above. Served by
itself, the application starts and stops its gateway.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from capsule.server.closing import REASONS, CloseCode
from capsule.server.connection import Connection
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.outbox import Send
from capsule.shared.codes import errorMessage

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

TRANSPORT = "capsule.transport"
"""Key of the ASGI extension that carries the socket's transport, if the server gives it: `abort` needs it.
"""
GATEWAY = "capsule.gateway"
"""Key of the extension by which a server learns which gateway a socket went to: it drains them before it
exits.
"""


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
        scope.setdefault("extensions", {})[GATEWAY] = self.gateway
        user = await self.gateway.who(handshake)
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
        aborted = False

        def abort() -> None:
            nonlocal aborted
            aborted = True
            transport = scope.get("extensions", {}).get(TRANSPORT)
            if transport is not None:
                transport.abort()
            if task is not None:
                task.cancel()

        task = asyncio.current_task()
        connection = self.gateway.connect(user, send, abort)
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
        if text is None:
            await connection.receive_binary()
        else:
            await connection.receive(text)


async def _close(send: Send, code: CloseCode) -> None:
    await send({"type": "websocket.close", "code": int(code), "reason": REASONS[code]})


async def _upgrade_required(send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 426,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"upgrade", b"websocket")],
        }
    )
    await send({"type": "http.response.body", "body": b"This is a WebSocket endpoint.\n"})
