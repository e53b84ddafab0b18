"""Fan-out, accepting and memory of the gateway, beside a raw C writer and its rivals, in one run.

    python -m benchmarks.gateway [--connections 10000] [--rounds 3] [--seconds 4] [--only NAME] [--large]

Rooms of 100, an event of 240 bytes; servers on one processor, clients, publisher and store on the other. "Paced":
20,000 messages a second. "Full": as fast as they are delivered, where a room has at most one event under way, so that
there is nothing to join. "Bursts": 16 events in a row to one room. CPU is user and system time of the server's
processes for each message that reached a client, as a ratio to the C writer of the same round. `--large` adds 50,000
connections in four processes and 1,000 clients of a megabyte at once.
"""

import argparse
import asyncio
import itertools
import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.gateway_clients import Clients, Publisher, Usage, compiled
from benchmarks.gateway_large import fifty_thousand, herd, large_team
from benchmarks.gateway_servers import Kind, kinds, pinned, start
from capsule.feeds import Capsule

ROOM = 100
BURST = 16
WARM = 1.0
PACE = 20_000.0
Row = dict[str, float]


def fan_out(
    clients: Clients, usage: Usage, publisher: Publisher, burst: int, seconds: float, pace: float = 0.0
) -> Row:
    """Publish as fast as it is delivered, or `pace` messages a second; what a message cost."""
    rooms = clients.count // ROOM
    order: Iterator[int] = (room for room in itertools.cycle(range(rooms)) for _ in range(burst))
    window = max(1, rooms // 2) * burst * ROOM
    before, sent_before = clients.delivered, publisher.published
    begun = time.monotonic()
    measured: tuple[float, float, int, list[int]] | None = None
    while (now := time.monotonic()) < begun + WARM + seconds:
        if measured is None and now >= begun + WARM:
            measured = (now, usage.cpu(), clients.delivered, clients.histogram())
        sent = (publisher.published - sent_before) * ROOM
        if pace:
            room_for = int((now - begun) * pace - sent) // ROOM
        else:
            room_for = (window - sent + clients.delivered - before) // ROOM
        if room_for >= burst:
            publisher.publish(order, room_for // burst * burst)
        else:
            time.sleep(0.0002)
    assert measured is not None
    since, cpu, delivered, histogram = measured
    took, count, cpu = time.monotonic() - since, clients.delivered - delivered, usage.cpu() - cpu
    _settle(clients, before + (publisher.published - sent_before) * ROOM)
    p50, p99, _ = clients.percentiles(base=histogram)
    return {"rate": count / took, "us": cpu / max(1, count) * 1e6, "p50": p50, "p99": p99}


def _settle(clients: Clients, expected: int) -> None:
    deadline = time.monotonic() + 10
    while clients.delivered < expected and time.monotonic() < deadline:
        time.sleep(0.01)


def measure(kind: Kind, load: Path, store: str, connections: int, seconds: float) -> dict[str, Any]:
    """One server, from its first connection to its last message."""
    count = min(connections, kind.most)
    server = start(kind)
    try:
        usage = Usage(server.process.pid)
        memory, cpu = usage.kilobytes(), usage.cpu()
        publisher = Publisher(store, count // ROOM, ours=kind.ours)
        with Clients(load, [server.port], count, ROOM, kind.dialog) as clients:
            wall = clients.connected()
            accept = {"rate": count / wall, "us": (usage.cpu() - cpu) / count * 1e6}
            time.sleep(2.0)  # presence, and whatever else follows
            each = (usage.kilobytes() - memory) / count
            pace = PACE if count > 1_000 else PACE / 10
            steady = fan_out(clients, usage, publisher, 1, seconds, pace=pace)
            one = fan_out(clients, usage, publisher, 1, seconds)
            many = fan_out(clients, usage, publisher, BURST, seconds)
            late = None
            if kind.ours:
                server.say("watch")
                fan_out(clients, usage, publisher, 1, seconds, pace=pace)
                late = server.stalls()
            wrong = clients.lost + clients.doubled + clients.closed
            publisher.close()
        return {
            "accept": accept, "kb": each, "steady": steady, "one": one, "many": many, "wrong": wrong, "late": late,
            "count": count,
        }  # fmt: skip
    finally:
        server.end()


def median(rows: list[dict[str, Any]], *path: str) -> float:
    found = []
    for row in rows:
        value: Any = row
        for key in path:
            value = value[key]
        found.append(float(value))
    return statistics.median(found)


def report(rows: dict[str, list[dict[str, Any]]], absent: dict[str, str]) -> None:
    """The medians, as Markdown."""
    ceiling = rows.get("C writer")

    def ratio(found: list[dict[str, Any]], phase: str) -> str:
        """C's CPU for a message, sent one by one, to this one's: median of the pairs of each round."""
        if not ceiling:
            return "-"
        pairs = zip(ceiling, found, strict=False)
        against = "steady" if phase == "steady" else "one"
        return f"{statistics.median(c[against]['us'] / row[phase]['us'] for c, row in pairs):.2f}"

    print(
        "| | paced: us | of C | p50, p99 ms | full: us | of C | 1,000/s | bursts: us | of C | accepted/s | us | KB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name, found in rows.items():
        cells = [
            name if found[0]["count"] >= 10_000 else f"{name} ({found[0]['count']:,.0f} connections)",
            f"{median(found, 'steady', 'us'):.1f}",
            ratio(found, "steady"),
            f"{median(found, 'steady', 'p50'):.1f}, {median(found, 'steady', 'p99'):.1f}",
            f"{median(found, 'one', 'us'):.1f}",
            ratio(found, "one"),
            f"{median(found, 'one', 'rate') / 1000:.0f}",
            f"{median(found, 'many', 'us'):.2f}",
            ratio(found, "many"),
            f"{median(found, 'accept', 'rate'):,.0f}",
            f"{median(found, 'accept', 'us'):.0f}",
            f"{median(found, 'kb'):.1f}",
        ]
        print(f"| {' | '.join(cells)} |")
    for name, reason in absent.items():
        print(f"| {name} | {reason} |")
    for name, found in rows.items():
        if wrong := sum(row["wrong"] for row in found):
            print(f"\n{name}: {wrong} messages or connections lost or doubled")
    for name, found in rows.items():
        if found[0]["late"]:
            total: dict[str, int] = defaultdict(int)
            for row in found:
                for bound, count in row["late"]["late"].items():
                    total[bound] += count
            text = ", ".join(f"{bound}: {count}" for bound, count in total.items())
            print(f"\n{name}: the loop was late by at most so many seconds, so often: {text}")
            print(f"   at worst {max(row['late']['most'] for row in found) * 1000:.1f} ms")


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", action="append", help="a part of a server's name")
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    pinned(1)
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    absent: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        load, writer = compiled("gateway_load", Path(folder)), compiled("gateway_writer", Path(folder))
        cap = await Capsule.connect(data_dir=Path(folder) / "store")
        if load is None:
            print("no C compiler (cc) here: no load generator, nothing to measure")
            return
        store = cap.url.removeprefix("unix://")
        try:
            chosen = kinds(store, writer)
            for number in range(options.rounds):
                for kind in chosen:
                    if options.only and not any(part in kind.name for part in options.only):
                        continue
                    if kind.missing:
                        absent[kind.name] = kind.missing
                        continue
                    await cap.connection.command("FLUSHALL")
                    try:
                        row = measure(kind, load, store, options.connections, options.seconds)
                    except RuntimeError as error:
                        absent[kind.name] = str(error)
                        continue
                    rows[kind.name].append(row)
                    print(f"round {number + 1}: {kind.name}: {row}", flush=True)
            if rows:
                print()
                report(rows, absent)
            if options.large:
                own = next(kind for kind in chosen if kind.name == "capsule, standalone")
                fifty_thousand(own, load, store)
                herd(own, load, await large_team(cap))
        finally:
            await cap.close()


if __name__ == "__main__":
    asyncio.run(main())
