"""A scope: one root model, everything below it, and the event id at which it stands.

`load` takes a snapshot, `apply` takes frames (docs/protocol.md). Both ends use it: the worker keeps one for each scope
that it works on, a replica keeps two.
"""

from typing import Any

from capsule.shared.audiences import audienceOf, openFeed
from capsule.shared.collection import Collection
from capsule.shared.model import Model
from capsule.shared.platform import fetch
from capsule.shared.windows import Outlook, isHeldPlace, isWhole
from capsule.shared.wire import NOTHING, ROOT_FEED, positionFrom, versionOf


class Scope:
    """`rootClass` inflated under a scope's name (`team.7`: the root's id is what follows the first dot)."""

    def __init__(self, rootClass: type[Model], name: str) -> None:
        self.name = name
        self.eventId = NOTHING
        self.root: Any = rootClass({"id": name[name.find(".") + 1 :]}, {"remote": True})
        # Which items have something private in the store: `feed/id` of the private feed.
        self.private: dict[str, Any] = {}
        # The feeds of which there may be older items than those held.
        self.windowed: dict[str, Any] = {}
        # Items that are not held, as the frame that is being applied tells them.
        self.carried: dict[str, Any] = {}

    def load(self, snapshot: dict[str, Any]) -> None:
        """Become exactly what the snapshot says; models that stay keep their identity and their listeners."""
        self.eventId = snapshot["id"]
        self.private = {}
        for feed in snapshot["feeds"]:
            if audienceOf(feed[0]) is not None:
                for index in range(0, len(feed[1]), 2):
                    self.private[feed[0] + "/" + feed[1][index]] = True
        older = snapshot.get("older", {})
        # Before any listener hears of it, and again for the feeds that have only now come to be.
        self.matchOlder(older)
        try:
            self.root.mport(nest(snapshot["feeds"], self.root.id))
        finally:
            self.matchOlder(older)

    def extend(self, page: dict[str, Any]) -> list[str]:
        """Take items that lie right before those held (docs/protocol.md, `page`); answers their ids."""
        collection = self.collectionAt(page["feed"])
        if collection is None:
            return []
        flat: list[Any] = []
        for feed in page["feeds"]:
            if feed[0] == page["feed"]:
                flat = feed[1]
            elif audienceOf(feed[0]) is not None:
                for index in range(0, len(feed[1]), 2):
                    self.private[feed[0] + "/" + feed[1][index]] = True
        collection._older = page["older"].get(page["feed"], 0)
        try:
            collection.add(nestPage(page["feeds"], page["feed"]), {"at": 0, "remote": True})
        finally:
            self.setAllOlder(page["older"])
        return [flat[index] for index in range(0, len(flat), 2)]

    def older(self) -> dict[str, int]:
        """How many items lie before those held, of each feed where there are any."""
        found: dict[str, int] = {}
        for feed in self.windowed:
            collection = self.collectionAt(feed)
            if collection is not None and collection._older > 0:
                found[feed] = collection._older
        return found

    def matchOlder(self, older: dict[str, int]) -> None:
        """These feeds have so many older items, all others none."""
        for feed in list(self.windowed):
            if feed not in older:
                self.setOlder(feed, 0)
        self.windowed = {}
        self.setAllOlder(older)

    def setAllOlder(self, older: dict[str, int]) -> None:
        for feed in older:
            self.setOlder(feed, older[feed])
            self.windowed[feed] = True

    def setOlder(self, feed: str, count: int) -> None:
        collection = self.collectionAt(feed)
        if collection is not None:
            collection._older = count

    def apply(self, frame: dict[str, Any]) -> str:
        """Apply one frame: "applied", "known" (seen before), "gap" (its predecessor is not where this scope stands) or
        "lacks" (it moves an item into sight that is not held).

        The position moves first, so that a listener that looks at it finds it right. One that throws is heard of when
        the whole frame is in its place.
        """
        if frame["prev"] != self.eventId:
            if versionOf(frame["id"]) <= versionOf(self.eventId):
                return "known"
            return "gap"
        if len(self.windowed) > 0 and self.lacks(frame):
            return "lacks"
        self.eventId = frame["id"]
        self.carried = {}
        failure: Exception | None = None
        for transaction in frame["tx"]:
            for event in transaction[1]:
                try:
                    self.applyEvent(event)
                except Exception as error:
                    failure = error
        if failure is not None:
            raise failure
        return "applied"

    def lacks(self, frame: dict[str, Any]) -> bool:
        outlooks: dict[str, Outlook] = {}
        for transaction in frame["tx"]:
            for event in transaction[1]:
                feed = event[1]
                collection = self.collectionAt(feed) if feed in self.windowed else None
                if collection is not None and collection._older > 0:
                    if feed not in outlooks:
                        outlooks[feed] = Outlook(collection)
                    if outlooks[feed].lacks(event):
                        return True
        return False

    def applyEvent(self, event: list[Any]) -> None:
        """One of Thoonk's events. What it speaks of may be gone, or unknown to an older page: then it is nothing."""
        name = event[0]
        feed = event[1]
        key = event[2]
        if audienceOf(feed) is not None:
            self.applyPrivate(event)
            return
        if name == "edit":
            model = self.modelAt(feed, key)
            if model is not None:
                model.patch(event[3], event[4] if len(event) > 4 else [])
            elif feed in self.windowed and isWhole(event[3]):
                self.carried[feed + "/" + key] = dict(event[3])
            return
        if feed == ROOT_FEED:
            if name == "publish":
                self.root.patch(event[3], [])
            elif name == "delete":
                self.root.mport({"id": self.root.id})
            return
        collection = self.collectionAt(feed)
        if collection is None:
            return
        if name == "publish":
            known = collection.get(key)
            position = positionFrom(event[4])
            if known is not None:
                known.patch(event[3], [])
            elif isHeldPlace(collection, position):
                at = collection.indexAt(position, None)
                collection.add(event[3], {"at": at, "remote": True})
            else:
                collection._older += 1
        elif name == "retract":
            if collection.get(key) is None:
                collection._older = max(0, collection._older - 1)
            collection.remove(key, {"remote": True})
        elif name == "delete":
            collection._older = 0
            collection.remove(collection.models[:], {"remote": True})
        elif name == "position":
            self.applyPosition(collection, key, positionFrom(event[3]))

    def applyPosition(self, collection: Collection, key: str, position: dict[str, Any]) -> None:
        carried = self.carried.get(collection.path + "/" + key)
        if isHeldPlace(collection, position):
            if carried is not None and collection.get(key) is None:
                collection._older = max(0, collection._older - 1)
                at = collection.indexAt(position, None)
                collection.add(carried, {"at": at, "remote": True})
            else:
                collection.moveItem(key, position, {"remote": True})
        elif collection.get(key) is not None:
            collection._older += 1
            collection.remove(key, {"remote": True})

    def applyPrivate(self, event: list[Any]) -> None:
        """An event of a private feed: attributes of the item with that id in the feed beside it."""
        name = event[0]
        feed = event[1]
        place = feed + "/" + event[2]
        if name == "config" or name == "delete":
            return
        if name == "retract":
            self.private.pop(place, None)
        else:
            self.private[place] = True
        model = self.modelAt(openFeed(feed), event[2])
        if model is None:
            carried = self.carried.get(openFeed(feed) + "/" + event[2])
            if carried is not None and name == "edit":
                carried.update(event[3])
            return
        if name == "publish":
            model.patch(event[3], [])
        elif name == "edit":
            model.patch(event[3], event[4] if len(event) > 4 else [])
        elif name == "retract":
            names = fetch(model._blueprint.private, audienceOf(feed) or "") or []
            model.patch({}, [attr for attr in names if model.has(attr)])

    def collectionAt(self, feed: str) -> Collection | None:
        """The collection that a feed's name leads to: `members`, `members.42.tasks`."""
        parts = feed.split(".")
        collection = self.root.childCollection(parts[0])
        index = 1
        while collection is not None and index + 1 < len(parts):
            model = collection.get(parts[index])
            if model is None:
                return None
            collection = model.childCollection(parts[index + 1])
            index += 2
        return collection

    def modelAt(self, feed: str, key: str) -> Any:
        """The model of an item, or None."""
        if feed == ROOT_FEED:
            return self.root if key == self.root.id else None
        collection = self.collectionAt(feed)
        return None if collection is None else collection.get(key)


