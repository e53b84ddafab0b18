"""What an answer must look like: JSON with holes.

A string holds `${name}`: the first time it takes whatever is there, afterwards it must be the same. An object asks for
its own keys and ignores others (`{}` is any object); a list is exact. Two words are special: `{"$any": true}`, and
`{"$in": [...]}` for one of several patterns.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Bindings: TypeAlias = dict[str, str]

_HOLE = re.compile(r"\$\{(\w+)\}")


def fill(template: Any, bound: Bindings) -> Any:
    """`template` with every `${name}` replaced. `{"$repeat": 3, "of": X}` inside a list becomes three X, and
    `{"$text": "x", "times": 3}` becomes "xxx".

    Raises KeyError for a name that is not bound.
    """
    if isinstance(template, str):
        return _HOLE.sub(lambda hole: bound[hole[1]], template)
    if isinstance(template, list):
        filled: list[Any] = []
        for part in template:
            if isinstance(part, dict) and "$repeat" in part:
                filled += [fill(part["of"], bound)] * part["$repeat"]
            else:
                filled.append(fill(part, bound))
        return filled
    if isinstance(template, dict) and "$text" in template:
        return str(template["$text"]) * template["times"]
    if isinstance(template, dict):
        return {key: fill(value, bound) for key, value in template.items()}
    return template


def mismatch(pattern: Any, value: Any, bound: Bindings, where: str = "the answer") -> str | None:
    """None if `value` fits, else a sentence. What the holes took is added to `bound`."""
    if isinstance(pattern, dict):
        return _object(pattern, value, bound, where)
    if isinstance(pattern, list):
        if not isinstance(value, list) or len(value) != len(pattern):
            length = f"a list of {len(value)}" if isinstance(value, list) else _brief(value)
            return f"{where} should be a list of {len(pattern)}, is {length}"
        for n, (part, found) in enumerate(zip(pattern, value, strict=True)):
            if sentence := mismatch(part, found, bound, f"{where}[{n}]"):
                return sentence
        return None
    if isinstance(pattern, str) and isinstance(value, str):
        return _text(pattern, value, bound, where)
    # 1 is True to Python, and not in JSON.
    if type(pattern) is not type(value) or pattern != value:
        return f"{where} should be {_brief(pattern)}, is {_brief(value)}"
    return None


def _object(pattern: dict[str, Any], value: Any, bound: Bindings, where: str) -> str | None:
    if "$any" in pattern:
        return None
    if "$in" in pattern:
        for choice in pattern["$in"]:
            trial = dict(bound)
            if mismatch(choice, value, trial, where) is None:
                bound.update(trial)
                return None
        return f"{where} should be one of {_brief(pattern['$in'])}, is {_brief(value)}"
    if not isinstance(value, dict):
        return f"{where} should be an object, is {_brief(value)}"
    for key, part in pattern.items():
        if key not in value:
            return f"{where} has no {key!r}: {_brief(value)}"
        if sentence := mismatch(part, value[key], bound, f"{where}.{key}"):
            return sentence
    return None


def _text(pattern: str, value: str, bound: Bindings, where: str) -> str | None:
    parts = _HOLE.split(pattern)  # text, name, text, name, ..., text
    names: list[str] = []
    expression = ""
    for n, part in enumerate(parts):
        if n % 2 == 0:
            expression += re.escape(part)
        elif part in bound:
            expression += re.escape(bound[part])
        elif part in names:
            expression += f"(?P={part})"
        else:
            names.append(part)
            expression += f"(?P<{part}>.+?)"
    found = re.fullmatch(expression, value, re.DOTALL)
    if found is None:
        wanted = _HOLE.sub(lambda hole: bound.get(hole[1], hole[0]), pattern)
        return f"{where} should be {_brief(wanted)}, is {_brief(value)}"
    bound.update(found.groupdict())
    return None


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:600]}..."
