"""What a commit is made of: transactions, the versions they read, their operations, and what became of
them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .errors import InputError, ItemInvalidError, LimitError
from .item import MAX_BYTES, check_json, check_object
from .names import check_feed, check_item_id, check_operation, check_position

MAX_OPERATIONS = 1000
MAX_LENGTH = 999_999_999

Kind: TypeAlias = Literal["feed", "sorted_feed"]
Code: TypeAlias = Literal["applied", "known", "conflict", "exists", "notfound", "type"]


@dataclass(frozen=True, slots=True)
class Publish:
    """Add an item. `position` other than `:end` needs a sorted feed; `kind` is fixed by a feed's first
    item.
    """

    feed: str
    id: str
    item: str
    position: str = ":end"
    kind: Kind = "feed"

    def arguments(self) -> tuple[str, ...]:
        check_json(self.item)
        check_position(self.position)
        kind = check_kind(self.kind)
        return ("publish", check_feed(self.feed), check_item_id(self.id), self.item, self.position, kind)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace an item. `item` is the whole text to store; `changes` (a JSON object) and `unset` (keys) are
    published.
    """

    feed: str
    id: str
    item: str
    changes: str
    unset: Sequence[str] = ()

    def arguments(self) -> tuple[str, ...]:
        check_json(self.item)
        check_object(self.changes, "An edit's changes")
        unset = _json_list(self.unset) if self.unset else ""
        return ("edit", check_feed(self.feed), check_item_id(self.id), self.item, self.changes, unset)


@dataclass(frozen=True, slots=True)
class Retract:
    """Remove an item and every feed below it. Retracting the item of `.` removes all other feeds of the
    scope.
    """

    feed: str
    id: str

    def arguments(self) -> tuple[str, ...]:
        return ("retract", check_feed(self.feed), check_item_id(self.id), "", "", "")


@dataclass(frozen=True, slots=True)
class Move:
    """Give an item of a sorted feed another position."""

    feed: str
    id: str
    position: str

    def arguments(self) -> tuple[str, ...]:
        check_position(self.position)
        if self.position in (f"{self.id}:", f":{self.id}"):
            raise InputError(f"The item {self.id!r} cannot be moved relative to itself.")
        return ("position", check_feed(self.feed), check_item_id(self.id), self.position, "", "")


@dataclass(frozen=True, slots=True)
class Configure:
    """Say how many items a feed may hold (None: any number), and make it if it is not there.

    A feed that is longer at the end of a transaction that published to it, or configured it, loses its first
    items, at most 1,000 at a time, by ordinary retract events of that transaction.
    """

    feed: str
    max_length: int | None = None
    kind: Kind = "feed"

    def arguments(self) -> tuple[str, ...]:
        most = self.max_length
        if most is not None and (not isinstance(most, int) or not 1 <= most <= MAX_LENGTH):
            raise InputError(
                f"A feed's max_length is a number from 1 to {MAX_LENGTH}, or None, not {most!r}."
            )
        return (
            "config",
            check_feed(self.feed),
            "",
            "" if most is None else str(most),
            check_kind(self.kind),
            "",
        )


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a feed with all its items, its configuration, and every feed below its items."""

    feed: str

    def arguments(self) -> tuple[str, ...]:
        return ("delete", check_feed(self.feed), "", "", "", "")


@dataclass(frozen=True, slots=True)
class ReadScope:
    """The writer looked at the whole scope when it was at `version`."""

    version: int

    def arguments(self) -> tuple[str, ...]:
        return ("scope", "", "", _version(self.version))


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """The writer looked at a whole feed, its count and its order, when the scope was at `version`."""

    feed: str
    version: int

    def arguments(self) -> tuple[str, ...]:
        return ("feed", check_feed(self.feed), "", _version(self.version))


@dataclass(frozen=True, slots=True)
class ReadItem:
    """The writer looked at one item, there or not, when the scope was at `version`."""

    feed: str
    id: str
    version: int

    def arguments(self) -> tuple[str, ...]:
        return ("item", check_feed(self.feed), check_item_id(self.id), _version(self.version))


Operation: TypeAlias = Publish | Edit | Retract | Move | Configure | Delete
Read: TypeAlias = ReadScope | ReadFeed | ReadItem


@dataclass(frozen=True, slots=True)
class Transaction:
    """All of `operations` or none, once for its operation id `op`, and only if nothing of `reads` has changed
    since.
    """

    op: str
    operations: Sequence[Operation]
    reads: Sequence[Read] = ()

    def arguments(self) -> list[str]:
        """The transaction as the commit script reads it."""
        if not self.operations:
            raise InputError(f"The transaction {self.op!r} has no operations: there is nothing to commit.")
        flat = [check_operation(self.op), str(len(self.reads)), str(len(self.operations))]
        for read in self.reads:
            flat += read.arguments()
        for operation in self.operations:
            flat += operation.arguments()
        return flat


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a transaction.

    `applied` and `known` (its operation id was applied before) carry the id of the event that holds it; the
    others carry None and a sentence in `detail`: `conflict` (something read has changed), `exists`,
    `notfound`, `type`.
    """

    code: Code
    event_id: str | None
    detail: str


def commit_arguments(transactions: Sequence[Transaction]) -> list[str]:
    """The arguments of one commit. Raises InputError and its children; LimitError past 1,000 operations or 1
    MiB.
    """
    count = sum(len(transaction.operations) for transaction in transactions)
    if count > MAX_OPERATIONS:
        raise LimitError(f"A commit takes at most {MAX_OPERATIONS} operations, not {count}: split it.")
    flat: list[str] = []
    for transaction in transactions:
        flat += transaction.arguments()
    size = bytes_of(flat)
    if size > MAX_BYTES:
        raise LimitError(
            f"A commit takes at most {MAX_BYTES} bytes, not {size}: split it, or store less in an item."
        )
    return flat


def bytes_of(arguments: Sequence[str]) -> int:
    """How many bytes these are for the server."""
    return len("".join(arguments).encode())


def check_kind(kind: str) -> str:
    """`feed` or `sorted_feed`. Raises InputError."""
    if kind not in ("feed", "sorted_feed"):
        raise InputError(f"A feed's kind is 'feed' or 'sorted_feed', not {kind!r}.")
    return kind


def _version(version: int) -> str:
    if not isinstance(version, int) or version < 0:
        raise InputError(f"A version is a number from 0, not {version!r}.")
    return str(version)


def _json_list(keys: Sequence[str]) -> str:
    if isinstance(keys, str) or not all(isinstance(key, str) for key in keys):
        raise ItemInvalidError("An edit's unset must be a list of keys.")
    text = json.dumps(list(keys))
    check_json(text, "An edit's unset")
    return text
