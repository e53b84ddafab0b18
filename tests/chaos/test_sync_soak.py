"""Many clients over real sockets, while sockets are cut, gateways and workers killed, and the store restarted.

No gap, no duplicate, no reorder; every operation answered, and what was accepted done exactly once; every replica
equal to the store at the end. CAPSULE_SOAK is the number of clients, CAPSULE_SOAK_OPERATIONS that of all operations;
none is begun after CAPSULE_SOAK_SECONDS. An event is what one line of a commit tells: a publish, an edit, a retract or
a move; 200 clients get 100,000 of them from about 88,000 operations.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from capsule.cli.demo import HOST, MODELS
from capsule.cli.supervisor import wait_for
from examples.bang.bots import log_in
from examples.bang.seed import PEOPLE
from tests.chaos.crowd import stored
from tests.chaos.soak import digest
from tests.examples.stack import Stack
from tests.feeds.real_cluster import free_ports

pytestmark = pytest.mark.chaos

CLIENTS = int(os.environ.get("CAPSULE_SOAK", "20"))
OPERATIONS = int(os.environ.get("CAPSULE_SOAK_OPERATIONS", "1200"))
SECONDS = float(os.environ.get("CAPSULE_SOAK_SECONDS", "60"))
RATE = (
    100  # operations begun in a second; each is applied by all clients, which share two cores with the rest
)
# Seconds for one answer. A killed worker's lease lasts 10, the store goes away, too, and a crowd that shares its
# processors with all that it talks to comes back one after the other.
PATIENCE = 120.0 * max(1, CLIENTS / 40)
PROCESSES = max(2, CLIENTS // 25)  # whose clients share an event loop
LONG = 300.0  # seconds; a longer run says how it goes
GATEWAYS = ("gateway", "other gateway")
# What is done, in turn: seldom what stops everybody for the ten seconds of a killed worker's lease.
BLOWS = ("kill", "drain", "kill", "store", "kill", "worker", "drain", "kill")


class Town(Stack):
    """A stack of two gateways, without the compiled page."""

    def start(self) -> None:
        (MODELS.parent / "dist").mkdir(exist_ok=True)  # the page's place, which the server looks for
        self.ports = {GATEWAYS[0]: self.port, GATEWAYS[1]: free_ports(1)[0]}
        self.supervisor.finish("seed", "examples.bang.seed")
        self.start_worker()
        for name in GATEWAYS:
            self.open(name)

    def open(self, name: str) -> None:
        port = self.ports[name]
        self.supervisor.start(name, "examples.bang.server", "--port", str(port))
        wait_for(self.supervisor, f"http://{HOST}:{port}/login")

    def drain(self, name: str) -> None:
        """The gateway sends everybody away, then ends."""
        process = self.supervisor.running.pop(name)
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) in (0, -signal.SIGTERM)

    def restart_store(self) -> None:
        assert self.store.process is not None
        self.store.process.terminate()
        self.store.process.wait()
        self.store = self.open_store(self.store.data_dir)

    def strike(self, blow: str, chance: random.Random) -> None:
        name = chance.choice(GATEWAYS)
        if blow == "store":
            self.restart_store()
        elif blow == "worker":
            self.kill("worker")
            self.start_worker()
        else:
            (self.kill if blow == "kill" else self.drain)(name)
            time.sleep(chance.uniform(0, 0.5))
            self.open(name)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.stop()


@pytest.fixture
def crowds() -> Iterator[list[subprocess.Popen[str]]]:
    crowds: list[subprocess.Popen[str]] = []
    yield crowds
    for process in crowds:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def begin(town: Town, folder: Path, crowds: list[subprocess.Popen[str]]) -> list[Path]:
    """Start the processes of clients; where their reports will be."""
    people = list(PEOPLE)
    cookies = {user: log_in(town.url, user) for user in people}
    reports = [folder / f"report-{number}.json" for number in range(PROCESSES)]
    for number, report in enumerate(reports):
        clients = [[people[seed % len(people)], seed] for seed in range(number, CLIENTS, PROCESSES)]
        options = {
            "urls": [f"ws://{HOST}:{port}/ws" for port in town.ports.values()],
            "cookies": cookies,
            "clients": clients,
            "operations": OPERATIONS // CLIENTS,
            "seconds": SECONDS,
            "pause": 2 * CLIENTS / RATE,
            "patience": PATIENCE,
            "report": str(report),
        }
        command = [sys.executable, "-m", "tests.chaos.soak", json.dumps(options)]
        pipe = subprocess.PIPE
        crowds.append(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=town.supervisor.environment)
        )
    return reports


def listen(process: subprocess.Popen[str], pulses: dict[int, Any]) -> str:
    """Read what a process of clients says until its last word."""
    assert process.stdout is not None
    for line in process.stdout:
        if not line.startswith("{"):
            return line.strip()
        pulses[process.pid] = json.loads(line)
    return "died"


def storm(town: Town, over: Callable[[], bool], struck: Callable[[Counter[str]], None]) -> Counter[str]:
    """Strike until it is over, and every blow has fallen."""
    chance = random.Random(1)
    counts: Counter[str] = Counter()
    while not over() or counts.total() < len(BLOWS):
        # A crowd takes its time to come back, and is to work between two blows, too.
        time.sleep(chance.uniform(0.2, 1.2) * max(1, (CLIENTS - 20) / 4))
        blow = BLOWS[counts.total() % len(BLOWS)]
        town.strike(blow, chance)
        counts[blow] += 1
        struck(counts)
    return counts


def test_every_replica_is_complete_and_equal_whatever_is_killed(
    town: Town, tmp_path: Path, crowds: list[subprocess.Popen[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    reports = begin(town, tmp_path, crowds)
    pulses: dict[int, Any] = {}

    def tell(counts: Counter[str]) -> None:
        if SECONDS > LONG:
            with capsys.disabled():
                print(
                    f"\n{time.monotonic() - began:.0f} s: {dict(counts)} {list(pulses.values())}",
                    end="",
                    flush=True,
                )

    with ThreadPoolExecutor(PROCESSES) as pool:
        said: list[Future[str]] = [pool.submit(listen, process, pulses) for process in crowds]
        try:
            blows = storm(town, lambda: all(line.done() for line in said), tell)
        except BaseException:
            for process in crowds:
                process.kill()  # or the pool would wait for their last words
            raise
        assert [line.result() for line in said] == ["worked"] * PROCESSES
    last, team = asyncio.run(stored(town))
    for process in crowds:
        assert process.stdin is not None
        process.stdin.write(f"{last}\n")
        process.stdin.flush()
    assert [process.wait(PATIENCE) for process in crowds] == [0] * PROCESSES
    found = [json.loads(report.read_text()) for report in reports]
    clients = [client for report in found for client in report["clients"]]
    versions = merged(found)
    assert [(client["who"], client["problems"][:3]) for client in clients if client["problems"]] == []
    assert {state for client in clients for state in client["states"]} == {digest(team)}
    assert sorted(versions) == list(range(min(versions), int(last.split("-")[0]) + 1)), (
        "nobody was told of some"
    )
    outcomes = assert_done_once(clients, versions)
    with capsys.disabled():
        print(
            f"\n{CLIENTS} clients in {time.monotonic() - began:.0f} s: {dict(blows)}, "
            f"{sum(client['cuts'] for client in clients)} sockets cut, "
            f"{sum(client['connections'] for client in clients)} connections, "
            f"{sum(client['snapshots'] for client in clients)} snapshots; {dict(outcomes)} operations, "
            f"the slowest answered after {max(client['slowest'] for client in clients):.0f} s; "
            f"{len(versions)} commits of {sum(entry[2] for entry in versions.values())} events, "
            f"{sum(client['frames'] for client in clients)} frames applied"
        )


def merged(reports: list[dict[str, Any]]) -> dict[int, Any]:
    """What was told, by version; all processes were told the same."""
    versions: dict[int, Any] = {}
    for report in reports:
        for version, entry in report["versions"].items():
            assert versions.setdefault(int(version), entry) == entry
    return versions


def assert_done_once(clients: list[dict[str, Any]], versions: dict[int, Any]) -> Counter[str]:
    """What was accepted is in the history once, or changed nothing; what was refused is not in it."""
    done = Counter(operation for entry in versions.values() for operation in entry[1])
    outcomes: Counter[str] = Counter()
    for client in clients:
        for operation, state in client["operations"].items():
            outcomes[state] += 1
            assert state in ("accepted", "rejected")
            assert done[operation] <= (state == "accepted"), operation
        for operation in client["adds"]:
            assert done[operation] == (client["operations"][operation] == "accepted"), operation
    return outcomes
