"""A page that ends and begins again: what was begun arrives once, and in order."""

import json
from typing import Any

from capsule.shared.replica import Replica
from capsule.shared.saved import KEPT_MS, restoreReplica, saveReplica, snapshotOf
from capsule.shared.scope import Scope
from examples.bang.models import Team
from tests.shared.company import FEEDS as COMPANY
from tests.shared.company import NAME, Company
from tests.shared.simulation import Link
from tests.shared.test_replica import ann, refused, state, system


def offline(link: Link) -> None:
    """The connection breaks, and stays so."""
    link.cut()
    link.up.clear()


def reloaded(link: Link, now: int = 0) -> Replica:
    """The page of a link is left, and loaded again from its record, which is JSON."""
    record = json.loads(json.dumps(saveReplica(link.replica)))
    offline(link)
    options = {"client": record["client"], "user": link.user, "now": lambda: now}
    link.replica = Replica(Team, record["scope"], options)
    restoreReplica(link.replica, record)
    return link.replica


def titles(link: Link) -> list[str]:
    return [task.get("title") for task in ann(link).tasks]


def test_edits_made_offline_survive_a_reload_and_arrive_once_in_order() -> None:
    server, [one, two] = system("ann", "bob")
    offline(one)
    ann(one).tasks.addServer({"title": "three"})
    ann(one).tasks.get("t1").setServer({"title": "uno"})
    ann(one).tasks.get("t1").setServer({"title": "eins"})
    replica = reloaded(one)
    assert replica.ready
    assert titles(one) == ["eins", "two", "three"], "shown before there is a connection"
    added = ann(one).tasks.addServer({"title": "four"})
    assert added.n == 4
    one.connect()
    one.settle()
    two.settle()
    assert replica.pending == []
    assert titles(one) == titles(two) == ["eins", "two", "three", "four"]
    assert state(replica.root) == state(server.scope.root)


def test_what_had_reached_the_server_is_not_done_twice() -> None:
    server, [one] = system("ann")
    ann(one).tasks.addServer({"title": "three"})
    one.send_one()
    replica = reloaded(one)
    assert len(replica.pending) == 1
    one.connect()
    one.settle()
    assert replica.pending == []
    assert titles(one) == ["one", "two", "three"]
    assert [task.get("title") for task in server.scope.root.members.get("ann").tasks] == titles(one)


def test_what_the_server_refuses_after_the_reload_is_shown_with_its_reason() -> None:
    server, [one] = system("ann")
    offline(one)
    ann(one).tasks.get("t1").setServer({"title": "uno"})
    server.scope.root.members.get("ann").tasks.remove("t1")
    replica = reloaded(one)
    rejected: list[Any] = []
    replica.on("rejected", lambda operation, verdict: rejected.append((operation.n, verdict.code)))
    server.frames = []
    server.scope.eventId = "99-1"
    one.connect()
    one.settle()
    assert rejected == [(1, 404)]
    assert titles(one) == ["two"]


def test_what_was_sent_too_long_ago_to_be_recognized_is_not_sent_again() -> None:
    _, [one] = system("ann")
    ann(one).tasks.addServer({"title": "sent"})
    one.replica.disconnected()
    ann(one).tasks.addServer({"title": "never sent"})
    heard: list[Any] = []
    record = saveReplica(one.replica)
    late = Replica(
        Team, "team.andyet", {"client": record["client"], "user": "ann", "now": lambda: KEPT_MS + 1}
    )
    late.on("rejected", lambda operation, verdict: heard.append((operation.n, verdict.code)))
    restoreReplica(late, record)
    assert heard == [(1, 410)]
    assert [operation.n for operation in late.pending] == [2]


def test_another_users_operations_are_never_sent_for_whoever_logs_in_now() -> None:
    _, [one] = system("ann")
    offline(one)
    ann(one).tasks.get("t1").setServer({"title": "uno"})
    replica = reloaded(one)
    operation = replica.pending[0]
    welcome = {"verb": "welcome", "protocol": 1, "user": "bob", "session": "s", "heartbeat": 1000}
    replica.receive(json.dumps(welcome))
    assert operation.state == "rejected"
    assert operation.verdict is not None
    assert operation.verdict.code == 401
    assert replica.pending == []
    refused(one)


def test_a_snapshot_made_here_loads_as_one_of_the_server_does() -> None:
    scope = Scope(Company, NAME)
    scope.load({"id": "3-1", "feeds": COMPANY})
    again = Scope(Company, NAME)
    again.load(json.loads(json.dumps(snapshotOf(scope))))
    assert again.root.xport() == scope.root.xport()
    assert again.eventId == "3-1"
