"""One subscription connection: which answer belongs to which request."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from capsule.feeds import CapsuleError
from capsule.feeds.address import Address
from capsule.feeds.subscriber import Subscriber
from tests.conftest import ask, until

from .real_cluster import RealCluster


class Diary:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.wanted: list[bytes] = []
        self.told: list[tuple[str, bytes, str]] = []

    def channels_of(self, subscriber: Subscriber) -> list[bytes]:
        return self.wanted

    def heard(self, name: bytes, message: bytes) -> None:
        self.told.append(("heard", name, message.decode()))

    def confirmed(self, subscriber: Subscriber, name: bytes) -> None:
        self.told.append(("confirmed", name, ""))

    def refused(self, subscriber: Subscriber, name: bytes, error: CapsuleError) -> None:
        self.told.append(("refused", name, str(error).split(" ")[0]))

    def evicted(self, subscriber: Subscriber, name: bytes) -> None:
        self.told.append(("evicted", name, ""))

    async def until(self, *told: tuple[str, bytes, str]) -> None:
        await until(lambda: len(self.told) >= len(told))
        await asyncio.sleep(0.02)
        assert self.told == list(told)
        self.told.clear()


def run(
    address: Address, test: Callable[[Subscriber, Diary], Awaitable[None]], sharded: bool = False
) -> None:
    async def body() -> None:
        diary = Diary()
        subscriber = Subscriber(address, diary, sharded=sharded)
        await subscriber.connection.open()
        try:
            await test(subscriber, diary)
        finally:
            await subscriber.connection.close()

    asyncio.run(body())


def test_only_the_last_of_several_requests_counts(url: str) -> None:
    async def test(subscriber: Subscriber, diary: Diary) -> None:
        subscriber.join(b"a")
        subscriber.leave(b"a")
        subscriber.join(b"a")
        subscriber.join(b"b")
        await diary.until(("confirmed", b"a", ""), ("confirmed", b"b", ""))
        await ask(url, "PUBLISH", "a", "x")
        subscriber.leave(b"b")
        await diary.until(("heard", b"a", "x"))

    run(Address.parse(url), test)


def test_a_refusal_is_told_of_the_channel_that_was_refused(url: str) -> None:
    asyncio.run(ask(url, "ACL", "SETUSER", "half", "on", ">pw", "~*", "+@all", "resetchannels", "&good*"))

    async def test(subscriber: Subscriber, diary: Diary) -> None:
        for name in (b"good1", b"bad1", b"good2", b"bad2", b"good3"):
            subscriber.join(name)
        await diary.until(
            ("confirmed", b"good1", ""),
            ("refused", b"bad1", "NOPERM"),
            ("confirmed", b"good2", ""),
            ("refused", b"bad2", "NOPERM"),
            ("confirmed", b"good3", ""),
        )

    try:
        run(Address.parse(url.replace("unix://", "unix://half:pw@")), test)
    finally:
        asyncio.run(ask(url, "ACL", "DELUSER", "half"))


def test_a_new_connection_asks_for_all_channels(url: str) -> None:
    async def test(subscriber: Subscriber, diary: Diary) -> None:
        diary.wanted = [b"a", b"b"]
        subscriber.connection.reconnect()
        await diary.until(("confirmed", b"a", ""), ("confirmed", b"b", ""))

    run(Address.parse(url), test)


def test_a_ping_disturbs_nothing_with_and_without_subscriptions(url: str) -> None:
    async def test(subscriber: Subscriber, diary: Diary) -> None:
        for name in (b"a", b"b"):
            link = subscriber.connection.link
            assert link is not None
            link.ping()
            subscriber.join(name)
            await diary.until(("confirmed", name, ""))

    run(Address.parse(url), test)


@pytest.mark.parametrize("how", ["move", "move_at_once"])
def test_a_slot_that_moves_away_takes_its_channels(cluster: RealCluster, how: str) -> None:
    channel = b"cap1:{team.7}:events"
    from capsule.feeds.layout import slot_of

    slot = slot_of(channel)
    owner = cluster.owner(slot)
    target = next(node for node in cluster.nodes if node is not owner)

    async def test(subscriber: Subscriber, diary: Diary) -> None:
        subscriber.join(channel)
        await diary.until(("confirmed", channel, ""))
        owner.ask("SPUBLISH", channel.decode(), "x")
        await diary.until(("heard", channel, "x"))
        await asyncio.to_thread(getattr(cluster, how), slot, target)
        await diary.until(("evicted", channel, ""))
        subscriber.join(channel)
        await diary.until(("refused", channel, "MOVED"))

    run(Address("127.0.0.1", owner.port), test, sharded=True)
