"""Windows: who has them, and that a replica holds the server's end of every feed at every moment."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from capsule.shared.blueprint import blueprintOf
from capsule.shared.collection import Collection
from capsule.shared.errors import DeclarationError
from capsule.shared.model import Model
from capsule.shared.windows import windowsOf
from tests.server.bookshop import Library
from tests.shared.board import Archive, Board, check, settle
from tests.shared.simulation import Link


def test_windows_are_told_by_feed() -> None:
    assert windowsOf(Board) == {"notes": 3, "notes.*.replies": 2, "marks": 3}
    assert windowsOf(Library) == {"lines": 50, "books": 3, "books.*.remarks": 2, "complaints": 3}
    assert windowsOf(None) == {}


@pytest.mark.parametrize("body", [
    {"window": 0}, {"window": 1001}, {"window": 1.5}, {"window": True}, {"window": "50"},
    {"window": 50, "comparator": "text"},
])  # fmt: skip
def test_a_window_that_cannot_be_kept_is_refused(body: dict[str, Any]) -> None:
    long = type("Long", (Collection,), body)
    holder = type("Holder", (Model,), {"type": "holder", "collections": {"long": long}})
    with pytest.raises(DeclarationError):
        blueprintOf(holder)


def test_what_read_rules_look_at_has_no_window() -> None:
    long = type("Long", (Collection,), {"window": 5})
    body = {"type": "holder", "collections": {"long": long}, "membership": ["long"]}
    with pytest.raises(DeclarationError, match="membership"):
        blueprintOf(type("Holder", (Model,), body))


WHO, NUMBER, FEED = st.integers(0, 1), st.integers(0, 20), st.sampled_from(("notes", "marks"))


class Machine(RuleBasedStateMachine):
    """Two pages and somebody elsewhere, and a network that delays and cuts."""

    def __init__(self) -> None:
        super().__init__()
        self.archive = Archive(12)
        self.links = [Link(self.archive, Board, user, f"client0{n}") for n, user in enumerate(("ann", "bob"))]
        for link in self.links:
            settle(self.archive, link)
        self.made = 0

    def some(self, feed: str, pick: int) -> str:
        """An item that exists, or did."""
        keys = [item.id for item in getattr(self.archive.scope.root, feed).models]
        return keys[pick % len(keys)] if keys else "n0"

    @rule(feed=FEED, pick=NUMBER, other=NUMBER, where=st.integers(0, 3), what=st.integers(0, 5))
    def somebody_changes(self, feed: str, pick: int, other: int, where: int, what: int) -> None:
        self.made += 1
        item = {"feed": feed, "id": self.some(feed, pick)}
        beside = self.some(feed, other)
        position = [{"first": True}, {"last": True}, {"before": beside}, {"after": beside}][where]
        replies = f"notes.{self.some('notes', pick)}.replies"
        actions: list[dict[str, Any]] = [
            {"do": "add", "feed": feed, "id": f"x{self.made}", "attrs": {"text": "x"}, "position": position},
            {"do": "move", **item, "position": position},
            {"do": "move", **item, "position": position},
            {"do": "delete", **item},
            {"do": "edit", **item, "attrs": {"text": f"edit {self.made}"}},
            {"do": "add", "feed": replies, "id": f"r{self.made}", "attrs": {"text": "r"}},
        ]
        self.archive.change(actions[what])

    @rule(who=WHO, feed=FEED, pick=NUMBER, other=NUMBER, what=st.integers(0, 4))
    def a_user_acts(self, who: int, feed: str, pick: int, other: int, what: int) -> None:
        items = getattr(self.links[who].replica.root, feed)
        if items.length == 0:
            return
        item, beside = items.at(pick % items.length), items.at(other % items.length)
        if what == 0:
            items.addServer({"text": "mine"}, {"before": beside.id})
        elif what == 1 and item is not beside:
            item.moveServer({"after": beside.id})
        elif what == 2:
            item.moveServer({"first": True})
        elif what == 3:
            item.deleteServer()
        else:
            item.setServer({"text": f"by user {other}"})

    @rule(who=WHO, feed=FEED, count=st.integers(1, 4))
    def older_ones_are_wanted(self, who: int, feed: str, count: int) -> None:
        getattr(self.links[who].replica.root, feed).loadOlder(count)

    @rule(who=WHO)
    def older_replies_are_wanted(self, who: int) -> None:
        for note in self.links[who].replica.root.notes.models:
            if note.replies.hasOlder:
                note.replies.loadOlder(1)

    @rule(who=WHO, feed=FEED, pick=NUMBER, where=st.integers(0, 3))
    def something_changes_while_a_page_is_under_way(self, who: int, feed: str, pick: int, where: int) -> None:
        link = self.links[who]
        items = getattr(link.replica.root, feed)
        if items.loadOlder(3).state == "pending":
            while link.up or link.replica.outbox:
                link.send_one()
        if where % 2:
            self.a_page_is_answered()
        # Near the edge of what is held.
        edge = max(0, getattr(self.archive.scope.root, feed).length - items.length)
        self.somebody_changes(feed, edge - pick % 3, edge - where, pick % 4, where + pick % 3)
        if pick % 2:
            link.receive_one(4)

    @rule(who=WHO, lines=st.integers(1, 4))
    def something_arrives(self, who: int, lines: int) -> None:
        self.links[who].receive_one(lines)

    @rule(who=WHO)
    def something_is_sent(self, who: int) -> None:
        self.links[who].send_one()

    @rule()
    def a_page_is_answered(self) -> None:
        if self.archive.answers:
            self.archive.answer()

    @rule(who=WHO)
    def the_connection_breaks(self, who: int) -> None:
        link = self.links[who]
        self.archive.answers = [waiting for waiting in self.archive.answers if waiting[0] is not link]
        link.cut()

    @invariant()
    def everybody_holds_the_end_of_every_feed(self) -> None:
        for link in self.links:
            check(self.archive, link)

    def teardown(self) -> None:
        for link in self.links * 2:
            settle(self.archive, link)
        for link in self.links:
            notes, marks = link.replica.root.notes, link.replica.root.marks
            while notes.hasOlder or marks.hasOlder:
                notes.loadOlder(3)
                marks.loadOlder(3)
                settle(self.archive, link)
            while any(note.replies.hasOlder for note in notes.models):
                for note in notes.models:
                    note.replies.loadOlder(1)
                settle(self.archive, link)
            assert not link.replica.pending
            assert link.replica.root.xport() == self.archive.scope.root.xport()


TestEveryOrderOfEvents = Machine.TestCase
TestEveryOrderOfEvents.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
