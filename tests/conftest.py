"""A real Valkey for the whole session, emptied before each test, and a way to run async tests against it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from capsule.feeds import Capsule
from capsule.feeds.address import Address
from capsule.feeds.embedded import Server, ensure
from capsule.feeds.link import Link, open_link

Run = Callable[[Callable[[Capsule], Awaitable[object]]], None]


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
    server = ensure(tmp_path / "data")
    yield server
    server.stop()


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for something that another task or process does."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        assert loop.time() < deadline, "It did not happen in time."
        await asyncio.sleep(0.005)
