"""Which places of a scope something touched."""

from typing import Any

from capsule.shared.audiences import openFeed


class Touched:
    """The places that may differ between what is shown and what is to be shown: items of feeds, and feeds' orders."""

    def __init__(self) -> None:
        self.everything = False
        self.items: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, Any] = {}

    def add(self, feed: str, key: str) -> None:
        if feed not in self.items:
            self.items[feed] = {}
        self.items[feed][key] = True

    def addAll(self, other: "Touched") -> None:
        self.everything = self.everything or other.everything
        for feed in other.items:
            for key in other.items[feed]:
                self.add(feed, key)
        self.orders.update(other.orders)

    def addEvent(self, event: dict[str, Any]) -> None:
        """The place of a root's `publish` event: to be asked for at once, before its model goes elsewhere."""
        model = event["model"]
        if event["event"] == "change":
            path = model.path
            self.add(path[0], path[1])
        else:
            feed = event["collection"].path
            self.add(feed, model.id)
            self.orders[feed] = True

    def addFrame(self, frame: dict[str, Any]) -> None:
        """The places of a frame's events."""
        for transaction in frame["tx"]:
            for event in transaction[1]:
                feed = openFeed(event[1])
                if event[0] == "delete":
                    self.everything = True
                    return
                self.add(feed, event[2])
                if event[0] != "edit" and feed == event[1]:
                    self.orders[feed] = True
