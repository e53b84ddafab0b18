"""A server for one process: uvicorn, set up for many quiet sockets and a graceful end.

uvicorn's own WebSocket protocol is used with two additions: an oversized frame is answered with the
protocol's error line before the close frame, and the socket's transport is shown to the application, which
aborts with it what takes no data.
"""

import asyncio
import gc
import json
import logging
import socket
from typing import Any, cast

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

from capsule.server.asgi import GATEWAY, TRANSPORT
from capsule.server.gateway import Gateway
from capsule.server.limits import Limits
from capsule.shared.codes import errorMessage

logger = logging.getLogger("capsule.server.standalone")

# What a transport may hold before `send` waits. The kernel's own buffer comes on top.
WRITE_BUFFER = 64 * 1024


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which says why it closes."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        self._extensions[TRANSPORT] = self.transport
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER)

    @property
    def gateway(self) -> Gateway | None:
        """The gateway that took this socket, once it has."""
        found: Gateway | None = self._extensions.get(GATEWAY)
        return found

    @property
    def _extensions(self) -> dict[str, Any]:
        scope = getattr(self, "scope", None)  # not set by a refused handshake
        return {} if scope is None else cast(dict[str, Any], scope["extensions"])

    def handle_parser_exception(self) -> None:
        close = self.conn.close_sent
        if self.handshake_complete and close is not None and close.code == 1009:
            line = json.dumps(errorMessage("TOO_LARGE")).encode()
            self.transport.write(Frame(Opcode.TEXT, line).serialize(mask=False))
        super().handle_parser_exception()


class Server(uvicorn.Server):
    """uvicorn's server, which drains its gateways before it closes their sockets."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        scheme = "https" if self.config.is_ssl else "http"
        # A full collection with 10,000 sockets stops the loop for half a second; what is here now stays,
        # and need not be walked again.
        gc.collect()
        gc.freeze()
        logger.info("serving on %s://%s:%d", scheme, self.config.host, self.port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        drains = asyncio.gather(*(gateway.drain() for gateway in self.gateways()))
        while not drains.done() and not self.force_exit:
            await asyncio.wait([drains], timeout=0.1)
        drains.cancel()
        await super().shutdown(sockets)

    def gateways(self) -> set[Gateway]:
        """The gateways that the open sockets went to, wherever in the application they are mounted."""
        protocols = (each for each in self.server_state.connections if isinstance(each, SocketProtocol))
        return {protocol.gateway for protocol in protocols if protocol.gateway is not None}

    @property
    def port(self) -> int:
        """The port that is listened on; the one asked for may have been 0."""
        number: int = self.servers[0].sockets[0].getsockname()[1]
        return number


def server(app: Any, *, host: str = "127.0.0.1", port: int = 8000, limits: Limits | None = None) -> Server:
    """A server for an ASGI application; `await it.serve()` runs it until SIGINT or SIGTERM."""
    bounds = limits or Limits()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        ws=SocketProtocol,
        # Slightly above ours: up to here the session answers and knows whom, beyond it the parser stops
        # reading.
        ws_max_size=bounds.message_bytes + 1024,
        # 50 KB and more for each socket, for messages that are mostly small.
        ws_per_message_deflate=False,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        backlog=4096,
        lifespan="on",
        access_log=False,
        log_config=None,  # the program's own logging decides; what uvicorn says of itself is mostly noise
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    return Server(config)
