"""A server with all its clients connected, and short slices of traffic through it."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.gateway_clients import Clients, Publisher, Usage
from benchmarks.gateway_servers import Kind, Running, start

ROOM = 100
WARM = 0.2


@dataclass
class Standing:
    """`accepted`: connections a second, and CPU microseconds for each; `kilobytes` of memory for each."""

    kind: Kind
    server: Running
    usage: Usage
    clients: Clients
    publisher: Publisher
    accepted: tuple[float, float]
    kilobytes: float
    connecting: dict[str, Any] | None

    @property
    def wrong(self) -> int:
        """Messages lost or doubled, and connections that ended."""
        return self.clients.lost + self.clients.doubled + self.clients.closed

    def slice(self, seconds: float, burst: int = 1, pace: float = 0.0) -> tuple[float, float]:
        """Publish as fast as it is delivered, or `pace` messages a second. CPU microseconds of a message that reached
        a client, and messages a second.

        `burst` events in a row go to one room. Where they are not paced a room has one burst under way.
        """
        clients, publisher = self.clients, self.publisher
        rooms = clients.count // ROOM
        order: Iterator[int] = (room for room in itertools.cycle(range(rooms)) for _ in range(burst))
        window = max(1, rooms // 2) * burst * ROOM
        before, sent_before = clients.delivered, publisher.published
        begun = time.monotonic()
        measured: tuple[float, float, int] | None = None
        # On a busy machine a turn of this loop may take longer than the whole slice should.
        while measured is None or time.monotonic() < measured[0] + seconds:
            if measured is None and (now := time.monotonic()) >= begun + WARM:
                measured = (now, self.usage.cpu(), clients.delivered)
            sent = (publisher.published - sent_before) * ROOM
            if pace:
                room_for = int((time.monotonic() - begun) * pace - sent) // ROOM
            else:
                room_for = (window - sent + clients.delivered - before) // ROOM
            if room_for >= burst:
                publisher.publish(order, room_for // burst * burst)
            else:
                time.sleep(0.0002)
        since, cpu, delivered = measured
        took, count, cpu = time.monotonic() - since, clients.delivered - delivered, self.usage.cpu() - cpu
        self._settle(before + (publisher.published - sent_before) * ROOM)
        return cpu / max(1, count) * 1e6, count / took

    def _settle(self, expected: int) -> None:
        deadline = time.monotonic() + 10
        while self.clients.delivered < expected and time.monotonic() < deadline:
            time.sleep(0.01)


@contextmanager
def standing(kind: Kind, load: Path, store: str, connections: int) -> Iterator[Standing]:
    """Start a server and connect its clients. Raises RuntimeError when it does not start or lets somebody not in."""
    count = min(connections, kind.most)
    server = start(kind)
    try:
        usage = Usage(server.process.pid)
        memory, cpu = usage.kilobytes(), usage.cpu()
        publisher = Publisher(store, count // ROOM, kind.events)
        if kind.ours:
            server.say("watch")
        with Clients(load, [server.port], count, ROOM, kind.dialog) as clients:
            accepted = count / clients.connected(), (usage.cpu() - cpu) / count * 1e6
            connecting = server.stalls() if kind.ours else None
            time.sleep(2.0)  # presence, and whatever else follows
            each = (usage.kilobytes() - memory) / count
            yield Standing(kind, server, usage, clients, publisher, accepted, each, connecting)
        publisher.close()
    finally:
        server.end()
