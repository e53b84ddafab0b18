"""The replica's subscription: every cell of the table "States of a subscription" in docs/protocol.md."""

import json
from contextlib import suppress
from typing import Any

import pytest

from capsule.shared.codes import errorMessage
from capsule.shared.model import Model
from capsule.shared.paging import PageRequest
from capsule.shared.replica import Replica
from capsule.shared.verdict import Verdict
from capsule.shared.wire import messageProblem
from examples.bang.models import Team
from tests.server.protocol_page import table

SCOPE = "team.andyet"
STATES = ("offline", "joining", "live", "gone")
CELLS = [
    (row["what comes"], state, row[state]) for row in table("States of a subscription") for state in STATES
]
FEEDS: list[Any] = [
    [".", ["andyet", {"id": "andyet", "name": "&yet"}]],
    ["members", ["ann", {"id": "ann", "name": "Ann"}]],
    ["chat", ["c1", {"id": "c1", "author": "ann", "text": "hi"}]],
]


def line(verb: str, **keys: Any) -> str:
    return json.dumps({"verb": verb, "scope": SCOPE, **keys})


def snapshot(event_id: str) -> str:
    return line("snapshot", id=event_id, feeds=FEEDS, older={"chat": 5})


def event(event_id: str, prev: str) -> str:
    return line(
        "event", id=event_id, prev=prev, tx=[["bob.client02.1", [["edit", ".", "andyet", {"name": "new"}]]]]
    )


def page(event_id: str | None, before: str = "c1", feed: str = "chat") -> str:
    feeds = [["chat", ["c0", {"id": "c0", "author": "bob", "text": "before that"}]]]
    return line("page", feed=feed, before=before, id=event_id, feeds=feeds, older={"chat": 4})


def result(n: int, event_id: str) -> str:
    return line("result", n=n, code=200, id=event_id, verdict=Verdict(True).toJSON())


def error(name: str, **keys: Any) -> str:
    return json.dumps({**errorMessage(name), "scope": SCOPE, **keys})


LINES: dict[str, list[str]] = {
    "`snapshot`": [snapshot("7-7"), snapshot("9-9"), snapshot("3-3")],
    "`resumed`, at its event": [line("resumed", id="5-5")],
    "`resumed`, at another event": [line("resumed", id="6-6"), line("resumed", id="5-6"), line("resumed", id="4-4")],
    "`event`, the next": [event("6-6", "5-5")],
    "`event`, a known one": [event("5-5", "4-4"), event("4-4", "3-3")],
    "`event`, after a gap": [
        event("7-7", "6-6"),
        event("6-6", "5-6"),
        event("7-7", "6-6") + "\n" + event("8-8", "7-7"),
    ],
    "`event`, the next, that brings an unknown item": [
        line("event", id="6-6", prev="5-5", tx=[["bob.client02.1", [["position", "chat", "c0", position]]]])
        for position in (":end", "c1:", ":c1")
    ],
    "`page`, at its event": [page("5-5")],
    "`page`, ahead of its event": [page("6-6"), page(None)],
    "`page`, behind its event": [page("4-4"), page("5-6")],
    "`page`, that nobody waits for": [page("5-5", "c9"), page("5-5", feed="members")],
    "`result`": [result(1, "5-5"), result(1, "4-4")],
    "`result`, ahead of its event": [result(1, "6-6")],
    "`result`, of nothing that is pending": [result(9, "5-5"), result(9, "6-6")],
    "`presence`": [line("presence", all={"s2": {"user": "bob", "state": {}}})],
    "`error` GAP": [error("GAP", n=1)],
    "`error` TOO_MANY, with `n`": [error("TOO_MANY", n=1)],
    "`error` TOO_MANY, without `n`": [error("TOO_MANY")],
    "`error`, another one with `n`": [error("INTERNAL", n=1), error("NOT_FOUND", n=1), error("EXPIRED", n=1)],
    "`error` TOO_MANY, with `feed`": [error("TOO_MANY", feed="chat")],
    "`error`, another one with `feed`": [error("NOT_FOUND", feed="chat"), error("INTERNAL", feed="chat")],
    "`error` NOT_FOUND, without `n`": [error("NOT_FOUND")],
    "`error`, another one without `n`": [error("INTERNAL"), error("DRAINING")],
    "`resync`": [line("resync"), line("resync") + "\n" + line("shout")],
    "`drain`": [json.dumps({"verb": "drain", "after": 100})],
    "`pong`, or an unknown verb": ['{"verb":"pong"}', line("shout")],
    "a line of another scope": [
        text.replace(SCOPE, "team.other")
        for text in (snapshot("7-7"), event("6-6", "5-5"), result(1, "5-5"), error("NOT_FOUND"), line("resync"))
    ],
    "garbage": ["{", "[]", "null", '{"verb":7}', line("event"), line("event", id="6-6", prev="5-5")],
}  # fmt: skip
DRIVER = (
    "(a connection opens)",
    "(the connection is lost)",
    "(the user acts)",
    "(the user's presence changes)",
    "(older items are wanted)",
    "(what was too early is sent again)",
)


def replica(state: str, *, fresh: bool = False) -> Replica:
    """A replica in a state. Action 1 was sent and is pending; what it shows is of event 5-5.

    `fresh`: the page has just begun, with a record of an earlier one.
    """
    made = Replica(Team, SCOPE, {"client": "client01", "user": "ann"})
    if fresh:
        made.restore(json.loads(snapshot("5-5")))
        made.root.chat.addServer({"text": "mine"})
        made.setPresence({"typing": True})
        return made
    made.connected()
    made.receive(snapshot("5-5"))
    made.root.chat.addServer({"text": "mine"})
    made.setPresence({"typing": True})
    if state == "gone":
        made.receive(error("NOT_FOUND"))
    elif state != "live":
        made.disconnected()
        if state == "joining":
            made.connected()
    made.take()
    assert made.state == state
    return made


