"""The example's team, seeded, with a real worker: what the drivers are tested on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from capsule.server.client import newClientId
from capsule.shared.replica import Replica
from capsule.worker.worker import Worker
from examples.bang.models import Team
from examples.bang.seed import SCOPE, seed

from .site import Site, site


@asynccontextmanager
async def bang(url: str, **options: Any) -> AsyncIterator[Site]:
    """A site with the team in it and one worker."""
    async with site(url, **options) as place:
        await seed(place.cap)
        worker = Worker(place.cap, [Team])
        working = asyncio.create_task(worker.run())
        try:
            yield place
        finally:
            worker.stop()
            await working


def replica(user: str) -> Replica:
    return Replica(Team, SCOPE, {"client": newClientId(), "user": user})


def titles(replica: Replica, member: str) -> list[str]:
    return [task.get("title") for task in replica.root.members.get(member).tasks.models]
