"""What a subscriber asked to be shown of a scope, apart from what they may see."""

from collections.abc import Iterable
from dataclasses import dataclass

from capsule.shared.audiences import openFeed
from capsule.shared.wire import ROOT_FEED


@dataclass(frozen=True, slots=True)
class Want:
    """`windows`: long feeds come as their last items only. `feeds`: these, and what they need; empty for all."""

    windows: bool = False
    feeds: tuple[str, ...] = ()

    def covers(self, feed: str, membership: Iterable[str]) -> bool:
        """Whether a feed is asked for: itself, what is below it, and the feeds of the items that it is below. The
        root and what the read rules look at always are.
        """
        feed = openFeed(feed)
        if not self.feeds or feed == ROOT_FEED or feed in membership:
            return True
        return any(
            feed == name or feed.startswith(f"{name}.") or name.startswith(f"{feed}.") for name in self.feeds
        )


ALL = Want()
