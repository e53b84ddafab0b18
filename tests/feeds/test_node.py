"""The connections of a process to one server."""

import asyncio

import pytest

from capsule.feeds import ConnectionLostError, ServerError
from capsule.feeds.address import Address
from capsule.feeds.events import Events
from capsule.feeds.link import Link
from capsule.feeds.node import Node
from tests.conftest import ask, blocked, until


async def nothing(link: Link) -> None: ...


def node_of(url: str) -> Node:
    node = Node(Address.parse(url), Events(lambda name: node.subscriber), nothing)
    return node


def test_it_holds_two_connections_and_one_for_each_wait(url: str) -> None:
    async def body() -> None:
        node = node_of(url)
        await node.open()
        waits = [asyncio.create_task(node.blocking.call("BLPOP", f"k{n}", 60, seconds=60)) for n in range(3)]
        await blocked(url, 3)
        listing = await ask(url, "CLIENT", "LIST")
        assert isinstance(listing, bytes)
        assert listing.count(b"\n") == 2 + 3 + 1
        await node.close()
        for wait in waits:
            with pytest.raises(ConnectionLostError):
                await wait
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(body())


def test_the_first_failure_is_raised_unless_it_is_started_without_waiting() -> None:
    troubles: list[int] = []

    async def body() -> None:
        events = Events(lambda name: None)
        with pytest.raises(ConnectionLostError):
            await Node(Address(port=1), events, nothing).open()
        node = Node(Address(port=1), events, nothing, on_trouble=lambda: troubles.append(1))
        node.start()
        await until(lambda: len(troubles) > 3)
        assert isinstance(node.connection.failure, ConnectionLostError)
        await node.close()

    asyncio.run(body())


def test_a_server_in_the_wrong_role_is_left_by_all_connections(url: str) -> None:
    async def body() -> None:
        node = node_of(url)
        await node.open()
        await node.blocking.call("BLPOP", "k", 0.01, seconds=0.01)
        links = [node.connection.link, node.subscriber.connection.link, *node.blocking._idle]
        await ask(url, "REPLICAOF", "127.0.0.1", 1)
        try:
            with pytest.raises(ServerError, match="READONLY"):
                await node.connection.command("SET", "x", 1)
            assert len(links) == 3
            assert all(link is not None and link.lost.done() for link in links)
        finally:
            await ask(url, "REPLICAOF", "NO", "ONE")
        await node.close()

    asyncio.run(body())
