"""A scope, read whole."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

NOTHING_YET = "0-0"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A scope at one moment: the id of its last event, and each feed's (id, item) pairs in the feed's order.
    Feeds are sorted by name, so that a parent comes before what hangs below it. Items are the stored
    bytes.

    `lengths` says how many items each feed has in all: more than are here, if it was read with a window.
    """

    event_id: str
    feeds: list[tuple[str, list[tuple[str, bytes]]]]
    lengths: dict[str, int] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """What a writer who looked at this names as the version it read."""
        return int(self.event_id.split("-", 1)[0])

    def parsed(self) -> dict[str, Any]:
        """What a shared `Scope.load` takes: `{"id": ..., "feeds": [[feed, [id, item, id, item, ...]], ...]}`."""
        feeds = [
            [name, [part for key, item in items for part in (key, json.loads(item))]]
            for name, items in self.feeds
        ]
        return {"id": self.event_id, "feeds": feeds}
