"""Long feeds: a collection that declares a `window` is read from its end, so many items first.

What is held of a feed is then always its end, with no hole in it: an item that is not held lies before the first that
is. The rules are those of docs/protocol.md, "Long feeds".
"""

from typing import Any

from capsule.shared.blueprint import blueprintOf
from capsule.shared.platform import classMember, fetch, isClass, keysOf
from capsule.shared.wire import positionFrom


def windowsOf(rootClass: Any) -> dict[str, int]:
    """The windows below a root class by feed, with `*` for item ids: {"chat": 50, "members.*.tasks": 200}.

    Where models nest themselves, those that are inside their own kind have none.
    """
    found: dict[str, int] = {}
    addWindows(found, rootClass, "", [])
    return found


def addWindows(found: dict[str, int], model: Any, prefix: str, above: list[Any]) -> None:
    if not isClass(model) or model in above:
        return
    blueprint = blueprintOf(model)
    for name in keysOf(blueprint.collections):
        collection = fetch(blueprint.collections, name)
        window = classMember(collection, "window")
        if window is not None:
            found[prefix + name] = window
        addWindows(found, classMember(collection, "model"), prefix + name + ".*.", [*above, model])
    for name in keysOf(blueprint.children):
        addWindows(found, fetch(blueprint.children, name), prefix + name + "-", [*above, model])


def neighbourOf(position: dict[str, Any]) -> str | None:
    """The item that a position is next to; None for the first and the last place."""
    return position.get("before") or position.get("after")


def isHeldPlace(collection: Any, position: dict[str, Any]) -> bool:
    """Whether a place lies in what is held of a feed, and not before it."""
    if collection._older == 0 or "last" in position:
        return True
    neighbour = neighbourOf(position)
    return neighbour is not None and collection.get(neighbour) is not None


class Outlook:
    """Which items of one feed would be held, one event of a frame after the other, without doing any of them."""

    def __init__(self, collection: Any) -> None:
        self.collection = collection
        self.changed: dict[str, bool] = {}
        self.carried: dict[str, bool] = {}

    def holds(self, key: str) -> bool:
        known = self.changed.get(key)
        return self.collection.get(key) is not None if known is None else known

    def lacks(self, event: list[Any]) -> bool:
        """Take the next event. Whether it brings an item into sight that is not known: a move carries nothing, but
        the edit before it may.
        """
        name = event[0]
        key = event[2]
        if name == "edit":
            self.carried[key] = isWhole(event[3]) and not hasFeedsBelow(self.collection)
        elif name == "retract":
            self.changed[key] = False
        elif name == "publish" or name == "position":
            position = positionFrom(event[4] if name == "publish" else event[3])
            neighbour = neighbourOf(position)
            comes = "last" in position or (neighbour is not None and self.holds(neighbour))
            if comes and name == "position" and not self.holds(key) and not self.carried.get(key, False):
                return True
            self.changed[key] = comes
        return False


def isWhole(changes: dict[str, Any]) -> bool:
    """Whether an edit tells all that an item has: then, and only then, its id is among it."""
    return "id" in changes


def hasFeedsBelow(collection: Any) -> bool:
    """Whether an item is more than its attributes: of what is below it, no event tells all."""
    model = classMember(collection, "model")
    return not isClass(model) or nests(blueprintOf(model))


def nests(blueprint: Any) -> bool:
    if len(blueprint.collectionNames) > 0:
        return True
    return any([nests(blueprintOf(fetch(blueprint.children, name))) for name in blueprint.childNames])
