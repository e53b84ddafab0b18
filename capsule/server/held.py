"""Results that wait until their socket has been sent the event they speak of: no ack overtakes its event."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from capsule.server.blob import Blob


class Writable(Protocol):
    """Where a held result goes."""

    def write(self, blob: Blob) -> None:
        """Send, or put aside, without waiting."""


OVERDUE = 3

R = TypeVar("R", bound=Writable)


@dataclass(slots=True)
class _Entry(Generic[R]):
    reader: R
    version: int
    text: str
    ticks: int = 0


class Held(Generic[R]):
    """The held results of one room, in the order they came."""

    def __init__(self) -> None:
        self._entries: list[_Entry[R]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, reader: R, version: int, text: str) -> None:
        """Keep a result until `release` is called for its version."""
        self._entries.append(_Entry(reader, version, text))

    def release(self, live: Container[R], version: int, *, overdue: bool = False) -> None:
        """Write what waited for this version or an earlier one, to readers that are live.

        With `overdue` also what `look` has found overdue, whatever its version.
        """
        if not self._entries:
            return
        entries, self._entries = self._entries, []
        for entry in entries:
            due = entry.version <= version or (overdue and entry.ticks >= OVERDUE)
            if due and entry.reader in live:
                entry.reader.write(Blob.of(entry.text))
            else:
                self._entries.append(entry)

    def look(self, live: Container[R]) -> bool:
        """Whether a live reader's result is overdue: it is there at the third call since it came."""
        for entry in self._entries:
            if entry.reader in live:
                entry.ticks += 1
        return any(entry.ticks >= OVERDUE for entry in self._entries)

    def take(self, reader: R) -> list[tuple[int, str]]:
        """Take out what this reader waits for: versions and results."""
        taken = [(entry.version, entry.text) for entry in self._entries if entry.reader is reader]
        self.forget(reader)
        return taken

    def forget(self, reader: R) -> None:
        """This reader is gone."""
        self._entries = [entry for entry in self._entries if entry.reader is not reader]
