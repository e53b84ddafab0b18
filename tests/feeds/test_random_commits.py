"""Random commits, against a model of the rules; and what readers make of the events is what a snapshot
says.
"""

import asyncio
import itertools
import json
from copy import deepcopy
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from capsule.feeds import (
    Capsule,
    Configure,
    Delete,
    Edit,
    Move,
    Publish,
    ReadFeed,
    ReadItem,
    ReadScope,
    Retract,
    Transaction,
)
from capsule.feeds.operation import Kind, Operation, Read

from .model import Replica, ScopeModel

FEEDS = [".", "chat", "members", "members.a.tasks", "members.b.tasks", "members.a.tasks.a.notes"]
IDS = ["a", "b", "c"]
SORTED = {"members.a.tasks", "members.b.tasks"}


def operation(random: Random, state: ScopeModel) -> Operation:
    """Mostly one that can be done in `state`: blind ones would nearly all be refused."""
    there = [(name, item_id) for name, feed in state.feeds.items() for item_id in feed.items]
    feed, item_id = random.choice(FEEDS), random.choice(IDS)
    position = random.choice([":end", "begin:", *(f"{name}:" for name in IDS), *(f":{name}" for name in IDS)])
    item = json.dumps({"n": random.randrange(10)})
    kind: Kind = "sorted_feed" if feed in SORTED else "feed"
    if random.random() < 0.06:
        return Configure(feed, random.choice([None, 1, 1, 2, 3]), kind)
    if random.random() < 0.02:
        return Delete(feed)
    if not there or random.random() < 0.5:
        return Publish(feed, item_id, item, position if feed in SORTED else ":end", kind)
    if random.random() < 0.85:
        feed, item_id = random.choice(there)
    verb = random.choice(["edit", "edit", "retract", "move", "move", "mistake"])
    if verb == "edit":
        # What the item will be then is not known here, so an edit sets every attribute that there is.
        return Edit(feed, item_id, item, item, ["m"] if random.random() < 0.5 else ())
    if verb == "retract":
        return Retract(feed, item_id)
    if verb == "move" and position not in (f"{item_id}:", f":{item_id}"):
        return Move(feed, item_id, position)
    return Publish(feed, item_id, item, position, random.choice(["feed", "sorted_feed"]))


def read(random: Random, version: int) -> Read:
    """Mostly at the newest version, sometimes at an older one, sometimes at one that does not exist yet."""
    version = max(0, version - random.choice([0, 0, 0, 0, 0, 1, 1, 2, 3, -1]))
    kind, feed = random.randrange(5), random.choice(FEEDS)
    if kind == 0:
        return ReadScope(version)
    return ReadFeed(feed, version) if kind < 3 else ReadItem(feed, random.choice(IDS), version)


def commit(random: Random, model: ScopeModel) -> list[Transaction]:
    """Up to four transactions, each thought of on top of those before it."""
    state = deepcopy(model)
    transactions = []
    for _ in range(random.randint(1, 4)):
        reads = [read(random, model.version) for _ in range(random.choice([0, 0, 1, 2]))]
        op = f"op.{random.randrange(400)}"
        operations = []
        for _ in range(random.randint(1, 4)):
            # One mistake spoils a transaction, so most of them are thought over.
            for _ in range(random.choice([1, 8, 8, 8, 8, 8, 8, 8])):
                chosen = operation(random, state)
                if state.attempt(Transaction(op, [chosen])) == "applied":
                    break
            operations.append(chosen)
        transactions.append(Transaction(op, operations, reads))
    return transactions


class Machine(RuleBasedStateMachine):
    """One scope, driven by random commits."""

    scopes = itertools.count()

    def __init__(self, runner: asyncio.Runner, cap: Capsule) -> None:
        super().__init__()
        self.runner = runner
        self.scope = cap.scope(f"random.{next(self.scopes)}")
        self.model = ScopeModel()
        self.replica = Replica()

    @rule(random=st.randoms(use_true_random=False))
    def commit(self, random: Random) -> None:
        transactions = commit(random, self.model)
        before = self.model.version
        outcomes = self.runner.run(self.scope.commit(transactions))
        self.model.follow(transactions, [outcome.code for outcome in outcomes])
        for outcome in outcomes:
            if outcome.code == "applied":
                assert outcome.event_id is not None
                assert outcome.event_id.startswith(f"{before + 1}-")

    @invariant()
    def the_snapshot_is_the_models(self) -> None:
        snapshot = self.runner.run(self.scope.snapshot())
        # To a reader an empty feed and a missing one are the same.
        assert [feed for feed in snapshot.feeds if feed[1]] == [
            feed for feed in self.model.snapshot() if feed[1]
        ]
        assert snapshot.event_id.startswith(f"{self.model.version}-")

    def catch_up(self) -> None:
        for frame in self.runner.run(self.scope.log(self.replica.last)) or []:
            header, line = frame.decode().split("\n")
            event = json.loads(line)
            assert header.split(" ")[:2] == [event["id"], event["prev"]]
            self.replica.receive(event)

    @invariant()
    def the_events_make_the_snapshot(self) -> None:
        self.catch_up()
        snapshot = self.runner.run(self.scope.snapshot())
        assert self.replica.last == snapshot.event_id
        stored = {
            name: [[item_id, json.loads(item)] for item_id, item in items] for name, items in snapshot.feeds
        }
        assert {name: feed for name, feed in self.replica.feeds.items() if feed} == {
            name: feed for name, feed in stored.items() if feed
        }

    @invariant()
    def every_applied_operation_is_known_once(self) -> None:
        self.catch_up()
        assert sorted(self.replica.operations) == sorted(self.model.known)
        events = self.runner.run(self.scope.lookup(sorted(self.model.known)))
        versions = [int(event.split("-")[0]) for event in events if event is not None]
        assert versions == [self.model.known[op] for op in sorted(self.model.known)]


def test_random_commits_follow_the_rules_and_their_events_make_the_state(url: str) -> None:
    with asyncio.Runner() as runner:
        cap = runner.run(Capsule.connect(url))
        try:
            run_state_machine_as_test(
                lambda: Machine(runner, cap),  # type: ignore[arg-type]
                settings=settings(
                    max_examples=100,
                    stateful_step_count=20,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(cap.close())
