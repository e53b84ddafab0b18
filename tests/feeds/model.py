"""What a scope should be: dictionaries and lists that keep the rules of commit, written without looking at
the script.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from capsule.feeds import Configure, Delete, Edit, Move, Publish, ReadFeed, ReadScope, Retract, Transaction
from capsule.feeds.operation import Operation, Read


class Feed:
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.most: int | None = None
        self.order: list[str] = []
        self.items: dict[str, str] = {}


class Refused(Exception):
    """A transaction was refused with this code."""


class ScopeModel:
    def __init__(self) -> None:
        self.version = 0
        self.feeds: dict[str, Feed] = {}
        self.known: dict[str, int] = {}
        # When a feed or an item last changed, kept after it is gone: the truth that reads are about.
        self.changed: dict[tuple[str, str | None], int] = {}

    def follow(self, transactions: Sequence[Transaction], codes: Sequence[str]) -> None:
        """Assert that `codes` are right for a commit, and apply it.

        One thing is left to the scope: a read of what is not there may conflict although nobody touched it,
        because the scope forgets what is gone and asks what held it instead. It may never miss a conflict.
        """
        stale = [self._stale(transaction.reads) for transaction in transactions]
        refused = False
        for transaction, (conflict, certain), code in zip(transactions, stale, codes, strict=True):
            if transaction.op in self.known:
                assert code == "known"
                continue
            if conflict or (refused and transaction.reads):
                assert code == "conflict"
            elif code == "conflict":
                assert not certain
            else:
                assert code == self.attempt(transaction)
            refused = refused or code != "applied"
        if "applied" in codes:
            self.version += 1

    def snapshot(self) -> list[tuple[str, list[tuple[str, bytes]]]]:
        return [
            (name, [(item_id, feed.items[item_id].encode()) for item_id in feed.order])
            for name, feed in sorted(self.feeds.items())
        ]

    def _stale(self, reads: Sequence[Read]) -> tuple[bool, bool]:
        certain = True
        for read in reads:
            if isinstance(read, ReadScope):
                changed = self.version
            elif isinstance(read, ReadFeed):
                changed = self.changed.get((read.feed, None), 0)
                certain = certain and read.feed in self.feeds
            else:
                changed = self.changed.get((read.feed, read.id), 0)
                certain = certain and self._has(read.feed, read.id)
            if changed > read.version or read.version > self.version:
                return True, True
        return False, certain

    def _has(self, name: str, item_id: str) -> bool:
        return name in self.feeds and item_id in self.feeds[name].items

    def attempt(self, transaction: Transaction) -> str:
        """Apply a transaction, without its reads, whole or not at all; its code."""
        before = deepcopy((self.feeds, self.changed))
        try:
            for operation in transaction.operations:
                self._apply(operation)
            for operation in transaction.operations:
                if isinstance(operation, Publish | Configure):
                    self._cut(operation.feed)
        except Refused as refusal:
            self.feeds, self.changed = before
            return str(refusal)
        self.known[transaction.op] = self.version + 1
        return "applied"

    def _apply(self, operation: Operation) -> None:
        name = operation.feed
        feed = self.feeds.get(name)
        if isinstance(operation, Configure | Delete):
            return self._arrange(name, operation)
        item_id = operation.id
        if isinstance(operation, Publish):
            if self._has(name, item_id):
                raise Refused("exists")
            if feed is not None and feed.kind != operation.kind:
                raise Refused("type")
            if operation.position != ":end" and operation.kind == "feed":
                raise Refused("type")
            self._has_owner(name)
            at = self._place(feed.order if feed else [], operation.position)
            feed = self.feeds.setdefault(name, Feed(operation.kind))
            feed.order.insert(at, item_id)
            feed.items[item_id] = operation.item
        elif feed is None or item_id not in feed.items:
            raise Refused("notfound")
        elif isinstance(operation, Edit):
            feed.items[item_id] = operation.item
        elif isinstance(operation, Move):
            if feed.kind != "sorted_feed":
                raise Refused("type")
            rest = [other for other in feed.order if other != item_id]
            rest.insert(self._place(rest, operation.position), item_id)
            feed.order = rest
        else:
            assert isinstance(operation, Retract)
            self._remove(name, item_id)
        self._touch(name, None)
        self._touch(name, item_id)

    def _arrange(self, name: str, operation: Configure | Delete) -> None:
        feed = self.feeds.get(name)
        if isinstance(operation, Configure):
            if feed is not None and feed.kind != operation.kind:
                raise Refused("type")
            self._has_owner(name)
            self.feeds.setdefault(name, Feed(operation.kind)).most = operation.max_length
        elif feed is None:
            raise Refused("notfound")
        else:
            for item_id in list(feed.order):
                self._remove(name, item_id)
                self._touch(name, item_id)
            if name == ".":
                self._remove_below(name, "")
            del self.feeds[name]
        self._touch(name, None)

    def _has_owner(self, name: str) -> None:
        parts = name.rsplit(".", 2)
        if name != "." and len(parts) == 3 and not self._has(parts[0], parts[1]):
            raise Refused("notfound")

    def _cut(self, name: str) -> None:
        feed = self.feeds.get(name)
        while feed is not None and feed.most is not None and len(feed.order) > feed.most:
            item_id = feed.order[0]
            self._remove(name, item_id)
            self._touch(name, item_id)
            self._touch(name, None)

    def _remove(self, name: str, item_id: str) -> None:
        feed = self.feeds[name]
        feed.order.remove(item_id)
        del feed.items[item_id]
        self._remove_below(name, item_id)

    def _remove_below(self, name: str, item_id: str) -> None:
        for below in [other for other in self.feeds if self._is_below(other, name, item_id)]:
            self._touch(below, None)
            for gone in self.feeds[below].items:
                self._touch(below, gone)
            del self.feeds[below]

    def _touch(self, name: str, item_id: str | None) -> None:
        self.changed[name, item_id] = self.version + 1

    @staticmethod
    def _is_below(other: str, name: str, item_id: str) -> bool:
        return other != "." if name == "." else other.startswith(f"{name}.{item_id}.")

    @staticmethod
    def _place(order: list[str], position: str) -> int:
        if position == "begin:":
            return 0
        if position == ":end":
            return len(order)
        other = position.strip(":")
        if other not in order:
            raise Refused("notfound")
        return order.index(other) + position.endswith(":")


class Replica:
    """A reader that knows only frames: what every client does with them."""

    def __init__(self) -> None:
        self.last = "0-0"
        self.feeds: dict[str, list[list[object]]] = {}
        self.operations: list[str] = []

    def receive(self, event: dict[str, object]) -> None:
        assert event["prev"] == self.last
        for op, events in event["tx"]:  # type: ignore[attr-defined]
            self.operations.append(op)
            for verb, feed, *rest in events:
                if verb == "delete":
                    self.feeds.pop(feed, None)
                    self._drop("" if feed == "." else f"{feed}.")
                elif verb != "config":
                    self._apply(verb, feed, rest[0], rest[1:])
        self.last = str(event["id"])

    def _apply(self, verb: str, name: str, item_id: str, rest: list[object]) -> None:
        feed = self.feeds.setdefault(name, [])
        ids = [entry[0] for entry in feed]
        if verb == "publish":
            feed.insert(ScopeModel._place(ids, str(rest[1])), [item_id, rest[0]])  # type: ignore[arg-type]
        elif verb == "edit":
            item = dict(feed[ids.index(item_id)][1])  # type: ignore[call-overload]
            item.update(rest[0])
            for key in rest[1] if len(rest) > 1 else []:  # type: ignore[attr-defined]
                item.pop(key, None)
            feed[ids.index(item_id)][1] = item
        elif verb == "position":
            entry = feed.pop(ids.index(item_id))
            ids.remove(item_id)
            feed.insert(ScopeModel._place(ids, str(rest[0])), entry)  # type: ignore[arg-type]
        else:
            assert verb == "retract"
            del feed[ids.index(item_id)]
            self._drop("" if name == "." else f"{name}.{item_id}.")

    def _drop(self, below: str) -> None:
        for name in [name for name in self.feeds if name != "." and name.startswith(below)]:
            del self.feeds[name]
