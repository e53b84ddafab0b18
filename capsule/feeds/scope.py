"""A scope: the state of one root model, as feeds of items, with one version, one log and one channel."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from . import keys, parts, script
from .commands import Commands
from .errors import InputError
from .events import Events
from .feed import Feed
from .names import check_event_id, check_feed, check_item_id, check_operation, check_position, check_scope
from .operation import Outcome, Transaction, commit_arguments
from .snapshot import NOTHING_YET, Snapshot
from .sorted_feed import SortedFeed
from .subscription import Frame, Resync, follow

MAX_PAGE = 1000

Found: TypeAlias = tuple[str, int, int, list[tuple[str, bytes | None]]]


class Scope:
    """`cap.scope("team.7")`. Holds nothing but its name: make as many as you like."""

    def __init__(self, connection: Commands, events: Events, name: str) -> None:
        self.name = check_scope(name)
        self.prefix = keys.scope(name)
        self.channel = f"{self.prefix}events"
        self._connection = connection
        self._events = events

    def feed(self, name: str) -> Feed:
        """The feed `name` of this scope, such as `members.42.chat`: items in order of arrival. Raises
        NameInvalidError.
        """
        return Feed(self, name)

    def sorted_feed(self, name: str) -> SortedFeed:
        """The sorted feed `name` of this scope, such as `members.42.tasks`: items can be placed and moved. Raises
        NameInvalidError.
        """
        return SortedFeed(self, name)

    async def commit(self, transactions: Sequence[Transaction], *, epoch: int | None = None) -> list[Outcome]:
        """Write transactions, in order, in one atomic step; one Outcome each.

        What passed gets one version and one frame. Reads are compared with the state before this commit. A
        refused transaction drops alone, but those after it that read anything are refused too: their author
        saw it applied. An operation id that was applied within 48 hours changes nothing and answers the event
        it got then.

        `epoch` is that of the group's claim the work was done under. Raises StaleError, and writes nothing,
        when the scope has seen a higher one. Raises InputError (NameInvalidError, ItemInvalidError,
        LimitError) before anything is sent, and ConnectionLostError when it is unknown whether the commit
        ran: commit again with the same ids.
        """
        if not transactions:
            return []
        arguments = commit_arguments(transactions)
        nonce = secrets.randbits(31) or 1
        reply = await self._connection.run(
            script.load("commit"),
            self.prefix,
            nonce,
            "" if epoch is None else epoch,
            len(transactions),
            *arguments,
        )
        texts = [text.decode() for text in reply[1:]]
        return [
            Outcome(code, text, "") if code in ("applied", "known") else Outcome(code, None, text)
            for code, text in zip(texts[::2], texts[1::2], strict=True)
        ]

    async def snapshot(
        self, windows: Mapping[str, int] | None = None, *, feed: str = "", ids_only: bool = False
    ) -> Snapshot:
        """All feeds and the id they correspond to, of one moment. An unwritten scope is `0-0` without feeds.

        `windows` says of which collections only the last items are wanted, by their feeds' names with `*` for item
        ids: `{"chat": 50, "members.*.tasks": 200}`. With `feed`, only that one is read; with `ids_only`, items are
        `{}`. Up to 10,000 items or 4 MiB are one call; more are read in parts and made one by the log.

        Raises InputError, and UnsettledError when a large scope changes faster than it can be read.
        """
        return await parts.assemble(
            lambda cursor: self.part(cursor, windows, feed=feed, ids_only=ids_only),
            self.log,
            feed,
            not ids_only,
        )

    async def part(
        self,
        cursor: str,
        windows: Mapping[str, int] | None = None,
        *,
        feed: str = "",
        ids_only: bool = False,
    ) -> list[Any]:
        """One call of the snapshot script, as it answers: what `snapshot` puts together, each part of its own
        moment.
        """
        reply: list[Any] = await self._connection.run(
            script.load("snapshot"),
            self.prefix,
            cursor,
            feed and check_feed(feed),
            "ids" if ids_only else "items",
            *(word for pair in (windows or {}).items() for word in pair),
        )
        return reply

    async def page(self, feed: str, position: str, count: int, *, ids_only: bool = False) -> Found | None:
        """Up to `count` items that lie together: `:end` the last ones, `begin:` the first, `:X` before, `X:` after X.

        The event id they correspond to, the feed's length, the rank of the first one, and (id, item) pairs in
        order, the item being None with `ids_only`. None when the feed has no item X. Raises InputError.
        """
        if not 1 <= count <= MAX_PAGE:
            raise InputError(f"A page has 1 to {MAX_PAGE} items, not {count}.")
        what: Literal["ids", "items"] = "ids" if ids_only else "items"
        reply = await self._connection.run(
            script.load("page"), self.prefix, check_feed(feed), check_position(position), count, what
        )
        if reply is None:
            return None
        event_id, length, start, flat = reply
        words = [(key, None) for key in flat] if ids_only else zip(flat[::2], flat[1::2], strict=True)
        return event_id.decode(), length, start, [(key.decode(), item) for key, item in words]

    async def get(self, feed: str, ids: Sequence[str]) -> tuple[str, list[bytes | None]]:
        """The items with these ids, None for one that is not there, and the event id they correspond to."""
        if isinstance(ids, str) or not 1 <= len(ids) <= MAX_PAGE:
            raise InputError(f"get takes a list of 1 to {MAX_PAGE} ids.")
        names = [check_item_id(item_id) for item_id in ids]
        reply = await self._connection.run(script.load("get"), self.prefix, check_feed(feed), *names)
        return reply[0].decode(), reply[1:]

    async def length(self, feed: str) -> int:
        """How many items the feed has; 0 if there is no such feed."""
        found: int = await self._connection.command("ZCARD", f"{self.prefix}ids:{check_feed(feed)}")
        return found

    async def has(self, feed: str, item_id: str) -> bool:
        """Whether the feed has this item."""
        key = f"{self.prefix}items:{check_feed(feed)}"
        return bool(await self._connection.command("HEXISTS", key, check_item_id(item_id)))

    async def kind(self, feed: str) -> tuple[str, int | None] | None:
        """The feed's kind and its max_length; None if there is no such feed."""
        found = await self._connection.command("HGET", f"{self.prefix}types", check_feed(feed))
        if found is None:
            return None
        kind, _, most = found.decode().partition(" ")
        return kind, int(most) if most else None

    async def last(self) -> str:
        """The id of the last event, `0-0` before the first."""
        reply: bytes | None = await self._connection.command("HGET", f"{self.prefix}meta", "last")
        return NOTHING_YET if reply is None else reply.decode()

    async def log(self, since: str) -> list[bytes] | None:
        """The frames after the event `since`, oldest first, [] when it is the last one. None when the event
        is not in the log (trimmed, or rolled back by a power loss or a failover): take a snapshot.
        """
        frames: list[bytes] | None = await self._connection.run(
            script.load("log"), self.prefix, check_event_id(since)
        )
        return frames

    async def lookup(self, operations: Sequence[str]) -> list[str | None]:
        """For each operation id, the event that holds it, or None if it was not applied in the last 48
        hours.
        """
        if isinstance(operations, str):
            raise InputError("lookup takes a list of operation ids.")
        if not operations:
            return []
        names = [check_operation(operation) for operation in operations]
        # In this order: what moves from the one to the other meanwhile is found by the first.
        recent = await self._connection.command("HMGET", f"{self.prefix}ops", *names)
        if None in recent:
            older = await self._connection.command("HMGET", f"{self.prefix}opsold", *names)
            recent = [new if new is not None else old for new, old in zip(recent, older, strict=True)]
        return [None if found is None else found.decode() for found in recent]

    def subscribe(self, since: str | None = None) -> AsyncIterator[Frame | Resync]:
        """What happens in this scope after the event `since`: each Frame once, in order, or a Resync, which is
        a snapshot to begin anew with. Without `since` it begins with one. It goes on through lost connections,
        and ends when the caller does.
        """
        return self.follow(since, "")

    def follow(self, since: str | None, feed: str) -> AsyncIterator[Frame | Resync]:
        """`subscribe` for the reader of one feed: a Resync holds only that one; frames are the scope's."""
        return follow(self, self._events, since, feed)
