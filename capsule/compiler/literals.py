"""What an expression is, as far as its spelling says: whether a prop's type takes it, and how a finding shows it."""

import ast
import re
from collections.abc import Iterable
from difflib import get_close_matches

from capsule.shared.props import ARTICLES

TYPES = frozenset(ARTICLES)
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_INTEGER = 2**53 - 1


def article(kind: str) -> str:
    return ARTICLES[kind]


def kind_of(node: ast.expr) -> str | None:
    """The type of a literal: "string", "integer", "number", "boolean", "null", "list", "object", "other"; else None."""
    value = number(node)
    if value is not None:
        return "integer" if isinstance(value, int) or value.is_integer() else "number"
    if isinstance(node, ast.Constant):
        if node.value is None:
            return "null"
        return (
            "boolean"
            if isinstance(node.value, bool)
            else "string"
            if isinstance(node.value, str)
            else "other"
        )
    if isinstance(node, ast.JoinedStr):
        return "string"
    if isinstance(node, ast.List | ast.ListComp):
        return "list"
    if isinstance(node, ast.Dict | ast.DictComp):
        return "object"
    return "other" if isinstance(node, ast.Tuple | ast.Set | ast.Lambda) else None


def number(node: ast.expr) -> int | float | None:
    """A number that is written out, with its sign."""
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    value = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    if not isinstance(value, ast.Constant) or isinstance(value.value, bool):
        return None
    if not isinstance(value.value, int | float):
        return None
    return -value.value if negative else value.value


def accepts(kind: str, node: ast.expr) -> bool:
    """Whether a prop of a type may take this expression: False only for a literal that it surely refuses."""
    literal = kind_of(node)
    if literal is None or kind == "any":
        return True
    if kind == "number":
        return literal in ("integer", "number")
    if kind == "time":
        return literal == "integer"
    if kind == "ref":
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return ID.fullmatch(node.value) is not None
        return literal == "string"
    return literal == kind


def shown_value(node: ast.expr) -> str:
    """As JavaScript and JSON write it, short."""
    words = {True: "true", False: "false", None: "null"}
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool)):
        return words[node.value]
    text = ast.unparse(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = '"' + node.value.replace('"', "'") + '"'
    return text if len(text) <= 40 else text[:37] + "..."


def hint(name: str, known: Iterable[str]) -> str:
    """` (did you mean "title"?)`, or nothing where no name is near."""
    folded = {one.casefold().replace("_", ""): one for one in sorted(known)}
    near = get_close_matches(name.casefold().replace("_", ""), folded, 1, 0.6)
    return f' (did you mean "{folded[near[0]]}"?)' if near else ""
