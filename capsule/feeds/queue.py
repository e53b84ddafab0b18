"""A queue: what is put in comes out at most once, higher priorities first. Thoonk's third datatype.

At most once: an item is gone when it is handed out. If the one who took it dies, or its connection breaks at
that moment, nobody does it. For work that must not be lost there are jobs.
"""

from __future__ import annotations

import json
from typing import Any

from . import keys, script
from .blocking import Blocking
from .commands import Commands
from .errors import InputError, LimitError
from .item import MAX_BYTES, dump
from .names import check_scope

MAX_ITEMS = 1000
MAX_PRIORITY = 1_000_000
_NUMBER = 17  # 16 digits and a space before the text


class Queue:
    """`cap.queue("mail")`. Items are anything JSON can say."""

    def __init__(self, connection: Commands, blocking: Blocking, name: str) -> None:
        self.name = check_scope(name)
        self.prefix = keys.handout(name)
        self._connection = connection
        self._blocking = blocking

    async def put(self, *values: Any, priority: int = 0) -> int:
        """Add items, at most 1,000 and 1 MiB; higher priorities come out first, equal ones in the order of
        their puts. Returns how many wait then.

        A put has no id: after a ConnectionLostError it may have happened. Raises InputError, ItemInvalidError,
        LimitError.
        """
        if not values:
            raise InputError("put takes at least one item.")
        if not isinstance(priority, int) or abs(priority) > MAX_PRIORITY:
            raise InputError(
                f"A priority is a whole number up to {MAX_PRIORITY}, or minus that, not {priority!r}."
            )
        texts = [dump(value) for value in values]
        if len(texts) > MAX_ITEMS or sum(len(text.encode()) for text in texts) > MAX_BYTES:
            raise LimitError(f"A put takes at most {MAX_ITEMS} items and {MAX_BYTES} bytes: split it.")
        waiting: int = await self._connection.run(script.load("queue"), self.prefix, priority, *texts)
        return waiting

    async def get(self, n: int = 1, *, wait: float = 0.0) -> list[Any]:
        """Take up to `n` items (1,000 at most); wait up to `wait` seconds for the first. [] when there was none.

        Raises ConnectionLostError when items may have been taken that never arrived.
        """
        if not 1 <= n <= MAX_ITEMS:
            raise InputError(f"get takes 1 to {MAX_ITEMS} items, not {n}.")
        key = f"{self.prefix}items"
        if wait > 0:
            # The server waits in milliseconds and takes 0 for ever.
            seconds = f"{max(0.001, wait):.3f}"
            reply = await self._blocking.call("BZMPOP", seconds, 1, key, "MIN", "COUNT", n, seconds=wait)
        else:
            reply = await self._connection.command("ZMPOP", 1, key, "MIN", "COUNT", n)
        return [] if reply is None else [json.loads(member[_NUMBER:]) for member, _ in reply[1]]

    async def length(self) -> int:
        """How many items wait."""
        waiting: int = await self._connection.command("ZCARD", f"{self.prefix}items")
        return waiting
