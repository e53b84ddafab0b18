"""Who may read what of one scope: the models' read rules, asked in the gateway.

A readership holds as much of the root as its read rules may look at: the root's own attributes and its `membership`. It
is told every frame that touches them, and answers with a *view* for each user: the audiences that are hidden. Users
with the same view share every line that a room writes, so a filter costs once for a view and not once for a socket.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from typing import Any

from capsule.server.snapshot import Feeds
from capsule.server.want import ALL, Want
from capsule.shared.audiences import (
    audienceOf,
    collectionsOf,
    isRestricted,
    mayReadCollection,
    mayReadPrivate,
    openFeed,
)
from capsule.shared.blueprint import blueprintOf
from capsule.shared.errors import DeclarationError
from capsule.shared.model import Model
from capsule.shared.scope import Scope
from capsule.shared.windows import windowsOf
from capsule.shared.wire import ROOT_FEED

logger = logging.getLogger("capsule.server.readership")


class View:
    """What is hidden from a group of users (collections by class, audiences by name), and what they want of the rest.

    `token` names it on the wire, so that who resumes under another view starts anew; it is "" where all is shown.
    `windows` are those of the collections that are shown by their last items only.
    """

    __slots__ = ("_root_class", "_visible", "hidden", "token", "want", "windows")

    def __init__(
        self, root_class: type[Model] | None = None, hidden: frozenset[Any] = frozenset(), want: Want = ALL
    ) -> None:
        self.hidden = hidden
        self.want = want
        self.windows = windowsOf(root_class) if want.windows else {}
        self._root_class = root_class
        names = sorted(audience if isinstance(audience, str) else audience.__name__ for audience in hidden)
        names += ["of", *sorted(want.feeds)] if want.feeds else []
        self.token = hashlib.sha256(" ".join(names).encode()).hexdigest()[:12] if names else ""
        self._visible: dict[str, bool] = {}

    @property
    def whole(self) -> bool:
        """Whether it shows all feeds."""
        return not (self.hidden or self.want.feeds)

    def shows(self, feed: str) -> bool:
        """Whether a feed is part of this view. A feed that the models do not have is part of none but the whole."""
        if not self.want.covers(feed, getattr(self._root_class, "membership", ())):
            return False
        if not self.hidden:
            return True
        # Feeds of one kind differ by ids only.
        parts = feed.split(".")
        parts[1::2] = ["*"] * len(parts[1::2])
        kind = ".".join(parts)
        known = self._visible.get(kind)
        if known is None:
            known = self._visible[kind] = self._looks(feed)
        return known

    def _looks(self, feed: str) -> bool:
        audience = audienceOf(feed)
        if audience is not None and audience in self.hidden:
            return False
        collections = collectionsOf(self._root_class, feed)
        if openFeed(feed) != ROOT_FEED and not collections:
            return False
        return not any(collection in self.hidden for collection in collections)


WHOLE = View()


class Readership:
    """The read rules of one scope."""

    def __init__(self, root_class: type[Model], scope: str) -> None:
        self.root_class = root_class
        self._scope = Scope(root_class, scope)
        self._membership = tuple(getattr(root_class, "membership", ()))
        self._restricted, self._private = audiences(root_class)
        self._views: dict[frozenset[Any], View] = {frozenset(): WHOLE}
        self._answers: dict[str, View | None] = {}
        self._mark_unread()

    def load(self, event_id: str, feeds: Feeds) -> None:
        """Stand where a snapshot stands."""
        seen = [
            [feed, [part for key, item in items for part in (key, json.loads(item))]]
            for feed, items in feeds
            if self._is_looked_at(feed)
        ]
        self._scope.load({"id": event_id, "feeds": seen})
        self._answers.clear()

    def concerns(self, feeds: Iterable[str]) -> bool:
        """Whether a frame that touches these feeds may change an answer."""
        return any(self._is_looked_at(feed) for feed in feeds)

    def apply(self, frame: dict[str, Any]) -> None:
        """Take over a frame's changes. The room has checked that it follows."""
        for _, events in frame["tx"]:
            for event in events:
                if self._is_looked_at(event[1]):
                    self._scope.applyEvent(event)
        self._answers.clear()

    def view(self, user: str) -> View | None:
        """What this user sees; None for who may not read the scope at all."""
        if user not in self._answers:
            self._answers[user] = self._ask(user)
        return self._answers[user]

    def _ask(self, user: str) -> View | None:
        root = self._scope.root
        if not root.can("read", user).allowed:
            return None
        hidden = [rule for rule in self._restricted if not mayReadCollection(root, rule, user)]
        closed = [audience for audience in self._private if not mayReadPrivate(root, audience, user)]
        key = frozenset([*hidden, *closed])
        return self._views.setdefault(key, View(self.root_class, key))

    def _is_looked_at(self, feed: str) -> bool:
        beside = openFeed(feed)
        return beside == ROOT_FEED or beside in self._membership

    def _mark_unread(self) -> None:
        """Make a rule that looks at what is not here fail, and say why, rather than find it empty."""
        for name in blueprintOf(self.root_class).collections:
            if name not in self._membership:
                setattr(self._scope.root, name, _Unread(self.root_class.__name__, name))


class _Unread:
    """Stands for a collection that read rules may not look at."""

    def __init__(self, owner: str, name: str) -> None:
        self.__dict__.update(owner=owner, name=name)

    def __getattr__(self, attribute: str) -> Any:
        logger.error(
            "a read rule of %s looks at %r, which is not in its `membership`: nobody may read what it decides about",
            self.owner,
            self.name,
        )
        raise AttributeError(attribute)

    def _become(self, data: Any, failures: list[Exception]) -> None:
        """Snapshots for this root never hold it."""


def audiences(root_class: type[Model]) -> tuple[list[Any], list[str]]:
    """The collection classes with a read rule below a root class, and the audiences of its private attributes.

    Raises DeclarationError when two of those classes have one name, or private attributes have nobody to ask.
    """
    restricted: dict[str, Any] = {}
    private: dict[str, None] = {}
    seen: set[Any] = set()
    waiting: list[Any] = [root_class]
    while waiting:
        model = waiting.pop()
        if not isinstance(model, type) or model in seen:
            continue
        seen.add(model)
        blueprint = blueprintOf(model)
        private.update(dict.fromkeys(blueprint.private))
        waiting.extend(blueprint.children.values())
        for collection in blueprint.collections.values():
            waiting.append(collection.model)
            if (
                isRestricted(collection)
                and restricted.setdefault(collection.__name__, collection) is not collection
            ):
                raise DeclarationError(f"Two collections with a canRead are called {collection.__name__}.")
    if private and getattr(root_class, "canReadPrivate", None) is None:
        raise DeclarationError(
            f"{root_class.__name__} needs a rule canReadPrivate(user, audience): its models declare private attributes."
        )
    return list(restricted.values()), list(private)
