"""A board whose notes are too many to be sent at once, and a server (simulation.py) that sends their end, and pages."""

import json
from typing import Any

from capsule.shared.actions import perform
from capsule.shared.audiences import collectionsOf
from capsule.shared.collection import Collection
from capsule.shared.model import Model
from capsule.shared.saved import snapshotOf
from capsule.shared.scope import Scope
from capsule.shared.verdict import Operation
from capsule.shared.windows import windowsOf
from tests.shared.simulation import Link, Server

NAME = "board.b1"


class Reply(Model):
    type = "reply"
    props = {"text": "string"}
    clientEditable = ["text"]

    def canDelete(self, user: str) -> bool:
        return True


class Replies(Collection):
    model = Reply
    window = 2

    def canAdd(self, user: str) -> bool:
        return True


class Free(Model):
    """What everybody may change."""

    def canEdit(self, user: str) -> bool:
        return True

    def canDelete(self, user: str) -> bool:
        return True

    def canMove(self, user: str) -> bool:
        return True


class Note(Free):
    type = "note"
    props = {"text": "string"}
    clientEditable = ["text"]
    collections = {"replies": Replies}
    replies: Replies


class Notes(Collection):
    model = Note
    sorted = True
    window = 3

    def canAdd(self, user: str) -> bool:
        return True


class Mark(Free):
    """As a note, but with nothing below it."""

    type = "mark"
    props = {"text": "string", "color": "string"}
    clientEditable = ["text"]


class Marks(Collection):
    model = Mark
    sorted = True
    window = 3

    def canAdd(self, user: str) -> bool:
        return True


class Board(Model):
    type = "board"
    collections = {"notes": Notes, "marks": Marks}
    notes: Notes
    marks: Marks

    def canRead(self, user: str) -> bool:
        return True


class Archive(Server):
    """`history` holds the whole state at every event."""

    def __init__(self, notes: int) -> None:
        flat: list[Any] = []
        for n in range(notes):
            flat += [f"n{n}", {"id": f"n{n}", "text": f"note {n}"}]
        super().__init__(Board, NAME, [["notes", flat], ["marks", json.loads(json.dumps(flat))]])
        self.history: dict[str, Any] = {}
        self.answers: list[tuple[Link, dict[str, Any]]] = []
        self.numbers = 0
        self.remember()

    def remember(self) -> None:
        self.history[self.scope.eventId] = json.loads(json.dumps(self.scope.root.xport()))

    def publish(self, transactions: list[Any]) -> None:
        super().publish(transactions)
        self.remember()

    def snapshot(self) -> dict[str, Any]:
        whole = super().snapshot()
        feeds, older = cut(whole["feeds"])
        return {**whole, "feeds": feeds, "older": older}

    def hear(self, link: Link, message: dict[str, Any]) -> None:
        if message["verb"] == "page":
            self.answers.append((link, self.page(message)))
        else:
            super().hear(link, message)

    def answer(self) -> None:
        """Send the page that was read first. What was published since then may be on its way already."""
        link, page = self.answers.pop(0)
        if link.live:
            link.say(page)

    def page(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer = {**asked, "id": None, "feeds": [], "older": {}}
        del answer["count"]
        whole = Server.snapshot(self)["feeds"]
        [flat] = [flat for name, flat in whole if name == asked["feed"]] or [[]]
        ids = flat[::2]
        if asked["before"] is not None and asked["before"] not in ids:
            return answer
        end = len(ids) if asked["before"] is None else ids.index(asked["before"])
        start = max(0, end - asked["count"])
        below = [
            [name, flat]
            for name, flat in whole
            if any(name.startswith(f"{asked['feed']}.{key}.") for key in ids[start:end])
        ]
        feeds, older = cut(below)
        feeds.insert(0, [asked["feed"], flat[2 * start : 2 * end]])
        if start:
            older[asked["feed"]] = start
        return {**answer, "id": self.scope.eventId, "feeds": feeds, "older": older}

    def change(self, action: dict[str, Any]) -> bool:
        """Somebody elsewhere does this; whether it was allowed."""
        self.numbers += 1
        code: int = self.decide(f"zed.elsewhere.{self.numbers}", "zed", action)["code"]
        return code == 200


def cut(feeds: list[Any]) -> tuple[list[Any], dict[str, int]]:
    """What the windows leave of whole feeds, and how many items they leave out of each."""
    windows = {kind.split(".")[-1]: window for kind, window in windowsOf(Board).items()}
    left: list[Any] = []
    older: dict[str, int] = {}
    dropped: set[str] = set()
    for name, flat in feeds:
        parts = name.split(".")
        window = windows.get(parts[-1], len(flat))
        if ".".join(parts[:2]) in dropped:
            continue
        kept = flat[-2 * window :]
        dropped.update(f"{name}.{key}" for key in flat[: -2 * window : 2])
        left.append([name, kept])
        if len(kept) < len(flat):
            older[name] = (len(flat) - len(kept)) // 2
    return left, older


def assert_suffix(held: Any, whole: Any, scope: Scope, feed: str = "notes") -> None:
    """What is held of a feed, as `xport` gives it, is the end of the whole; so is what is below each of its items."""
    collection = scope.collectionAt(feed)
    assert collection is not None
    assert collectionsOf(Board, feed)
    start = len(whole) - len(held)
    assert [item["id"] for item in held] == [item["id"] for item in whole[start:]]
    assert collection._older == start
    assert collection.hasOlder == (start > 0)
    assert collection.totalLength == len(whole)
    for mine, theirs in zip(held, whole[start:], strict=True):
        assert {**mine, "replies": []} == {**theirs, "replies": []}, feed
        if feed == "notes":
            assert_suffix(mine["replies"], theirs["replies"], scope, f"notes.{mine['id']}.replies")


def check(archive: Archive, link: Link) -> None:
    """What the link's page holds and shows is right for where it stands, whatever is under way."""
    replica = link.replica
    if not replica.ready:
        return
    whole = archive.history[replica.base.eventId]
    for feed in ("notes", "marks"):
        assert_suffix(replica.base.root.xport()[feed], whole[feed], replica.base, feed)
    expected = Scope(Board, NAME)
    expected.load(json.loads(json.dumps(snapshotOf(replica.base))))
    for operation in replica.pending:
        perform(
            expected,
            operation.action,
            Operation(f"{replica.user}.{replica.client}.{operation.n}", replica.user, operation.now),
        )
    assert replica.view.root.xport() == expected.root.xport()
    assert replica.view.older() == replica.base.older()


def settle(archive: Archive, link: Link) -> None:
    link.settle()
    while archive.answers:
        archive.answer()
        link.settle()
