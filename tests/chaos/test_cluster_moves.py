"""A cluster whose slots move under the load: scopes, queues and channels change servers in the middle of their
work, key by key and all at once; a primary hands over to its replica; workers are killed; subscribers are cut.

What must hold is what holds on one server, and is in ledger.py. Run it longer with CAPSULE_CHAOS_SECONDS=600.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from capsule.feeds import Capsule
from capsule.feeds.layout import slot_of
from tests.chaos.ledger import Ledger
from tests.chaos.victims import Crew, tell
from tests.feeds.real_cluster import ClusterNode, RealCluster, primaries

SECONDS = float(os.environ.get("CAPSULE_CHAOS_SECONDS", "12"))
WORKERS = 2
GROUPS = 4
PARTITIONS = 3


class Storm:
    """What is done to the cluster, and how often."""

    def __init__(self, cluster: RealCluster) -> None:
        self.cluster = cluster
        self.crew = Crew("tests.chaos.plain_worker", WORKERS, cluster.url)
        self.counts = self.crew.counts
        names = [f"team.{group}" for group in range(GROUPS)] + [f"actions.{n}" for n in range(PARTITIONS)]
        self.slots = sorted({slot_of(f"{{{name}}}") for name in names})

    async def run(self, seconds: float, enough: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        blows = [
            self.move_slowly,
            self.move_slowly,
            self.move_at_once,
            self.kill_worker,
            self.cut,
            self.hand_over,
        ]
        while time.monotonic() < end or not enough():
            for blow in random.sample(blows, len(blows)):
                await blow()
                await asyncio.sleep(random.uniform(0, 0.1))

    def any_move(self) -> tuple[int, ClusterNode]:
        """A slot that is used, and a primary that has not got it."""
        slot = random.choice(self.slots)
        ports = {port for _, _, port in primaries(self.cluster.nodes[0])} - {self.cluster.owner(slot).port}
        return slot, random.choice([node for node in self.cluster.nodes if node.port in ports])

    async def move_slowly(self) -> None:
        slot, target = self.any_move()
        source = await asyncio.to_thread(self.cluster.open_move, slot, target)
        while await asyncio.to_thread(self.cluster.move_keys, slot, source, target, 2):
            await asyncio.sleep(random.uniform(0, 0.02))
        await asyncio.to_thread(self.cluster.close_move, slot, source, target)
        self.counts["slots moved key by key"] += 1

    async def move_at_once(self) -> None:
        slot, target = self.any_move()
        await asyncio.to_thread(self.cluster.move_at_once, slot, target)
        self.counts["slots moved at once"] += 1

    async def hand_over(self) -> None:
        await asyncio.to_thread(self.cluster.hand_over)
        self.counts["primaries replaced"] += 1

    async def kill_worker(self) -> None:
        self.crew.kill()

    async def cut(self) -> None:
        for node in self.cluster.nodes:
            self.counts["subscribers cut"] += node.ask("CLIENT", "KILL", "TYPE", "pubsub")


async def storm(cluster: RealCluster) -> dict[str, int]:
    cap = await Capsule.connect(cluster.url)
    await cap.partitions("actions").divide(PARTITIONS)
    chaos = Storm(cluster)
    try:
        async with Ledger(cap, GROUPS) as ledger:
            await chaos.run(SECONDS, lambda: ledger.total > 100)
            return {**await ledger.close(), **chaos.counts}
    finally:
        await cap.close()
        chaos.crew.stop()


@pytest.mark.chaos
def test_slots_move_under_load_and_nothing_is_lost_doubled_or_out_of_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RealCluster(tmp_path, primaries=3, replicas=1) as cluster:
        report = asyncio.run(storm(cluster))
    tell(capsys, "cluster", SECONDS, report)
    assert report["slots moved key by key"] > 1
    assert report["slots moved at once"] > 0
    assert report["jobs acknowledged"] > 100
