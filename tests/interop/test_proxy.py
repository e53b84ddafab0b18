"""The proxy between the client under test and the server: what it breaks, and that it breaks nothing else."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from capsule.feeds import script
from capsule.feeds.address import Address
from capsule.feeds.conformance.proxy import Proxy
from capsule.feeds.embedded import Server
from capsule.feeds.errors import ConnectionLostError
from capsule.feeds.link import Link, open_link


def through(server: Server, test: Callable[[Proxy, Link], Awaitable[None]]) -> None:
    """Run `test(proxy, link)` with a link to the server that goes through a proxy."""

    async def body() -> None:
        path = Address.parse(server.url).path
        assert path is not None
        async with Proxy(path) as proxy:
            link = await open_link(Address.parse(proxy.url))
            try:
                await test(proxy, link)
            finally:
                link.close()

    asyncio.run(body())


def test_it_forwards_until_it_is_cut_and_lets_nobody_in_before_it_is_told_to(
    server: Server, url: str
) -> None:
    async def test(proxy: Proxy, link: Link) -> None:
        assert await link.call("SET", "k", "v") == b"OK"
        proxy.cut()
        with pytest.raises(ConnectionLostError):
            await link.call("GET", "k")
        with pytest.raises(ConnectionLostError):
            await open_link(Address.parse(proxy.url))
        proxy.let_in()
        again = await open_link(Address.parse(proxy.url))
        assert await again.call("GET", "k") == b"v"
        again.close()

    through(server, test)


def test_a_lost_reply_belongs_to_a_call_that_ran(server: Server, url: str) -> None:
    async def test(proxy: Proxy, link: Link) -> None:
        log = script.load("log")
        await link.call("SCRIPT", "LOAD", log.source)
        proxy.lose_reply("log")
        assert await link.call("PING") == b"PONG"
        with pytest.raises(ConnectionLostError):
            await link.call("EVALSHA", log.sha1, 1, "cap1:{team.7}:", "0-0")
        assert proxy.sent["log"] == 1
        proxy.reset()
        assert proxy.sent == {}

    through(server, test)


def test_a_script_is_counted_once_also_when_its_name_arrives_in_two_parts(server: Server, url: str) -> None:
    async def test(proxy: Proxy, link: Link) -> None:
        sha1 = script.load("log").sha1
        address = Address.parse(proxy.url)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        for part in ("*2\r\n$4\r\nECHO\r\n$40\r\n" + sha1[:20], sha1[20:] + "\r\n*1\r\n$4\r\nPING\r\n"):
            writer.write(part.encode())
            await writer.drain()
            await asyncio.sleep(0.05)
        assert await reader.readuntil(b"PONG\r\n") == f"$40\r\n{sha1}\r\n+PONG\r\n".encode()
        assert proxy.sent["log"] == 1
        writer.close()

    through(server, test)


def test_split_replies_are_whole_in_the_end(server: Server, url: str) -> None:
    async def test(proxy: Proxy, link: Link) -> None:
        proxy.split = True
        assert await link.call("ECHO", "é" * 1000) == ("é" * 1000).encode()

    through(server, test)
