"""What a reader holds of a feed: all of it, or its last items, and what events mean for that.

A window is always the end of a feed, whole: nothing is missing between its first item and the feed's last one. So an
item that is not held lies before it, and so does whatever is placed next to such an item.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any


class Tail:
    """The last items of a feed, id -> JSON text in the feed's order, and how many items it has in all.

    Applying an event that is already contained does no harm as long as all later ones follow: what is published or
    retracted twice ends the same, and so do changed attributes.
    """

    def __init__(self, items: Iterable[tuple[str, bytes]] = (), length: int | None = None) -> None:
        self.items = dict(items)
        self.length = len(self.items) if length is None else length

    def extend(self, items: Iterable[tuple[str, bytes]]) -> None:
        """What the next part of a large snapshot holds of this feed. An item that comes again has moved."""
        for item_id, item in items:
            self.items.pop(item_id, None)
            self.items[item_id] = item

    def apply(self, verb: str, item_id: str, rest: Sequence[Any]) -> bool:
        """Take one event of this feed, as a frame has it. False when an item came into sight whose text is not known:
        a position event does not carry it, so it must be read.
        """
        complete = len(self.items) >= self.length
        held = item_id in self.items
        if verb == "publish":
            self.length += 1
            self._place(item_id, _text(rest[0]), rest[1], complete)
        elif verb == "edit" and held:
            self.items[item_id] = _edited(self.items[item_id], rest[0], rest[1] if len(rest) > 1 else ())
        elif verb == "retract":
            self.length = max(0, self.length - 1)
            self.items.pop(item_id, None)
        elif verb == "position":
            if not held:
                return not self._in_sight(rest[0], complete)
            self._place(item_id, self.items.pop(item_id), rest[0], complete)
        return True

    def _in_sight(self, position: str, complete: bool) -> bool:
        return position == ":end" or (complete if position == "begin:" else position.strip(":") in self.items)

    def _place(self, item_id: str, item: bytes, position: str, complete: bool) -> None:
        self.items.pop(item_id, None)
        if position == ":end":
            self.items[item_id] = item
        elif self._in_sight(position, complete):
            order = list(self.items)
            at = 0 if position == "begin:" else order.index(position.strip(":")) + position.endswith(":")
            order.insert(at, item_id)
            self.items[item_id] = item
            self.items = {key: self.items[key] for key in order}


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _edited(item: bytes, changes: dict[str, Any], unset: Iterable[str]) -> bytes:
    value = {**json.loads(item), **changes}
    for key in unset:
        value.pop(key, None)
    return _text(value)
