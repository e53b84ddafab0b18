"""What no value from outside may be, whatever its prop says: checked by every `safe*` call and by `mport`.

A problem is told as the end of a sentence: "is nested more than 32 deep".
"""

from typing import Any

from capsule.shared.platform import (
    hasTextKeys,
    isId,
    isLong,
    isNumber,
    isWellFormed,
    keysOf,
    raw,
    sizeOf,
)
from capsule.shared.values import show, typeName

MOST_DEPTH = 32
MOST_VALUES = 100_000


def jsonProblem(value: Any) -> str | None:
    """Why a value is not JSON that every peer reads alike, or None. Bounded work, whatever the value."""
    return Inspection().problem(value, 0)


def idProblem(value: Any) -> str | None:
    if isId(value):
        return None
    return f"must be an id (1 to 64 of letters, digits, _ and -), but {show(value)} was given"


# Names that mean something to one of the two languages.
LOADED_NAMES: list[str] = [
    "constructor",
    "prototype",
    "hasOwnProperty",
    "toString",
    "valueOf",
    "isPrototypeOf",
]


def keyProblem(key: str) -> str | None:
    """Why an undeclared name cannot be an attribute's."""
    if key == "" or key.startswith("_") or key in LOADED_NAMES:
        return "is not a name that an attribute can have"
    return None


class Inspection:
    """One look into one value, counting what it has seen."""

    def __init__(self) -> None:
        self.left = MOST_VALUES

    def problem(self, value: Any, depth: int) -> str | None:
        if value is None or isinstance(value, bool):
            return None
        if isinstance(value, str):
            return textProblem(value)
        if isinstance(value, int) or isinstance(value, float):
            return None if isNumber(value) else "must be a finite number of at most 2**53 - 1"
        if depth >= MOST_DEPTH:
            return f"is nested more than {MOST_DEPTH} deep"
        if isinstance(value, list):
            return self.listProblem(value, depth)
        if isinstance(value, dict):
            return self.objectProblem(value, depth)
        return f"must be a JSON value, but a {typeName(value)} was given"

    def listProblem(self, value: list[Any], depth: int) -> str | None:
        self.left -= len(value)
        if self.left < 0:
            return f"holds more than {MOST_VALUES} values"
        for item in value:
            problem = self.problem(item, depth + 1)
            if problem is not None:
                return problem
        return None

    def objectProblem(self, value: dict[str, Any], depth: int) -> str | None:
        self.left -= sizeOf(value)
        if self.left < 0:
            return f"holds more than {MOST_VALUES} values"
        if not hasTextKeys(value):
            return "has a key that is not a string"
        for key in keysOf(value):
            problem = textProblem(key)
            if problem is None:
                problem = self.problem(raw(value, key), depth + 1)
            if problem is not None:
                return problem
        return None


def textProblem(text: str) -> str | None:
    if isLong(text):
        return "is longer than a million bytes"
    if not isWellFormed(text):
        return "is not Unicode text: it has a lone surrogate"
    return None
