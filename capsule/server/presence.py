"""Who is here, as far as this gateway knows: its sessions, written to the store in batches, under leases.

The store publishes joins and leaves on the scope's presence channel, so every gateway hears of every
session. If this process dies, its leases run out.
"""

import asyncio
import json
import logging
from collections.abc import Callable

from capsule.feeds import Capsule, CapsuleError
from capsule.server.blob import Blob
from capsule.server.limits import Limits

logger = logging.getLogger("capsule.server.presence")


# Sessions in one call: a script should not keep the store from others for more than a millisecond.
BATCH = 200


class Board:
    """The sessions of one gateway, by scope."""

    def __init__(self, cap: Capsule, limits: Limits) -> None:
        self._cap = cap
        self._limits = limits
        self._here: dict[str, dict[str, str]] = {}
        self._joined: dict[str, dict[str, str]] = {}
        self._left: dict[str, set[str]] = {}
        self._leaving: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._shows: dict[str, list[Callable[[Blob], None]]] = {}
        self._showing: set[asyncio.Task[None]] = set()
        self._writer: asyncio.Task[None] | None = None
        self._since_refresh = 0.0

    def join(self, scope: str, session: str, user: str, state: str | None = None) -> None:
        """The session is in the scope. `state` is JSON text; None keeps what it has, at first `{}`."""
        timer = self._leaving.pop((scope, session), None)
        if timer is not None:
            timer.cancel()
        here = self._here.setdefault(scope, {})
        known = here.get(session)
        if state is None and known is not None:
            return
        entry = f'{{"user":{json.dumps(user)},"state":{state or "{}"}}}'
        if entry != known:
            here[session] = entry
            self._left.get(scope, set()).discard(session)
            self._joined.setdefault(scope, {})[session] = entry
            self._write_soon()

    def leave(self, scope: str, session: str) -> None:
        """The session is gone; the others hear it after the delay, unless it comes back."""
        if session in self._here.get(scope, {}) and (scope, session) not in self._leaving:
            loop = asyncio.get_running_loop()
            self._leaving[scope, session] = loop.call_later(
                self._limits.presence_leave_delay, self._leave_now, scope, session
            )

    def show(self, scope: str, write: Callable[[Blob], None]) -> None:
        """Write the `presence` line with everybody in the scope, soon. Those who ask in one tick share a
        read.
        """
        writes = self._shows.setdefault(scope, [])
        writes.append(write)
        if len(writes) == 1:
            task = asyncio.get_running_loop().create_task(self._show(scope))
            self._showing.add(task)
            task.add_done_callback(self._showing.discard)

    async def _show(self, scope: str) -> None:
        await asyncio.sleep(0)
        found: dict[str, bytes] = {}
        try:
            found = await self._cap.presence(scope).all()
        except CapsuleError as error:
            logger.warning("scope %s: presence: %s", scope, error)
        finally:
            writes = self._shows.pop(scope)
        inside = ",".join(f"{json.dumps(session)}:{entry.decode()}" for session, entry in found.items())
        blob = Blob.of(f'{{"verb":"presence","scope":"{scope}","all":{{{inside}}}}}')
        for write in writes:
            write(blob)

    def tick(self, seconds: float) -> None:
        """Called every `seconds`: renew the leases when a third of their time has passed."""
        self._since_refresh += seconds
        if self._since_refresh >= self._limits.presence_lease / 3:
            self._since_refresh = 0.0
            for scope, here in self._here.items():
                self._joined[scope] = dict(here)
            self._write_soon()

    async def close(self) -> None:
        """Write the leaves that are due, without their delay."""
        for task in self._showing:
            task.cancel()
        for (scope, session), timer in list(self._leaving.items()):
            timer.cancel()
            self._leave_now(scope, session)
        writer = self._writer
        if writer is not None:
            await asyncio.wait([writer], timeout=1.0)
            writer.cancel()

    def _leave_now(self, scope: str, session: str) -> None:
        del self._leaving[scope, session]
        here = self._here[scope]
        del here[session]
        if not here:
            del self._here[scope]
        self._joined.get(scope, {}).pop(session, None)
        self._left.setdefault(scope, set()).add(session)
        self._write_soon()

    def _write_soon(self) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())
            self._writer.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writer = None
        if self._joined or self._left:
            self._write_soon()  # came between the writer's last look and now

    async def _write(self) -> None:
        """One writer at a time: a leave must not overtake the join it follows."""
        while self._joined or self._left:
            joined, self._joined = self._joined, {}
            left, self._left = self._left, {}
            try:
                for scope, entries in joined.items():
                    pairs = list(entries.items())
                    for start in range(0, len(pairs), BATCH):
                        batch = dict(pairs[start : start + BATCH])
                        await self._cap.presence(scope).join(batch, self._limits.presence_lease)
                for scope, sessions in left.items():
                    await self._cap.presence(scope).leave(list(sessions))
            except CapsuleError as error:
                # Presence is ephemeral: the next refresh says it again, and the lease forgets who left.
                logger.warning("presence: %s", error)
                return
