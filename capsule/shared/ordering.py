"""Sorting as both sides do it. A part of the seam's CPython half."""

import functools
from collections.abc import Callable
from typing import Any


def _rank(key: Any) -> tuple[int, Any]:
    if key is None:
        return (3, 0)
    if isinstance(key, int | float):
        return (0, key)
    if isinstance(key, str):
        return (1, key)
    return (2, 0)


def sortByKey(items: list[Any], keyOf: Callable[[Any], Any]) -> list[Any]:
    """A stable sort: numbers, then strings by code points, then other things as they stand, then None."""
    return sorted(items, key=lambda item: _rank(keyOf(item)))


def sortByOrder(items: list[Any], order: Callable[[Any, Any], Any]) -> None:
    """Sort in place by a function of two that answers negative, zero or positive."""
    items.sort(key=functools.cmp_to_key(order))
