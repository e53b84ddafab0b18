"""A clock wheel: everything that is open is looked at once a turn, a little at a time, without timers.

A timer for each of 10,000 sockets is memory and a heap to keep in order; looking at all of them at once stops the
loop. See Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987).
"""

from collections.abc import Iterator, MutableSet
from typing import TypeVar

T = TypeVar("T")


class Wheel(MutableSet[T]):
    """A set in `spokes` parts. `turn` gives one part after the other."""

    __slots__ = ("_at", "_count", "_spokes")

    def __init__(self, spokes: int = 20) -> None:
        self._spokes: list[set[T]] = [set() for _ in range(spokes)]
        self._at = self._count = 0

    def turn(self) -> list[T]:
        """The next part. After `spokes` calls everything that stayed has come by."""
        self._at = (self._at + 1) % len(self._spokes)
        return list(self._spokes[self._at])

    def add(self, value: T) -> None:
        spoke = self._spoke(value)
        self._count += value not in spoke
        spoke.add(value)

    def discard(self, value: T) -> None:
        spoke = self._spoke(value)
        self._count -= value in spoke
        spoke.discard(value)

    def __contains__(self, value: object) -> bool:
        return value in self._spokes[hash(value) % len(self._spokes)]

    def __iter__(self) -> Iterator[T]:
        for spoke in self._spokes:
            yield from spoke

    def __len__(self) -> int:
        return self._count

    def _spoke(self, value: T) -> set[T]:
        return self._spokes[hash(value) % len(self._spokes)]
