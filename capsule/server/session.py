"""One client's conversation, as a state machine without I/O: text in, effects out.

The states and what each allows are the table in docs/protocol.md, "States of a session". Nothing here knows
a socket, a clock or Redis. `receive` takes one WebSocket message and returns what is to
be done, in order; the connection does it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn

from capsule.server.closing import CloseCode
from capsule.server.limits import Limits, TokenBucket
from capsule.server.want import ALL, Want
from capsule.shared.codes import errorMessage
from capsule.shared.wire import PROTOCOL, isClientId, isCount, isFeed, isScope, messageProblem


class State(Enum):
    """`NEW` until hello, `DRAINING` once the gateway has said that it goes away, `CLOSED` for good."""

    NEW = "new"
    READY = "ready"
    DRAINING = "draining"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Write:
    """Send this line to the client."""

    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket. Nothing is written after it."""

    code: CloseCode


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Check that the user may read the scope, then join its room. `pending`: the client's unanswered
    numbers.
    """

    scope: str
    since: str | None
    pending: tuple[int, ...]
    view: str = ""
    want: Want = ALL


@dataclass(frozen=True, slots=True)
class Page:
    """Send up to `count` items that lie before an item of a feed; before None: the last ones."""

    scope: str
    feed: str
    before: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Leave the scope's room."""

    scope: str


@dataclass(frozen=True, slots=True)
class Put:
    """Put the job of a client's action. `action` is JSON text, known to be valid Unicode without NaN or
    Infinity. `client`: the page that this connection speaks for, when it is not the one of its hello.
    """

    scope: str
    n: int
    first: bool
    action: str
    client: str = ""


