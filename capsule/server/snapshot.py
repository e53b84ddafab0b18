"""The state of a scope as one line, joined from what is stored."""

Feeds = list[tuple[str, list[tuple[str, bytes]]]]
"""`[(feed, [(id, item), ...]), ...]`: items are JSON as it is stored, parents come before children."""


def snapshot_text(scope: str, event_id: str, feeds: Feeds) -> str:
    """The `snapshot` line of the client protocol. No item is parsed; a megabyte costs about a millisecond.

    Ids and names need no escaping: their alphabets are checked where they enter.
    """
    parts = []
    for feed, items in feeds:
        inside = b",".join(b'"%s",%s' % (item_id.encode(), item) for item_id, item in items)
        parts.append(b'["%s",[%s]]' % (feed.encode(), inside))
    head = f'{{"verb":"snapshot","scope":"{scope}","id":"{event_id}","feeds":['.encode()
    # A worker in another language may have stored pretty-printed JSON; a raw newline would end the line.
    return (head + b",".join(parts) + b"]}").replace(b"\n", b" ").decode()


def with_contained(text: str, numbers: list[int]) -> str:
    """The same snapshot for a client that waits for actions: these of them are in it."""
    return text if not numbers else f'{text[:-1]},"contained":[{",".join(map(str, numbers))}]}}'
