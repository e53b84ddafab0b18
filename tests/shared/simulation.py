"""A whole system in one process: a server that decides, replicas, and a network that delays, cuts and reconnects.

Deterministic: what happens next is chosen by the caller (a seeded Random, or Hypothesis). Nothing here does I/O.
"""

import json
from collections import deque
from typing import Any

from capsule.shared.actions import perform
from capsule.shared.model import Model
from capsule.shared.replica import Replica
from capsule.shared.scope import Scope
from capsule.shared.transaction import Transaction
from capsule.shared.verdict import Operation
from capsule.shared.wire import versionOf

LOG_LENGTH = 12


class Server:
    """One scope's authority: worker, log and gateway in one. It keeps `LOG_LENGTH` frames for those who resume."""

    def __init__(self, root_class: type[Model], name: str, feeds: list[Any]) -> None:
        self.scope = Scope(root_class, name)
        self.scope.load({"id": "1-7", "feeds": feeds})
        self.results: dict[str, dict[str, Any]] = {}
        self.applied: dict[str, str] = {}
        self.taken: dict[tuple[str, str], int] = {}
        self.frames: list[dict[str, Any]] = []
        self.links: list[Link] = []
        self.clock = 1_000_000

    def snapshot(self) -> dict[str, Any]:
        feeds: list[Any] = [[".", [self.scope.root.id, self.scope.root.itemJSON()]]]

        def walk(model: Any) -> None:
            for collection in model.childCollections():
                flat: list[Any] = []
                for item in collection.models:
                    flat += [item.id, item.itemJSON()]
                feeds.append([collection.path, flat])
                for item in collection.models:
                    walk(item)

        walk(self.scope.root)
        return {"verb": "snapshot", "scope": self.scope.name, "id": self.scope.eventId, "feeds": feeds}

    def hear(self, link: "Link", message: dict[str, Any]) -> None:
        verb = message["verb"]
        if verb == "hello":
            link.client = message["client"]
            link.say(
                {"verb": "welcome", "protocol": 1, "user": link.user, "session": "s", "heartbeat": 25000}
            )
        elif verb == "subscribe":
            self.subscribe(link, message)
        elif verb == "do":
            self.do(link, message)

    def subscribe(self, link: "Link", message: dict[str, Any]) -> None:
        link.live = True
        since = message["since"]
        if since == self.scope.eventId or any(frame["prev"] == since for frame in self.frames):
            for frame in self.frames:
                if versionOf(frame["id"]) > versionOf(since):
                    link.say(frame)
            link.say({"verb": "resumed", "scope": self.scope.name, "id": self.scope.eventId})
            return
        ops = {n: f"{link.user}.{link.client}.{n}" for n in message["pending"]}
        contained = [n for n, op in ops.items() if op in self.applied]
        link.say({**self.snapshot(), "contained": contained})

    def do(self, link: "Link", message: dict[str, Any]) -> None:
        n = message["n"]
        op = f"{link.user}.{link.client}.{n}"
        if op not in self.results:
            last = self.taken.get((link.user, link.client), 0)
            if n != last + 1 and not message["first"]:
                link.say({"verb": "error", "code": 425, "name": "GAP", "sentence": "...", "n": n})
                return
            self.taken[(link.user, link.client)] = n
            self.results[op] = self.decide(op, link.user, message["action"])
        link.say({"verb": "result", "scope": self.scope.name, "n": n, **self.results[op]})

    def decide(self, op: str, user: str, action: dict[str, Any]) -> dict[str, Any]:
        self.clock += 1
        recorder = Transaction(self.scope.root)
        verdict = perform(self.scope, action, Operation(op, user, self.clock))
        if not verdict.allowed:
            recorder.undo()
        recorder.stop()
        if recorder.operations:
            self.publish([[op, [event(operation) for operation in recorder.operations]]])
            self.applied[op] = self.scope.eventId
        return {"code": verdict.code, "id": self.scope.eventId, "verdict": verdict.toJSON()}

    def publish(self, transactions: list[Any]) -> None:
        previous = self.scope.eventId
        self.scope.eventId = f"{versionOf(previous) + 1}-{len(self.frames) + 5}"
        frame = {
            "verb": "event",
            "scope": self.scope.name,
            "id": self.scope.eventId,
            "prev": previous,
            "tx": transactions,
        }
        self.frames = [*self.frames, json.loads(json.dumps(frame))][-LOG_LENGTH:]
        for link in self.links:
            if link.live:
                link.say(frame)


def event(operation: dict[str, Any]) -> list[Any]:
    """An operation as the event that the commit script publishes."""
    verb, feed, key = operation["verb"], operation["feed"], operation["id"]
    if verb == "publish":
        return [verb, feed, key, operation["item"], operation["position"]]
    if verb == "edit":
        return [verb, feed, key, operation["changes"], *([operation["unset"]] if operation["unset"] else [])]
    if verb == "position":
        return [verb, feed, key, operation["position"]]
    return [verb, feed, key]


class Link:
    """One user's page: a replica and the two directions of its connection, each first in, first out."""

    def __init__(self, server: Server, root_class: type[Model], user: str, client: str) -> None:
        self.server = server
        self.user = user
        self.client = client
        self.live = False
        self.up: deque[str] = deque()
        self.down: deque[str] = deque()
        self.replica = Replica(root_class, server.scope.name, {"client": client, "user": user})
        server.links.append(self)
        self.connect()

    def connect(self) -> None:
        self.up.append(self.replica.hello())
        self.up.extend(self.replica.connected())

    def cut(self) -> None:
        """The connection breaks: what was under way, in both directions, is lost."""
        self.live = False
        self.up.clear()
        self.down.clear()
        self.replica.disconnected()
        self.connect()

    def say(self, message: dict[str, Any]) -> None:
        self.down.append(json.dumps(message))

    def send_one(self) -> None:
        self.up.extend(self.replica.take())
        if self.up:
            self.server.hear(self, json.loads(self.up.popleft()))

    def receive_one(self, lines: int = 1) -> None:
        """One message of so many lines, if there are as many."""
        if self.down:
            self.replica.receive("\n".join(self.down.popleft() for _ in range(min(lines, len(self.down)))))

    def settle(self) -> None:
        for _ in range(10_000):
            self.up.extend(self.replica.take())
            if not self.up and not self.down:
                return
            self.send_one()
            self.receive_one()
        raise AssertionError("the connection never came to rest")
