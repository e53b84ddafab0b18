"""A real cluster: the embedded server's binary, several times, in cluster mode, and what its operator does."""

import os
import random
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from capsule.feeds.embedded import binary

SLOTS = 16384
# Nobody takes a node for dead by itself, however long it was not given a processor: a test says when it is.
TIMEOUT_MS = "600000"


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now, and that no connection is given until they are used: systems take those from 32768
    on, or from 49152.
    """
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            each = stack.enter_context(socket.socket())
            port = random.randrange(10_000, 32_768)
            with suppress(OSError):
                each.bind(("127.0.0.1", port))
                found.append(port)
    return found


class ClusterNode:
    """One server. `start` it again after a `kill`: it has kept its data and its name."""

    def __init__(self, directory: Path, port: int, bus: int) -> None:
        directory.mkdir(parents=True)
        self.port = port
        self.arguments = [
            *(
                "--port",
                str(port),
                "--cluster-port",
                str(bus),
                "--bind",
                "127.0.0.1",
                "--dir",
                str(directory),
            ),
            *("--cluster-enabled", "yes", "--cluster-node-timeout", TIMEOUT_MS, "--save", ""),
            *(
                "--appendonly",
                "yes",
                "--logfile",
                str(directory / "server.log"),
                "--repl-diskless-sync-delay",
                "0",
            ),
        ]
        self.start()
        self.id: str = self.ask("CLUSTER", "MYID")

    def start(self) -> None:
        self.process = subprocess.Popen([binary(), *self.arguments], stdin=subprocess.DEVNULL)
        self.client = redis.Redis(
            port=self.port, decode_responses=True, protocol=2, socket_timeout=60, retry=Retry(NoBackoff(), 0)
        )
        wait_for(lambda: self.answers())

    def answers(self) -> bool:
        try:
            return self.ask("PING") is not None
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False

    def ask(self, *arguments: str | int) -> Any:
        return self.client.execute_command(*arguments)  # type: ignore[no-untyped-call]

    def info(self, name: str) -> str:
        return next(
            line.split(":")[1]
            for line in str(self.ask("CLUSTER", "INFO")).split("\r\n")
            if line.startswith(name)
        )

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.client.close()


class RealCluster:
    """`with RealCluster(directory) as cluster:` then connect to `cluster.url`. The first `primaries` nodes have
    equal parts of the slots; the replicas follow them in turn.
    """

    def __init__(self, directory: Path, primaries: int = 3, replicas: int = 0) -> None:
        ports = free_ports(2 * (primaries + replicas))
        self.primaries = primaries
        self.nodes = [
            ClusterNode(directory / f"node{n}", port, bus)
            for n, (port, bus) in enumerate(zip(ports[::2], ports[1::2], strict=True))
        ]
        self.buses = ports[1::2]

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def __enter__(self) -> "RealCluster":
        try:
            self.form()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def form(self) -> None:
        for n, node in enumerate(self.nodes):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
            if n < self.primaries:
                first, last = n * SLOTS // self.primaries, (n + 1) * SLOTS // self.primaries - 1
                node.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
            if n > 0:
                self.nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, self.buses[n])
        wait_for(lambda: all(node.info("cluster_known_nodes") == str(len(self.nodes)) for node in self.nodes))
        for n, node in enumerate(self.nodes[self.primaries :]):
            wait_for(lambda node=node, n=n: replicates(node, self.nodes[n % self.primaries]))
        self.settled()

    def settled(self) -> None:
        """Wait until every node says that all slots are served."""
        wait_for(lambda: all(node.info("cluster_state") == "ok" for node in self.alive()))

    def stop(self) -> None:
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            node.kill()

    def alive(self) -> list[ClusterNode]:
        return [node for node in self.nodes if node.process.poll() is None]

    def owner(self, slot: int, asked: ClusterNode | None = None) -> ClusterNode:
        """The primary that holds the slot, as `asked` says (a node that lives)."""
        for first, last, primary, *_ in (asked or self.alive()[0]).ask("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == primary[1])
        raise LookupError(slot)

    def open_move(self, slot: int, target: ClusterNode) -> ClusterNode:
        """Begin to move a slot key by key, as Redis Cluster does. Returns the source."""
        source = self.owner(slot)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
        return source

    def move_keys(self, slot: int, source: ClusterNode, target: ClusterNode, most: int = 1000) -> int:
        """Move up to `most` keys of the slot, one by one; how many went."""
        keys = source.ask("CLUSTER", "GETKEYSINSLOT", slot, most)
        for key in keys:
            source.ask("MIGRATE", "127.0.0.1", target.port, key, 0, 60_000)
        return len(keys)

    def close_move(self, slot: int, source: ClusterNode, target: ClusterNode) -> None:
        """All keys are there: hand the slot over."""
        for node in (target, source):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)
        # The others hear of it by gossip; an operator's tool tells them, so that nobody is sent in a circle.
        for node in self.alive():
            if node not in (source, target) and node.ask("ROLE")[0] == "master":
                node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)

    def move(self, slot: int, target: ClusterNode) -> None:
        """Move a slot key by key."""
        source = self.open_move(slot, target)
        while self.move_keys(slot, source, target):
            pass
        self.close_move(slot, source, target)

    def replica(self) -> ClusterNode:
        """The first one there is."""
        return next(node for node in self.alive() if node.ask("ROLE")[0] == "slave")

    def hand_over(self) -> None:
        """The replica takes its primary's place, without a loss: nobody may write until it has everything. Returns when
        everybody knows.
        """
        replica = self.replica()
        primary = next(node for node in self.nodes if node.port == replica.ask("ROLE")[2])
        primary.ask("CLIENT", "PAUSE", 600_000, "WRITE")
        written = primary.ask("ROLE")[1]
        wait_for(lambda: replica.ask("ROLE")[4] >= written)
        self.take_over(replica)
        wait_for(lambda: primary.ask("ROLE")[0] == "slave")
        primary.ask("CLIENT", "UNPAUSE")
        self.agreed()

    def take_over(self, replica: ClusterNode) -> None:
        """The replica takes its primary's place at once, as the others do with one that they take for dead."""
        replica.ask("CLUSTER", "FAILOVER", "TAKEOVER")
        wait_for(lambda: replica.ask("ROLE")[0] == "master")

    def agreed(self) -> None:
        """Wait until all nodes tell the same map, and that it works."""
        wait_for(lambda: len({str(primaries(node)) for node in self.alive()}) == 1)
        self.settled()

    def move_at_once(self, slot: int, target: ClusterNode) -> None:
        """Move a slot as Valkey 9 does: copied first, then handed over in one step."""
        self.owner(slot).ask("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", target.id)
        wait_for(lambda: self.owner(slot, target) is target)


def primaries(node: ClusterNode) -> list[tuple[int, int, int]]:
    """The map that a node tells: first slot, last slot, port."""
    return sorted((first, last, shard[1]) for first, last, shard, *_ in node.ask("CLUSTER", "SLOTS"))


def replicates(node: ClusterNode, primary: ClusterNode) -> bool:
    try:
        node.ask("CLUSTER", "REPLICATE", primary.id)
    except redis.ResponseError:  # it has not heard of it yet
        return False
    return True


def wait_for(condition: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)
