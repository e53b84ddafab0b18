"""One scope through the eyes of its readers: each group of readers with the same view gets a room of its own.

Everything that a room is told of the store comes through here first. What touches the read rules is looked at before it
is let through, so that a revoked reader is out of its room before the frame that revoked it is in; what a view hides is
taken out. A room never knows: it is told a whole chain of events, some of which are empty.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import replace

from capsule.feeds import Snapshot
from capsule.server.readership import WHOLE, Readership, View
from capsule.server.session import compact
from capsule.server.tail import Frame, version
from capsule.server.want import ALL, Want
from capsule.shared.audiences import openFeed
from capsule.shared.wire import NOTHING

logger = logging.getLogger("capsule.server.sight")


class Sight:
    """The read rules of one scope, as of the newest event that any of its rooms was told.

    `changed` is called, before that event goes on, whenever an answer of `view` may be another one than before. Without
    a `readership` there are no rules: everybody may see everything.
    """

    def __init__(self, readership: Readership | None, changed: Callable[[], None]) -> None:
        self.id = NOTHING
        self.readership = readership
        self.known = readership is None
        """Whether there is anything to ask: until the first snapshot, and after a gap, nobody may read."""
        self._changed = changed
        self._parts: tuple[str, dict[View, bytes]] = ("", {})
        self._narrowed: dict[tuple[View, Want], View] = {}

    def view(self, user: str, want: Want = ALL) -> View | None:
        """What this user sees of what they want; None for who may not read the scope at all."""
        if not self.known:
            return None
        view = WHOLE if self.readership is None else self.readership.view(user)
        if view is None or want == ALL:
            return view
        narrowed = self._narrowed.get((view, want))
        if narrowed is None:
            root = None if self.readership is None else self.readership.root_class
            narrowed = self._narrowed[view, want] = View(root, view.hidden, want)
        return narrowed

    def closed(self, view: View) -> None:
        """Nobody has this view any more."""
        self._narrowed = {key: kept for key, kept in self._narrowed.items() if kept is not view}

    def snapshot(self, found: Snapshot, view: View | None) -> Snapshot:
        """Take note of a snapshot, and give what the view shows of it."""
        rules = self.readership
        if rules is not None and (not self.known or version(found.event_id) > version(self.id)):
            rules.load(found.event_id, found.feeds)
            self.id, self.known = found.event_id, True
            self._changed()
        if view is None:
            return found
        if not view.whole:
            found = replace(found, feeds=[feed for feed in found.feeds if view.shows(feed[0])])
        return windowed(found) if view.windows else found

    def note(self, data: bytes) -> bool:
        """Look at a published frame before any room is told of it. False: it does not follow what is known here, and
        those between must be noted first.
        """
        if self.readership is None:
            return True
        try:
            frame = Frame.parse(data)
        except ValueError:
            return True  # the rooms complain of it, and start anew
        if not self.known or frame.version < version(self.id) or frame.id == self.id:
            return True
        if frame.prev != self.id:
            return False
        self.id = frame.id
        if self.readership.concerns(frame.feeds):
            self.readership.apply(json.loads(frame.json))
            self._changed()
        return True

    def part(self, data: bytes, view: View) -> bytes:
        """What the view shows of a frame. Frames are taken apart once for a view, however many rooms ask."""
        if view.whole:
            return data
        try:
            frame = Frame.parse(data)
        except ValueError:
            return data
        if self._parts[0] != frame.id:
            self._parts = (frame.id, {})
        parts = self._parts[1]
        if view not in parts:
            parts[view] = data if all(view.shows(feed) for feed in frame.feeds) else filtered(data, view)
        return parts[view]

    def forget(self) -> None:
        """What is known may be of another history: nobody may read before the next snapshot."""
        if self.readership is not None:
            self.known = False
            self._changed()


def filtered(data: bytes, view: View) -> bytes:
    """A frame with only the events that the view shows: perhaps none.

    A transaction of which nothing is left goes with its operation id: it would tell who did it.
    """
    head, _, body = data.partition(b"\n")
    frame = json.loads(body)
    transactions = [
        [operation, [event for event in events if view.shows(event[1])]] for operation, events in frame["tx"]
    ]
    frame["tx"] = [transaction for transaction in transactions if transaction[1]]
    return head + b"\n" + compact(frame).encode()


def windowed(found: Snapshot) -> Snapshot:
    """The snapshot without what belongs to items that its windows leave out: their private attributes, and the feeds
    below them.
    """
    held: dict[str, set[str]] = {}
    feeds = []
    for name, items in found.feeds:  # parents first
        above, _, rest = name.rpartition(".")
        holder, _, key = above.rpartition(".")
        if rest and holder in held and key not in held[holder]:
            held[name] = set()
            continue
        beside = openFeed(name)
        if beside in held:
            feeds.append((name, [item for item in items if item[0] in held[beside]]))
            continue
        if len(items) < found.lengths.get(name, 0):
            held[name] = {item[0] for item in items}
        feeds.append((name, items))
    return replace(found, feeds=feeds)
