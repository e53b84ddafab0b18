"""What lies between the client under test and the server: a proxy on a TCP port that breaks things on request."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import TypeAlias

from capsule.feeds import script

Pair: TypeAlias = tuple[asyncio.StreamWriter, asyncio.StreamWriter]  # to the client, to the server

SPLIT = 7  # bytes: less than a character's neighbours, a number or a line


class Proxy:
    """`async with Proxy(path) as proxy`, then `proxy.url`. It forwards bytes to the unix socket `path`.

    While `split` is set, replies arrive in parts of a few bytes.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: set[Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._away = False
        self._lose: bytes | None = None
        self._losing: Pair | None = None
        self.split = False
        self.sent: dict[str, int] = {}

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"redis://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reset(self) -> None:
        """Break nothing any more, and begin to count anew."""
        self._away, self._lose, self._losing, self.split = False, None, None, False
        self.sent = {}

    def cut(self) -> None:
        """Break every connection, and let nobody in until `let_in`."""
        self._away = True
        for pair in list(self._open):
            self._break(pair)

    def let_in(self) -> None:
        self._away = False

    def lose_reply(self, name: str) -> None:
        """Let the next call of the script `name` reach the server, and break the connection instead of answering."""
        self._lose = script.load(name).sha1.encode()
        self.sent = {}

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._away:
            writer.transport.abort()
            return
        upstream, downstream = await asyncio.open_unix_connection(self._path)
        pair = (writer, downstream)
        self._open.add(pair)
        for task in (
            asyncio.create_task(self._requests(reader, pair)),
            asyncio.create_task(self._replies(upstream, pair)),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _requests(self, reader: asyncio.StreamReader, pair: Pair) -> None:
        names = {script.load(name).sha1.encode(): name for name in script.names()}
        carry = b""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                seen, carry = carry + data, (carry + data)[-39:]  # a SHA1, 40 characters, may be split
                for sha1, name in names.items():
                    self.sent[name] = self.sent.get(name, 0) + seen.count(sha1)
                if self._lose is not None and self._lose in seen:
                    self._lose, self._losing = None, pair
                pair[1].write(data)
                await pair[1].drain()
        self._break(pair)

    async def _replies(self, reader: asyncio.StreamReader, pair: Pair) -> None:
        with contextlib.suppress(ConnectionError):
            # The server has answered, so the call has run; the answer goes no further.
            while (data := await reader.read(65536)) and self._losing is not pair:
                for part in (
                    [data[at : at + SPLIT] for at in range(0, len(data), SPLIT)] if self.split else [data]
                ):
                    pair[0].write(part)
                    await pair[0].drain()
                    await asyncio.sleep(0)  # or the next part would join this one
        self._break(pair)

    def _break(self, pair: Pair) -> None:
        self._open.discard(pair)
        for writer in pair:
            writer.transport.abort()