def nest(feeds: list[Any], rootId: str) -> dict[str, Any]:
    """What `mport` takes, from a snapshot's flat feeds, parents first: `[[name, [id, item, ...]], ...]`."""
    root: dict[str, Any] = {"id": rootId}
    fill(root, feeds, "")
    return root


def nestPage(feeds: list[Any], page: str) -> list[Any]:
    """The items of one of the feeds, with what the others hold of them."""
    return fill({}, feeds, page)


def fill(root: dict[str, Any], feeds: list[Any], page: str) -> list[Any]:
    """Put the feeds' items where they belong in `root`, but for those of `page`, which are the answer."""
    holders: dict[str, Any] = {}
    found: list[Any] = []
    for feed in feeds:
        name = feed[0]
        flat = feed[1]
        if audienceOf(name) is not None:
            continue
        if name == ROOT_FEED:
            for index in range(1, len(flat), 2):
                root.update(flat[index])
            continue
        items: list[Any] = []
        for index in range(0, len(flat), 2):
            item = dict(flat[index + 1])
            items.append(item)
            holders[name + "." + flat[index]] = item
        if name == page:
            found = items
            continue
        dot = name.rfind(".")
        holder = root if dot < 0 else holders.get(name[:dot])
        if holder is not None:
            put(holder, name[dot + 1 :].split("-"), items)
    for feed in feeds:
        if audienceOf(feed[0]) is not None:
            beside = openFeed(feed[0])
            for index in range(0, len(feed[1]), 2):
                owner: Any = root if beside == ROOT_FEED else holders.get(beside + "." + feed[1][index])
                if owner is not None:
                    owner.update(feed[1][index + 1])
    return found


def put(holder: dict[str, Any], path: list[str], items: list[Any]) -> None:
    """A collection of a child model is named by both: `profile-links`."""
    for index in range(len(path) - 1):
        child = dict(holder.get(path[index]) or {})
        holder[path[index]] = child
        holder = child
    holder[path[-1]] = items
