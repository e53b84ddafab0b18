"""How error sentences speak of values: the same words in Python and in JavaScript."""

from typing import Any

from capsule.shared.platform import className, classOf, copyJSON, cut, dumpJSON, isInteger, isNumber

MOST_SHOWN = 60


def typeName(value: Any) -> str:
    """A value's type, as the declarations of props call it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int) or isinstance(value, float):
        return "number"
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return "object"
    return "function" if callable(value) else className(classOf(value))


def show(value: Any) -> str:
    """A value as JSON, at most 60 characters; what is not JSON, or not written alike everywhere, by its type."""
    kind = typeName(value)
    if kind == "number" and not isPlainNumber(value):
        return kind
    try:
        text = dumpJSON(copyJSON(value))
    except Exception:
        # Too deep, a circle, or not JSON at all.
        return kind
    return text if cut(text, MOST_SHOWN) == text else cut(text, MOST_SHOWN - 3) + "..."


def described(value: Any) -> str:
    """A value and its type: "5 (number)"; by its type alone where that is all there is to say."""
    kind = typeName(value)
    text = show(value)
    return kind if text == kind or text == "null" else f"{text} ({kind})"


def isPlainNumber(value: Any) -> bool:
    size = abs(value)
    return isNumber(value) and (isInteger(value) or (size >= 0.0001 and size < 1e16))
