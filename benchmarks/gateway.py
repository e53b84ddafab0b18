"""Fan-out, accepting and memory of the gateway, beside a raw C writer and its rivals, in one run.

    python -m benchmarks.gateway [--connections 10000] [--pairs 5] [--seconds 0.8] [--only NAME] [--large]

Rooms of 100, an event of 240 bytes; servers on one processor, clients, publisher and store on the other. "Paced":
20,000 messages a second. "Full": as fast as they are delivered, where a room has at most one event under way, so that
there is nothing to join. "Bursts": 16 events in a row to one room. CPU is user and system time of the server's
processes for each message that reached a client. The C writer keeps its clients all the while: each slice of a server
is measured right after a slice of the writer, and their ratio is taken; the table has the medians. `--large` adds
50,000 connections in four processes and 1,000 clients of a megabyte at once.
"""

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.gateway_clients import built, compiled
from benchmarks.gateway_large import fifty_thousand, herd, intake, large_team
from benchmarks.gateway_servers import Kind, kinds, pinned
from benchmarks.gateway_standing import Standing, standing
from capsule.feeds import Capsule

BURST = 16
PACE = 20_000.0
PHASES = {"paced": (1, PACE), "full": (1, 0.0), "bursts": (BURST, 0.0)}


@dataclass
class Result:
    """One server. `pairs`: of each phase, CPU microseconds a message of the C writer and of this one."""

    name: str
    count: int
    accepted: tuple[float, float]
    kilobytes: float
    pairs: dict[str, list[tuple[float, float]]]
    latency: tuple[float, float]
    wrong: int
    turns: dict[str, dict[str, Any]]

    def cost(self, phase: str) -> float:
        """CPU microseconds a message."""
        return statistics.median(own for _, own in self.pairs[phase])

    def of_c(self, phase: str) -> float:
        """The C writer's CPU for a message, sent one by one, to this one's."""
        return statistics.median(self._ratios(phase))

    def range(self, phase: str) -> str:
        """The median of the pairs, the lowest and the highest."""
        ratios = self._ratios(phase)
        return f"{self.of_c(phase):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"

    def _ratios(self, phase: str) -> list[float]:
        return [ceiling / own for ceiling, own in self.pairs[phase]]


def measure(own: Standing, ceiling: Standing, pairs: int, seconds: float) -> Result:
    """Slices of both in turn."""
    found: dict[str, list[tuple[float, float]]] = {phase: [] for phase in PHASES}
    turns = {}
    if own.connecting is not None:
        turns["connecting"] = own.connecting
        own.server.say("watch")
    latency = (0.0, 0.0)
    for phase, (burst, pace) in PHASES.items():
        if own.clients.count <= 1_000:
            pace /= 10
        base = own.clients.histogram()
        for _ in range(pairs):
            there, _ = ceiling.slice(seconds, 1, pace)
            here, _ = own.slice(seconds, burst, pace)
            found[phase].append((there, here))
        if phase == "paced":
            p50, p99, _ = own.clients.percentiles(base=base)
            latency = (p50, p99)
    if own.kind.ours:
        turns["traffic"] = own.server.stalls()
    return Result(
        own.kind.name, own.clients.count, own.accepted, own.kilobytes, found, latency, own.wrong, turns
    )


def report(results: list[Result], ceiling: Standing, absent: dict[str, str]) -> None:
    """The medians, as Markdown."""
    print(
        "\n| | paced: us | of C | p50, p99 ms | full: us | of C | bursts: us | of C | accepting: us | a second | KB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for each in results:
        cells = [
            each.name if each.count >= 10_000 else f"{each.name} ({each.count:,.0f} connections)",
            f"{each.cost('paced'):.1f}",
            each.range("paced"),
            f"{each.latency[0]:.1f}, {each.latency[1]:.1f}",
            f"{each.cost('full'):.1f}",
            each.range("full"),
            f"{each.cost('bursts'):.2f}",
            each.range("bursts"),
            f"{each.accepted[1]:.0f}",
            f"{each.accepted[0]:,.0f}",
            f"{each.kilobytes:.1f}",
        ]
        print(f"| {' | '.join(cells)} |")
    for name, reason in absent.items():
        print(f"| {name} | {reason} |")
    print(f"\nC writer: {ceiling.accepted[1]:.0f} us to accept, {ceiling.kilobytes:.2f} KB")
    for each in results:
        if each.wrong:
            print(f"{each.name}: {each.wrong} messages or connections lost or doubled")
    first = next((each for each in results if each.name == "capsule, standalone"), None)
    for each in results:
        if first is not None and each is not first:
            costs = [f"{phase} {first.of_c(phase) / each.of_c(phase):.2f}" for phase in PHASES]
            accepting = each.accepted[1] / first.accepted[1]
            print(f"{each.name} to capsule, standalone, CPU: {', '.join(costs)}, accepting {accepting:.2f}")
    for each in results:
        for when, seen in each.turns.items():
            for clock, found in seen.items():
                text = ", ".join(f"{bound}: {count}" for bound, count in found["turns"].items() if count)
                print(
                    f"{each.name}, {when}, turns of the loop by {clock}: {text}; most {found['most'] * 1000:.1f} ms"
                )


async def compete(
    chosen: Iterable[Kind], cap: Capsule, load: Path, options: argparse.Namespace
) -> tuple[list[Result], dict[str, str]]:
    """All servers in turn; the C writer, which comes first, stays."""
    results: list[Result] = []
    absent: dict[str, str] = {}
    store = cap.url.removeprefix("unix://")
    writer, *others = chosen
    with ExitStack() as stack:
        ceiling = stack.enter_context(standing(writer, load, store, options.connections))
        for kind in others:
            if options.only and not any(part in kind.name for part in options.only):
                continue
            if kind.missing:
                absent[kind.name] = kind.missing
                continue
            await cap.connection.command("FLUSHALL")
            try:
                with standing(kind, load, store, options.connections) as own:
                    results.append(measure(own, ceiling, options.pairs, options.seconds))
            except RuntimeError as error:
                absent[kind.name] = str(error)
                continue
            print(results[-1], flush=True)
        report(results, ceiling, absent)
    return results, absent


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.8)
    parser.add_argument("--only", action="append", help="a part of a server's name")
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    pinned(1)
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder:
        load, writer = compiled("gateway_load", Path(folder)), compiled("gateway_writer", Path(folder))
        if load is None:
            print("no C compiler (cc) here: no load generator, nothing to measure")
            return
        cap = await Capsule.connect(data_dir=Path(folder) / "store")
        try:
            store = cap.url.removeprefix("unix://")
            chosen = kinds(store, writer, built("gateway_rival", Path(folder)))
            await compete(chosen, cap, load, options)
            if options.large:
                own = next(kind for kind in chosen if kind.name == "capsule, standalone")
                intake(own, load, store)
                fifty_thousand(own, load, store)
                herd(own, load, await large_team(cap))
        finally:
            await cap.close()


if __name__ == "__main__":
    asyncio.run(main())
