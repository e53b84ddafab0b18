"""Short ways to write to a scope and to look at it."""

import json

from capsule.feeds import Outcome, Publish, Scope, Transaction


def publish(op: str, feed: str, id: str, position: str | None = None, **rest: object) -> Transaction:
    kind = "feed" if position is None else "sorted_feed"
    return Transaction(op, [Publish(feed, id, json.dumps({"id": id}), position or ":end", kind)], **rest)  # type: ignore[arg-type]


async def one(scope: Scope, transaction: Transaction, epoch: int | None = None) -> Outcome:
    [outcome] = await scope.commit([transaction], epoch=epoch)
    return outcome


async def order(scope: Scope, feed: str) -> list[str]:
    return [item_id for item_id, _ in dict((await scope.snapshot()).feeds).get(feed, [])]


async def state(scope: Scope) -> dict[str, dict[str, bytes]]:
    return {feed: dict(items) for feed, items in (await scope.snapshot()).feeds}
