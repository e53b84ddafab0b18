"""Live messages, from as many connections as there are servers.

PubSub loses whatever is published while nobody is connected and says nothing of it. So every new connection
subscribes again to all channels, waits for the server's word, and then tells each listener that it may have
missed something; the listener compares event ids, which is the only proof. A channel that moves to another
server with its slot is the same case.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import CapsuleError, ConnectionLostError
from .subscriber import Subscriber

log = logging.getLogger("capsule.feeds")

OnMessage = Callable[[bytes], None]
OnGap = Callable[[], None]
ACK_SECONDS = 10.0


@dataclass(slots=True, eq=False)
class _Channel:
    home: Subscriber | None = None
    listeners: list[tuple[OnMessage, OnGap]] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)  # confirmed, or refused for good
    error: CapsuleError | None = None
    gap: bool = False

    def unsettle(self) -> None:
        self.gap = self.gap or self.settled.is_set()
        self.settled.clear()
        self.error = None


class Events:
    """Subscriptions of one process. Callbacks run inside the reader, so they must be short; one that raises
    is logged, and the others still get their message.

    `home` says which connection a channel belongs to (None: nobody knows at the moment). `on_lost` is called
    when a server refuses a channel, or gives it up, because its slot is elsewhere: the caller finds out where
    and calls `settle`. Without it such a refusal is final.
    """

    def __init__(
        self,
        home: Callable[[bytes], Subscriber | None],
        on_lost: Callable[[CapsuleError | None], bool] = lambda error: False,
    ) -> None:
        self._home = home
        self._on_lost = on_lost
        self._channels: dict[bytes, _Channel] = {}

    async def subscribe(self, channel: str, callback: OnMessage, on_gap: OnGap) -> None:
        """Hear every message of `channel` from the server's word on; returns then.

        `on_gap` is called after every reconnection, once the channel is subscribed again: messages may be
        missing. Raises ValueError when this callback listens to the channel already, ServerError when the
        server refuses the channel, ConnectionLostError when its word does not come within 10 seconds.
        """
        name = channel.encode()
        entry = self._channels.setdefault(name, _Channel())
        if any(listener[0] == callback for listener in entry.listeners):
            raise ValueError(f"This callback listens to {channel} already.")
        entry.listeners.append((callback, on_gap))
        if len(entry.listeners) == 1:
            self._place(name, entry)
        try:
            async with asyncio.timeout(ACK_SECONDS):
                await entry.settled.wait()
            if entry.error is not None:
                raise entry.error
        except TimeoutError:
            self._drop(name, callback)
            raise ConnectionLostError(f"The server did not confirm the subscription to {channel}.") from None
        except BaseException:
            self._drop(name, callback)
            raise

    async def unsubscribe(self, channel: str, callback: OnMessage) -> None:
        """Stop listening: no message reaches `callback` after this. Unknown ones are ignored."""
        self._drop(channel.encode(), callback)

    def settle(self) -> None:
        """Servers have changed: move each channel to the connection it belongs to now, and ask once more for
        those that nobody has confirmed.
        """
        for name, entry in self._channels.items():
            if entry.home is not self._home(name):
                self._place(name, entry)
            elif entry.home is not None and not entry.settled.is_set():
                entry.home.join(name)

    def clear(self) -> None:
        """Forget all listeners."""
        self._channels.clear()

    def _place(self, name: bytes, entry: _Channel) -> None:
        entry.unsettle()
        if entry.home is not None:
            entry.home.leave(name)
        entry.home = self._home(name)
        if entry.home is not None:
            entry.home.join(name)

    def _drop(self, name: bytes, callback: OnMessage) -> None:
        entry = self._channels.get(name)
        if entry is None:
            return
        entry.listeners = [listener for listener in entry.listeners if listener[0] != callback]
        if not entry.listeners:
            del self._channels[name]
            if entry.home is not None:
                entry.home.leave(name)

    def _tell(self, name: bytes, callback: Callable[..., None], *arguments: bytes) -> None:
        try:
            callback(*arguments)
        except Exception:
            log.exception("A listener of %s raised.", name.decode())

    # Hearer: what the connections say.

    def channels_of(self, subscriber: Subscriber) -> list[bytes]:
        found = [(name, entry) for name, entry in self._channels.items() if entry.home is subscriber]
        for _, entry in found:
            entry.unsettle()
        return [name for name, _ in found]

    def heard(self, name: bytes, message: bytes) -> None:
        entry = self._channels.get(name)
        if entry is not None:
            for callback, _ in entry.listeners:
                self._tell(name, callback, message)

    def confirmed(self, subscriber: Subscriber, name: bytes) -> None:
        entry = self._channels.get(name)
        if entry is None or entry.home is not subscriber:
            return
        entry.settled.set()
        if entry.gap:
            entry.gap = False
            for _, on_gap in list(entry.listeners):
                self._tell(name, on_gap)

    def refused(self, subscriber: Subscriber, name: bytes, error: CapsuleError) -> None:
        entry = self._channels.get(name)
        if entry is None or entry.home is not subscriber or self._on_lost(error):
            return
        log.error("The server refused the subscription to %s: %s", name.decode(), error)
        entry.error = error
        entry.settled.set()

    def evicted(self, subscriber: Subscriber, name: bytes) -> None:
        entry = self._channels.get(name)
        if entry is not None and entry.home is subscriber:
            entry.unsettle()
            entry.home = None
            self._on_lost(None)
