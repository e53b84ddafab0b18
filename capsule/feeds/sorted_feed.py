"""A sorted feed: items in an order that people give them. A move costs the same however many there are."""

from __future__ import annotations

from typing import Any, ClassVar

from .errors import InputError
from .items import Items, Written, place
from .operation import Kind, Move


class SortedFeed(Items):
    """`cap.sorted_feed("team.andyet.members.42.tasks")`, or `scope.sorted_feed("members.42.tasks")`.

    Each way to add an item makes an id if none is given, and raises ItemExistsError, ItemInvalidError,
    LimitError, and ItemNotFoundError when the item to place it by is not there.
    """

    kind: ClassVar[Kind] = "sorted_feed"

    async def append(self, value: Any, item_id: str | None = None, *, op: str | None = None) -> Written:
        """Add an item as the last one."""
        return await self._publish(value, item_id, op, ":end")

    async def prepend(self, value: Any, item_id: str | None = None, *, op: str | None = None) -> Written:
        """Add an item as the first one."""
        return await self._publish(value, item_id, op, "begin:")

    async def insert_before(
        self, other: str, value: Any, item_id: str | None = None, *, op: str | None = None
    ) -> Written:
        """Add an item right before another."""
        return await self._publish(value, item_id, op, place(before=other))

    async def insert_after(
        self, other: str, value: Any, item_id: str | None = None, *, op: str | None = None
    ) -> Written:
        """Add an item right after another."""
        return await self._publish(value, item_id, op, place(after=other))

    async def move(
        self,
        item_id: str,
        *,
        before: str | None = None,
        after: str | None = None,
        first: bool = False,
        last: bool = False,
        op: str | None = None,
    ) -> Written:
        """Move an item right before or after another, or to an end; say which. Raises ItemNotFoundError,
        KindError.
        """
        if sum((before is not None, after is not None, first, last)) != 1:
            raise InputError(
                "An item is moved before another, after another, first or last: say one of these."
            )
        return await self._commit(
            op, Move(self.name, item_id, place(before=before, after=after, first=first))
        )
