"""Which part of our JavaScript runtime exports which name, read from the files themselves."""

import re

from capsule.compiler.sources import RUNTIME

# In an order that lets each part be evaluated after what it extends.
RUNTIME_PARTS = (
    "errors", "values", "numbers", "powers", "dicts", "sequences", "iterators", "sets", "compare", "text", "parsing",
    "formats", "methods", "textmethods", "builtins", "calls", "methodtable",
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

# Our twins of Python's own modules, and what they export.
LIBRARY = {
    name: frozenset(_EXPORT.findall((RUNTIME / f"{name}.js").read_text(encoding="utf-8")))
    for name in ("math", "json")
}
