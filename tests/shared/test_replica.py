"""The replica against a simulated server and network: whatever is cut or delayed, everybody ends up equal."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capsule.shared.codes import errorMessage
from capsule.shared.verdict import Verdict
from capsule.shared.wire import messageProblem
from examples.bang.models import Team
from tests.shared.simulation import Link, Server

FEEDS: list[Any] = [
    [".", ["andyet", {"id": "andyet", "name": "&yet"}]],
    ["members", ["ann", {"id": "ann", "name": "Ann"}, "bob", {"id": "bob", "name": "Bob"}]],
    [
        "members.ann.tasks",
        [
            "t1",
            {"id": "t1", "title": "one", "owner": "ann"},
            "t2",
            {"id": "t2", "title": "two", "owner": "ann"},
        ],
    ],
    ["members.bob.tasks", ["t3", {"id": "t3", "title": "three", "owner": "bob"}]],
    ["chat", []],
]


def system(*users: str) -> tuple[Server, list[Link]]:
    server = Server(Team, "team.andyet", FEEDS)
    links = [Link(server, Team, user, f"client{index:02d}") for index, user in enumerate(users)]
    for link in links:
        link.settle()
    return server, links


def state(root: Any) -> Any:
    return json.loads(json.dumps(root.xport()))


def ann(link: Link) -> Any:
    return link.replica.root.members.get("ann")


def test_a_snapshot_draws_the_whole_team() -> None:
    server, [link] = system("ann")
    assert link.replica.ready
    assert state(link.replica.root) == state(server.scope.root)
    assert [task.id for task in ann(link).tasks] == ["t1", "t2"]


def test_a_change_shows_at_once_and_reaches_the_other() -> None:
    _, [one, two] = system("ann", "bob")
    operation = ann(one).tasks.get("t1").setServer({"title": "uno"})
    assert ann(one).tasks.get("t1").get("title") == "uno"
    assert ann(two).tasks.get("t1").get("title") == "one"
    one.settle()
    two.settle()
    assert operation.state == "accepted"
    assert ann(two).tasks.get("t1").get("title") == "uno"


def test_a_change_that_the_rules_refuse_here_is_never_sent() -> None:
    _, [link] = system("bob")
    operation = ann(link).tasks.get("t1").setServer({"title": "mine"})
    assert operation.state == "rejected"
    assert operation.verdict.sentence == "Only the owner may edit a task."
    assert link.replica.take() == []
    assert ann(link).tasks.get("t1").get("title") == "one"


def test_what_the_server_refuses_is_rolled_back_alone_with_its_reason() -> None:
    server, [link] = system("ann")
    server.scope.root.members.get("ann").tasks.get("t1").set({"owner": "bob"}, {"remote": True})
    rejected: list[Any] = []
    link.replica.on("rejected", lambda operation, verdict: rejected.append(verdict.sentence))
    ann(link).tasks.get("t1").setServer({"title": "refused"})
    ann(link).tasks.get("t2").setServer({"title": "taken"})
    assert ann(link).tasks.get("t1").get("title") == "refused"
    link.settle()
    assert rejected == ["Only the owner may edit a task."]
    assert ann(link).tasks.get("t1").get("title") == "one"
    assert ann(link).tasks.get("t2").get("title") == "taken"


def test_the_confirming_frame_fires_no_second_event() -> None:
    _, [link] = system("ann")
    seen: list[str] = []
    ann(link).tasks.get("t1").on("all", lambda name, *rest: seen.append(name))
    ann(link).tasks.get("t1").setServer({"title": "uno"})
    link.settle()
    assert seen == ["change:title", "change"]


def test_a_task_that_returns_is_the_same_instance() -> None:
    server, [link] = system("ann")
    server.scope.root.members.get("ann").tasks.get("t1").set({"owner": "bob"}, {"remote": True})
    task = ann(link).tasks.get("t1")
    task.callServerMethod("ship")
    assert ann(link).tasks.get("t1") is None
    assert len(ann(link).shipped.models) == 1
    link.settle()
    assert ann(link).tasks.get("t1") is task
    assert ann(link).tasks.indexOf(task) == 0
    assert len(ann(link).shipped.models) == 0


def test_the_pending_of_one_survive_the_frames_of_another() -> None:
    _, [one, two] = system("ann", "ann")
    ann(one).tasks.addServer({"title": "new"}, {"first": True})
    ann(two).tasks.get("t2").moveServer({"first": True})
    ann(two).tasks.get("t1").setServer({"title": "other"})
    two.settle()
    one.receive_one()
    assert [task.get("title") for task in ann(one).tasks] == ["new", "two", "one"]
    one.settle()
    two.settle()
    assert state(one.replica.root) == state(two.replica.root)


def test_the_frames_of_one_message_are_one_change_under_what_is_pending() -> None:
    server, [one, two] = system("ann", "ann")
    pending = ann(one).tasks.get("t2").setServer({"title": "mine"})
    own = ann(one).tasks.addServer({"title": "new"})
    seen: list[Any] = []
    one.replica.root.on("publish", lambda event: seen.append(event["changed"]))
    own.on("settled", lambda operation: seen.append(operation.state))
    for title in ("a", "b", "c"):
        ann(two).tasks.get("t1").setServer({"title": title})
        two.settle()
    server.hear(one, json.loads(one.replica.take()[1]) | {"first": True})
    one.receive_one(lines=4)
    assert one.replica.base.eventId == one.replica.view.eventId == server.scope.eventId
    assert seen == [{"title": "c"}, {"createdAt": server.clock}, "accepted"]
    assert (pending.state, own.state) == ("pending", "accepted")


def test_a_line_that_is_no_event_finds_the_events_before_it_shown() -> None:
    _, [one, two] = system("ann", "ann")
    ann(one).tasks.get("t2").setServer({"title": "mine"})
    ann(two).tasks.get("t1").setServer({"title": "theirs"})
    two.settle()
    seen: list[str] = []
    one.replica.on("presence", lambda present: seen.append(ann(one).tasks.get("t1").get("title")))
    one.down.append(json.dumps({"verb": "presence", "scope": "team.andyet", "all": {}}))
    one.receive_one(lines=2)
    assert seen == ["theirs"]


def test_a_cut_after_the_server_took_it_is_applied_once() -> None:
    server, [link] = system("ann")
    ann(link).tasks.get("t1").callServerMethod("ship")
    link.send_one()
    link.cut()
    link.settle()
    assert len(ann(link).shipped.models) == 1
    assert state(link.replica.root) == state(server.scope.root)
    assert link.replica.pending == []


@pytest.mark.parametrize("garbage", ["", "{", "[]", "null", '{"verb": 7}', '{"verb":"nonsense"}', "\n\n"])
def test_garbage_from_the_wire_is_survived(garbage: str) -> None:
    server, [link] = system("ann")
    link.replica.receive(garbage)
    link.settle()
    assert state(link.replica.root) == state(server.scope.root)


def test_a_gap_is_never_applied() -> None:
    server, [one, two] = system("ann", "ann")
    ann(one).tasks.get("t1").setServer({"title": "a"})
    one.settle()
    two.down.clear()
    ann(one).tasks.get("t1").setServer({"title": "b"})
    one.settle()
    two.settle()
    assert state(two.replica.root) == state(server.scope.root)


def test_a_listener_that_throws_loses_nothing() -> None:
    server, [one, two] = system("ann", "ann")

    def broken(*rest: Any) -> None:
        raise RuntimeError("a bug of the page")

    ann(two).tasks.on("add", broken)
    ann(one).tasks.addServer({"title": "x"})
    ann(one).tasks.get("t1").setServer({"title": "y"})
    one.settle()
    with pytest.raises(RuntimeError, match="a bug of the page"):
        two.settle()
    two.settle()
    assert state(two.replica.root) == state(server.scope.root)


def test_listeners_that_throw_do_not_keep_an_operation_from_settling() -> None:
    server, [link] = system("ann")

    def broken(*rest: Any) -> None:
        raise RuntimeError("a bug of the page")

    states: list[str] = []
    link.replica.on("rejected", broken)
    link.replica.on("settled", broken)
    server.scope.root.members.get("ann").tasks.get("t1").set({"owner": "bob"}, {"remote": True})
    operation = ann(link).tasks.get("t1").setServer({"title": "refused"})
    operation.on("settled", lambda settled: states.append(settled.state))
    with pytest.raises(RuntimeError, match="a bug of the page"):
        link.settle()
    assert states == ["rejected"]
    assert ann(link).tasks.get("t1").get("title") == "one"
    assert link.replica.pending == []


def test_a_refusal_here_settles_too() -> None:
    _, [link] = system("bob")
    seen: list[Any] = []
    link.replica.on("rejected", lambda operation, verdict: seen.append((operation.state, verdict.code)))
    ann(link).tasks.get("t1").deleteServer()
    assert seen == [("rejected", 403)]


def refused(link: Link) -> None:
    """The gateway says that this user may not read the scope, or no longer."""
    link.replica.receive(json.dumps({**errorMessage("NOT_FOUND"), "scope": "team.andyet"}))


def test_who_may_no_longer_read_sees_nothing_more_and_what_was_not_sent_is_rejected() -> None:
    _, [one] = system("ann")
    sent = ann(one).tasks.get("t1").setServer({"title": "uno"})
    one.replica.take()
    one.replica.online = False
    unsent = ann(one).tasks.get("t2").setServer({"title": "due"})
    refused(one)
    assert state(one.replica.root) == {"id": "andyet", "members": [], "chat": []}
    assert (sent.state, unsent.state) == ("pending", "rejected")
    assert unsent.verdict is not None
    assert unsent.verdict.code == 404
    result = {"verb": "result", "scope": "team.andyet", "n": 1, "code": 200, "id": "9-9"}
    one.replica.receive(json.dumps({**result, "verdict": Verdict(True).toJSON()}))
    assert sent.state == "accepted"


def test_who_is_refused_at_the_door_hears_it_of_every_pending_operation() -> None:
    _, [one] = system("ann")
    operation = ann(one).tasks.get("t1").setServer({"title": "uno"})
    one.replica.take()
    one.replica.disconnected()
    one.replica.connected()
    refused(one)
    assert operation.state == "rejected"


def test_a_view_is_named_when_subscribing_again() -> None:
    _, [one] = system("ann")
    assert "view" not in json.loads(one.replica.connected()[0])
    snapshot = {"verb": "snapshot", "scope": "team.andyet", "id": "7-7", "feeds": [], "view": "c0ffee"}
    one.replica.receive(json.dumps(snapshot))
    subscribe = json.loads(one.replica.connected()[0])
    assert (subscribe["view"], subscribe["since"]) == ("c0ffee", "7-7")
    assert messageProblem(subscribe) is None


def act(link: Link, random: Random) -> None:
    """Something that a user might do on their page, allowed or not."""
    member = random.choice(link.replica.root.members.models)
    kind = random.randrange(8)
    task = random.choice(member.tasks.models) if member.tasks.models else None
    if kind == 0 or task is None:
        member.tasks.addServer(
            {"title": f"task {random.randrange(100)}"}, {"first": True} if random.random() < 0.5 else None
        )
    elif kind == 1:
        task.setServer({"title": f"title {random.randrange(100)}"})
    elif kind == 2:
        neighbour = random.choice(member.tasks.models)
        task.moveServer({"before": neighbour.id} if neighbour is not task else {"last": True})
    elif kind == 3:
        task.deleteServer()
    elif kind == 4:
        task.callServerMethod("ship")
    elif kind == 5:
        task.callServerMethod("activate")
    elif kind == 6:
        link.replica.root.chat.addServer({"text": f"hello {random.randrange(100)}"})
    else:
        link.replica.root.setServer({"name": f"team {random.randrange(10)}"})


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(10, 120))
def test_whatever_happens_all_end_up_equal(random: Random, steps: int) -> None:
    server, links = system("ann", "bob", "ann")
    for _ in range(steps):
        link = random.choice(links)
        choice = random.random()
        if choice < 0.3:
            act(link, random)
        elif choice < 0.6:
            link.send_one()
        elif choice < 0.95:
            link.receive_one(random.choice([1, 1, 2, 5]))
        else:
            link.cut()
    for link in links * 2:
        link.settle()
    expected = state(server.scope.root)
    for link in links:
        assert link.replica.pending == []
        assert state(link.replica.root) == expected
        assert state(link.replica.base.root) == expected
        assert link.replica.base.eventId == server.scope.eventId
