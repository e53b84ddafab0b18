"""One client's socket: does what its session says, and is the reader that its rooms write to."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from capsule.feeds import CapsuleError, Chain, InputError
from capsule.server.blob import Blob
from capsule.server.calls import Call
from capsule.server.closing import REASONS, CloseCode
from capsule.server.outbox import Outlet
from capsule.server.ports import Direct
from capsule.server.session import (
    Announce,
    Close,
    Effect,
    Page,
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
    """Glue between a session, its socket and the gateway's rooms."""

    __slots__ = (
        "_applied",
        "_calls",
        "_overflows",
        "_revoked",
        "direct",
        "gateway",
        "outlet",
        "session",
        "write",
    )

    write: Callable[[Blob], None]
    """Send, or put aside, without waiting: the outlet's own."""
    direct: Direct | None

    def __init__(self, gateway: "Gateway", session: Session) -> None:
        self.gateway = gateway
        self.session = session
        self._overflows: list[float] | None = None
        self._applied: dict[str, list[tuple[int, int]]] | None = None
        self._calls: set[Call] | None = None
        self._revoked: frozenset[str] = frozenset()

    def opened(self, outlet: Outlet) -> None:
        """The socket, which may now be written to."""
        self.outlet = outlet
        self.write, self.direct = outlet.write, outlet.direct

    # -- as a reader of its rooms

    @property
    def user(self) -> str:
        """The authenticated user."""
        return self.session.user

    def rest(self, frame: bytes, sent: int) -> None:
        """`direct` took only so many bytes of this frame."""
        self.outlet.rest(frame, sent)

    def contained(self, scope: str, at: int) -> list[int]:
        """The client's pending numbers that were applied at version `at` or before."""
        if self._applied is None:
            return []
        return [n for n, applied in self._applied.get(scope, ()) if applied <= at]

    def arrived(self, scope: str) -> None:
        """The room has brought the client up to date: it is present, and is shown who else is."""
        self.gateway.board.join(scope, self.session.id, self.session.user)
        self.gateway.board.show(scope, lambda blob: self._shown(scope, blob))

    def _shown(self, scope: str, blob: Blob) -> None:
        if scope in self.session.scopes:
            self.write(blob)

    def revoked(self, scope: str) -> None:
        """The rules do not let this user read the scope, or no longer."""
        self._revoked |= {scope}
        self._now(self.session.revoked(scope))
        self._unsubscribe(scope)

    def fell_behind(self) -> None:
        """A room's tail no longer reached back to this reader. Once is bad luck, again and again is a cost."""
        limits, now = self.gateway.limits, self.gateway.now()
        recent = [at for at in self._overflows or () if now - at < limits.overflow_window]
        self._overflows = [*recent, now]
        self.gateway.counts.resyncs += 1
        if len(self._overflows) >= limits.overflows:
            self.cut(CloseCode.STALLED)

    # -- as the sender of its socket

    def blocked(self) -> None:
        """The socket takes no more: the rooms write to the others, and remember where this one is."""
        self.gateway.counts.blocked += 1
        for scope in self.session.scopes:
            hall = self.gateway.rooms.get(scope)
            if hall is not None:
                hall.lag(self)

    def drained(self) -> None:
        """The socket takes data again: go on where it was, one scope after the other while it does."""
        for scope in list(self.session.scopes):
            hall = self.gateway.rooms.get(scope)
            if hall is not None:
                hall.resume(self)
            if self.outlet.blocked_since is not None:
                return

    def overflowed(self) -> None:
        """More waits for this socket than may, though its rooms write nothing to it."""
        self.cut(CloseCode.STALLED)

    # -- input

    def receive(self, text: str) -> Coroutine[Any, Any, None] | None:
        """Take one message of the client; None: done.

        What is returned is to be awaited before the next message is taken: that is what slows a client down.
        """
        self.gateway.counts.received += 1
        return self._now(self.session.receive(text, self.gateway.now()))

    def receive_binary(self) -> Coroutine[Any, Any, None] | None:
        """Take a message of a kind that the protocol does not have."""
        return self._now(self.session.binary(self.gateway.now()))

    def receive_oversized(self) -> None:
        """A message has begun that is larger than any may be."""
        self._now(self.session.oversized(self.gateway.now()))

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
        blocked = self.outlet.blocked_since
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
        for call in self._calls or ():
            self.gateway.calls.forget(call)
        self._calls = None
        self.session.closed()
        self.outlet.abandon()

    # -- effects

    def _now(self, effects: list[Effect]) -> Coroutine[Any, Any, None] | None:
        """Do the effects that need no waiting; from the first that does, give the rest to be awaited."""
        for index, effect in enumerate(effects):
            match effect:
                case Write():
                    self.write(Blob.of(effect.text))
                case Close():
                    self.gateway.counts.closed(effect.code)
                    if not self.outlet.close(effect.code, REASONS[effect.code]):
                        self.outlet.abort()
                case Unsubscribe():
                    self._unsubscribe(effect.scope)
                case Page() | Put() | Announce() if effect.scope not in self.session.scopes:
                    # The subscription that came with it in one message has been refused, or the socket
                    # closed.
                    self._now(self.session.refuse(effect))
                case Announce():
                    self.gateway.board.join(effect.scope, self.session.id, self.session.user, effect.state)
                case _:
                    return self._all(effects[index:])
        return None

    async def _all(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Subscribe():
                    await self._subscribe(effect)
                case Put() if effect.scope in self.session.scopes:
                    await self._put(effect)
                case Page() if effect.scope in self.session.scopes:
                    await self._page(effect)
                case Pause():
                    await asyncio.sleep(effect.seconds)
                case _:
                    self._now([effect])

    async def _subscribe(self, effect: Subscribe) -> None:
        scope = effect.scope
        if not await self.gateway.may_read(self.session.user, scope):
            self._now(self.session.refuse(effect))
            self._unsubscribe(scope)
            return
        try:
            applied = await self._lookup(effect)
            if scope in self.session.scopes:
                if applied:
                    self._applied = {**(self._applied or {}), scope: applied}
                elif self._applied is not None:
                    self._applied.pop(scope, None)
                blocked = self.outlet.blocked_since is not None
                self._revoked -= {scope}
                self.gateway.rooms.join(scope, self, effect.since, effect.view, effect.want, blocked=blocked)
        except InputError:
            # A name that passes the protocol's form, but that no scope can have.
            self._now(self.session.refuse(effect))

    async def _lookup(self, effect: Subscribe) -> list[tuple[int, int]]:
        """Which of the client's pending actions are applied, and at which version."""
        if not effect.pending:
            return []
        operations = [self._operation(self.session.client, n) for n in effect.pending]
        try:
            found = await self.gateway.cap.scope(effect.scope).lookup(operations)
        except ConnectionError as error:
            # The client sends its pending actions again in any case, and hears then what became of each.
            logger.warning("scope %s: lookup: %s", effect.scope, error)
            return []
        return [(n, version(at)) for n, at in zip(effect.pending, found, strict=True) if at is not None]

    def _unsubscribe(self, scope: str) -> None:
        if self._applied is not None:
            self._applied.pop(scope, None)
        hall = self.gateway.rooms.get(scope)
        if hall is not None:
            hall.leave(self)
        self.gateway.board.leave(scope, self.session.id)

    async def _page(self, effect: Page) -> None:
        hall = self.gateway.rooms.get(effect.scope)
        if hall is None:
            return
        try:
            blob = await hall.page(self, effect.feed, effect.before, effect.count)
            if blob is not None and effect.scope in self.session.scopes:
                self.write(blob)
        finally:
            if self.outlet.blocked_since is None:
                hall.resume(self)  # `page` keeps events back

    async def _put(self, effect: Put) -> None:
        user, scope, n = self.session.user, effect.scope, effect.n
        client = effect.client or self.session.client
        head = json.dumps({"user": user, "scope": scope}, separators=(",", ":"))
        about: dict[str, Any] = {"scope": scope, "n": n}
        if effect.client:
            about["client"] = client
        call = Call(
            id=self._operation(client, n),
            scope=scope,
            data=f'{head[:-1]},"action":{effect.action}}}',
            chain=Chain(f"{user}.{client}", n, effect.first),
            answer=lambda result: self._answer(call, about, result),
            gap=lambda: self._gap(call, about),
        )
        if self._calls is None:
            self._calls = set()
        self._calls.add(call)
        if not await self._put_patiently(call):
            self._done(call)
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

    def _operation(self, client: str, n: int) -> str:
        return f"{self.session.user}.{client}.{n}"

    # -- answers

    def _done(self, call: Call) -> None:
        if self._calls is not None:
            self._calls.discard(call)

    def _answer(self, call: Call, about: dict[str, Any], result: bytes) -> None:
        self._done(call)
        at, text = _result_line(call, about, result)
        if call.scope in self._revoked:
            self.write(Blob.of(text))  # no event will come that it could overtake
            return
        hall = self.gateway.rooms.get(call.scope)
        if hall is not None and call.scope in self.session.scopes:
            hall.hold(self, at, text)

    def _gap(self, call: Call, about: dict[str, Any]) -> None:
        self._done(call)
        self.write(Blob.of(json.dumps({**errorMessage("GAP"), **about})))


def _result_line(call: Call, about: dict[str, Any], result: bytes) -> tuple[int, str]:
    """The version that a worker's result speaks of, and the line for the client.

    A result without a verdict is a dead letter's, or no worker's of ours. What it says is for the log: it may
    name what no client should see.
    """
    try:
        answer = json.loads(result)
        if "verdict" in answer:
            line = {"verb": "result", **about, **answer}
            return version(answer["id"]), json.dumps(line, separators=(",", ":"))
    except (ValueError, AttributeError, TypeError, KeyError):
        pass
    logger.error("action %s was answered without a verdict: %r", call.id, result[:500])
    return 0, json.dumps({**errorMessage("INTERNAL"), **about})
