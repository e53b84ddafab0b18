"""A client of bytes: what no WebSocket library would send."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from .site import Site

UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)
HELLO = '{"verb":"hello","protocol":1,"client":"mallory1"}'


def upgrade(path: str = "/?as=mallory", more: str = "") -> bytes:
    return UPGRADE.format(path=path, more=more).encode()


def masked(first: int, payload: bytes = b"", size: int | None = None) -> bytes:
    """A client's frame with the mask 0; `size`: what its header claims."""
    claimed = len(payload) if size is None else size
    if claimed < 126:
        head = bytes((first, 0x80 | claimed))
    elif claimed < 65536:
        head = bytes((first, 0xFE)) + claimed.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + claimed.to_bytes(8, "big")
    return head + bytes(4) + payload


def text(*lines: str) -> bytes:
    return masked(0x81, "\n".join(lines).encode())


class Raw:
    """A TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def head(self) -> str:
        """The head of the answer."""
        async with asyncio.timeout(60):
            return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def frame(self) -> tuple[int, bytes]:
        """The next frame: its first byte and its payload."""
        async with asyncio.timeout(60):
            first, size = await self.reader.readexactly(2)
            if size == 126:
                size = int.from_bytes(await self.reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self.reader.readexactly(8), "big")
            return first, await self.reader.readexactly(size)

    async def line(self) -> dict[str, Any]:
        """The first line of the next message."""
        first, payload = await self.frame()
        assert first == 0x81, (first, payload)
        found: dict[str, Any] = json.loads(payload.partition(b"\n")[0])
        return found

    async def closed(self) -> int:
        """Read until the close frame; its code. The end of the stream follows it."""
        while True:
            first, payload = await self.frame()
            if first == 0x88:
                async with asyncio.timeout(60):
                    assert await self.reader.read() == b""
                return int.from_bytes(payload[:2], "big")


@asynccontextmanager
async def raw(place: Site, *, port: int | None = None) -> AsyncIterator[Raw]:
    """Connected, and nothing sent yet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port or place.server.port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def opened(place: Site, more: str = "") -> AsyncIterator[Raw]:
    """After the handshake."""
    async with raw(place) as socket:
        socket.send(upgrade(more=more))
        assert (await socket.head()).startswith("HTTP/1.1 101 ")
        yield socket
