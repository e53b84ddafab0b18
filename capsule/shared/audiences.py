"""Who may read which part of a scope, beside the root's own `canRead`.

A collection class with a rule `canRead(user)` is hidden, with all below it, from those whom the rule refuses.
Attributes that a model declares private (`private = {"staff": ["salary"]}`) go to an *audience*, about which the root
is asked: `canReadPrivate(user, audience)`. Such rules look at the root and at its `membership` only, never at the
single item, so that one answer holds for every item and a gateway can keep few groups of readers.

Private attributes are kept in a feed of their own beside the item's: `members--staff` beside `members`. Whoever may
not read them is never sent that feed, and nobody needs to take an item apart.
"""

from typing import Any

from capsule.shared.blueprint import blueprintOf
from capsule.shared.permission import ask
from capsule.shared.platform import classMember, classOf, construct, fetch, isClass
from capsule.shared.wire import ROOT_FEED

MARK = "--"
# No collection can be called so: a feed's name has the mark once.
ROOT_PRIVATE = "root---"


def privateFeed(feed: str, audience: str) -> str:
    """The feed that holds what this audience may see of the feed's items."""
    return ROOT_PRIVATE + audience if feed == ROOT_FEED else feed + MARK + audience


def audienceOf(feed: str) -> str | None:
    """The audience of a private feed; None for any other."""
    if feed.startswith(ROOT_PRIVATE):
        return feed[len(ROOT_PRIVATE) :]
    at = feed.find(MARK, feed.rfind(".") + 1)  # an id may hold the mark
    return None if at < 0 else feed[at + len(MARK) :]


def openFeed(feed: str) -> str:
    """The feed whose items a private feed belongs to; any other feed itself."""
    if feed.startswith(ROOT_PRIVATE):
        return ROOT_FEED
    at = feed.find(MARK, feed.rfind(".") + 1)
    return feed if at < 0 else feed[:at]


def collectionsOf(rootClass: Any, feed: str) -> list[Any]:
    """The classes of the collections on the way to a feed, its own last. Empty for a feed that the models do not have,
    and for the root's own."""
    found: list[Any] = []
    holder = rootClass
    parts = openFeed(feed).split(".")
    for index in range(0, len(parts), 2):
        if not isClass(holder):
            return []
        path = parts[index].split("-")
        for child in path[:-1]:
            holder = None if holder is None else fetch(blueprintOf(holder).children, child)
        collection = None if holder is None else fetch(blueprintOf(holder).collections, path[-1])
        if collection is None:
            return []
        found.append(collection)
        holder = classMember(collection, "model")
    return found


def modelOf(rootClass: Any, feed: str) -> Any:
    """The class of a feed's items; None for a feed that the models do not have, or whose model is a function."""
    if openFeed(feed) == ROOT_FEED:
        return rootClass
    found = collectionsOf(rootClass, feed)
    model = None if len(found) == 0 else classMember(found[-1], "model")
    return model if isClass(model) else None


def isRestricted(collection: Any) -> bool:
    """Whether a collection's class has a rule of its own about reading."""
    return classMember(collection, "canRead") is not None


def mayReadCollection(root: Any, collection: Any, user: Any) -> bool:
    """One answer for all collections of a class: the rule sees the root as its parent, and no items."""
    subject = construct(collection, None, {"parent": root})
    return ask(subject, "canRead", [user]).allowed


def mayReadPrivate(root: Any, audience: str, user: Any) -> bool:
    return ask(root, "canReadPrivate", [user, audience]).allowed


def mayReadFeed(root: Any, feed: str, user: Any) -> bool:
    """Whether a reader of the root may also read this feed of it."""
    for collection in collectionsOf(classOf(root), feed):
        if isRestricted(collection) and not mayReadCollection(root, collection, user):
            return False
    audience = audienceOf(feed)
    return audience is None or mayReadPrivate(root, audience, user)
