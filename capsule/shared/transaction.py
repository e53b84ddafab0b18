"""What one action did to a root, as the operations that a commit writes."""

from typing import Any

from capsule.shared.recorder import Recorder


class Transaction(Recorder):
    """A recorder whose `operations` can be committed; several changes of one item are told as one.

    Each operation is {"verb": "publish" | "edit" | "retract" | "position", "feed", "id"} with, by verb, "item" (what
    to store), "changes" and "unset" (what to publish), "position" (Thoonk's grammar), "sorted".
    """

    def __init__(self, root: Any) -> None:
        super().__init__(root)
        self.operations: list[dict[str, Any]] = []

    def record(self, event: dict[str, Any]) -> None:
        super().record(event)
        appendOperation(self.operations, event)


def placeOf(collection: Any, at: int) -> str:
    """Where an item stands, told by its neighbour before it: that holds whatever happens elsewhere in the feed.

    A plain feed keeps the order of publishing; a collection may still sort what it shows.
    """
    if not collection.sorted or at >= len(collection.models) - 1:
        return ":end"
    if at == 0:
        return "begin:"
    before: str = collection.models[at - 1].id
    return before + ":"


def appendOperation(operations: list[dict[str, Any]], event: dict[str, Any]) -> None:
    model = event["model"]
    name = event["event"]
    if name == "change":
        appendEdit(operations, event)
        return
    collection = event["collection"]
    feed = collection.path
    if name == "add":
        appendPublish(operations, collection, model, placeOf(collection, event["at"]))
    elif name == "remove":
        operations.append({"verb": "retract", "feed": feed, "id": model.id})
    else:
        if collection.window is not None:
            # To those who hold only the end of the feed, the item may be new.
            appendEdit(operations, {"model": model, "changed": model.itemJSON(), "unset": []})
        position = placeOf(collection, event["at"])
        operations.append({"verb": "position", "feed": feed, "id": model.id, "position": position})


def appendEdit(operations: list[dict[str, Any]], event: dict[str, Any]) -> None:
    model = event["model"]
    path = model.path
    known = lastOf(operations, path[0], path[1])
    if known is None or known["verb"] == "retract":
        known = {"verb": "edit", "feed": path[0], "id": path[1], "changes": {}, "unset": []}
        operations.append(known)
    known["item"] = model.itemJSON()
    if known["verb"] == "publish":
        return
    known["changes"].update(event["changed"])
    known["unset"] = [key for key in known["unset"] if key not in event["changed"]]
    for key in event["unset"]:
        known["changes"].pop(key, None)
        if key not in known["unset"]:
            known["unset"].append(key)


def appendPublish(operations: list[dict[str, Any]], collection: Any, model: Any, position: str) -> None:
    """A model that is added brings what is nested in it: one operation an item, parents first."""
    operations.append(
        {
            "verb": "publish",
            "feed": collection.path,
            "id": model.id,
            "item": model.itemJSON(),
            "position": position,
            "sorted": collection.sorted,
        }
    )
    for child in model.childCollections():
        for nested in child.models:
            appendPublish(operations, child, nested, ":end")


def lastOf(operations: list[dict[str, Any]], feed: str, key: str) -> dict[str, Any] | None:
    """The last operation on an item, moves aside."""
    for index in range(len(operations) - 1, -1, -1):
        operation = operations[index]
        if operation["feed"] == feed and operation["id"] == key and operation["verb"] != "position":
            return operation
    return None
