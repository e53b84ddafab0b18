"""Which part of our JavaScript runtime exports which name, read from the files themselves."""

import re

from capsule.compiler.sources import RUNTIME

# In an order that lets each part be evaluated after what it extends.
RUNTIME_PARTS = (
    "errors", "values", "numbers", "powers", "dicts", "going", "sequences", "iterators", "sets", "compare",
    "sorting", "text", "parsing", "decimals", "formats", "percent", "templates", "methods", "textmethods",
    "builtins", "calls", "methodtable", "hashing", "frozen",
)  # fmt: skip

_EXPORT = re.compile(r"^export (?:function\*?|class|const|let|var) ([\w$]+)", re.MULTILINE)
_RENAMED = re.compile(r"^export \{ (\w+) as (\w+) \};", re.MULTILINE)


def _names() -> dict[str, str]:
    result: dict[str, str] = {}
    for part in RUNTIME_PARTS:
        text = (RUNTIME / "runtime" / f"{part}.js").read_text(encoding="utf-8")
        for name in _EXPORT.findall(text):
            result.setdefault(name, part)
        for _, name in _RENAMED.findall(text):
            result[name] = part
    return result


RUNTIME_NAMES = _names()

# Those of them whose functions take keywords as a trailing object; of the others any argument may be an object.
PLAIN_KEYWORDS = frozenset({"math", "json", "dataclasses"})

# What is compiled as a part of its class.
OF_CLASSES = frozenset({("functools", "cached_property")})

# Methods that only their values have.
LIBRARY_MEMBERS = frozenset(
    """appendleft popleft extendleft rotate most_common elements subtract total cache_clear from_iterable""".split()
)

# Our twins of Python's own modules, and what they export.
LIBRARY = {
    name: frozenset(_EXPORT.findall((RUNTIME / f"{name}.js").read_text(encoding="utf-8")))
    for name in (
        "math",
        "json",
        "collections",
        "copy",
        "dataclasses",
        "enum",
        "functools",
        "itertools",
        "operator",
        "string",
    )
}
