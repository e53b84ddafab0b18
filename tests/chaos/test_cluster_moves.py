"""A cluster whose slots move under the load: scopes, queues and channels change servers in the middle of their
work, key by key and all at once; a primary hands over to its replica; workers are killed; subscribers are cut.

What must hold is what holds on one server: no acknowledged job is lost, none takes effect twice, each group's
effects are in the order of its puts, and a reader gets every event once, in order. Run it longer with
CAPSULE_CHAOS_SECONDS=600.
"""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from capsule.feeds import Capsule, Chain, ConnectionLostError, Report, ServerError
from capsule.feeds.layout import slot_of
from capsule.feeds.partitions import Partitions
from tests.chaos.test_feeds_kills import ATTEMPTS, LEASE, Reader, decide
from tests.feeds.real_cluster import ClusterNode, RealCluster, primaries

SECONDS = float(os.environ.get("CAPSULE_CHAOS_SECONDS", "12"))
WORKERS = 2
GROUPS = 4
PARTITIONS = 3


def actions(cap: Capsule) -> Partitions:
    return cap.partitions("actions", lease=LEASE, attempts=ATTEMPTS, backoff=(0.01, 0.05))


async def work(url: str) -> None:
    """As simple as a worker can be: what it claims it commits under its epoch, then finishes."""
    cap = await Capsule.connect(url)
    jobs = actions(cap)
    reports: list[Report] = []
    while True:
        try:
            step = await jobs.step(reports, 20)
            reports = []
            if not step.claims:
                await jobs.wait(0.1)
            decided = await asyncio.gather(*(decide(cap, claim) for claim in step.claims))
            reports = [report for report in decided if report is not None]
        except ConnectionLostError:
            # Reports may have been taken: sent again, they change nothing. Claims come back with their leases.
            await asyncio.sleep(0.02)


class Storm:
    """What is done to the cluster, and how often."""

    def __init__(self, cluster: RealCluster) -> None:
        self.cluster = cluster
        self.counts: Counter[str] = Counter()
        self.workers = [self.start_worker() for _ in range(WORKERS)]
        names = [f"team.{group}" for group in range(GROUPS)] + [f"actions.{n}" for n in range(PARTITIONS)]
        self.slots = sorted({slot_of(f"{{{name}}}") for name in names})

    def start_worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "tests.chaos.test_cluster_moves", self.cluster.url])

    async def run(self, cap: Capsule, seconds: float) -> None:
        end = time.monotonic() + seconds
        blows = [
            self.move_slowly,
            self.move_slowly,
            self.move_at_once,
            self.kill_worker,
            self.cut,
            self.hand_over,
        ]
        while time.monotonic() < end:
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
        n = random.randrange(WORKERS)
        self.workers[n].kill()
        self.workers[n].wait()
        self.workers[n] = self.start_worker()
        self.counts["workers killed"] += 1

    async def cut(self) -> None:
        for node in self.cluster.nodes:
            self.counts["subscribers cut"] += node.ask("CLIENT", "KILL", "TYPE", "pubsub")

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()


async def produce(jobs: Partitions, group: int, acknowledged: list[str], stop: asyncio.Event) -> None:
    n = 0
    while not stop.is_set():
        n += 1
        client = f"user{group}.client{group}"
        job_id = f"{client}.{n}"
        while True:
            try:
                put = await jobs.put(
                    job_id, json.dumps(n), group=f"team.{group}", reply="producer", chain=Chain(client, n)
                )
                assert put.state != "gap"
                acknowledged.append(job_id)
                break
            except (ConnectionLostError, ServerError):
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.004)


async def collect(jobs: Partitions, results: dict[str, bytes]) -> None:
    last = "0-0"
    while True:
        try:
            for stream_id, job_id, result in await jobs.replies("producer", last, 500):
                last = stream_id
                assert results.setdefault(job_id, result) == result, "one job, two results"
        except (ConnectionLostError, ServerError):
            await asyncio.sleep(0.02)


async def storm(cluster: RealCluster) -> dict[str, int]:
    cap = await Capsule.connect(cluster.url)
    jobs = actions(cap)
    await jobs.divide(PARTITIONS)
    chaos = Storm(cluster)
    acknowledged: list[list[str]] = [[] for _ in range(GROUPS)]
    results: dict[str, bytes] = {}
    tasks: list[asyncio.Task[None]] = []
    try:
        readers = [Reader(cap, f"team.{group}") for group in range(GROUPS)]
        tasks = [asyncio.create_task(reader.run()) for reader in readers]
        tasks.append(asyncio.create_task(collect(jobs, results)))
        stop = asyncio.Event()
        producers = [asyncio.create_task(produce(jobs, n, acknowledged[n], stop)) for n in range(GROUPS)]
        await chaos.run(cap, SECONDS)
        stop.set()
        await asyncio.gather(*producers)
        total = sum(map(len, acknowledged))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (
            len(results) < total
            or any(len(reader.operations) < len(acknowledged[n]) for n, reader in enumerate(readers))
        ):
            for task in tasks:
                if task.done():
                    task.result()  # a broken promise ends its task: say which
            await asyncio.sleep(0.05)
        for group, reader in enumerate(readers):
            mine = acknowledged[group]
            assert reader.operations == mine, (
                "every job took effect once, in the order of the puts, and was heard of"
            )
            snapshot = await reader.scope.snapshot()
            assert snapshot.event_id == reader.last
            assert snapshot.feeds == [("done", [(f"j{n}", str(n).encode()) for n in range(1, len(mine) + 1)])]
            assert [results[job].decode() for job in mine] == await reader.scope.lookup(mine)
        for part in await jobs.parts():
            assert await cap.at(part.prefix).command("XLEN", f"{part.prefix}dead") == 0
        return {
            **chaos.counts,
            "jobs acknowledged": total,
            "events live": sum(reader.live for reader in readers),
            "events from the log": sum(reader.caught_up for reader in readers),
        }
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await cap.close()
        chaos.stop()


@pytest.mark.chaos
def test_slots_move_under_load_and_nothing_is_lost_doubled_or_out_of_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RealCluster(tmp_path, primaries=3, replicas=1) as cluster:
        report = asyncio.run(storm(cluster))
    with capsys.disabled():
        print(f"\ncluster, {SECONDS:g} s: " + ", ".join(f"{count} {what}" for what, count in report.items()))
    assert report["slots moved key by key"] > 1
    assert report["slots moved at once"] > 0
    assert report["jobs acknowledged"] > 100


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work(sys.argv[1]))
