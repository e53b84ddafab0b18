"""Older items of a long feed, with all that belongs to them, read from the store at one moment."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from capsule.feeds import UnsettledError
from capsule.feeds.scope import Found, Scope
from capsule.server.blob import Blob
from capsule.server.readership import View
from capsule.server.snapshot import Feeds, with_feeds
from capsule.shared.audiences import audienceOf, collectionsOf, modelOf, privateFeed
from capsule.shared.blueprint import blueprintOf
from capsule.shared.model import Model

TRIES = 8


@dataclass(frozen=True, slots=True)
class Page:
    """What a feed held before an item, at an event; None: it had no such item. `older` as in the protocol."""

    event_id: str | None
    older: dict[str, int]
    feeds: Feeds

    def blob(self, scope: str, feed: str, before: str | None) -> Blob:
        """The `page` line of the client protocol."""
        head = {"verb": "page", "scope": scope, "feed": feed, "before": before, "id": self.event_id}
        tail = f',"older":{json.dumps(self.older, separators=(",", ":"))}'
        return with_feeds(json.dumps(head, separators=(",", ":"))[:-1], self.feeds, tail)


NO_SUCH_ITEM = Page(None, {}, [])


class PageReader:
    """The pages of one scope. Without a root class nothing is known of what belongs to an item, and it comes alone."""

    def __init__(self, store: Scope, root_class: type[Model] | None) -> None:
        self._store = store
        self._root = root_class

    def knows(self, feed: str) -> bool:
        """Whether the models have a feed of this name, with items of its own."""
        return audienceOf(feed) is None and (self._root is None or bool(collectionsOf(self._root, feed)))

    async def read(self, view: View, feed: str, before: str | None, count: int) -> Page:
        """Up to `count` items before an item, or the last ones, and what the view shows of what belongs to them.

        That takes several questions to the store, which are asked in one breath and again if something changed in
        between. Raises UnsettledError when something always does, and CapsuleError.
        """
        position = ":end" if before is None else f":{before}"
        for _ in range(TRIES):
            private = [name for name in self._private(feed) if view.shows(name)]
            plan = await self._plan(view, feed, position, count) if private or self._nests(feed) else ([], [])
            if plan is None:
                return NO_SUCH_ITEM
            ids, below = plan
            found, kept, parts = await asyncio.gather(
                self._store.page(feed, position, count),
                asyncio.gather(*(self._store.get(name, ids) for name in private if ids)),
                asyncio.gather(*(self._part(view, name) for name in below)),
            )
            if found is None:
                return NO_SUCH_ITEM
            page = _Reading(found, feed)
            if private or self._nests(feed):
                for name, (event_id, items) in zip(private, kept, strict=False):
                    page.add(name, event_id, list(zip(ids, items, strict=True)))
                for part in parts:
                    page.add_part(part)
                if page.ids(feed) != ids or self._below(view, feed, page) != below:
                    continue
            if page.of_one_moment:
                return page.whole()
        raise UnsettledError("The items changed faster than they could be read with what belongs to them.")

    async def _plan(
        self, view: View, feed: str, position: str, count: int
    ) -> tuple[list[str], list[str]] | None:
        """Which items there are, and the names of the feeds below them, as of about now."""
        found = await self._store.page(feed, position, count, ids_only=True)
        if found is None:
            return None
        page = _Reading(found, feed)
        level = self._children(view, feed, page.ids(feed))
        while level := [name for name in level if self._nests(name)]:
            parts = await asyncio.gather(*(self._part(view, name, ids_only=True) for name in level))
            for part in parts:
                page.add_part(part, ids_only=True)
            level = [below for name in level for below in self._children(view, name, page.ids(name))]
        return page.ids(feed), self._below(view, feed, page)

    def _below(self, view: View, feed: str, page: "_Reading") -> list[str]:
        """The names of the feeds below the items of a page, parents first."""
        names = self._children(view, feed, page.ids(feed))
        for name in names:
            names += self._children(view, name, page.ids(name))
        return names

    def _children(self, view: View, feed: str, ids: Sequence[str]) -> list[str]:
        """The names of the feeds right below these items of a feed, and of the private ones beside them."""
        names: list[str] = []
        for collection in _collections(self._model(feed)):
            for key in ids:
                name = f"{feed}.{key}.{collection}"
                names += [shown for shown in (name, *self._private(name)) if view.shows(shown)]
        return names

    def _nests(self, feed: str) -> bool:
        return any(True for _ in _collections(self._model(feed)))

    def _private(self, feed: str) -> list[str]:
        model = self._model(feed)
        return [] if model is None else [privateFeed(feed, name) for name in blueprintOf(model).private]

    def _model(self, feed: str) -> Any:
        return None if self._root is None or audienceOf(feed) is not None else modelOf(self._root, feed)

    async def _part(self, view: View, feed: str, *, ids_only: bool = False) -> list[Any]:
        return await self._store.part("", view.windows, feed=feed, ids_only=ids_only)


class _Reading:
    """What was read of a page and of what belongs to it, perhaps of several moments."""

    def __init__(self, found: Found, feed: str) -> None:
        event_id, _, start, items = found
        self._events = {event_id}
        self._feeds: dict[str, list[tuple[str, bytes]]] = {}
        self._older = {feed: start}
        self._cut = False
        self.add(feed, event_id, [(key, item or b"") for key, item in items])

    def add(self, feed: str, event_id: str, items: Sequence[tuple[str, bytes | None]]) -> None:
        self._events.add(event_id)
        self._feeds[feed] = [(key, item) for key, item in items if item is not None]

    def add_part(self, part: list[Any], *, ids_only: bool = False) -> None:
        """What the snapshot script answers for one feed."""
        event_id, cursor, name, length, flat = part
        self._cut = self._cut or bool(cursor)
        feed = name.decode()
        keys, items = (flat, [b""] * len(flat)) if ids_only else (flat[::2], flat[1::2])
        self.add(feed, event_id.decode(), list(zip((key.decode() for key in keys), items, strict=True)))
        if audienceOf(feed) is None and length > len(keys):
            self._older[feed] = length - len(keys)

    def ids(self, feed: str) -> list[str]:
        return [key for key, _ in self._feeds.get(feed, ())]

    @property
    def of_one_moment(self) -> bool:
        """Whether nothing changed between the readings. A feed that is too large to be read at once never is."""
        return len(self._events) == 1 and not self._cut

    def whole(self) -> Page:
        [event_id] = self._events
        feeds = [(name, items) for name, items in self._feeds.items() if items]
        return Page(event_id, {name: count for name, count in self._older.items() if count}, feeds)


def _collections(model: Any, prefix: str = "") -> Iterator[str]:
    """The names of the collections of a model and of its child models."""
    if model is None:
        return
    blueprint = blueprintOf(model)
    yield from (prefix + name for name in blueprint.collections)
    for name, child in blueprint.children.items():
        yield from _collections(child, f"{prefix}{name}-")
