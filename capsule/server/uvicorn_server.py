"""A server for applications that the gateway is mounted in: uvicorn, which hands the gateway its sockets.

The handshake, and every WebSocket that is not the gateway's, are uvicorn's. A socket that has reached the gateway is
taken over by our driver: frames go from the room to the transport, without ASGI's messages between them. (Half of a
send through ASGI is not the kernel's; see benchmarks/README.md.)
"""

import asyncio
import gc
import logging
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from capsule.server.asgi import TAKE_OVER
from capsule.server.frames import FrameReader
from capsule.server.gateway import Gateway
from capsule.server.limits import Limits
from capsule.server.websocket import WebSocket

logger = logging.getLogger("capsule.server.uvicorn_server")

# New sockets until they are frozen: some 10,000 objects, and so a few milliseconds. See capsule/server/garbage.py; but
# what else lives in this process is not ours, and is walked as ever.
FREEZE_AT = 100
# What a transport may hold before `send` waits. The kernel's own buffer comes on top.
WRITE_BUFFER = 64 * 1024


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, until the gateway takes the socket over."""

    gateway: Gateway | None = None
    """The gateway that this socket went to."""
    taken = False

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)  # not set by a refused handshake
        if scope is not None:
            scope["extensions"][TAKE_OVER] = self.take_over
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER)

    def take_over(self, gateway: Gateway, user: str) -> bool:
        """Serve this socket without uvicorn. False for a client that did not wait for the handshake's answer."""
        self.gateway = gateway
        if self.conn.reader.buffer or not self.queue.empty() or self.transport.is_closing():
            return False
        self.taken = True
        self.stop_keepalive()  # the client's own pings are what keeps the session
        connection = gateway.connect(user)
        reader = FrameReader(gateway.limits.message_bytes + 1024)
        WebSocket(connection, self.transport, reader, lost=self.connection_lost)
        return True

    def shutdown(self) -> None:
        if self.taken:
            self.transport.abort()  # it has been drained
        else:
            super().shutdown()


class Server(uvicorn.Server):
    """uvicorn's server, which drains its gateways before it closes their sockets."""

    _frozen = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        scheme = "https" if self.config.is_ssl else "http"
        # What is here now stays, and need not be walked again.
        gc.collect()
        gc.freeze()
        logger.info("serving on %s://%s:%d", scheme, self.config.host, self.port)

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        sockets = len(self.server_state.connections)
        if sockets - self._frozen >= FREEZE_AT:
            self._frozen = sockets
            gc.collect()
            gc.freeze()
        self._frozen = min(self._frozen, sockets)
        return await super().on_tick(counter)

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


def uvicorn_server(app: Any, *, host: str, port: int, limits: Limits) -> Server:
    """A server for an ASGI application; `await it.serve()` runs it until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        ws=SocketProtocol,
        ws_max_size=limits.message_bytes + 1024,
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
