"""Which of several databases holds what, and who is refused."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from capsule.feeds import LayoutError, layout
from capsule.feeds.address import Address
from capsule.feeds.link import Link, open_link
from tests.conftest import ask


def with_link(url: str, test: Callable[[Link], Coroutine[Any, Any, None]]) -> None:
    async def body() -> None:
        link = await open_link(Address.parse(url))
        try:
            await test(link)
        finally:
            link.close()

    asyncio.run(body())


def test_the_slot_is_the_one_that_the_server_computes(tmp_path_factory: pytest.TempPathFactory) -> None:
    from .real_cluster import ClusterNode, free_ports

    port, bus = free_ports(2)
    node = ClusterNode(tmp_path_factory.mktemp("slots") / "node", port, bus)
    try:
        for key in ("team.7", "cap1:{team.7}:events", "cap1:contract", "{}x", "a{b", "{a}{b}", "é"):
            assert layout.slot_of(key) == node.ask("CLUSTER", "KEYSLOT", key)
    finally:
        node.kill()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 16, 100])
def test_the_ranges_are_all_slots_without_gap_or_overlap(count: int) -> None:
    ranges = [layout.range_of(index, count) for index in range(count)]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == layout.SLOTS - 1
    assert all(before[1] + 1 == after[0] for before, after in pairwise(ranges))


def test_the_first_to_connect_writes_down_who_holds_what(url: str) -> None:
    async def test(link: Link) -> None:
        assert await layout.check(link, 1, 3, None) == layout.EPOCH
        assert await layout.check(link, 1, 3, layout.EPOCH) == layout.EPOCH
        assert await link.call("HGETALL", "cap1:layout") == [b"epoch", b"1", b"slots", b"5461-10921 of 3"]

    with_link(url, test)


def test_a_server_that_is_alone_is_not_marked(url: str) -> None:
    async def test(link: Link) -> None:
        assert await layout.check(link, 0, 1, None) == layout.EPOCH
        assert await link.call("EXISTS", "cap1:layout") == 0

    with_link(url, test)


@pytest.mark.parametrize(("index", "count"), [(0, 1), (0, 2), (1, 2), (0, 3), (2, 3)])
def test_another_number_or_order_of_databases_is_refused(url: str, index: int, count: int) -> None:
    async def test(link: Link) -> None:
        await layout.check(link, 1, 3, None)
        with pytest.raises(LayoutError, match=r"holds slots 5461-10921 of 3, and should hold") as caught:
            await layout.check(link, index, count, None)
        assert caught.value.code == "LAYOUT"

    with_link(url, test)


def test_data_of_a_server_that_was_alone_is_not_taken_for_a_part(url: str) -> None:
    asyncio.run(ask(url, "HSET", "cap1:contract", "minor", 0, "min_client", 0))

    async def test(link: Link) -> None:
        with pytest.raises(LayoutError, match="was alone"):
            await layout.check(link, 0, 2, None)
        assert await link.call("EXISTS", "cap1:layout") == 0

    with_link(url, test)


def test_a_process_that_began_under_another_layout_is_refused_when_it_reconnects(url: str) -> None:
    async def test(link: Link) -> None:
        epoch = await layout.check(link, 0, 2, None)
        await link.call("HSET", "cap1:layout", "epoch", epoch + 1)
        with pytest.raises(LayoutError, match=r"is of layout 2, and this process began with layout 1"):
            await layout.check(link, 0, 2, epoch)
        assert await layout.check(link, 0, 2, None) == epoch + 1

    with_link(url, test)
