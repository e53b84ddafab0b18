"""Subscribers, while the server is killed, loses the end of its file, and cuts them off.

What must hold: whoever subscribes ends with what is stored, having been told of every event once, or to begin
anew. What came out of a queue came out once.
"""

import asyncio
import contextlib
import json
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from capsule.feeds import Capsule, ConnectionLostError, Event, Page, ServerError, SortedFeed
from capsule.feeds.embedded import Server
from capsule.feeds.tail import Tail
from tests.conftest import steady, until

from .test_feeds_rollback import cut

SECONDS = float(os.environ.get("CAPSULE_CHAOS_SECONDS", "12"))
SUBSCRIBERS = 5
WRITERS = 3


class Subscriber:
    """Keeps what it was told, and goes away and comes back now and then with the last event that it knows."""

    def __init__(self, feed: SortedFeed) -> None:
        self.feed = feed
        self.tail = Tail()
        self.since: str | None = None
        self.operations: list[str] = []
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        while True:
            left = random.randrange(20, 400)
            async with contextlib.aclosing(self.feed.subscribe(self.since)) as news:  # type: ignore[type-var]
                async for each in news:
                    self.take(each)
                    left -= 1
                    if left <= 0:
                        break
            self.counts["came back"] += 1

    def take(self, news: Event | Page) -> None:
        self.since = news.event_id
        if isinstance(news, Page):
            self.counts["begun anew"] += 1
            self.operations.clear()
            self.tail = Tail((item.id, json.dumps(item.value).encode()) for item in news.items)
            return
        self.counts["events"] += 1
        self.operations.append(news.op)
        rest = {"publish": [news.value, news.position], "edit": [news.value, news.unset]}
        assert self.tail.apply(news.verb, news.id, rest.get(news.verb, [news.position]))

    def plain(self) -> list[tuple[str, object]]:
        return [(key, json.loads(item)) for key, item in self.tail.items.items()]


async def write(feed: SortedFeed, number: int, stop: asyncio.Event) -> int:
    """Writes of one operation and one event each, repeated with their ids until they are acknowledged."""
    mine: list[str] = []
    for n in range(1_000_000):
        if stop.is_set():
            break
        op, key = f"writer{number}.{n}", f"w{number}-{n}"
        what = random.random() if len(mine) > 5 else 0.0
        while True:
            try:
                if what < 0.4:
                    await feed.append({"n": n}, key, op=op)
                elif what < 0.6:
                    await feed.edit(random.choice(mine), {"n": n}, op=op)
                elif what < 0.9:
                    await feed.move(mine[0], after=mine[-1], op=op)
                else:
                    await feed.retract(mine[0], op=op)
                break
            except (ConnectionLostError, ServerError):
                await asyncio.sleep(0.02)
            except LookupError:
                break  # a rollback took it
        if what < 0.4:
            mine.append(key)
        elif what >= 0.9:
            mine.pop(0)
        await asyncio.sleep(0.001)
    return n


