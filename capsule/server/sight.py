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
from capsule.server.readership import Readership, View
from capsule.server.tail import Frame, version
from capsule.shared.wire import NOTHING

logger = logging.getLogger("capsule.server.sight")


class Sight:
    """The read rules of one scope, as of the newest event that any of its rooms was told.

    `changed` is called, before that event goes on, whenever an answer of `view` may be another one than before.
    """

    def __init__(self, readership: Readership, changed: Callable[[], None]) -> None:
        self.id = NOTHING
        self.known = False
        """Whether there is anything to ask: until the first snapshot, and after a gap, nobody may read."""
        self._readership = readership
        self._changed = changed
        self._parts: tuple[str, dict[View, bytes]] = ("", {})

    def view(self, user: str) -> View | None:
        """What this user sees; None for nothing at all."""
        return self._readership.view(user) if self.known else None

    def snapshot(self, found: Snapshot, view: View | None) -> Snapshot:
        """Take note of a snapshot, and give what the view shows of it."""
        if not self.known or version(found.event_id) > version(self.id):
            self._readership.load(found.event_id, found.feeds)
            self.id, self.known = found.event_id, True
            self._changed()
        if view is None or not view.hidden:
            return found
        return replace(found, feeds=[feed for feed in found.feeds if view.shows(feed[0])])

    def note(self, data: bytes) -> bool:
        """Look at a published frame before any room is told of it. False: it does not follow what is known here, and
        those between must be noted first.
        """
        try:
            frame = Frame.parse(data)
        except ValueError:
            return True  # the rooms complain of it, and start anew
        if not self.known or frame.version < version(self.id) or frame.id == self.id:
            return True
        if frame.prev != self.id:
            return False
        self.id = frame.id
        if self._readership.concerns(frame.feeds):
            self._readership.apply(json.loads(frame.json))
            self._changed()
        return True

    def part(self, data: bytes, view: View) -> bytes:
        """What the view shows of a frame. Frames are taken apart once for a view, however many rooms ask."""
        if not view.hidden:
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
    return head + b"\n" + json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
