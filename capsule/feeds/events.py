"""Live messages: one connection that listens to many channels.

PubSub loses whatever is published while nobody is connected and says nothing of it. So every new connection subscribes
again to all channels, waits for the server's word, and then tells each listener that it may have missed something; the
listener compares event ids, which is the only proof.
"""

from __future__ import annotations

import asyncio
import logging
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


class Events:
    """Subscriptions of one process. Callbacks run inside the reader, so they must be short and must not raise: one that
    raises is logged, and the others still get their message."""

    def __init__(self, address: Address) -> None:
        self._channels: dict[bytes, _Channel] = {}
        self._connection = Connection(address, self._opened)
        self._first = True

    async def open(self) -> None:
        await self._connection.open()

    async def close(self) -> None:
        self._channels.clear()
        await self._connection.close()

    async def subscribe(self, channel: str, callback: OnMessage, on_gap: OnGap) -> None:
        """Hear every message of `channel` from the server's word on; returns then.

        `on_gap` is called after every reconnection, once the channel is subscribed again: messages may be missing.
        The same callback may listen once per channel. Raises ConnectionLostError when the word does not come.
        """
        name = channel.encode()
        entry = self._channels.setdefault(name, _Channel())
        if any(listener[0] == callback for listener in entry.listeners):
            raise ValueError(f"This callback listens to {channel} already.")
        entry.listeners.append((callback, on_gap))
        link = self._connection.link
        if len(entry.listeners) == 1 and link is not None:
            link.send("SUBSCRIBE", name)
        try:
            async with asyncio.timeout(ACK_SECONDS):
                await entry.confirmed.wait()
        except BaseException as error:
            self._drop(name, callback)
            if isinstance(error, TimeoutError):
                raise ConnectionLostError(f"The server did not confirm the subscription to {channel}.") from None
            raise

    async def unsubscribe(self, channel: str, callback: OnMessage) -> None:
        """Stop listening. No message reaches `callback` after this returns; unknown ones are ignored."""
        self._drop(channel.encode(), callback)

    def _drop(self, name: bytes, callback: OnMessage) -> None:
        entry = self._channels.get(name)
        if entry is None:
            return
        entry.listeners = [listener for listener in entry.listeners if listener[0] != callback]
        if not entry.listeners:
            del self._channels[name]
            if self._connection.link is not None:
                self._connection.link.send("UNSUBSCRIBE", name)

    async def _opened(self, link: Link) -> None:
        link.on_push = self._push
        for entry in self._channels.values():
            entry.confirmed.clear()
        if self._channels:
            link.send("SUBSCRIBE", *self._channels)
        if not self._first:
            log.info("Subscribing again to %d channels.", len(self._channels))
        self._first = False

    def _push(self, reply: Reply) -> None:
        if not isinstance(reply, list):
            if isinstance(reply, Exception):
                log.error("The server refused a subscription: %s", from_reply(str(reply)))
            return
        kind, name = reply[0], reply[1]
        entry = self._channels.get(name)
        if entry is None:
            return
        if kind == b"message":
            for callback, _ in entry.listeners:
                try:
                    callback(reply[2])
                except Exception:
                    log.exception("A listener of %s raised.", name.decode())
        elif kind == b"subscribe":
            self._confirm(name, entry)

    def _confirm(self, name: bytes, entry: _Channel) -> None:
        raise NotImplementedError
