"""A room's two neighbours, scripted: a port that keeps the questions until the test answers them, and
readers that write down what they are sent and check it as a client would."""

import json
from typing import Any

from capsule.server.blob import Blob
from capsule.server.ports import Direct
from capsule.server.room import Room
from capsule.server.snapshot import snapshot_blob
from capsule.server.tail import version


def frame(number: int, nonce: int = 7, prev: str | None = None) -> bytes:
    """The frame of event `<number>-<nonce>`, by default after `<number - 1>-7`."""
    before = prev or (f"{number - 1}-7" if number > 1 else "0-0")
    body = {"verb": "event", "scope": "team.7", "id": f"{number}-{nonce}", "prev": before, "tx": []}
    return f"{number}-{nonce} {before} * .\n".encode() + json.dumps(body).encode()


def root(event_id: str) -> tuple[str, Blob]:
    """A snapshot of a scope that has only its root, as `Room.snapshot` takes it."""
    return event_id, snapshot_blob("team.7", event_id, [(".", [("7", b'{"id":"7"}')])])


class Script:
    """A `Port` that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.flushes = 0

    def flush_soon(self) -> None:
        self.flushes += 1

    def ask_last(self) -> None:
        self.asked.append("last")

    def ask_log(self, since: str) -> None:
        self.asked.append(f"log {since}")

    def ask_snapshot(self) -> None:
        self.asked.append("snapshot")

    def taken(self) -> list[str]:
        """What was asked since the last call."""
        asked, self.asked = self.asked, []
        return asked


class Page:
    """A reader that keeps the client's rules: every event follows the one before, and no result comes
    before its event.
    """

    def __init__(self, name: str = "", pending: dict[int, int] | None = None) -> None:
        self.name = name
        self.lines: list[dict[str, Any]] = []
        self.at: str | None = None
        self.messages = 0
        self.arrivals = 0
        self.versions: list[int] = []
        self.taken_back: set[int] = set()
        self.blocked = False
        self.resyncs = 0
        self._pending = pending or {}

    direct: Direct | None = None

    @property
    def user(self) -> str:
        return self.name

    def revoked(self, scope: str) -> None:
        raise AssertionError("these rooms have no read rules")

    def rest(self, frame: bytes, sent: int) -> None:
        raise AssertionError("only for sockets")

    def write(self, blob: Blob) -> None:
        assert not self.blocked, f"{self.name}: written to while its socket takes nothing"
        self.messages += 1
        for line in blob.text.split("\n"):
            self._take(json.loads(line))

    def contained(self, scope: str, at: int) -> list[int]:
        return [n for n, applied in self._pending.items() if applied <= at]

    def arrived(self, scope: str) -> None:
        self.arrivals += 1

    def fell_behind(self) -> None:
        self.resyncs += 1

    def _take(self, line: dict[str, Any]) -> None:
        self.lines.append(line)
        verb = line["verb"]
        if verb == "snapshot":
            self.at = line["id"]
        elif verb == "event":
            assert self.at is not None, f"{self.name}: an event before any state"
            assert line["prev"] == self.at, f"{self.name}: {line['id']} does not follow {self.at}"
            self.at = line["id"]
            self.versions.append(version(line["id"]))
        elif verb == "resumed":
            assert line["id"] == self.at, f"{self.name}: resumed at {line['id']}, but is at {self.at}"
        elif verb == "resync":
            self.at = None
        elif verb == "result":
            assert self.at is not None, f"{self.name}: a result before any state"
            told = line["version"] <= version(self.at) or line["nonce"] in self.taken_back
            assert told, f"{self.name}: a result before its event"

    def verbs(self) -> list[str]:
        return [line["verb"] for line in self.lines]


def result(at: int, nonce: int = 7) -> str:
    """A result line that names its event, for `Page` to check."""
    return json.dumps({"verb": "result", "version": at, "nonce": nonce})


def resume(page: Page, event_id: str) -> Page:
    """A page that was here before, and is at an event."""
    page.at = event_id
    return page


def live_room(room: Room, script: Script, at: str) -> Room:
    """Answer the room's first question."""
    assert script.taken() == ["last"]
    room.last(at)
    return room
