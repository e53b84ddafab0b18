"""Part of a feed, read without the rest of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """An item, as its JSON says. `version` is the scope's version at which it was read: give it back as
    `if_version`.
    """

    id: str
    value: Any
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """Items of a feed that lie together, in the feed's order, at the moment of `event_id`.

    `length` is how many items the feed had, `start` how many lie before the first one here. With `ids` only,
    the values are None. A page may hold fewer items than were asked for when they are large (4 MiB).
    """

    event_id: str
    length: int
    start: int
    items: list[Item]

    @property
    def older(self) -> bool:
        """Whether there are items before these."""
        return self.start > 0

    @property
    def newer(self) -> bool:
        """Whether there are items after these."""
        return self.start + len(self.items) < self.length