async def storm(directory: Path, rollback: bool) -> dict[str, int]:
    server: Server = steady(directory)
    cap = await Capsule.connect(server.url)
    counts: Counter[str] = Counter()
    stop = asyncio.Event()
    feed = cap.sorted_feed("tasks")
    subscribers = [Subscriber(feed) for _ in range(SUBSCRIBERS)]
    readers = [asyncio.create_task(subscriber.run()) for subscriber in subscribers]
    writers = [asyncio.create_task(write(feed, number, stop)) for number in range(WRITERS)]
    try:
        end = time.monotonic() + SECONDS

        def enough() -> bool:
            told = sum((subscriber.counts for subscriber in subscribers), Counter[str]())
            found = not rollback or told["begun anew"] > SUBSCRIBERS
            return counts["servers killed"] > 0 and told["events"] > 1000 and found

        while time.monotonic() < end or not enough():
            await asyncio.sleep(random.uniform(0.1, 0.5))
            with contextlib.suppress(ConnectionLostError, ServerError):
                await cap.connection.command("CLIENT", "KILL", "TYPE", "pubsub")
                counts["subscriptions cut"] += 1
            if random.random() < 0.35:
                if rollback:
                    cut(server)
                else:
                    assert server.process is not None
                    server.process.kill()
                    server.process.wait()
                counts["servers killed"] += 1
                server = steady(directory)
        stop.set()
        counts["writes"] = sum(await asyncio.gather(*writers))
        while True:
            with contextlib.suppress(ConnectionLostError, ServerError):
                page = await feed.snapshot()
                break
        async with asyncio.timeout(300):
            while any(subscriber.since != page.event_id for subscriber in subscribers):
                for reader in readers:
                    if reader.done():
                        reader.result()
                await asyncio.sleep(0.02)
        for subscriber in subscribers:
            assert subscriber.plain() == [(item.id, item.value) for item in page.items]
            assert len(set(subscriber.operations)) == len(subscriber.operations), "no event was told twice"
            counts.update(subscriber.counts)
        return dict(counts)
    finally:
        for task in (*readers, *writers):
            task.cancel()
        await asyncio.gather(*readers, *writers, return_exceptions=True)
        await cap.close()
        server.stop()


@pytest.mark.chaos
@pytest.mark.parametrize("rollback", [False, True], ids=["killed", "rolled back"])
def test_subscribers_end_with_what_is_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rollback: bool
) -> None:
    report = asyncio.run(storm(tmp_path / "data", rollback))
    with capsys.disabled():
        print(f"\nsubscribers, {SECONDS:g} s: " + ", ".join(f"{n} {what}" for what, n in report.items()))
    assert report["servers killed"] > 0
    assert report["events"] > 1000
    # A server that was only killed has written what it acknowledged; some may fall behind the log.
    assert report["begun anew"] > SUBSCRIBERS if rollback else report["begun anew"] <= 2 * SUBSCRIBERS


async def hand_out(directory: Path) -> dict[str, int]:
    server: Server = steady(directory)
    cap = await Capsule.connect(server.url)
    queue = cap.queue("mail")
    taken: Counter[int] = Counter()
    put: set[int] = set()
    stop = asyncio.Event()

    async def take() -> None:
        while True:
            try:
                taken.update(await queue.get(3, wait=0.2))
            except (ConnectionLostError, ServerError):
                await asyncio.sleep(0.02)

    async def fill(first: int) -> None:
        for n in range(first, 10_000_000, 3):
            if stop.is_set():
                return
            with contextlib.suppress(ConnectionLostError, ServerError):
                await queue.put(n, priority=n % 2)  # never again: nobody knows whether it happened
                put.add(n)
            await asyncio.sleep(0.002)

    takers = [asyncio.create_task(take()) for _ in range(4)]
    fillers = [asyncio.create_task(fill(first)) for first in range(3)]
    kills = 0
    try:
        end = time.monotonic() + SECONDS / 2
        while time.monotonic() < end:
            await asyncio.sleep(random.uniform(0.3, 0.8))
            assert server.process is not None
            server.process.kill()
            server.process.wait()
            server = steady(directory)
            kills += 1
        stop.set()
        await asyncio.gather(*fillers)

        async def is_empty() -> bool:
            return await queue.length() == 0

        await until(is_empty)
        return {
            "servers killed": kills,
            "put": len(put),
            "taken": len(taken),
            "most": max(taken.values()),
        }
    finally:
        for task in (*takers, *fillers):
            task.cancel()
        await asyncio.gather(*takers, *fillers, return_exceptions=True)
        await cap.close()
        server.stop()


@pytest.mark.chaos
def test_what_a_queue_hands_out_it_hands_out_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = asyncio.run(hand_out(tmp_path / "data"))
    with capsys.disabled():
        print("\nqueue: " + ", ".join(f"{n} {what}" for what, n in report.items()))
    assert report["servers killed"] > 0
    assert report["most"] == 1
    # What was taken from the server and never arrived is lost: a few for each kill at the most.
    assert report["taken"] >= report["put"] - 4 * 3 * report["servers killed"]
