"""A primary of a cluster is killed, or stops answering, and its replica takes its place.

Replication is asynchronous: what a primary acknowledged in its last moments may be gone, and readers must find
out. What it had passed on must be there, once, and whoever was writing must be able to go on with the same ids.
"""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from capsule.feeds import Capsule, ConnectionLostError, Publish, Transaction, connection, keys, layout
from tests.chaos.ledger import Reader
from tests.conftest import until
from tests.feeds.real_cluster import ClusterNode, RealCluster, wait_for

SCOPE = "team.7"
SLOT = layout.slot_of(keys.scope(SCOPE))


class Writer:
    """Commits one after the other, each until it is answered, with the same id."""

    def __init__(self, cap: Capsule) -> None:
        self.scope = cap.scope(SCOPE)
        self.written: list[str] = []
        self.repeated = 0

    async def write(self, count: int) -> None:
        for _ in range(count):
            op = f"op.{len(self.written) + 1}"
            while True:
                try:
                    [outcome] = await self.scope.commit(
                        [Transaction(op, [Publish("done", op.replace(".", ""), "1")])]
                    )
                    break
                except ConnectionLostError:
                    self.repeated += 1
                    await asyncio.sleep(0.02)
            assert outcome.code in ("applied", "known")
            self.written.append(op)


async def replaced(cluster: RealCluster, old: ClusterNode) -> None:
    asked = next(node for node in cluster.nodes[1:] if node is not old)
    await asyncio.to_thread(wait_for, lambda: cluster.owner(SLOT, asked) is not old)


def on_cluster(cluster: RealCluster, test: Callable[[Capsule, Reader], Awaitable[None]]) -> None:
    async def body() -> None:
        cap = await Capsule.connect(cluster.url)
        reader = Reader(cap, SCOPE)
        following = asyncio.create_task(reader.run())
        try:
            await test(cap, reader)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await cap.close()

    asyncio.run(body())


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealCluster]:
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 1.0)
    with RealCluster(tmp_path, primaries=3, replicas=1) as cluster:
        if cluster.owner(SLOT) is not cluster.nodes[0]:
            cluster.move(SLOT, cluster.nodes[0])
            cluster.agreed()
        yield cluster


@pytest.mark.chaos
def test_a_killed_primary_is_replaced_and_nothing_that_was_replicated_is_lost(
    cluster: RealCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    times: list[float] = []

    async def test(cap: Capsule, reader: Reader) -> None:
        writer = Writer(cap)
        for _ in range(2):
            await writer.write(50)
            primary = cluster.owner(SLOT, cluster.nodes[1])
            # All of it has reached the replica; only what follows is at risk, and nobody was told that it is done.
            assert await cap.at(writer.scope.prefix).command("WAIT", 1, 10_000) == 1
            began = time.monotonic()
            replica = cluster.replica()
            primary.kill()
            writing = asyncio.create_task(writer.write(50))
            await asyncio.to_thread(cluster.take_over, replica)
            await writing
            times.append(time.monotonic() - began)
            await until(lambda: reader.operations == writer.written)
            await replaced(cluster, primary)
            primary.start()
            await asyncio.to_thread(wait_for, lambda primary=primary: primary.ask("ROLE")[0] == "slave")
            await asyncio.to_thread(cluster.agreed)
            await asyncio.to_thread(wait_for, lambda primary=primary: primary.ask("ROLE")[3] == "connected")
        snapshot = await writer.scope.snapshot()
        assert [item_id for item_id, _ in snapshot.feeds[0][1]] == [
            op.replace(".", "") for op in writer.written
        ]

    on_cluster(cluster, test)
    with capsys.disabled():
        print(
            f"\nfailover: 2 primaries killed, 200 commits once each, writing again after {max(times):.1f} s"
        )


@pytest.mark.chaos
def test_a_primary_that_is_frozen_is_replaced_and_changes_nothing_when_it_wakes(
    cluster: RealCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    async def test(cap: Capsule, reader: Reader) -> None:
        writer = Writer(cap)
        await writer.write(50)
        frozen = cluster.owner(SLOT)
        assert await cap.at(writer.scope.prefix).command("WAIT", 1, 10_000) == 1
        replica = cluster.replica()
        frozen.signal(signal.SIGSTOP)
        began = time.monotonic()
        writing = asyncio.create_task(writer.write(50))
        await asyncio.to_thread(cluster.take_over, replica)
        await writing
        took = time.monotonic() - began
        frozen.signal(signal.SIGCONT)
        await writer.write(50)
        await until(lambda: reader.operations == writer.written)
        await asyncio.to_thread(wait_for, lambda: frozen.ask("ROLE")[0] == "slave")
        snapshot = await writer.scope.snapshot()
        assert [item_id for item_id, _ in snapshot.feeds[0][1]] == [
            op.replace(".", "") for op in writer.written
        ]
        assert snapshot.event_id == reader.last
        with capsys.disabled():
            print(
                f"\nfrozen primary: writing again after {took:.1f} s, {writer.repeated} commits repeated, none twice"
            )

    on_cluster(cluster, test)
