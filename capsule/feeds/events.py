"""Live messages: one connection that listens to many channels.

PubSub loses whatever is published while nobody is connected and says nothing of it. So every new connection
subscribes again to all channels, waits for the server's word, and then tells each listener that it may have
missed something; the listener compares event ids, which is the only proof.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .address import Address
from .connection import Connection
from .errors import ConnectionLostError, from_reply
from .link import Link, Reply

log = logging.getLogger("capsule.feeds")

OnMessage = Callable[[bytes], None]
OnGap = Callable[[], None]
ACK_SECONDS = 10.0


@dataclass(slots=True, eq=False)
class _Channel:
    listeners: list[tuple[OnMessage, OnGap]] = field(default_factory=list)
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    gap: bool = False


class Events:
    """Subscriptions of one process. Callbacks run inside the reader, so they must be short; one that raises
    is logged, and the others still get their message.
    """

    def __init__(self, address: Address) -> None:
        self._channels: dict[bytes, _Channel] = {}
        # SUBSCRIBEs without an answer, by channel: after subscribe, unsubscribe, subscribe only the last
        # answer counts.
        self._asked: Counter[bytes] = Counter()
        self._connection = Connection(address, self._opened)

    async def open(self) -> None:
        await self._connection.open()

    async def close(self) -> None:
        self._channels.clear()
        await self._connection.close()

    async def subscribe(self, channel: str, callback: OnMessage, on_gap: OnGap) -> None:
        """Hear every message of `channel` from the server's word on; returns then.

        `on_gap` is called after every reconnection, once the channel is subscribed again: messages may be
        missing. Raises ValueError when this callback listens to the channel already, ConnectionLostError when
        the server's word does not come within 10 seconds.
        """
        name = channel.encode()
        entry = self._channels.setdefault(name, _Channel())
        if any(listener[0] == callback for listener in entry.listeners):
            raise ValueError(f"This callback listens to {channel} already.")
        entry.listeners.append((callback, on_gap))
        if len(entry.listeners) == 1 and (link := self._connection.link) is not None:
            self._ask(link, [name])
        try:
            async with asyncio.timeout(ACK_SECONDS):
                await entry.confirmed.wait()
        except TimeoutError:
            self._drop(name, callback)
            raise ConnectionLostError(f"The server did not confirm the subscription to {channel}.") from None
        except BaseException:
            self._drop(name, callback)
            raise

    async def unsubscribe(self, channel: str, callback: OnMessage) -> None:
        """Stop listening: no message reaches `callback` after this. Unknown ones are ignored."""
        self._drop(channel.encode(), callback)

    def _drop(self, name: bytes, callback: OnMessage) -> None:
        entry = self._channels.get(name)
        if entry is None:
            return
        entry.listeners = [listener for listener in entry.listeners if listener[0] != callback]
        if not entry.listeners:
            del self._channels[name]
            if (link := self._connection.link) is not None:
                link.send("UNSUBSCRIBE", name)

    def _ask(self, link: Link, names: list[bytes]) -> None:
        self._asked.update(names)
        link.send("SUBSCRIBE", *names)

    async def _opened(self, link: Link) -> None:
        link.on_push = self._push
        self._asked.clear()
        for entry in self._channels.values():
            entry.gap = entry.gap or entry.confirmed.is_set()
            entry.confirmed.clear()
        if self._channels:
            self._ask(link, list(self._channels))

    def _push(self, reply: Reply) -> None:
        if isinstance(reply, Exception):
            log.error("The server refused a subscription: %s", from_reply(str(reply)))
            return
        kind, name = reply[0], reply[1]
        entry = self._channels.get(name)
        if kind == b"message":
            if entry is not None:
                for callback, _ in entry.listeners:
                    self._tell(name, callback, reply[2])
        elif kind == b"subscribe":
            self._asked[name] -= 1
            if not self._asked[name]:
                del self._asked[name]
                if entry is not None:
                    self._confirm(name, entry)

    def _confirm(self, name: bytes, entry: _Channel) -> None:
        entry.confirmed.set()
        if entry.gap:
            entry.gap = False
            for _, on_gap in list(entry.listeners):
                self._tell(name, on_gap)

    def _tell(self, name: bytes, callback: Callable[..., None], *arguments: bytes) -> None:
        try:
            callback(*arguments)
        except Exception:
            log.exception("A listener of %s raised.", name.decode())
