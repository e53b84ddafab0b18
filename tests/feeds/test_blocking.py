"""Commands that wait on the server, each on a connection to itself."""

import asyncio

import pytest

from capsule.feeds import ConnectionLostError, blocking
from capsule.feeds.address import Address
from capsule.feeds.blocking import BlockingPool
from tests.conftest import ask, blocked, until


async def connected(url: str, count: int) -> None:
    """Wait until the server has so many clients, besides the one that asks."""

    async def counted() -> bool:
        listing = await ask(url, "CLIENT", "LIST", "TYPE", "normal")
        assert isinstance(listing, bytes)
        return listing.count(b"\n") == count + 1

    await until(counted)


def test_waiting_commands_do_not_wait_for_each_other_and_idle_connections_are_used_again(url: str) -> None:
    async def body() -> None:
        pool = BlockingPool(Address.parse(url))
        for _ in range(3):
            waiting = [asyncio.create_task(pool.call("BLPOP", f"key{n}", 60, seconds=60)) for n in range(3)]
            await blocked(url, 3)
            for n in (2, 0, 1):
                await ask(url, "RPUSH", f"key{n}", n)
                assert await waiting[n] == [f"key{n}".encode(), f"{n}".encode()]
        await connected(url, 3)
        pool.close()

    asyncio.run(body())


def test_a_cancelled_caller_stops_waiting_on_the_server_too(url: str) -> None:
    async def body() -> None:
        pool = BlockingPool(Address.parse(url))
        waiting = asyncio.create_task(pool.call("BLPOP", "key", 60, seconds=60))
        await blocked(url, 1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await connected(url, 0)
        await ask(url, "RPUSH", "key", "kept")
        assert await pool.call("BLPOP", "key", 60, seconds=60) == [b"key", b"kept"]
        pool.close()

    asyncio.run(body())


def test_a_broken_connection_is_an_error_once_and_then_replaced(url: str) -> None:
    async def body() -> None:
        pool = BlockingPool(Address.parse(url))
        waiting = asyncio.create_task(pool.call("BLPOP", "key", 60, seconds=60))
        await blocked(url, 1)
        await ask(url, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        with pytest.raises(ConnectionLostError):
            await waiting
        assert await pool.call("BLPOP", "key", 0.01, seconds=0.01) is None
        await ask(url, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await until(lambda: pool._idle[-1].lost.done())
        assert await pool.call("BLPOP", "key", 0.01, seconds=0.01) is None
        pool.close()

    asyncio.run(body())


def test_a_server_that_does_not_come_back_in_time_is_given_up(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "GRACE_SECONDS", 0.05)

    async def body() -> None:
        pool = BlockingPool(Address.parse(url))
        with pytest.raises(ConnectionLostError, match="No word from"):
            await pool.call("BLPOP", "key", 60, seconds=0.05)
        pool.close()

    asyncio.run(body())
