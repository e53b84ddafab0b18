"""What a feed and a sorted feed have in common: their items, by id, in an order.

A thin face of the scope: every write is one commit of one transaction, every read one script or command, and
none reads more of the scope than it answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import (
    ConflictError,
    InputError,
    ItemExistsError,
    ItemInvalidError,
    ItemNotFoundError,
    KindError,
    RefusedError,
)
from .item import dump
from .names import check_feed, check_item_id
from .operation import Configure, Delete, Edit, Kind, Operation, Publish, Read, ReadItem, Retract, Transaction
from .page import Item, Page
from .parts import below
from .snapshot import Snapshot
from .subscription import Resync

if TYPE_CHECKING:
    from .scope import Scope

PAGE = 100


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write: the item's id, and the event that holds it; `known` if this operation id was applied
    before.
    """

    id: str
    event_id: str
    known: bool

    @property
    def version(self) -> int:
        """The scope's version after the write; good for `if_version`."""
        return int(self.event_id.split("-", 1)[0])


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a feed, by the operation `op`; several events of one commit share an `event_id`.

    | verb | id | value | |
    |---|---|---|---|
    | `publish` | of the item | the item | `position`: where (Thoonk's grammar) |
    | `edit` | of the item | the attributes that changed | `unset`: those that went |
    | `retract` | of the item | None | |
    | `position` | of the item | None | `position`: where to |
    | `config` | empty | `{"max_length": ...}` | |
    | `delete` | empty | None | the feed is gone, or what it hung below |
    """

    event_id: str
    op: str
    verb: str
    id: str
    value: Any = None
    position: str = ""
    unset: tuple[str, ...] = ()


class Items:
    """The items of one feed. See Feed and SortedFeed for how they come into it.

    A write takes an operation id `op`, if the caller has one: repeated with it, within 48 hours, the write changes
    nothing and answers the event it got then. So after a ConnectionLostError repeat it with the same `op`.
    Every write raises InputError before anything is sent, and a RefusedError when it cannot be done.
    """

    kind: ClassVar[Kind]

    def __init__(self, scope: Scope, name: str) -> None:
        self.scope = scope
        self.name = check_feed(name)

    async def edit(
        self,
        item_id: str,
        changes: Mapping[str, Any],
        *,
        unset: Sequence[str] = (),
        if_version: int | None = None,
        op: str | None = None,
    ) -> Written:
        """Put changed attributes over an item, which is a JSON object, and drop the keys of `unset`.

        Nobody's edit is lost: what was read to work out the new text must still be so when it is written, else it is
        read again. With `if_version` that is the caller's business: raises ConflictError when the item has changed
        since that version. Raises ItemNotFoundError, and ItemInvalidError for an item that is no object.
        """
        published = dump(dict(changes), "An edit's changes")
        while True:
            known, (event_id, [text]) = await asyncio.gather(
                self.scope.lookup([] if op is None else [op]), self.scope.get(self.name, [item_id])
            )
            if known and known[0] is not None:
                return Written(item_id, known[0], True)
            if text is None:
                raise ItemNotFoundError(f"The feed {self.name} has no item {item_id}.")
            value = json.loads(text)
            if not isinstance(value, dict):
                raise ItemInvalidError(f"The item {item_id} is no object, so it has no attributes to edit.")
            value = {key: part for key, part in {**value, **changes}.items() if key not in unset}
            seen = _version(event_id) if if_version is None else if_version
            edit = Edit(self.name, item_id, dump(value), published, unset)
            try:
                return await self._commit(op, edit, [ReadItem(self.name, item_id, seen)])
            except ConflictError:
                if if_version is not None:
                    raise

    async def retract(self, item_id: str, *, op: str | None = None) -> Written:
        """Remove an item, and every feed that hangs below it. Raises ItemNotFoundError."""
        return await self._commit(op, Retract(self.name, item_id))

    async def configure(self, *, max_length: int | None, op: str | None = None) -> Written:
        """Say how many items the feed may hold; None: any number. What is too many goes from its beginning, at
        once and with every later publish, as ordinary retract events. Makes the feed if it is not there. Raises
        KindError.
        """
        return await self._commit(op, Configure(self.name, max_length, self.kind))

    async def delete(self, *, op: str | None = None) -> Written:
        """Remove the feed: its items, its max_length, and all feeds below its items. Raises ItemNotFoundError
        when there is none.
        """
        return await self._commit(op, Delete(self.name))

    async def get(self, item_id: str) -> Item | None:
        """The item, or None."""
        event_id, [text] = await self.scope.get(self.name, [item_id])
        return None if text is None else Item(item_id, json.loads(text), _version(event_id))

    async def has(self, item_id: str) -> bool:
        """Whether there is such an item."""
        return await self.scope.has(self.name, item_id)

    async def length(self) -> int:
        """How many items there are."""
        return await self.scope.length(self.name)

    async def max_length(self) -> int | None:
        """How many items there may be; None: any number. Raises KindError when the feed is of the other kind."""
        found = await self.scope.kind(self.name)
        if found is not None and found[0] != self.kind:
            raise KindError(f"The feed {self.name} is a {found[0]}, not a {self.kind}.")
        return None if found is None else found[1]

    async def ids(self) -> list[str]:
        """The ids of all items, in order, at one moment."""
        return [item_id for item_id, _ in _items(await self._read(None, True), self.name)]

    async def all(self) -> dict[str, Any]:
        """All items at one moment: id -> value, in order."""
        return {item.id: item.value for item in (await self.snapshot()).items}

    async def snapshot(self, window: int | None = None) -> Page:
        """All items at one moment, or the last `window` of them, and the event id they correspond to: then
        `subscribe` since that. Raises UnsettledError when a large feed changes faster than it can be read.
        """
        return self._whole(await self._read(window, False))

    async def items(self) -> AsyncIterator[Item]:
        """All items one after the other, up to 10,000 a call, for feeds that are too large to hold. Each call
        reads one moment, and they do not make one together: an item that is moved meanwhile may come twice, or
        not at all.
        """
        cursor: str | None = ""
        while cursor is not None:
            reply = await self.scope.part(cursor, feed=self.name)
            for flat in reply[4::3]:
                for item_id, text in zip(flat[::2], flat[1::2], strict=True):
                    yield Item(item_id.decode(), json.loads(text), _version(reply[0].decode()))
            cursor = reply[1].decode() or None

    async def page(
        self,
        *,
        before: str | None = None,
        after: str | None = None,
        first: bool = False,
        count: int = PAGE,
        ids_only: bool = False,
    ) -> Page:
        """Up to `count` (1,000 at most) items that lie together: the last ones, or the `first`, or those right
        `before` or `after` an item. Raises ItemNotFoundError when that item is gone: ask by its neighbour.
        """
        if sum((before is not None, after is not None, first)) > 1:
            raise InputError("A page is before an item, or after one, or the first: not several of these.")
        position = place(before=before, after=after, first=first)
        found = await self.scope.page(self.name, position, count, ids_only=ids_only)
        if found is None:
            raise ItemNotFoundError(f"The feed {self.name} has no item {before or after}.")
        event_id, length, start, pairs = found
        version = _version(event_id)
        items = [Item(key, None if text is None else json.loads(text), version) for key, text in pairs]
        return Page(event_id, length, start, items)

    async def subscribe(self, since: str | None = None) -> AsyncIterator[Event | Page]:
        """What happens to this feed after the event `since`: each Event once and in order; or a Page with all
        items, which is to begin anew with, when some of it cannot be told any more. Without `since` it begins
        with one.

        It goes on through lost connections. Leaving the loop ends it.
        """
        async for news in self.scope.follow(since, self.name):
            if isinstance(news, Resync):
                yield self._whole(news.snapshot)
                continue
            for op, events in news.tx:
                for event in events:
                    if (found := self._event(news.event_id, op, *event)) is not None:
                        yield found

    async def _commit(self, op: str | None, operation: Operation, reads: Sequence[Read] = ()) -> Written:
        op = op or secrets.token_urlsafe(12)
        [outcome] = await self.scope.commit([Transaction(op, [operation], reads)])
        if outcome.event_id is None:
            raise _REFUSALS.get(outcome.code, RefusedError)(outcome.detail)
        item_id = "" if isinstance(operation, Configure | Delete) else operation.id
        return Written(item_id, outcome.event_id, outcome.code == "known")

    async def _publish(self, value: Any, item_id: str | None, op: str | None, position: str) -> Written:
        return await self._commit(
            op, Publish(self.name, item_id or made_id(op), dump(value), position, self.kind)
        )

    async def _read(self, window: int | None, ids_only: bool) -> Snapshot:
        windows = None if window is None else {collection(self.name): window}
        return await self.scope.snapshot(windows, feed=self.name, ids_only=ids_only)

    def _whole(self, snapshot: Snapshot) -> Page:
        items = [Item(key, json.loads(text), snapshot.version) for key, text in _items(snapshot, self.name)]
        length = snapshot.lengths.get(self.name, 0)
        return Page(snapshot.event_id, length, length - len(items), items)

    def _event(self, event_id: str, op: str, verb: str, feed: str, *rest: Any) -> Event | None:
        if feed != self.name:
            gone = verb == "delete" or verb == "retract"
            if (
                gone
                and self.name.startswith(below(feed, rest[0] if verb == "retract" else None))
                and self.name != "."
            ):
                return Event(event_id, op, "delete", "")
            return None
        if verb == "publish":
            return Event(event_id, op, verb, rest[0], rest[1], position=rest[2])
        if verb == "edit":
            return Event(event_id, op, verb, rest[0], rest[1], unset=tuple(rest[2]) if len(rest) > 2 else ())
        if verb == "position":
            return Event(event_id, op, verb, rest[0], position=rest[1])
        if verb == "config":
            return Event(event_id, op, verb, "", rest[1])
        return Event(event_id, op, verb, rest[0])


_REFUSALS: dict[str, type[RefusedError]] = {
    "conflict": ConflictError,
    "exists": ItemExistsError,
    "notfound": ItemNotFoundError,
    "type": KindError,
}


def place(*, before: str | None = None, after: str | None = None, first: bool = False) -> str:
    """A position of the contract's grammar; the end, if nothing is said."""
    if before is not None:
        return f":{check_item_id(before)}"
    if after is not None:
        return f"{check_item_id(after)}:"
    return "begin:" if first else ":end"


def made_id(op: str | None) -> str:
    """An id for an item that was given none: random, or always the same for the same operation id, so that a repeated
    publish names the item it made.
    """
    if op is None:
        return secrets.token_urlsafe(12)
    return urlsafe_b64encode(hashlib.sha256(op.encode()).digest()[:12]).decode()


def collection(feed: str) -> str:
    """A feed's name with `*` for each item id: what windows are declared by."""
    parts = feed.split(".")
    return feed if feed == "." else ".".join("*" if n % 2 else part for n, part in enumerate(parts))


def _items(snapshot: Snapshot, name: str) -> list[tuple[str, bytes]]:
    return dict(snapshot.feeds).get(name, [])


def _version(event_id: str) -> int:
    return int(event_id.split("-", 1)[0])