class Watch:
    """What a replica does, in the words of the table."""

    def __init__(self, subject: Replica) -> None:
        self.subject = subject
        self.told: list[str] = []
        self.at = subject.base.eventId
        self.request: PageRequest | None = None
        self.kept = self.keeps()
        for name in ("frame", "settled", "rejected", "presence", "error", "drain", "busy"):
            subject.on(name, lambda *rest, name=name: self.told.append(name))

    def keeps(self) -> tuple[Any, ...]:
        subject = self.subject
        return len(subject.pending), subject.ownState, [page.answer for page in subject.pages.values()]

    def do(self, what: str, text: str) -> list[str]:
        subject = self.subject
        lines: list[str] = []
        if what.startswith("`page`") or "`feed`" in what:
            subject.root.chat.loadOlder(5)
            subject.take()
            self.request = subject.pages.get("chat")
            self.kept = self.keeps()
        if what == "(a connection opens)":
            lines = subject.connected()
        elif what == "(the connection is lost)":
            subject.disconnected()
        elif what == "(the user acts)":
            subject.request({"do": "add", "feed": "chat", "id": "client01-2", "attrs": {"text": "more"}})
        elif what == "(the user's presence changes)":
            subject.setPresence({"typing": False})
        elif what == "(older items are wanted)":
            self.request = subject.root.chat.loadOlder(5)
        elif what == "(what was too early is sent again)":
            subject.resend()
        else:
            with suppress(KeyError):  # what a line lacks is raised when the state is right
                subject.receive(text)
        return self.words([json.loads(said) for said in lines + subject.take()])

    def words(self, lines: list[dict[str, Any]]) -> list[str]:
        assert all(messageProblem(said) is None for said in lines)
        subject = self.subject
        words: list[str] = []
        if subject.base.eventId == "0-0" != self.at:
            words.append("clear")
            assert subject.presence == {}
        elif "frame" in self.told:
            words += ["apply"] * self.told.count("frame")
        elif subject.base.eventId != self.at:
            words.append("load")
        named = {"rejected": "reject", "busy": "busy", "drain": "leave"}
        words += [word for name, word in named.items() if name in self.told]
        if self.request is not None and self.request.state == "rejected":
            words.append("reject")
        if self.request is not None and self.request.state == "loaded":
            words.append("extend")
            assert [message.id for message in subject.root.chat.models[:2]] == ["c0", "c1"]
        if words == [] and "settled" in self.told:
            words.append("settle")
        if words == [] and "error" in self.told:
            words.append("tell")
        if words == [] and "presence" in self.told:
            words.append("show")
        for said in lines:
            word = "subscribe anew" if said.get("since", "") is None else said["verb"]
            if words[-1:] != [word]:
                words.append(word)
        if words == [] and self.kept != self.keeps():
            words.append("keep")
        return words


def inputs() -> list[Any]:
    return [
        pytest.param(what, state, cell, text, fresh, id=f"{what}-{state}-{index}{'-fresh' * fresh}")
        for what, state, cell in CELLS
        for index, text in enumerate(LINES.get(what, [""]))
        for fresh in (False, True)[: 1 + (state == "offline")]
    ]


@pytest.mark.parametrize(("what", "state", "cell", "text", "fresh"), inputs())
def test_every_cell_of_the_subscription_table(
    what: str, state: str, cell: str, text: str, fresh: bool
) -> None:
    subject = replica(state, fresh=fresh)
    did = Watch(subject).do(what, text)
    answer, _, after = f" {cell}".partition("-> ")
    answer = answer.strip() or "ignored"
    assert (", ".join(did) or "ignored") == answer
    assert subject.state == (after or state)
    assert subject.online == (subject.state == "live")


def test_the_table_covers_every_state_and_every_line() -> None:
    assert {what for what, _, _ in CELLS} == {*LINES, *DRIVER}
    assert {word for _, _, cell in CELLS for word in cell.split("-> ")[1:]} <= set(STATES)


class Open(Model):
    """A root that everybody may read and rename: nothing but the subscription's end refuses an action."""

    props = {"name": {"type": "string"}}
    clientEditable = ["name"]

    def canEdit(self, user: str) -> bool:
        return True


def test_what_is_asked_of_a_scope_that_is_gone_is_rejected_and_not_left_waiting() -> None:
    subject = Replica(Open, "open.1", {"client": "client01", "user": "ann"})
    subject.connected()
    subject.receive(json.dumps({**errorMessage("NOT_FOUND"), "scope": "open.1"}))
    operation = subject.root.setServer({"name": "mine"})
    assert operation.verdict is not None
    assert (operation.state, operation.verdict.code) == ("rejected", 404)
    assert (subject.pending, subject.take(), subject.root.get("name")) == ([], [], None)


def test_many_frames_after_a_gap_ask_once() -> None:
    subject = replica("live")
    for version in range(7, 20):
        subject.receive(event(f"{version}-1", f"{version - 1}-1"))
    assert [json.loads(said)["since"] for said in subject.take()] == ["5-5"]


def test_an_answer_that_overtook_its_lost_event_does_not_take_the_change_back() -> None:
    subject = replica("live")
    subject.receive(event("7-7", "6-6"))
    subject.receive(result(1, "6-6"))
    assert [message.get("text") for message in subject.root.chat.models] == ["hi", "mine"]
    assert len(subject.pending) == 1


def test_who_is_in_a_scope_that_is_gone_is_not_shown() -> None:
    subject = replica("live")
    subject.receive(LINES["`presence`"][0])
    assert subject.presence != {}
    subject.receive(error("NOT_FOUND"))
    assert subject.presence == {}
