"""Users who work while things are killed, and who look closely at what they were told."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from capsule.feeds import Capsule
from capsule.server.client import Client, newClientId
from capsule.shared.pending import PendingOperation
from capsule.shared.replica import Replica
from capsule.shared.scope import Scope
from capsule.shared.wire import versionOf
from examples.bang.bots import log_in
from examples.bang.models import Team
from examples.bang.seed import SCOPE
from tests.examples.stack import Stack

PATIENCE = 180.0  # seconds; a killed worker's lease lasts 10


class User:
    """One connected client. `frames` are the event ids that were applied, in order."""

    def __init__(self, name: str, replica: Replica, client: Client) -> None:
        self.name = name
        self.replica = replica
        self.client = client
        self.frames: list[str] = []
        self.snapshots = 0
        replica.on("frame", lambda frame: self.frames.append(frame["id"]))

    @property
    def member(self) -> Any:
        return self.replica.root.members.get(self.name)

    async def done(self, operations: list[PendingOperation]) -> list[str]:
        """Wait until all are answered; their states."""
        async with asyncio.timeout(PATIENCE):
            for operation in operations:
                await self.client.settled(operation)
        return [operation.state for operation in operations]

    def assert_saw_everything_once(self) -> None:
        """Every version in turn: none missing, none twice."""
        versions = [versionOf(frame) for frame in self.frames]
        assert versions == list(range(versions[0], versions[0] + len(versions)))


@asynccontextmanager
async def crowd(stack: Stack, *names: str) -> AsyncIterator[list[User]]:
    """Users who are logged in and connected."""
    async with AsyncExitStack() as connections:
        users = []
        for name in names:
            cookie = await asyncio.to_thread(log_in, stack.url, name)
            options = {"client": newClientId(), "user": name, "now": lambda: int(time.time() * 1000)}
            replica = Replica(Team, SCOPE, options)
            client = Client(stack.url.replace("http", "ws", 1) + "/ws", replica, cookie=cookie)
            users.append(User(name, replica, await connections.enter_async_context(client)))
        yield users


async def stored(stack: Stack) -> tuple[str, Any]:
    """The scope as it is stored: its event id and its state."""
    cap = await Capsule.connect(stack.store.url)
    try:
        snapshot = (await cap.scope(SCOPE).snapshot()).parsed()
    finally:
        await cap.close()
    scope = Scope(Team, SCOPE)
    scope.load(snapshot)
    return scope.eventId, state(scope.root)


def state(root: Any) -> Any:
    return json.loads(json.dumps(root.xport()))


async def assert_all_equal(stack: Stack, users: list[User]) -> None:
    """Sooner or later every replica is what is stored."""
    event_id, expected = await stored(stack)
    async with asyncio.timeout(PATIENCE):
        for user in users:
            while user.replica.base.eventId != event_id:
                await asyncio.sleep(0.01)
    for user in users:
        assert user.replica.pending == []
        assert state(user.replica.root) == expected
