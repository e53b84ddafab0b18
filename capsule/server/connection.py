"""One client's socket: does what its session says, and is the reader that its rooms write to."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from capsule.feeds import CapsuleError, Chain, InputError
from capsule.server.calls import Call
from capsule.server.closing import REASONS, CloseCode
from capsule.server.outbox import Outbox, Send
from capsule.server.session import (
    Announce,
    Close,
    Effect,
    Pause,
    Put,
    Session,
    State,
    Subscribe,
    Unsubscribe,
    Write,
)
from capsule.server.tail import version
from capsule.shared.codes import errorMessage

if TYPE_CHECKING:
    from capsule.server.gateway import Gateway

logger = logging.getLogger("capsule.server.connection")


class Connection:
    """Glue between a session, its socket and the gateway's rooms.

    `abort` ends a socket that takes no data, not even a close frame.
    """

    def __init__(self, gateway: "Gateway", session: Session, send: Send, abort: Callable[[], None]) -> None:
        self.gateway = gateway
        self.session = session
        self.outbox = Outbox(send, gateway.limits.buffer_bytes, self._overflowed, self._drained)
        self._abort = abort
        self._overflows: list[float] = []
        self._applied: dict[str, list[tuple[int, int]]] = {}
        self._calls: set[Call] = set()

    # -- as a reader of its rooms

    def write(self, text: str) -> None:
        """Send, or put aside, without waiting."""
        self.outbox.write(text)

    def contained(self, scope: str, at: int) -> list[int]:
        """The client's pending numbers that were applied at version `at` or before."""
        return [n for n, applied in self._applied.get(scope, ()) if applied <= at]

    def arrived(self, scope: str) -> None:
        """The room has brought the client up to date: it is present, and is shown who else is."""
        self.gateway.board.join(scope, self.session.id, self.session.user)
        self.gateway.board.show(scope, lambda line: self._shown(scope, line))

    def _shown(self, scope: str, line: str) -> None:
        if scope in self.session.scopes:
            self.outbox.write(line)

    # -- input

    async def receive(self, text: str) -> None:
        """Take one message of the client. Waiting here is what slows a client down: nothing of it is read."""
        await self._all(self.session.receive(text, self.gateway.now()))

    async def receive_binary(self) -> None:
        """Take a message of a kind that the protocol does not have."""
        await self._all(self.session.binary(self.gateway.now()))

    def drain(self, after: int) -> None:
        """Say that the gateway goes away in so many milliseconds."""
        self._now(self.session.drain(after))

    def cut(self, code: CloseCode) -> None:
        """Close the socket from our side."""
        self._now(self.session.cut(code))

    def sweep(self, now: float) -> None:
        """Cut the socket if it is silent, or takes nothing."""
        limits = self.gateway.limits
        silent = now - self.session.heard
        blocked = self.outbox.blocked_since
        if (
            silent > limits.silence
            or (self.session.state is State.NEW and silent > limits.hello_within)
            or (blocked is not None and now - blocked > limits.stall)
        ):
            self.cut(CloseCode.STALLED)

    def lost(self) -> None:
        """The socket is gone."""
        for scope in self.session.scopes:
            self._unsubscribe(scope)
        for call in self._calls:
            self.gateway.calls.forget(call)
        self._calls.clear()
        self.session.closed()
        self.outbox.abandon()

    # -- effects

    async def _all(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Subscribe():
                    await self._subscribe(effect)
                case Put() | Announce() if effect.scope not in self.session.scopes:
                    # The subscription that came with it in one message has been refused, or the socket
                    # closed.
                    self._now(self.session.refuse(effect))
                case Put():
                    await self._put(effect)
                case Pause():
                    await asyncio.sleep(effect.seconds)
                case _:
                    self._now([effect])

    def _now(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Write():
                    self.outbox.write(effect.text)
                case Close():
                    if not self.outbox.close(effect.code, REASONS[effect.code]):
                        self._abort()
                case Unsubscribe():
                    self._unsubscribe(effect.scope)
                case Announce():
                    self.gateway.board.join(effect.scope, self.session.id, self.session.user, effect.state)

    async def _subscribe(self, effect: Subscribe) -> None:
        scope = effect.scope
        if not await self.gateway.may_read(self.session.user, scope):
            self._now(self.session.refuse(effect))
            self._unsubscribe(scope)
            return
        try:
            self._applied[scope] = await self._lookup(effect)
            if scope in self.session.scopes:
                self.gateway.rooms.join(scope, self, effect.since)
        except InputError:
            # A name that passes the protocol's form, but that no scope can have.
            self._now(self.session.refuse(effect))

    async def _lookup(self, effect: Subscribe) -> list[tuple[int, int]]:
        """Which of the client's pending actions are applied, and at which version."""
        if not effect.pending:
            return []
        operations = [self._operation(n) for n in effect.pending]
        try:
            found = await self.gateway.cap.scope(effect.scope).lookup(operations)
        except ConnectionError as error:
            # The client sends its pending actions again in any case, and hears then what became of each.
            logger.warning("scope %s: lookup: %s", effect.scope, error)
            return []
        return [(n, version(at)) for n, at in zip(effect.pending, found, strict=True) if at is not None]

    def _unsubscribe(self, scope: str) -> None:
        self._applied.pop(scope, None)
        room = self.gateway.rooms.get(scope)
        if room is not None:
            room.leave(self)
        self.gateway.board.leave(scope, self.session.id)

    async def _put(self, effect: Put) -> None:
        user, scope, n = self.session.user, effect.scope, effect.n
        head = json.dumps({"user": user, "scope": scope}, separators=(",", ":"))
        call = Call(
            id=self._operation(n),
            scope=scope,
            data=f'{head[:-1]},"action":{effect.action}}}',
            chain=Chain(f"{user}.{self.session.client}", n, effect.first),
            answer=lambda result: self._answer(call, n, result),
            gap=lambda: self._gap(call, n),
        )
        self._calls.add(call)
        if not await self._put_patiently(call):
            self._calls.discard(call)
            self.gateway.calls.forget(call)
            self.cut(CloseCode.TRY_LATER)

    async def _put_patiently(self, call: Call) -> bool:
        pause, deadline = 0.05, self.gateway.now() + self.gateway.limits.put_patience
        while self.session.state is not State.CLOSED:
            try:
                await self.gateway.calls.put(call)
                return True
            except CapsuleError as error:
                logger.warning("action %s: %s", call.id, error)
            if self.gateway.now() > deadline:
                return False
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)
        return True

    def _operation(self, n: int) -> str:
        return f"{self.session.user}.{self.session.client}.{n}"

    # -- answers

    def _answer(self, call: Call, n: int, result: bytes) -> None:
        self._calls.discard(call)
        room = self.gateway.rooms.get(call.scope)
        if room is None or call.scope not in self.session.scopes:
            return
        room.hold(self, *_result_line(call, n, result))

    def _gap(self, call: Call, n: int) -> None:
        self._calls.discard(call)
        self.outbox.write(json.dumps({**errorMessage("GAP"), "n": n, "scope": call.scope}))

    # -- a slow socket

    def _overflowed(self) -> None:
        limits, now = self.gateway.limits, self.gateway.now()
        for scope in self.session.scopes:
            room = self.gateway.rooms.get(scope)
            if room is not None:
                room.drop(self)
        self._overflows = [at for at in self._overflows if now - at < limits.overflow_window] + [now]
        if len(self._overflows) >= limits.overflows:
            self.cut(CloseCode.STALLED)

    def _drained(self) -> None:
        for scope in self.session.scopes:
            self.outbox.write(f'{{"verb":"resync","scope":"{scope}"}}')


def _result_line(call: Call, n: int, result: bytes) -> tuple[int, str]:
    """The version that a worker's result speaks of, and the line for the client.

    A result without a verdict is a dead letter's, or no worker's of ours. What it says is for the log: it may
    name what no client should see.
    """
    try:
        answer = json.loads(result)
        if "verdict" in answer:
            line = {"verb": "result", "scope": call.scope, "n": n, **answer}
            return version(answer["id"]), json.dumps(line, separators=(",", ":"))
    except (ValueError, AttributeError, TypeError, KeyError):
        pass
    logger.error("action %s was answered without a verdict: %r", call.id, result[:500])
    return 0, json.dumps({**errorMessage("INTERNAL"), "n": n, "scope": call.scope})
