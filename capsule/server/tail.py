"""The recent past of a room: the last frames of a scope, found by event id."""

from collections import deque
from dataclasses import dataclass
from itertools import islice


@dataclass(slots=True)
class Frame:
    """What one commit published: `<id> <prev> <audiences> <feeds>\\n<json>`. `json` goes to clients as it is.

    Never changed; but a frozen dataclass takes twice as long to make, and one is made for each event.
    """

    id: str
    prev: str
    json: bytes
    feeds: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        return version(self.id)

    @classmethod
    def parse(cls, data: bytes) -> "Frame":
        """Raises ValueError for bytes that no commit script wrote."""
        head, newline, body = data.partition(b"\n")
        fields = head.decode("ascii").split(" ")
        if not newline or len(fields) != 4:
            raise ValueError(f"not a frame: {data[:80]!r}")
        version(fields[0])
        return cls(fields[0], fields[1], body, tuple(fields[3].split(",")))


def version(event_id: str) -> int:
    """The version in an event id `<version>-<nonce>`. Raises ValueError."""
    return int(event_id.partition("-")[0])


class Tail:
    """The last frames, at most `frames` of them and about `size` bytes."""

    def __init__(self, frames: int, size: int) -> None:
        self._most = frames
        self._size = size
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._dropped = 0
        self._index: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._frames)

    def append(self, frame: Frame) -> None:
        """Add the next frame; the oldest give way."""
        self._index[frame.id] = self._dropped + len(self._frames)
        self._frames.append(frame)
        self._bytes += len(frame.json)
        while len(self._frames) > self._most or (self._bytes > self._size and len(self._frames) > 1):
            oldest = self._frames.popleft()
            self._bytes -= len(oldest.json)
            self._dropped += 1
            del self._index[oldest.id]

    def after(self, event_id: str) -> list[Frame] | None:
        """The frames that follow this event; None when the tail does not reach back to it."""
        if self._frames and self._frames[0].prev == event_id:
            return list(self._frames)
        index = self._index.get(event_id)
        if index is None:
            return None
        return list(islice(self._frames, index - self._dropped + 1, None))

    def clear(self) -> None:
        """Forget everything: another history begins."""
        self._dropped += len(self._frames)
        self._frames.clear()
        self._index.clear()
        self._bytes = 0
