"""Text and JSON as both sides read and write them. A part of the seam's CPython half."""

import json
import re
from typing import Any

MOST_TEXT = 1_000_000

_ID = re.compile(r"(?!(?:begin|end)\Z)[A-Za-z0-9_-]{1,64}")


def isWellFormed(text: str) -> bool:
    """No lone surrogates: they have no UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def isLong(text: str) -> bool:
    """More than a million bytes of UTF-8."""
    if len(text) > MOST_TEXT:
        return True
    if text.isascii() or len(text) * 4 <= MOST_TEXT:
        return False
    return len(text.encode("utf-8", "surrogatepass")) > MOST_TEXT


def _readFloat(text: str) -> Any:
    value = float(text)
    # JavaScript has no 2.0; what is too large to be exact stays what it is, and is refused by whoever looks at it.
    return int(value) if value.is_integer() and abs(value) <= 9007199254740991 else value


def _refuseConstant(text: str) -> Any:
    raise ValueError("JSON has no " + text + ".")


def parseJSON(text: str | bytes) -> Any:
    """Raises ValueError for what is not JSON, NaN and nesting past CPython's own limit included."""
    try:
        return json.loads(text, parse_float=_readFloat, parse_constant=_refuseConstant)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply.") from None


def dumpJSON(value: Any) -> str:
    """One line. Raises ValueError for NaN and infinities."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if isWellFormed(text):
        return text
    return "".join([f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text])


def words(text: str) -> list[str]:
    return text.split()


def after(text: str, prefix: str) -> str | None:
    """The rest of a text that starts with the prefix; None for any other."""
    return text[len(prefix) :] if text.startswith(prefix) else None


def cut(text: str, most: int) -> str:
    """At most so many characters of a text, from its start."""
    return text[:most]


def isId(value: Any) -> bool:
    """Ids have no dots: a dot would let one build another feed's name. `begin` and `end` are positions."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
