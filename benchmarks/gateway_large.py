"""What only shows in numbers: 50,000 connections, 1,000 clients of a megabyte at once, 100,000 events to one reader."""

import itertools
import json
import time
from pathlib import Path

from benchmarks.gateway_clients import Clients, Publisher, Usage
from benchmarks.gateway_servers import OURS, Kind, Running, start
from capsule.feeds import Capsule, Publish, Transaction

PROCESSES = 4
ROOM = 100


def fifty_thousand(kind: Kind, load: Path, store: str, count: int = 50_000, events: int = 2_000) -> None:
    """Four processes, each with its port; every client receives, nothing is lost, nothing is doubled."""
    servers: list[Running] = []
    try:
        servers = [start(kind) for _ in range(PROCESSES)]
        usages = [Usage(server.process.pid) for server in servers]
        before = sum(usage.kilobytes() for usage in usages)
        publisher = Publisher(store, count // ROOM, kind.events)
        with Clients(load, [server.port for server in servers], count, ROOM, OURS, at_once=256) as clients:
            wall = clients.connected(300)
            time.sleep(3.0)
            memory = (sum(usage.kilobytes() for usage in usages) - before) / count
            rooms = itertools.cycle(range(count // ROOM))
            base, begun = clients.histogram(), time.monotonic()
            for number in range(events):
                publisher.publish(rooms, 1)
                time.sleep(
                    max(0.0, begun + (number + 1) / 200 - time.monotonic())
                )  # 20,000 messages a second
            deadline = time.monotonic() + 20
            while clients.delivered < events * ROOM and time.monotonic() < deadline:
                time.sleep(0.05)
            p50, p99, most = clients.percentiles(base=base)
            print(
                f"\n{count:,} connections in {PROCESSES} processes: connected in {wall:.1f} s, {memory:.1f} KB each; "
                f"{events:,} events, {clients.delivered:,} of {events * ROOM:,} messages received at 20,000 a second, "
                f"{clients.lost} lost, {clients.doubled} doubled, {clients.closed} closed; "
                f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, at most {most:.1f} ms"
            )
        publisher.close()
    finally:
        for server in servers:
            server.end()


def intake(kind: Kind, load: Path, store: str, events: int = 100_000, batch: int = 256) -> None:
    """What an event costs beside its fan-out: a room with one reader, and many events in one read."""
    server = start(kind)
    try:
        usage = Usage(server.process.pid)
        publisher = Publisher(store, 1, kind.events)
        with Clients(load, [server.port], 1, 1, kind.dialog) as clients:
            clients.connected()
            time.sleep(1.0)
            before = usage.cpu()
            while publisher.published < events:
                publisher.publish(itertools.repeat(0), batch)
                while clients.delivered < publisher.published:
                    time.sleep(0.0005)
            cost = (usage.cpu() - before) / publisher.published * 1e6
            print(
                f"\n{publisher.published:,} events, {batch} at a time, to one reader: {cost:.1f} us of CPU an event"
            )
        publisher.close()
    finally:
        server.end()


async def large_team(cap: Capsule) -> float:
    """Commit a team of about a megabyte; its size."""
    await cap.connection.command("FLUSHALL")
    size = 0
    for start_at in range(0, 2_500, 100):
        operations = (
            [] if start_at else [Publish(".", "0", '{"id":"0"}'), Publish("members", "1", '{"id":"1"}')]
        )
        for number in range(start_at, start_at + 100):
            task = {
                "id": f"t{number}",
                "title": f"Task {number} " + "of the team " * 25,
                "done": number % 2 == 0,
            }
            size += len(text := json.dumps(task))
            operations.append(Publish("members.1.tasks", f"t{number}", text))
        [outcome] = await cap.scope("team.0").commit([Transaction(f"seed.{start_at}", operations)])
        if outcome.event_id is None:
            raise RuntimeError(f"the team could not be stored: {outcome}")
    return size


def herd(kind: Kind, load: Path, size: float, count: int = 1_000) -> None:
    """Everybody of one large team comes back in the same moment, and gets the whole of it."""
    server = start(kind)
    try:
        usage = Usage(server.process.pid)
        memory, cpu, peak = usage.kilobytes(), usage.cpu(), 0.0
        with Clients(load, [server.port], count, count, OURS, at_once=count) as clients:
            begun = time.monotonic()
            while clients.ready < count or clients.large < count:
                peak = max(peak, usage.kilobytes())
                if time.monotonic() - begun > 60:
                    raise RuntimeError(
                        f"{clients.ready} ready, {clients.large} of {count} snapshots after a minute"
                    )
                time.sleep(0.002)
            took = time.monotonic() - begun
            print(
                f"\n{count:,} clients of a team of {size / 1e6:.2f} MB at once: all have it after {took:.2f} s, "
                f"{(usage.cpu() - cpu) / count * 1000:.2f} ms of CPU each, "
                f"memory from {memory / 1024:.0f} to {peak / 1024:.0f} MB"
            )
    finally:
        server.end()
