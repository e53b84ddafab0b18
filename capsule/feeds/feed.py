"""A feed: items in order of arrival. Thoonk's first datatype."""

from __future__ import annotations

from typing import Any, ClassVar

from .items import Items, Written
from .operation import Kind


class Feed(Items):
    """`cap.feed("users")`, or `scope.feed("members.42.chat")`."""

    kind: ClassVar[Kind] = "feed"

    async def publish(self, value: Any, item_id: str | None = None, *, op: str | None = None) -> Written:
        """Add an item, which is anything JSON can say, at the end; its id is made if none is given. Raises
        ItemExistsError, ItemInvalidError, LimitError.
        """
        return await self._publish(value, item_id, op, ":end")
