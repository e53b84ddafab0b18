"""A real Valkey for the whole session, emptied before each test, and a way to run async tests against it."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import redis

from capsule.feeds import Capsule
from capsule.feeds.address import Address
from capsule.feeds.embedded import Server, ensure
from capsule.feeds.link import Link, open_link

Run = Callable[[Callable[[Capsule], Awaitable[object]]], None]


def steady(data_dir: Path) -> Server:
    """An embedded server that has written what it acknowledged whenever it is killed, however busy the disk is.

    With `appendfsync everysec` it answers first while an fsync takes its time (docs/contract.md, 1): a `kill -9` just
    then costs up to two seconds, so the disk would decide what a test finds.
    """
    server = ensure(data_dir)
    with redis.Redis(unix_socket_path=Address.parse(server.url).path) as client:
        client.config_set("appendfsync", "no")
    return server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = ensure(tmp_path_factory.mktemp("valkey"))
    yield server
    server.stop()


async def ask(url: str, *arguments: str | int) -> object:
    """One command on a link of its own: what another client would do."""
    link: Link = await open_link(Address.parse(url))
    try:
        return await link.call(*arguments)
    finally:
        link.close()


@pytest.fixture
def url(server: Server) -> str:
    asyncio.run(ask(server.url, "FLUSHALL"))
    return server.url


@pytest.fixture
def run(url: str) -> Run:
    """Run `test(cap)` with a connected Capsule and close it."""

    def run(test: Callable[[Capsule], Awaitable[object]]) -> None:
        async def body() -> None:
            cap = await Capsule.connect(url)
            try:
                await test(cap)
            finally:
                await cap.close()

        asyncio.run(body())

    return run


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, to be killed and started again."""
    server = steady(tmp_path / "data")
    yield server
    server.stop()


PATIENCE = 60.0  # seconds; reached only by a test that fails: a machine may well stop for some


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for something that another task or process does. The condition may be an async function."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        found = condition()
        if await found if inspect.isawaitable(found) else found:
            return
        assert loop.time() < deadline, "It did not happen in time."
        await asyncio.sleep(0.005)


async def blocked(url: str, count: int) -> None:
    """Wait until so many connections wait on the server for what somebody else will bring (BLPOP, XREAD BLOCK)."""

    async def all_wait() -> bool:
        found = await ask(url, "INFO", "clients")
        assert isinstance(found, bytes)
        return f"blocked_clients:{count}\r\n".encode() in found

    await until(all_wait)
