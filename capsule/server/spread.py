"""One message on its way to the readers of a room: to all of them at once, or some at a time.

This is the innermost loop of the gateway. A reader that keeps up costs one call, of its socket's own `send`: beside
the kernel's work the time goes into memory that is not in the cache, and so into every further object that is touched.
"""

from collections.abc import Container, Mapping

from capsule.server.blob import Blob
from capsule.server.ports import Direct, Reader


class Spread:
    """The readers who are still to be written to. A message is finished before the next one begins."""

    __slots__ = ("_begun", "_blob", "_left")

    def __init__(self) -> None:
        self._blob = Blob(b"")
        self._left: list[tuple[Reader, Direct | None]] = []
        self._begun = False

    def __contains__(self, reader: object) -> bool:
        return any(each is reader for each, _ in self._left)

    def begin(self, blob: Blob, readers: Mapping[Reader, Direct | None]) -> None:
        """A message for these readers."""
        self._blob, self._left, self._begun = blob, list(readers.items()), False

    def go(self, live: Container[Reader], most: int | None = None) -> bool:
        """Write to so many readers, except to those who are no longer live; whether some are left."""
        readers, self._left = self._left, []
        if most is not None and len(readers) > most:
            readers, self._left = readers[:most], readers[most:]
        if self._begun:
            readers = [pair for pair in readers if pair[0] in live]
        self._begun = True
        blob = self._blob
        frame = blob.frame
        size = 0 if frame is None else len(frame)
        for reader, direct in readers:
            if direct is None or frame is None:
                reader.write(blob)
                continue
            try:
                sent = direct(frame)
            except OSError:  # the kernel takes nothing, or the peer is gone: the transport finds out which
                sent = 0
            if sent != size:
                reader.rest(frame, sent)
        return bool(self._left)

    def stop(self) -> None:
        """Nobody is to be written to any more."""
        self._left = []
