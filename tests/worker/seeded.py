"""A team in the store, and jobs for it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from capsule.feeds import Capsule, Publish, Transaction
from capsule.worker.worker import Worker
from examples.bang.models import Team

SCOPE = "team.andyet"
TASKS = "members.ann.tasks"


async def seed(cap: Capsule, tasks: int = 4) -> None:
    """Ann and Bob; Ann has tasks t0, t1, ..."""
    operations: list[Any] = [Publish(".", "andyet", json.dumps({"id": "andyet", "name": "&yet"}))]
    for user in ("ann", "bob"):
        operations.append(Publish("members", user, json.dumps({"id": user, "name": user.title()})))
    for number in range(tasks):
        item = {"id": f"t{number}", "title": f"task {number}", "owner": "ann"}
        operations.append(Publish(TASKS, item["id"], json.dumps(item), kind="sorted_feed"))
    [outcome] = await cap.scope(SCOPE).commit([Transaction("seed", operations)])
    assert outcome.code == "applied"


async def put(
    cap: Capsule, op: str, action: dict[str, Any], *, user: str | None = None, scope: str = SCOPE
) -> None:
    data = {"user": op.split(".", 1)[0] if user is None else user, "scope": scope, "action": action}
    await cap.jobs("actions").put(op, json.dumps(data), group=scope)


async def answer(cap: Capsule, op: str) -> dict[str, Any]:
    """The result of a job, waited for."""
    async with asyncio.timeout(60):
        while (found := await cap.jobs("actions").result(op)) is None:
            await asyncio.sleep(0.005)
    return dict(json.loads(found))


async def items(cap: Capsule, feed: str) -> dict[str, Any]:
    snapshot = await cap.scope(SCOPE).snapshot()
    return {key: json.loads(item) for name, found in snapshot.feeds if name == feed for key, item in found}


@asynccontextmanager
async def working(cap: Capsule) -> AsyncIterator[Worker]:
    worker = Worker(cap, [Team])
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await task
