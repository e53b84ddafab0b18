"""A server for one process and one gateway: its own sockets, set up for many quiet ones and a graceful end.

    await server(gateway, port=8000).serve()

Several processes may share a port (`reuse_port`), one for each core: the kernel spreads connections among them, and a
client may come back to any. An ASGI application around a gateway is served by uvicorn instead, with our driver for the
sockets that reach the gateway.
"""

import asyncio
import logging
import signal
import socket
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from capsule.server.asgi import GatewayApp
from capsule.server.door import Door, Hall
from capsule.server.garbage import Collector
from capsule.server.gateway import Gateway
from capsule.server.limits import Limits
from capsule.server.metrics import exposition
from capsule.server.uvicorn_server import Server, uvicorn_server

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

logger = logging.getLogger("capsule.server.standalone")

BACKLOG = 4096
# Kernel memory of one socket whose peer does not read; it is doubled by the kernel.
SEND_BUFFER = 128 * 1024
TURNS_A_SECOND = 4
# File descriptors for everything but clients.
RESERVE = 100
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Standalone:
    """Serves a gateway by itself. `metrics`: host and port of a second listener, for operators only, that
    answers `/metrics` and `/health`; the port of the clients answers `/health`.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        host: str = "127.0.0.1",
        port: int = 8000,
        reuse_port: bool = False,
        metrics: tuple[str, int] | None = None,
    ) -> None:
        self.gateway = gateway
        self.host = host
        self.started = False
        self.servers: list[asyncio.Server] = []
        self._asked_port = port
        self._reuse_port = reuse_port
        self._metrics = metrics
        self._hall = Hall(gateway, {"/health": self._health})
        self._office = Hall(None, {"/health": self._health, "/metrics": self._tell})
        self._leaving = asyncio.Event()
        self._hurried = asyncio.Event()

    @property
    def port(self) -> int:
        """The port that is listened on; the one asked for may have been 0."""
        number: int = self.servers[0].sockets[0].getsockname()[1]
        return number

    @property
    def metrics_port(self) -> int:
        """The operators' port."""
        number: int = self.servers[1].sockets[0].getsockname()[1]
        return number

    @property
    def should_exit(self) -> bool:
        """Set it to end the server gracefully, as the first SIGTERM does. The second one skips the drain."""
        return self._leaving.is_set()

    @should_exit.setter
    def should_exit(self, value: bool) -> None:
        if value:
            self._leaving.set()

    async def serve(self) -> None:
        """Serve until SIGTERM, SIGINT or `should_exit`. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        collector = Collector()
        handled = []
        for number in SIGNALS:
            with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; not the main thread
                loop.add_signal_handler(number, self._signalled)
                handled.append(number)
        try:
            async with self.gateway:
                await self._listen(loop)
                collector.start()
                keeper = loop.create_task(self._keep_time(collector))
                self.started = True
                logger.info("serving on http://%s:%d", self.host, self.port)
                await self._leaving.wait()
                await self._end(keeper)
        finally:
            for listener in self.servers:
                listener.close()
            collector.stop()
            for number in handled:
                loop.remove_signal_handler(number)

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        self._hall.most = descriptors(self.gateway.limits.sockets + RESERVE) - RESERVE
        listener = socket.create_server(
            (self.host, self._asked_port),
            family=socket.AF_INET6 if ":" in self.host else socket.AF_INET,
            backlog=BACKLOG,
            reuse_port=self._reuse_port,
        )
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)  # accepted sockets inherit it
        made = await loop.create_server(lambda: Door(self._hall), sock=listener, backlog=BACKLOG)
        self.servers.append(made)
        if self._metrics is not None:
            host, port = self._metrics
            self.servers.append(await loop.create_server(lambda: Door(self._office), host, port))
            logger.info("metrics on http://%s:%d/metrics", host, self.metrics_port)

    async def _end(self, keeper: asyncio.Task[None]) -> None:
        """Send the clients elsewhere, while no new ones come."""
        self._hall.closed = True
        self.servers[0].close()
        drain = asyncio.ensure_future(self.gateway.drain())
        hurried = asyncio.ensure_future(self._hurried.wait())
        await asyncio.wait([drain, hurried], return_when=asyncio.FIRST_COMPLETED)
        for task in (drain, hurried, keeper):
            task.cancel()
        await asyncio.gather(drain, hurried, keeper, return_exceptions=True)

    async def _keep_time(self, collector: Collector) -> None:
        turns = 0
        while True:
            await asyncio.sleep(1 / TURNS_A_SECOND)
            turns += 1
            now = self.gateway.now()
            for hall in (self._hall, self._office):
                hall.turn(now, self.gateway.limits.hello_within)
            if turns % TURNS_A_SECOND == 0:
                collector.tick(len(self.gateway.connections))

    def _signalled(self) -> None:
        if self._leaving.is_set():
            self._hurried.set()
        self._leaving.set()

    def _health(self) -> tuple[int, str]:
        if self._hall.full():
            return HTTPStatus.SERVICE_UNAVAILABLE, "full or draining\n"
        return HTTPStatus.OK, "ok\n"

    def _tell(self) -> tuple[int, str]:
        return HTTPStatus.OK, exposition(self.gateway)


def descriptors(wanted: int) -> int:
    """How many file descriptors this process may have, after asking the system for as many as are wanted."""
    if resource is None:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        logger.warning("only %d file descriptors (ulimit -n): fewer sockets than Limits.sockets", most)
    return most


def server(
    app: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    reuse_port: bool = False,
    metrics: tuple[str, int] | None = None,
) -> Server | Standalone:
    """A server for a gateway, or for an ASGI application around one; `await it.serve()` runs it until
    SIGINT or SIGTERM. `limits` are those of the application's gateway; a gateway has its own.

    Raises ValueError for `reuse_port` or `metrics` with an application, which has routes of its own.
    """
    gateway = app.gateway if type(app) is GatewayApp else app
    if isinstance(gateway, Gateway):
        return Standalone(gateway, host=host, port=port, reuse_port=reuse_port, metrics=metrics)
    if reuse_port or metrics is not None:
        raise ValueError("reuse_port and metrics are for a gateway that is served by itself.")
    return uvicorn_server(app, host=host, port=port, limits=limits or Limits())
