"""Reading a source map: from a place in JavaScript to the place it was made from, as a browser's devtools do it."""

from collections.abc import Iterator
from typing import Any

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def original(map: dict[str, Any], line: int, column: int) -> tuple[str, int] | None:
    """The source and its line that a place comes from, all counted from 1; None where the map says nothing."""
    found, source, source_line = None, 0, 0
    for at, text in enumerate(map["mappings"].split(";"), 1):
        start = 0
        for segment in filter(None, text.split(",")):
            columns, *rest = numbers(segment)
            start += columns
            if rest:
                source += rest[0]
                source_line += rest[1]
            if at == line and start < column:
                found = (map["sources"][source], source_line + 1) if rest else None
    return found


def numbers(segment: str) -> Iterator[int]:
    """Base64 VLQ: five bits a digit, the low ones first; the lowest of all is the sign."""
    value = shift = 0
    for digit in map(DIGITS.index, segment):
        value += (digit & 31) << shift
        shift += 5
        if not digit & 32:
            yield -(value >> 1) if value & 1 else value >> 1
            value = shift = 0
