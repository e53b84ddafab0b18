"""The state of a scope as one line, joined from what is stored."""

import json
from collections.abc import Mapping

from capsule.feeds import Snapshot
from capsule.server.blob import Blob
from capsule.shared.audiences import openFeed

Feeds = list[tuple[str, list[tuple[str, bytes]]]]
"""`[(feed, [(id, item), ...]), ...]`: items are JSON as it is stored, parents come before children."""


def snapshot_blob(
    scope: str, event_id: str, feeds: Feeds, view: str = "", before: Mapping[str, int] | None = None
) -> Blob:
    """The `snapshot` line of the client protocol. No item is parsed; a megabyte costs about a millisecond.

    `view` is the token of the view that it shows, `before` how many items of which feed are left out. Ids and names
    need no escaping: their alphabets are checked where they enter.
    """
    head = f'{{"verb":"snapshot","scope":"{scope}","id":"{event_id}"'
    tail = f',"view":"{view}"' if view else ""
    if before:
        tail += f',"older":{json.dumps(before, separators=(",", ":"))}'
    return with_feeds(head, feeds, tail)


def with_feeds(head: str, feeds: Feeds, tail: str) -> Blob:
    """A line of which the `feeds` are a part."""
    parts = []
    for feed, items in feeds:
        inside = b",".join(b'"%s",%s' % (item_id.encode(), item) for item_id, item in items)
        parts.append(b'["%s",[%s]]' % (feed.encode(), inside))
    line = b'%s,"feeds":[%s]%s}' % (head.encode(), b",".join(parts), tail.encode())
    # A worker in another language may have stored pretty-printed JSON; a raw newline would end the line.
    return Blob(line.replace(b"\n", b" "))


def older(found: Snapshot) -> dict[str, int]:
    """How many items lie before the first one that was read, of each feed where there are any."""
    left = {
        name: found.lengths.get(name, 0) - len(items) for name, items in found.feeds if openFeed(name) == name
    }
    return {name: count for name, count in left.items() if count > 0}


def with_contained(blob: Blob, numbers: list[int]) -> Blob:
    """The same snapshot for a client that waits for actions: these of them are in it."""
    if not numbers:
        return blob
    return Blob(b'%s,"contained":[%s]}' % (blob.payload[:-1], ",".join(map(str, numbers)).encode()))
