"""What a replica was told and asked in a simulated session, told and asked again to the compiled one."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from capsule.shared.replica import Replica
from tests.parity.node import run_node
from tests.shared.simulation import Link
from tests.shared.test_replica import act, system


class Recorded:
    """Stands before a replica and writes down each call, with what it answered and what came of it."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.calls: list[list[Any]] = []
        self.trace: list[dict[str, Any]] = []
        self.events: list[str] = []
        self.request_of_replica = replica.request
        replica.on("all", lambda name, *rest: self.events.append(name))
        replica.request = self.request  # type: ignore[method-assign]

    def request(self, action: dict[str, Any]) -> Any:
        self.events.clear()
        copy = json.loads(json.dumps(action))
        operation = self.request_of_replica(action)
        self.note("request", copy, operation.state)
        return operation

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.replica, name)
        if name not in ("receive", "connected", "disconnected", "take"):
            return method

        def call(*args: Any) -> Any:
            self.events.clear()
            answer = method(*args)
            self.note(name, args[0] if args else None, answer)
            return answer

        return call

    def note(self, name: str, argument: Any, answer: Any) -> None:
        self.calls.append([name, argument])
        entry = {
            "answer": answer,
            "events": list(self.events),
            "pending": [operation.n for operation in self.replica.pending],
            "state": self.replica.root.xport(),
        }
        self.trace.append(json.loads(json.dumps(entry)))


@pytest.mark.parametrize("seed", [3, 5, 8])
def test_the_compiled_replica_takes_the_same_course(seed: int, bang_bundle: Path, tmp_path: Path) -> None:
    random = Random(seed)
    server, links = system("ann", "bob")
    watched = links[0]
    watched.cut()
    recorded = Recorded(
        Replica(type(watched.replica.root), "team.andyet", {"client": "client77", "user": "ann"})
    )
    watched.replica = recorded  # type: ignore[assignment]
    watched.up.clear()
    watched.connect()
    for _ in range(400):
        step(random, random.choice(links))
    for link in links * 2:
        link.settle()
    options = {"client": "client77", "user": "ann"}
    got = run_node("replica_trace.mjs", bang_bundle, {"options": options, "calls": recorded.calls}, tmp_path)
    for number, (python, javascript) in enumerate(zip(recorded.trace, got, strict=True)):
        assert normal(javascript) == normal(python), f"call {number}: {recorded.calls[number]}"
    assert recorded.trace[-1]["state"] == json.loads(json.dumps(server.scope.root.xport()))


def step(random: Random, link: Link) -> None:
    choice = random.random()
    if choice < 0.3:
        if link.replica.ready:
            act(link, random)
    elif choice < 0.6:
        link.send_one()
    elif choice < 0.95:
        link.receive_one(random.choice([1, 1, 2, 5]))
    else:
        link.cut()


def normal(entry: dict[str, Any]) -> dict[str, Any]:
    """Lines are JSON text, and the order of an object's keys is nobody's promise."""
    if isinstance(entry["answer"], list):
        return {**entry, "answer": [json.loads(line) for line in entry["answer"]]}
    return entry
