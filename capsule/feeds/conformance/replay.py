"""A reader of the contract in Python: a scope's events applied to what a snapshot held, each once and in order."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from capsule.feeds.errors import ConnectionLostError
from capsule.feeds.events import Events
from capsule.feeds.scope import Scope


class Replay:
    """`seen` lists what the reader was told: ["snapshot", id] or ["event", id].

    A frame whose `prev` is our last id is next; one that carries our last id is known; for any other, older or
    newer, the log is asked, because a server that lost its last moments uses versions again.
    """

    def __init__(self, events: Events, scope: Scope, since: str | None) -> None:
        self.id = since
        self._events = events
        self._scope = scope
        self._seen: list[list[str]] = []
        self._feeds: dict[str, list[tuple[str, Any]]] = {}
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()  # None: something may be missing
        self._moved = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Subscribe, catch up, and go on in the background. Returns the id the reader is at."""
        await self._events.subscribe(self._scope.channel, self._frames.put_nowait, self._gap)
        await self._catch_up()
        self._task = asyncio.create_task(self._run())
        assert self.id is not None
        return self.id

    async def close(self) -> None:
        await self._events.unsubscribe(self._scope.channel, self._frames.put_nowait)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def reached(self, event_id: str) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self.id == event_id)

    def take_seen(self) -> list[list[str]]:
        seen, self._seen = self._seen, []
        return seen

    def plain(self) -> list[list[Any]]:
        """[[feed, [[id, value], ...]], ...], sorted by name, without the empty ones."""
        return [
            [name, [list(item) for item in items]] for name, items in sorted(self._feeds.items()) if items
        ]

    def load(self, feeds: list[Any]) -> None:
        """What the reader holds: [[feed, [[id, JSON text], ...]], ...]."""
        self._feeds = {name: [(key, json.loads(text)) for key, text in items] for name, items in feeds}

    def _gap(self) -> None:
        self._frames.put_nowait(None)

    async def _run(self) -> None:
        while True:
            frame = await self._frames.get()
            if frame is None or not self._take(frame):
                await self._catch_up()
            async with self._moved:
                self._moved.notify_all()

    async def _catch_up(self) -> None:
        while True:
            # What was published before we ask is in the answer.
            while not self._frames.empty():
                self._frames.get_nowait()
            try:
                frames = None if self.id is None else await self._scope.log(self.id)
                if frames is None:
                    snapshot = await self._scope.snapshot()
                    self.id = snapshot.event_id
                    self.load(snapshot.feeds)
                    self._seen.append(["snapshot", self.id])
            except ConnectionLostError:
                continue  # it has waited for a connection already
            if all(self._take(frame) for frame in frames or ()):
                return

    def _take(self, frame: bytes) -> bool:
        """Apply the frame if it is next. False when something is missing."""
        header, line = frame.split(b"\n")
        event_id, prev = header.decode().split(" ")[:2]
        if prev == self.id:
            for _, events in json.loads(line)["tx"]:
                for event in events:
                    self._apply(*event)
            self.id = event_id
            self._seen.append(["event", event_id])
        return event_id == self.id

    def _apply(self, verb: str, feed: str, item_id: str, *rest: Any) -> None:
        if verb == "delete":
            self._feeds.pop(feed, None)
            self._drop("" if feed == "." else f"{feed}.")
        elif verb in ("publish", "edit", "position", "retract"):
            self._apply_to_item(verb, feed, item_id, *rest)

    def _apply_to_item(self, verb: str, feed: str, item_id: str, *rest: Any) -> None:
        items = self._feeds.setdefault(feed, [])
        if verb == "publish":
            items.insert(_place(items, rest[1]), (item_id, rest[0]))
            return
        at = _index(items, item_id)
        if verb == "edit":
            changes, unset = rest[0], rest[1] if len(rest) > 1 else []
            merged = {**items[at][1], **changes}
            items[at] = (item_id, {key: value for key, value in merged.items() if key not in unset})
            return
        item = items.pop(at)
        if verb == "position":
            items.insert(_place(items, rest[0]), item)
            return
        self._drop("" if feed == "." else f"{feed}.{item_id}.")

    def _drop(self, below: str) -> None:
        self._feeds = {
            name: held for name, held in self._feeds.items() if name == "." or not name.startswith(below)
        }


def _index(items: list[tuple[str, Any]], item_id: str) -> int:
    return next(n for n, (key, _) in enumerate(items) if key == item_id)


def _place(items: list[tuple[str, Any]], position: str) -> int:
    if position in ("begin:", ":end"):
        return 0 if position == "begin:" else len(items)
    at = _index(items, position.strip(":"))
    return at if position.startswith(":") else at + 1
