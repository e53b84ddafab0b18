"""What outlives a page: a replica's unanswered operations, and the state that they were made on.

A driver that finds an earlier page's record makes its replica with the record's client id and `restoreReplica`s it: its
operations go out under the ids they had, so that those which had reached the server are not done twice. Two replicas
must never share a client id: a driver has to know that the earlier page is gone.
"""

from typing import Any

from capsule.shared.pending import PendingOperation
from capsule.shared.scope import Scope
from capsule.shared.wire import ROOT_FEED

# The server recognizes an operation for 48 hours (docs/contract.md). One that was sent before might be done twice.
KEPT_MS = 40 * 3600 * 1000


def saveReplica(replica: Any) -> dict[str, Any]:
    """A record as JSON: {"client", "user", "scope", "counter", "pending"}, and "snapshot" once there is a state."""
    record: dict[str, Any] = {
        "client": replica.client,
        "user": replica.user,
        "scope": replica.scope,
        "counter": replica.counter,
        "pending": [savedOperation(operation) for operation in replica.pending],
    }
    if replica.ready:
        record["snapshot"] = snapshotOf(replica.base)
        record["snapshot"]["view"] = replica.seen
    return record


def savedOperation(operation: PendingOperation) -> dict[str, Any]:
    return {"n": operation.n, "action": operation.action, "now": operation.now, "begun": operation.begun}


def snapshotOf(scope: Scope) -> dict[str, Any]:
    """What the protocol's `snapshot` says: the event id, and the feeds with parents before children."""
    feeds: list[Any] = [[ROOT_FEED, [scope.root.id, scope.root.itemJSON()]]]
    addFeeds(feeds, scope.root)
    return {"id": scope.eventId, "feeds": feeds, "older": scope.older()}


def addFeeds(feeds: list[Any], model: Any) -> None:
    for collection in model.childCollections():
        flat: list[Any] = []
        for item in collection.models:
            flat.append(item.id)
            flat.append(item.itemJSON())
        feeds.append([collection.path, flat])
        for item in collection.models:
            addFeeds(feeds, item)


def restoreReplica(replica: Any, record: dict[str, Any]) -> None:
    """Go on where a page ended. To be called before the first connection, on a replica with the record's client id.

    What was sent too long ago to be recognized is rejected as EXPIRED.
    """
    replica.counter = record["counter"]
    expired: list[PendingOperation] = []
    for saved in record["pending"]:
        operation = PendingOperation(saved["n"], saved["action"], saved["now"])
        operation.begun = saved["begun"]
        replica.pending.append(operation)
        if operation.begun and replica.stamp() - operation.now > KEPT_MS:
            expired.append(operation)
    if replica.user == "":
        replica.user = record["user"]
    snapshot = record.get("snapshot")
    if snapshot is not None:
        replica.restore(snapshot)
    replica.rejectAll(expired, "EXPIRED")
