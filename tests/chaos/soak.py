"""A process full of clients that work, are cut off, and write down everything they were told.

    python -m tests.chaos.soak '{"urls": [...], "cookies": {"ann": "..."}, "clients": [["ann", 7], ...],
                                 "operations": 50, "seconds": 60, "pause": 0.2, "patience": 120,
                                 "report": "report.json"}'

Every few seconds it says how it does, as a line of JSON, and "worked" when every operation has been answered. It is
then told the scope's last event id on its standard input, waits until every replica is there, writes its report and
ends.
"""

import asyncio
import hashlib
import json
import random
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from capsule.server.client import Client, newClientId
from capsule.shared.model import Model
from capsule.shared.pending import PendingOperation
from capsule.shared.replica import Replica
from capsule.shared.wire import versionOf
from examples.bang.models import Team
from examples.bang.seed import SCOPE

WINDOW = 4  # operations of one client that wait for an answer at the same time
FEWEST, MOST = 6, 16  # tasks on a list
CUTTING = 0.03  # how often a client is cut off, for each operation
PULSE = 5.0  # seconds

# What the clients of this process were told, by version: [digest, operation ids, number of events].
HISTORY: dict[int, list[Any]] = {}


class Roamer(Client):
    """Comes back at any of the gateways."""

    def __init__(self, urls: list[str], replica: Replica, cookie: str, chance: random.Random) -> None:
        self.urls = urls
        self.chance = chance
        self.visited: list[str] = []
        super().__init__("", replica, cookie=cookie)

    @property
    def url(self) -> str:
        self.visited.append(self.chance.choice(self.urls))
        return self.visited[-1]

    @url.setter
    def url(self, value: str) -> None:
        pass

    def cut(self) -> bool:
        """The network goes away, in the middle of whatever is under way."""
        if self._socket is None:
            return False
        self._socket.transport.abort()
        return True


class Witness(Replica):
    """A replica that holds the gateways to their promise, frame by frame."""

    def __init__(self, root_class: type[Model], name: str, options: dict[str, Any]) -> None:
        super().__init__(root_class, name, options)
        self.at = "0-0"
        self.line = ""
        self.frames = 0
        self.snapshots = 0
        self.problems: list[str] = []
        self.on("frame", self.look)
        self.on("pending", self.begin)
        self.on("settled", self.count)
        self.operations: list[PendingOperation] = []
        self.answers: Counter[int] = Counter()

    def receiveLine(self, line: str) -> None:
        self.line = line
        super().receiveLine(line)

    def look(self, frame: dict[str, Any]) -> None:
        if frame["prev"] != self.at or versionOf(frame["id"]) != versionOf(self.at) + 1:
            self.problems.append(f"{frame['id']} after {self.at}: a gap, twice, or out of order")
        self.at = frame["id"]
        self.frames += 1
        self.compare(frame)

    def compare(self, frame: dict[str, Any]) -> None:
        """What one is told, all are told: the same bytes."""
        version, told = (
            versionOf(frame["id"]),
            hashlib.blake2b(self.line.encode(), digest_size=16).hexdigest(),
        )
        if version not in HISTORY:
            HISTORY[version] = [told, [tx[0] for tx in frame["tx"]], sum(len(tx[1]) for tx in frame["tx"])]
        elif HISTORY[version][0] != told:
            self.problems.append(f"{frame['id']} is not what others were told")

    def begin(self, operation: PendingOperation) -> None:
        self.operations.append(operation)

    def count(self, operation: PendingOperation) -> None:
        if operation in self.operations[-50:]:  # what is refused here has never begun
            self.answers[operation.n] += 1

    def onSnapshot(self, snapshot: dict[str, Any]) -> None:
        # It may be of an earlier event than the last: a gateway keeps snapshots, and sends what came after them.
        self.snapshots += 1
        self.at = snapshot["id"]
        super().onSnapshot(snapshot)