@dataclass(frozen=True, slots=True)
class Announce:
    """Show this presence state (JSON text) to the scope."""

    scope: str
    state: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Read nothing from this client for so many seconds: the cheapest answer to a flood."""

    seconds: float


Effect = Write | Close | Subscribe | Unsubscribe | Page | Put | Announce | Pause

# What a session answers to a verb that its state does not allow: the name of the error.
ILLEGAL: dict[State, dict[str, str]] = {
    State.NEW: dict.fromkeys(("subscribe", "unsubscribe", "page", "do", "presence"), "HELLO_FIRST"),
    State.READY: {"hello": "HELLO_AGAIN"},
    State.DRAINING: {"hello": "DRAINING", "subscribe": "DRAINING", "presence": "DRAINING"},
    State.CLOSED: {},
}


def compact(value: Any) -> str:
    """JSON as the wire wants it: one line, no blanks. Raises ValueError for NaN and Infinity."""
    return COMPACT.encode(value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Made once: json.loads and json.dumps make a new one for every message that wants anything but their defaults.
DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
ASCII = json.JSONEncoder(separators=(",", ":"))


def _deeper_than(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    return levels == 0 or any(_deeper_than(part, levels - 1) for part in value)


class Session:
    """What one client has said so far, and so what it may say next.

    `user` is the authenticated user: the only one that this session's actions are ever put for.
    `schema` is the hash of the models this gateway serves; empty accepts every page.
    """

    __slots__ = (
        "_bad", "_effects", "_pages", "_rate", "client", "heard", "id", "limits", "schema", "scopes", "state", "user",
    )  # fmt: skip

    def __init__(self, session: str, user: str, limits: Limits, now: float, schema: str = "") -> None:
        self.id = session
        self.user = user
        self.limits = limits
        self.schema = schema
        self.state = State.NEW
        self.client = ""
        self.scopes: set[str] = set()
        self.heard = now
        self._effects: list[Effect] = []
        self._rate = TokenBucket(limits.rate, limits.burst, now)
        self._bad: TokenBucket | None = None
        self._pages: TokenBucket | None = None

    # -- input

    def receive(self, text: str, now: float) -> list[Effect]:
        """Take one message of one or more lines; return what to do, in order."""
        self.heard = now
        if self.state is State.CLOSED:
            return []
        limit = self.limits.message_bytes
        if len(text) > limit or (not text.isascii() and len(text.encode("utf-8", "replace")) > limit):
            return self.oversized(now)
        for line in text.split("\n"):
            if line:
                self._line(line, now)
        return self._taken()

    def binary(self, now: float) -> list[Effect]:
        """A binary message came: this protocol has none."""
        self.heard = now
        if self.state is not State.CLOSED:
            self._error("BAD_MESSAGE", now, "Messages are text, not binary.")
        return self._taken()

    def oversized(self, now: float) -> list[Effect]:
        """A message is larger than it may be, whether or not all of it has come."""
        if self.state is not State.CLOSED:
            self._error("TOO_LARGE", now, f"A message may have {self.limits.message_bytes} bytes.")
            self._close(CloseCode.TOO_LARGE)
        return self._taken()

    def drain(self, after: int) -> list[Effect]:
        """The gateway goes away: tell the client to leave after so many milliseconds."""
        if self.state in (State.NEW, State.READY):
            self.state = State.DRAINING
            self._write({"verb": "drain", "after": after})
        return self._taken()

    def cut(self, code: CloseCode) -> list[Effect]:
        """Close from outside: silence, stall, restart."""
        self._close(code)
        return self._taken()

    def closed(self) -> None:
        """The socket is gone."""
        self.state = State.CLOSED
        self.scopes.clear()

    # -- lines

    def _line(self, line: str, now: float) -> None:
        if self.state is State.CLOSED:
            return  # by a line before it
        try:
            message = DECODER.decode(line)
        except (ValueError, RecursionError):
            self._error("BAD_JSON", now)
            return
        if line.count("{") + line.count("[") > self.limits.nesting and _deeper_than(
            message, self.limits.nesting
        ):
            self._error("BAD_MESSAGE", now, f"JSON may be nested {self.limits.nesting} deep.")
            return
        problem = messageProblem(message)
        if problem is None:
            illegal = ILLEGAL[self.state].get(message["verb"])
            problem = None if illegal is None else [illegal, ""]
        if problem is not None:
            self._error(problem[0], now, problem[1], message)
        elif not self._rate.take(now):
            self._error("TOO_MANY", now, "", message)
            self._effects.append(Pause(1.0 / self.limits.rate))
        else:
            self._handle(message, now)

    def _handle(self, message: dict[str, Any], now: float) -> None:
        try:
            VERBS[message["verb"]](self, message)
        except _RefusedError as refusal:
            self._error(refusal.name, now, refusal.sentence, message)
        except (ValueError, RecursionError):
            self._error("BAD_MESSAGE", now, "Numbers must be finite and text valid Unicode.", message)

    def _hello(self, message: dict[str, Any]) -> None:
        schema = message.get("schema", "")
        if type(message["protocol"]) is not int or message["protocol"] != PROTOCOL:  # True == 1
            self._write(errorMessage("PROTOCOL"))
            self._close(CloseCode.PROTOCOL)
        elif schema and self.schema and schema != self.schema:
            self._write(errorMessage("PROTOCOL", "This page was built from other models. Reload it."))
            self._close(CloseCode.PROTOCOL)
        else:
            self.client = message["client"]
            self.state = State.READY
            self._write(
                {
                    "verb": "welcome",
                    "protocol": PROTOCOL,
                    "user": self.user,
                    "session": self.id,
                    "heartbeat": round(self.limits.heartbeat * 1000),
                }
            )

    def _subscribe(self, message: dict[str, Any]) -> None:
        scope = message["scope"]
        if scope not in self.scopes and len(self.scopes) >= self.limits.subscriptions:
            raise _RefusedError("TOO_MANY", f"A session may have {self.limits.subscriptions} subscriptions.")
        self.scopes.add(scope)
        self._effects.append(
            Subscribe(
                scope,
                message["since"],
                tuple(message.get("pending", ())),
                message.get("view", ""),
                Want(message.get("windows", False), tuple(sorted(set(message.get("feeds", ()))))),
            )
        )

    def _unsubscribe(self, message: dict[str, Any]) -> None:
        self.scopes.discard(message["scope"])
        self._effects.append(Unsubscribe(message["scope"]))

    def _page(self, message: dict[str, Any]) -> None:
        self._needs(message["scope"])
        if self._pages is None:
            self._pages = TokenBucket(self.limits.page_rate, self.limits.page_burst, self.heard)
        if not self._pages.take(self.heard):
            raise _RefusedError("TOO_MANY", "")
        self._effects.append(Page(message["scope"], message["feed"], message["before"], message["count"]))

    def _do(self, message: dict[str, Any]) -> None:
        self._needs(message["scope"])
        action = compact(message["action"])
        action.encode()
        client = message.get("client", "")
        self._effects.append(Put(message["scope"], message["n"], message["first"], action, client))

    def _presence(self, message: dict[str, Any]) -> None:
        self._needs(message["scope"])
        state = compact(message["state"])
        if len(state.encode()) > self.limits.presence_bytes:
            raise _RefusedError("TOO_LARGE", f"A presence state may have {self.limits.presence_bytes} bytes.")
        self._effects.append(Announce(message["scope"], state))

    def _ping(self, message: dict[str, Any]) -> None:
        self._write({"verb": "pong"})

    # -- output

    def _needs(self, scope: str) -> None:
        """Subscribing is where reading is authorized; who may not read a scope learns nothing by acting on
        it.
        """
        if scope not in self.scopes:
            raise _RefusedError("NOT_FOUND", "")

    def revoked(self, scope: str) -> list[Effect]:
        """This user may not read the scope, or no longer: for them it does not exist."""
        self.scopes.discard(scope)
        self._write({**errorMessage("NOT_FOUND"), "scope": scope})
        return self._taken()

    def refuse(self, effect: Subscribe | Page | Put | Announce) -> list[Effect]:
        """The scope does not exist, or this user may not read it: the same answer."""
        self.scopes.discard(effect.scope)
        line = {**errorMessage("NOT_FOUND"), "scope": effect.scope}
        if isinstance(effect, Put):
            line["n"] = effect.n
            if effect.client:
                line["client"] = effect.client
        if isinstance(effect, Page):
            line["feed"] = effect.feed
        self._write(line)
        return self._taken()

    def _error(self, name: str, now: float, detail: str = "", message: Any = None) -> None:
        line = errorMessage(name, detail)
        if isinstance(message, dict):
            if message.get("verb") == "do" and isCount(message.get("n")):
                line["n"] = message["n"]
                if isClientId(message.get("client")):
                    line["client"] = message["client"]
            if isScope(message.get("scope")):
                line["scope"] = message["scope"]
            if message.get("verb") == "page" and isFeed(message.get("feed")):
                line["feed"] = message["feed"]
        self._write(line)
        # A flood is slowed down instead; and what was right but came late is nobody's fault.
        if name in ("TOO_MANY", "DRAINING"):
            return
        if self._bad is None:
            self._bad = TokenBucket(self.limits.bad_rate, self.limits.bad_burst, now)
        if not self._bad.take(now):
            self._close(CloseCode.REFUSED_TOO_OFTEN)

    def _write(self, message: dict[str, Any]) -> None:
        # ASCII only: the sentence of an error may quote half a surrogate pair that the client sent.
        self._effects.append(Write(ASCII.encode(message)))

    def _close(self, code: CloseCode) -> None:
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            self._effects.append(Close(code))

    def _taken(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects


VERBS: dict[str, Callable[[Session, dict[str, Any]], None]] = {
    "hello": Session._hello,
    "subscribe": Session._subscribe,
    "unsubscribe": Session._unsubscribe,
    "page": Session._page,
    "do": Session._do,
    "presence": Session._presence,
    "ping": Session._ping,
}
"""One table for all sessions."""


class _RefusedError(Exception):
    def __init__(self, name: str, sentence: str) -> None:
        self.name = name
        self.sentence = sentence
