"""One connection that listens to channels."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Protocol

from .address import Where
from .connection import Connection
from .errors import CapsuleError, from_reply
from .link import Link, Reply


class Hearer(Protocol):
    """Who is told what a Subscriber hears."""

    def channels_of(self, subscriber: Subscriber) -> list[bytes]:
        """All channels are lost with the connection: those to subscribe on the new one."""

    def heard(self, name: bytes, message: bytes) -> None: ...

    def confirmed(self, subscriber: Subscriber, name: bytes) -> None:
        """From here on nothing of this channel is missed."""

    def refused(self, subscriber: Subscriber, name: bytes, error: CapsuleError) -> None: ...

    def evicted(self, subscriber: Subscriber, name: bytes) -> None:
        """The server does not serve this channel any more: its slot has moved."""


class Subscriber:
    """A subscription connection. In a cluster it is one of several, and `sharded`: its channels belong to the
    slots of its server.

    Answers come in the order of the requests, and an error does not say which channel it is about; so requests
    are remembered. After subscribe, unsubscribe, subscribe only the last answer counts.
    """

    def __init__(
        self,
        where: Where,
        hearer: Hearer,
        *,
        sharded: bool = False,
        on_trouble: Callable[[], None] | None = None,
    ) -> None:
        self.connection = Connection(where, self._opened, on_trouble=on_trouble)
        self._hearer = hearer
        self._sharded = b"s" if sharded else b""
        self._requests: deque[tuple[bytes, bytes]] = deque()
        self._asked: Counter[bytes] = Counter()

    def join(self, name: bytes) -> None:
        """Subscribe; without a connection nothing happens, as the next one asks for all channels."""
        if (link := self.connection.link) is not None:
            self._ask(link, name)

    def leave(self, name: bytes) -> None:
        """Unsubscribe."""
        if (link := self.connection.link) is not None:
            self._send(link, b"unsubscribe", name)

    def _ask(self, link: Link, name: bytes) -> None:
        self._asked[name] += 1
        self._send(link, b"subscribe", name)

    def _send(self, link: Link, verb: bytes, name: bytes) -> None:
        kind = self._sharded + verb
        self._requests.append((kind, name))
        link.send(kind, name)

    async def _opened(self, link: Link) -> None:
        link.on_push = self._push
        self._asked.clear()
        self._requests.clear()
        for name in self._hearer.channels_of(self):
            self._ask(link, name)

    def _push(self, reply: Reply) -> None:
        if isinstance(reply, Exception):
            kind, name = self._requests.popleft() if self._requests else (b"", b"")
            if self._answered(kind, name):
                self._hearer.refused(self, name, from_reply(str(reply)))
            return
        if not isinstance(reply, list):
            return  # the answer to a ping, when there is no subscription
        kind, name = reply[0], reply[1]
        if kind == self._sharded + b"message":
            self._hearer.heard(name, reply[2])
        elif self._requests and self._requests[0] == (kind, name):
            self._requests.popleft()
            if self._answered(kind, name):
                self._hearer.confirmed(self, name)
        elif kind == b"sunsubscribe":
            self._hearer.evicted(self, name)

    def _answered(self, kind: bytes, name: bytes) -> bool:
        """Whether this was the answer to the last of our requests to subscribe."""
        if kind != self._sharded + b"subscribe":
            return False
        self._asked[name] -= 1
        if self._asked[name]:
            return False
        del self._asked[name]
        return True