class Worker:
    """One user at one page."""

    def __init__(self, user: str, seed: int, cookie: str, options: dict[str, Any]) -> None:
        self.user = user
        self.pause: float = options["pause"]
        self.patience: float = options["patience"]
        self.chance = random.Random(seed)
        own = {"client": newClientId(), "user": user, "now": lambda: int(time.time() * 1000)}
        self.replica = Witness(Team, SCOPE, own)
        self.client = Roamer(options["urls"], self.replica, cookie, self.chance)
        self.cuts = 0
        self.begun: dict[PendingOperation, float] = {}
        self.slowest = 0.0  # seconds that an answer took

    @property
    def oldest(self) -> float:
        """Seconds that an operation waits for its answer by now."""
        return time.monotonic() - min(self.begun.values()) if self.begun else 0.0

    def where(self) -> str:
        """Where this client stands, for whoever wonders why it is not answered."""
        replica, client = self.replica, self.client
        pending = [(operation.n, operation.sent) for operation in replica.pending]
        return (
            f"{self.user}.{replica.client} {client.status} and {replica.state} at {replica.at} with {pending} after "
            f"{len(client.visited)} connections, {replica.frames} frames, {replica.snapshots} snapshots"
        )

    async def run(self, count: int, seconds: float) -> None:
        """Begin so many operations, one after the other, or as many as there is time for."""
        end = time.monotonic() + seconds
        waiting: list[PendingOperation] = []
        while len(self.replica.operations) < count and time.monotonic() < end:
            waiting.append(self.act())
            if waiting[-1].state == "pending":
                self.begun[waiting[-1]] = time.monotonic()
                waiting[-1].once("settled", self.heard)
            if self.chance.random() < CUTTING:
                self.cuts += self.client.cut()
            if len(waiting) >= WINDOW:
                await self.answered(waiting.pop(0))
            await asyncio.sleep(self.chance.uniform(0, self.pause))
        for operation in waiting:
            await self.answered(operation)

    async def answered(self, operation: PendingOperation) -> None:
        try:
            async with asyncio.timeout(self.patience):
                await self.client.settled(operation)
        except TimeoutError:
            raise AssertionError(
                f"{operation.n} is not answered but {operation.state}: {self.where()}"
            ) from None

    def heard(self, operation: PendingOperation) -> None:
        self.slowest = max(self.slowest, time.monotonic() - self.begun.pop(operation))

    def act(self) -> Any:
        tasks = self.replica.root.members.get(self.user).tasks
        count = len(tasks.models)
        kind = self.chance.random()
        if count < FEWEST or (kind < 0.1 and count < MOST):
            return tasks.addServer({"title": f"task {self.chance.random()}"})
        task = self.chance.choice(tasks.models)
        if kind < 0.2:
            return task.callServerMethod("ship")
        if kind < 0.25:
            return task.deleteServer()
        if kind < 0.4:
            return task.moveServer({"before": self.chance.choice(tasks.models).id})
        if kind < 0.5:
            return task.callServerMethod("activate")
        if kind < 0.6:
            return self.replica.root.chat.addServer({"text": f"line {self.chance.random()}"})
        return task.setServer({"title": f"title {self.chance.random()}"})

    def report(self) -> dict[str, Any]:
        replica = self.replica
        if replica.pending:
            replica.problems.append(f"{len(replica.pending)} operations were never answered")
        for operation in replica.operations:
            if replica.answers[operation.n] != 1:
                replica.problems.append(f"{operation.n} settled {replica.answers[operation.n]} times")
        return {
            "who": f"{self.user}.{replica.client}",
            "operations": {replica.idOf(operation): operation.state for operation in replica.operations},
            "adds": [
                replica.idOf(operation) for operation in replica.operations if operation.action["do"] == "add"
            ],
            "problems": replica.problems,
            "frames": replica.frames,
            "snapshots": replica.snapshots,
            "cuts": self.cuts,
            "slowest": self.slowest,
            "connections": len(self.client.visited),
            "states": [digest(replica.root.xport()), digest(replica.base.root.xport())],
        }


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


async def say(workers: list[Worker]) -> None:
    """How it goes, for whoever watches; what cannot be explained later is visible here."""
    due = time.monotonic()
    while True:
        due += PULSE
        await asyncio.sleep(due - time.monotonic())
        pulse = {
            "begun": sum(len(worker.replica.operations) for worker in workers),
            "pending": sum(len(worker.replica.pending) for worker in workers),
            "oldest": round(max(worker.oldest for worker in workers), 1),
            "states": Counter(worker.replica.state for worker in workers),
            "late": round(time.monotonic() - due, 2),
            "slowest": max(workers, key=lambda worker: worker.oldest).where(),
        }
        print(json.dumps(pulse), flush=True)


async def work(options: dict[str, Any]) -> dict[str, Any]:
    """The report."""
    workers = [Worker(user, seed, options["cookies"][user], options) for user, seed in options["clients"]]
    async with AsyncExitStack() as connections:
        for worker in workers:
            await connections.enter_async_context(worker.client)
        pulse = asyncio.create_task(say(workers))
        await asyncio.gather(*(worker.run(options["operations"], options["seconds"]) for worker in workers))
        pulse.cancel()
        print("worked", flush=True)
        last = (await asyncio.to_thread(sys.stdin.readline)).strip()
        async with asyncio.timeout(options["patience"]):
            for worker in workers:
                while worker.replica.base.eventId != last:
                    await asyncio.sleep(0.02)
        return {"clients": [worker.report() for worker in workers], "versions": HISTORY}


def main(options: dict[str, Any]) -> None:
    Path(options["report"]).write_text(json.dumps(asyncio.run(work(options))))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
