"""Who owns which slot, and what a server says that does not."""

import asyncio

import pytest

from capsule.feeds import ServerError
from capsule.feeds.address import Address
from capsule.feeds.layout import SLOTS
from capsule.feeds.link import open_link
from capsule.feeds.slots import Peer, Redirect, read_slots

from .real_cluster import RealCluster, primaries


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MOVED 3999 127.0.0.1:6381", Redirect(3999, ("127.0.0.1", 6381), True)),
        ("ASK 3999 db.example.org:6381", Redirect(3999, ("db.example.org", 6381), False)),
        ("MOVED 0 ::1:6381", Redirect(0, ("::1", 6381), True)),
        ("MOVED 3999 :6381", Redirect(3999, ("asked", 6381), True)),
        ("TRYAGAIN Multiple keys request during rehashing of slot", None),
        ("ERR unknown command", None),
    ],
)
def test_a_redirect_names_a_slot_and_a_server(text: str, expected: Redirect | None) -> None:
    assert Redirect.read(ServerError(text), "asked") == expected


def test_the_map_is_what_the_nodes_tell(cluster: RealCluster) -> None:
    async def body() -> list[Peer | None]:
        link = await open_link(Address("127.0.0.1", cluster.nodes[0].port))
        try:
            return await read_slots(link, "127.0.0.1")
        finally:
            link.close()

    found = asyncio.run(body())
    assert len(found) == SLOTS
    for first, last, port in primaries(cluster.nodes[0]):
        assert set(found[first : last + 1]) == {("127.0.0.1", port)}


def test_a_slot_that_nobody_serves_has_no_owner(cluster: RealCluster) -> None:
    owner = cluster.owner(0)

    async def body() -> list[Peer | None]:
        link = await open_link(Address("127.0.0.1", owner.port))
        try:
            await link.call("CLUSTER", "DELSLOTS", 0)
            return await read_slots(link, "127.0.0.1")
        finally:
            await link.call("CLUSTER", "ADDSLOTS", 0)
            link.close()

    found = asyncio.run(body())
    assert found[0] is None
    assert None not in found[1:]
    cluster.agreed()
