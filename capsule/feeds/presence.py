"""Who is in a scope now: leases that end with the gateway that holds them. Never part of the state, never in
the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import keys, script
from .commands import Commands
from .errors import InputError
from .item import check_object
from .names import check_operation, check_scope


class Presence:
    """`cap.presence("team.7")`. A session is one connection of one client; its state is a small JSON object.

    Every call evicts the sessions whose lease has run out and publishes their leave, so the sessions of a
    gateway that crashed go when any other calls next. Changes are published on `channel` as the presence
    message that clients read.
    """

    def __init__(self, connection: Commands, name: str) -> None:
        self.name = check_scope(name)
        self.prefix = keys.presence(name)
        self.channel = self.prefix.removesuffix(":")
        self._connection = connection

    async def join(self, sessions: Mapping[str, str], lease: float) -> None:
        """Say that `sessions` (session -> JSON text) are here for `lease` seconds. Repeat it in time to stay;
        what has not changed is not published again. Raises NameInvalidError, ItemInvalidError.
        """
        if lease <= 0:
            raise InputError(f"A lease is a number of seconds above 0, not {lease!r}.")
        flat: list[str] = []
        for session, state in sessions.items():
            check_object(state, "A presence state")
            flat += [check_operation(session), state]
        await self._run(round(lease * 1000), 0, len(sessions), *flat)

    async def leave(self, sessions: Sequence[str]) -> None:
        """Say that `sessions` are gone. Unknown ones are ignored."""
        await self._run(0, 0, 0, *(check_operation(session) for session in sessions))

    async def all(self) -> dict[str, bytes]:
        """Everybody who is here: session -> JSON text."""
        flat = await self._run(0, 1, 0)
        return {session.decode(): state for session, state in zip(flat[::2], flat[1::2], strict=True)}

    async def _run(self, *arguments: str | int) -> list[bytes]:
        reply: list[bytes] = await self._connection.run(script.load("presence"), self.prefix, *arguments)
        return reply
