"""A TCP proxy between a client and a unix socket: it speaks TLS if told to, and misbehaves on request."""

import asyncio
import ssl
from types import TracebackType


class Proxy:
    """`async with Proxy(path) as proxy:` then connect to `proxy.url`.

    `drop_replies`: what the server answers never arrives. `split`: bytes arrive one by one, in both
    directions. `cut()`: every connection breaks.
    """

    def __init__(self, path: str, tls: ssl.SSLContext | None = None) -> None:
        self._path = path
        self._tls = tls
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.drop_replies = False
        self.split = False
        self.connections = 0
        self.sent = 0

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        host, port = self._server.sockets[0].getsockname()
        self.url = f"redis://{host}:{port}" if self._tls is None else f"rediss://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        upstream, downstream = await asyncio.open_unix_connection(self._path)
        self._writers |= {writer, downstream}
        for task in (
            asyncio.create_task(self._pump(reader, downstream, False)),
            asyncio.create_task(self._pump(upstream, writer, True)),
        ):
            self._tasks.add(task)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, replies: bool) -> None:
        try:
            while data := await source.read(65536):
                if replies and self.drop_replies:
                    continue
                self.sent += 0 if replies else 1
                for part in [data[i : i + 1] for i in range(len(data))] if self.split else [data]:
                    sink.write(part)
                    await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.transport.abort()
