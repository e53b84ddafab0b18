"""A scope: the state of one root model, as feeds of items, with one version, one log and one channel."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from . import keys, script
from .connection import Connection
from .errors import InputError
from .names import check_event_id, check_operation, check_scope
from .operation import Outcome, Transaction, commit_arguments
from .snapshot import NOTHING_YET, Snapshot


class Scope:
    """`cap.scope("team.7")`. Holds nothing but its name: make as many as you like."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.name = check_scope(name)
        self.prefix = keys.scope(name)
        self.channel = f"{self.prefix}events"
        self._connection = connection

    async def commit(self, transactions: Sequence[Transaction], *, epoch: int | None = None) -> list[Outcome]:
        """Write transactions, in order, in one atomic step; one Outcome each.

        What passed gets one version and one frame. Reads are compared with the state before this commit. A
        refused transaction drops alone, but those after it that read anything are refused too: their author
        saw it applied. An operation id that was applied within 48 hours changes nothing and answers the event
        it got then.

        `epoch` is that of the group's claim the work was done under. Raises StaleError, and writes nothing,
        when the scope has seen a higher one. Raises InputError (NameInvalidError, ItemInvalidError,
        LimitError) before anything is sent, and ConnectionLostError when it is unknown whether the commit
        ran: commit again with the same ids.
        """
        if not transactions:
            return []
        arguments = commit_arguments(transactions)
        nonce = secrets.randbelow(2**31 - 1) + 1
        reply = await self._connection.run(
            script.load("commit"),
            self.prefix,
            nonce,
            "" if epoch is None else epoch,
            len(transactions),
            *arguments,
        )
        texts = [text.decode() for text in reply[1:]]
        return [
            Outcome(code, text, "") if code in ("applied", "known") else Outcome(code, None, text)
            for code, text in zip(texts[::2], texts[1::2], strict=True)
        ]

    async def snapshot(self) -> Snapshot:
        """All feeds and the id they correspond to, read at one moment. An unwritten scope is `0-0` without
        feeds.
        """
        reply = await self._connection.run(script.load("snapshot"), self.prefix)
        feeds = [
            (
                name.decode(),
                [(item_id.decode(), item) for item_id, item in zip(flat[::2], flat[1::2], strict=True)],
            )
            for name, flat in zip(reply[1::2], reply[2::2], strict=True)
        ]
        return Snapshot(reply[0].decode(), feeds)

    async def last(self) -> str:
        """The id of the last event, `0-0` before the first."""
        reply: bytes | None = await self._connection.command("HGET", f"{self.prefix}meta", "last")
        return NOTHING_YET if reply is None else reply.decode()

    async def log(self, since: str) -> list[bytes] | None:
        """The frames after the event `since`, oldest first, [] when it is the last one. None when the event
        is not in the log (trimmed, or rolled back by a power loss or a failover): take a snapshot.
        """
        frames: list[bytes] | None = await self._connection.run(
            script.load("log"), self.prefix, check_event_id(since)
        )
        return frames

    async def lookup(self, operations: Sequence[str]) -> list[str | None]:
        """For each operation id, the event that holds it, or None if it was not applied in the last 48
        hours.
        """
        if isinstance(operations, str):
            raise InputError("lookup takes a list of operation ids.")
        if not operations:
            return []
        names = [check_operation(operation) for operation in operations]
        reply = await self._connection.command("HMGET", f"{self.prefix}ops", *names)
        return [None if found is None else found.decode() for found in reply]
