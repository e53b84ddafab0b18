"""What may be stored: one line of strict JSON. Lua never parses an item, so the client that writes it checks
it.
"""

from __future__ import annotations

import json
import math

from .errors import ItemInvalidError, LimitError

# Of a whole commit, so no text in it can be longer, and of a job's data. Lua holds it in memory while it
# runs.
MAX_BYTES = 1 << 20


def _refuse_constant(word: str) -> float:
    raise ItemInvalidError(f"JSON has no {word}: an item's numbers must be finite.")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ItemInvalidError(
            f"The number {text[:40]} is too large for JSON's readers: it would become infinite."
        )
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _scan(text: str) -> tuple[object, int]:
    """The value at the beginning of a text, and where it ends; -1 if there is none."""
    try:
        return _DECODER.raw_decode(text)
    except json.JSONDecodeError:
        return None, -1


def check_json(text: str, what: str = "An item") -> object:
    """Parse `text` and return its value.

    Raises ItemInvalidError for text that is not JSON, spans lines (frames are split by line), is nested
    deeper than Python's parser goes, or holds NaN, an infinite number, or a surrogate without its partner (no
    UTF-8 text can carry it). Raises LimitError, before parsing, for text that no commit can hold.
    """
    if not isinstance(text, str):
        raise ItemInvalidError(f"{what} must be JSON text (str), not {type(text).__name__}.")
    if len(text) > MAX_BYTES:
        raise LimitError(
            f"{what} of {len(text)} characters can never fit into a commit of {MAX_BYTES} bytes."
        )
    if "\n" in text or "\r" in text:
        raise ItemInvalidError(f"{what} must be one line of JSON: a frame is split by line.")
    try:
        value, end = _scan(text)
        if end != len(text):  # blanks around it, or it is not JSON: this says what is wrong
            value = _DECODER.decode(text)
        # A surrogate is either in the text itself or behind an escape, which only the parsed value shows.
        (json.dumps(value, ensure_ascii=False) if "\\u" in text else text).encode()
    except RecursionError:
        raise ItemInvalidError(f"{what} is nested too deeply.") from None
    except UnicodeEncodeError:
        raise ItemInvalidError(f"{what} holds a lone surrogate, which UTF-8 cannot carry.") from None
    except json.JSONDecodeError as error:
        raise ItemInvalidError(f"{what} is not JSON: {error.msg} at character {error.pos}.") from None
    return value


def check_object(text: str, what: str) -> None:
    """Like `check_json`, for text that must be a JSON object."""
    if not isinstance(check_json(text, what), dict):
        raise ItemInvalidError(f"{what} must be a JSON object.")


def dump(value: object, what: str = "An item") -> str:
    """The JSON text of a value, on one line. Raises ItemInvalidError for what JSON cannot say, LimitError when
    it is too long.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise ItemInvalidError(f"{what} cannot be written as JSON: {error}.") from None
    check_json(text, what)
    return text
