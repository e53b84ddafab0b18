"""The two neighbours of a room: who reads it, and whom it asks."""

from collections.abc import Callable
from typing import Protocol

from capsule.server.blob import Blob

Direct = Callable[[bytes], int]


class Reader(Protocol):
    """A subscribed session, as its room sees it."""

    @property
    def user(self) -> str:
        """The authenticated user."""

    direct: Direct | None
    """Hands a frame straight to the kernel; the number of bytes that it took. None: only `write` is possible."""

    def rest(self, frame: bytes, sent: int) -> None:
        """`direct` took only so many bytes of this frame. May call `Room.lag`."""

    def write(self, blob: Blob) -> None:
        """Send a message, or put it aside, without waiting. May call `Room.lag`."""

    def contained(self, scope: str, at: int) -> list[int]:
        """Which of the client's pending numbers were applied at version `at` or before."""

    def arrived(self, scope: str) -> None:
        """This reader has just been brought up to date, and is live."""

    def revoked(self, scope: str) -> None:
        """This reader may not read the scope, or no longer."""

    def fell_behind(self) -> None:
        """This reader lagged until the tail no longer reached back to it, and was told to resync."""


class Port(Protocol):
    """What a room asks for. Each question is answered later by a call of the room's method of that name."""

    def flush_soon(self) -> None:
        """Call `flush` at the end of this event-loop tick."""

    def ask_last(self) -> None:
        """Answer: `last(event_id)`."""

    def ask_log(self, since: str) -> None:
        """Answer: `log(since, frames)`."""

    def ask_snapshot(self) -> None:
        """Answer: `snapshot(event_id, blob)`."""
