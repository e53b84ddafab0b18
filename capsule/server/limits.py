"""What a socket may cost: every bound of the gateway with its default, and the bucket that meters rates."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one gateway. Sizes are bytes, times are seconds unless the name says otherwise."""

    message_bytes: int = 64 * 1024
    """A larger message from a client is answered 413 and its socket closed (1009)."""
    nesting: int = 32
    """Deeper JSON is refused before anything walks it recursively."""
    rate: float = 50.0
    burst: int = 1_000
    """Messages a second, and how many at once: a client that was offline sends up to 1,000 pending actions.
    """
    bad_rate: float = 0.1
    bad_burst: int = 20
    """Refused messages. A client beyond this is broken or hostile: its socket is closed (1008)."""
    page_rate: float = 5.0
    page_burst: int = 20
    """Pages of older items a second, and how many at once: each is read from the store."""
    subscriptions: int = 32
    views: int = 64
    """Rooms of one scope, beyond which nobody gets another one of their own for the single feeds they ask for."""
    presence_bytes: int = 1024
    """The JSON text of one presence state."""

    heartbeat: float = 25.0
    """Seconds between a client's pings. A session silent for `silence` is closed (4408)."""
    silence: float = 150.0
    """Six heartbeats: browsers run the timers of a background tab once a minute."""
    hello_within: float = 10.0

    sockets: int = 15_000
    """Sockets of one standalone server. One more is answered 503 with a Retry-After: give each core a server."""
    entering: int = 1_000
    """Handshakes that wait for `authenticate` at once. One more is answered 503."""
    head_bytes: int = 16 * 1024
    """The request line and headers of a handshake."""
    snapshots: int = 8
    """Snapshots that are read from the store at once; the readers of other scopes wait for their turn."""
    deflate_bytes: int = 16 * 1024
    """Snapshots of this size and above are compressed, once, for clients that offer permessage-deflate. 0: it is
    not negotiated.
    """

    buffer_bytes: int = 1024 * 1024
    """What may wait for one socket that takes nothing, beyond the message that blocked it. Its rooms' events do not
    wait: it is sent them from the room's tail when it takes data again.
    """
    stall: float = 20.0
    """A socket that takes nothing for so long is cut."""
    overflows: int = 3
    """So many times within `overflow_window` seconds may a socket fall behind the tail of a room and be told to
    resync; then it is cut.
    """
    overflow_window: float = 60.0

    tail_frames: int = 1_000
    tail_bytes: int = 1024 * 1024
    """What a room keeps of the past for those who come back. Older frames come from the scope's log."""
    room_idle_check: float = 15.0
    """How often a quiet room asks the store whether it missed something: PubSub does not say so."""
    room_linger: float = 10.0
    """How long an empty room stays open: a reload finds it warm."""

    presence_lease: float = 30.0
    presence_leave_delay: float = 2.0
    """A reload leaves and joins within this time, and nobody sees it flicker."""

    retry_after: int = 5
    """Seconds that a 503 asks for; each answer adds a random part, as much again at most."""
    drain_spread: float = 5.0
    """Clients of a draining gateway leave at a random moment of this interval, not all at once."""
    put_patience: float = 30.0
    """How long an action waits for a store that cannot be reached before its socket is closed (1013)."""


class TokenBucket:
    """Allows `burst` at once and `rate` a second after that. The caller brings the time, so tests need no
    clock.
    """

    __slots__ = ("_at", "_tokens", "burst", "rate")  # one to two for each session

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Take one token; False when there is none."""
        self._tokens = min(float(self.burst), self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True
