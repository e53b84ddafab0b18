"""A scope, read whole."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING_YET = "0-0"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A scope at one moment: the id of its last event, and each feed's (id, item) pairs in the feed's order.
    Feeds are sorted by name, so that a parent comes before what hangs below it. Items are the stored
    bytes.
    """

    event_id: str
    feeds: list[tuple[str, list[tuple[str, bytes]]]]
