"""What a gateway counts, in the text format that Prometheus reads. It is forty lines; a client library is forty files.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections import Counter
from typing import TYPE_CHECKING

from capsule.server.closing import CloseCode

if TYPE_CHECKING:
    from capsule.server.gateway import Gateway

# Seconds by which the loop may be late: the last is where users notice.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Counts:
    """Everything that only grows."""

    def __init__(self) -> None:
        self.accepted = 0
        self.received = 0
        self.blocked = 0
        self.resyncs = 0
        self.shed = 0
        self.refused: Counter[int] = Counter()
        self.closes: Counter[int] = Counter()

    def closed(self, code: CloseCode) -> None:
        """A socket was closed from our side."""
        self.closes[int(code)] += 1


class Histogram:
    """How often a time was at most each of the bounds."""

    def __init__(self, bounds: tuple[float, ...] = BUCKETS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0
        self.most = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.sum += seconds
        self.most = max(self.most, seconds)
        for index, bound in enumerate(self.bounds):
            if seconds <= bound:
                self.counts[index] += 1
                return
        self.counts[-1] += 1

    def lines(self, name: str) -> list[str]:
        """In Prometheus' cumulative form."""
        lines, so_far = [], 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            so_far += count
            lines.append(f'{name}_bucket{{le="{bound}"}} {so_far}')
        return [*lines, f"{name}_sum {self.sum:.6f}", f"{name}_count {so_far}"]


def exposition(gateway: "Gateway") -> str:
    """All that is known of a gateway."""
    counts = gateway.counts
    lines: list[str] = []

    def tell(name: str, kind: str, what: str, *samples: tuple[str, float]) -> None:
        lines.extend((f"# HELP capsule_{name} {what}", f"# TYPE capsule_{name} {kind}"))
        lines.extend(f"capsule_{name}{labels} {value}" for labels, value in samples)

    def coded(codes: Counter[int]) -> list[tuple[str, float]]:
        return [(f'{{code="{code}"}}', count) for code, count in sorted(codes.items())]

    tell("sockets", "gauge", "Open sockets.", ("", len(gateway.connections)))
    tell("rooms", "gauge", "Scopes that somebody here reads.", ("", len(gateway.rooms)))
    tell("actions_waiting", "gauge", "Actions without an answer yet.", ("", len(gateway.calls)))
    tell("draining", "gauge", "1 once this gateway goes away.", ("", int(gateway.draining)))
    tell("sockets_total", "counter", "Sockets that were let in.", ("", counts.accepted))
    tell("messages_received_total", "counter", "Messages of clients.", ("", counts.received))
    tell("sockets_blocked_total", "counter", "Times that a socket took no more.", ("", counts.blocked))
    tell("resyncs_total", "counter", "Times that a slow socket fell behind the tail.", ("", counts.resyncs))
    tell("handshakes_shed_total", "counter", "Handshakes answered 503.", ("", counts.shed))
    tell("handshakes_refused_total", "counter", "Handshakes refused, by status.", *coded(counts.refused))
    tell("sockets_closed_total", "counter", "Sockets closed by us, by code.", *coded(counts.closes))
    tell("loop_late_seconds", "histogram", "How late the event loop was for a timer.")
    lines.extend(gateway.late.lines("capsule_loop_late_seconds"))
    return "\n".join(lines) + "\n"
