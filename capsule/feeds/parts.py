"""A snapshot that is too large for one call: read in parts, each of one moment, and made one by the log.

Each part says which event it corresponds to. What happened between the first part and the last is in the log, and is
applied to what had been read before it happened. Only a move or an insertion in a feed that was itself cut in
two cannot be made good that way: then everything is read again.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from .errors import UnsettledError
from .snapshot import Snapshot
from .tail import Tail

TRIES = 5

ReadPart = Callable[[str], Awaitable[list[Any]]]  # the script's answer for a cursor
ReadLog = Callable[[str], Awaitable[list[bytes] | None]]


async def assemble(read: ReadPart, log: ReadLog, only: str = "", bodies: bool = True) -> Snapshot:
    """The parts that `read` answers, as one Snapshot (of one feed, with `only`; of ids, without `bodies`). Raises
    UnsettledError when the scope changes faster than it can be read in five tries.
    """
    for _ in range(TRIES):
        first = await read("")
        parts = _Parts(bodies)
        parts.take(first)
        cursor = first[1].decode()
        while cursor:
            part = await read(cursor)
            parts.take(part, cursor.split(" ")[0])
            cursor = part[1].decode()
        if len(parts.versions) == 1 or await parts.settle(log):
            return parts.snapshot(only)
    raise UnsettledError(
        f"The scope changed faster than it could be read, {TRIES} times: give its large collections a window."
    )


class _Parts:
    def __init__(self, bodies: bool) -> None:
        self.event_id = ""
        self.versions: list[int] = []
        self._bodies = bodies
        self._ends: list[str] = []  # the last feed of each part
        self._tails: dict[str, Tail] = {}
        self._read_at: dict[str, int] = {}  # the version a feed was read at, first
        self._cut: set[str] = set()  # feeds that lie in several parts
        self._first_id = ""

    def take(self, reply: list[Any], continued: str = "") -> None:
        event_id = reply[0].decode()
        version = _version(event_id)
        self._first_id = self._first_id or event_id
        self.event_id = event_id
        self.versions.append(version)
        self._ends.append(continued)
        for name, length, flat in zip(reply[2::3], reply[3::3], reply[4::3], strict=True):
            feed = name.decode()
            self._ends[-1] = feed
            if self._bodies:
                items = [(key.decode(), item) for key, item in zip(flat[::2], flat[1::2], strict=True)]
            else:
                items = [(key.decode(), b"{}") for key in flat]
            if feed in self._tails:
                self._cut.add(feed)
                self._tails[feed].extend(items)
            else:
                self._tails[feed] = Tail(items, length)
                self._read_at[feed] = version

    async def settle(self, log: ReadLog) -> bool:
        """Bring all parts to one moment. False when that cannot be done."""
        frames = await log(self._first_id)
        if frames is None:
            return False
        for frame in frames:
            header, line = frame.split(b"\n", 1)
            event_id = header.decode().split(" ", 1)[0]
            for _, events in json.loads(line)["tx"]:
                if not all(self._apply(_version(event_id), *event) for event in events):
                    return False
            self.event_id = event_id
        return True

    def snapshot(self, only: str) -> Snapshot:
        names = [name for name in sorted(self._tails) if only in ("", name)]
        feeds = [(name, list(self._tails[name].items.items())) for name in names]
        return Snapshot(self.event_id, feeds, {name: self._tails[name].length for name in names})

    def _apply(self, version: int, verb: str, feed: str, item_id: str, *rest: Any) -> bool:
        seen = self._read_at.get(feed)
        if seen is None:
            seen = self._passed_at(feed)
        if version <= seen:
            return True
        if verb in ("retract", "delete"):
            self._drop_below(below(feed, item_id if verb == "retract" else None), version)
        if verb == "delete":
            self._tails.pop(feed, None)
            return True
        if verb == "config":
            return True
        if feed in self._cut and (verb == "position" or (verb == "publish" and rest[1] != ":end")):
            return False
        self._read_at.setdefault(feed, seen)
        return self._tails.setdefault(feed, Tail()).apply(verb, item_id, rest)

    def _passed_at(self, feed: str) -> int:
        """When a feed that was not there was looked for."""
        for end, version in zip(self._ends, self.versions, strict=True):
            if feed <= end:
                return version
        return self.versions[-1]

    def _drop_below(self, prefix: str, version: int) -> None:
        for name in [name for name in self._tails if name != "." and name.startswith(prefix)]:
            if self._read_at[name] < version:
                del self._tails[name]


def below(feed: str, item_id: str | None = None) -> str:
    """How the names of the feeds begin that hang below an item, or below any item of the feed."""
    if feed == ".":
        return ""
    return f"{feed}." if item_id is None else f"{feed}.{item_id}."


def _version(event_id: str) -> int:
    return int(event_id.split("-", 1)[0])
