"""A bad network: connections that break, replies that never arrive, bytes that come one by one.

Writers add one to the same number, each time from what they read; a reader follows. What must hold: no
addition is lost, none happens twice, though every writer repeats whatever it got no answer to, and the reader
hears of each once, in order. Run it longer with CAPSULE_CHAOS_SECONDS=600.
"""

import asyncio
import json
import os
import random
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from capsule.feeds import Capsule, ConnectionLostError, Edit, Publish, ReadItem, Scope, Transaction
from capsule.feeds.embedded import ensure
from tests.conftest import until
from tests.feeds.proxy import Proxy

SECONDS = float(os.environ.get("CAPSULE_CHAOS_SECONDS", "15")) / 2
WRITERS = 4
LEAST = {"connections cut": 10, "answers lost": 1, "conflicts": 1, "additions applied": 20}


async def add(scope: Scope, op: str, counts: Counter[str]) -> None:
    """Add one, once, however often it takes."""
    while True:
        try:
            snapshot = await scope.snapshot()
            number = json.loads(dict(dict(snapshot.feeds)["numbers"])["n"]) + 1
            reads = [ReadItem("numbers", "n", int(snapshot.event_id.split("-")[0]))]
            edit = Edit("numbers", "n", json.dumps(number), json.dumps({"value": number}))
            [outcome] = await scope.commit([Transaction(op, [edit], reads)])
        except ConnectionLostError:
            counts["answers lost"] += 1
            continue
        if outcome.code in ("applied", "known"):
            counts[f"additions {outcome.code}"] += 1
            return
        assert outcome.code == "conflict"
        counts["conflicts"] += 1


async def write(proxy: Proxy, number: int, stop: asyncio.Event, counts: Counter[str]) -> int:
    cap = await Capsule.connect(proxy.url)
    try:
        done = 0
        while not stop.is_set():
            done += 1
            await add(cap.scope("team.7"), f"writer{number}.{done}", counts)
        return done
    finally:
        await cap.close()


async def disturb(proxies: list[Proxy], stop: asyncio.Event, counts: Counter[str]) -> None:
    while not stop.is_set():
        await asyncio.sleep(random.uniform(0.005, 0.05))
        proxy = random.choice(proxies)
        proxy.split = random.random() < 0.3
        if random.random() < 0.5:
            proxy.drop_replies = True
            await asyncio.sleep(random.uniform(0, 0.05))
        proxy.cut()
        proxy.drop_replies = False
        counts["connections cut"] += 1
    for proxy in proxies:
        proxy.split = False


class Reader:
    """Applies a frame only after the one it names as its predecessor."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.last = "0-0"
        self.operations: list[str] = []
        self.missed = asyncio.Event()

    def receive(self, frame: bytes) -> None:
        header, line = frame.decode().split("\n")
        event_id, prev, _ = header.split(" ", 2)
        if prev == self.last:
            self.last = event_id
            self.operations += [op for op, _ in json.loads(line)["tx"]]
        elif int(event_id.split("-")[0]) > int(self.last.split("-")[0]):
            self.missed.set()

    async def run(self, cap: Capsule) -> None:
        await cap.events.subscribe(self.scope.channel, self.receive, self.missed.set)
        self.missed.set()
        while True:
            await self.missed.wait()
            self.missed.clear()
            try:
                frames = await self.scope.log(self.last)
            except ConnectionLostError:
                self.missed.set()
                continue
            assert frames is not None, "the reader fell behind the log"
            for frame in frames:
                self.receive(frame)


async def storm(directory: Path) -> Counter[str]:
    server = ensure(directory)
    path = server.url.removeprefix("unix://")
    counts: Counter[str] = Counter()
    stop = asyncio.Event()
    calm = await Capsule.connect(server.url)
    scope = calm.scope("team.7")
    await scope.commit([Transaction("first", [Publish("numbers", "n", "0")])])
    try:
        async with AsyncExitStack() as proxying, asyncio.TaskGroup() as tasks:
            proxies = [await proxying.enter_async_context(Proxy(path)) for _ in range(WRITERS + 1)]
            far = await Capsule.connect(proxies[-1].url)
            reader = Reader(far.scope("team.7"))
            reading = tasks.create_task(reader.run(far))
            writers = [tasks.create_task(write(proxies[n], n, stop, counts)) for n in range(WRITERS)]
            await asyncio.sleep(0.2)
            disturbing = tasks.create_task(disturb(proxies, stop, counts))
            await asyncio.sleep(SECONDS)
            await until(lambda: all(counts[what] >= least for what, least in LEAST.items()))
            stop.set()
            await disturbing
            total = sum([await writer for writer in writers])
            async with asyncio.timeout(300):
                while len(reader.operations) < total + 1:
                    await asyncio.sleep(0.01)
            reading.cancel()
            await far.close()
        [(_, [(_, number)])] = (await scope.snapshot()).feeds
        assert int(number) == total, "an addition was lost or made twice"
        assert len(set(reader.operations)) == len(reader.operations) == total + 1
        assert reader.last == await scope.last()
        counts["additions"] = total
        return counts
    finally:
        await calm.close()
        server.stop()


@pytest.mark.chaos
def test_no_update_is_lost_or_doubled_over_a_bad_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = asyncio.run(storm(tmp_path / "data"))
    with capsys.disabled():
        print(
            f"\nbad network, {SECONDS:g} s: " + ", ".join(f"{count} {what}" for what, count in counts.items())
        )
    assert all(counts[what] >= least for what, least in LEAST.items())
