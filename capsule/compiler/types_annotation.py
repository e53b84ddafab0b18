"""Python annotations as TypeScript types.

JavaScript may pass `undefined` wherever shared code accepts None, and gets it where shared code returns
None: so None is `null | undefined`, except alone as a return, where it is `void`. What has no exact type is
`any`.
"""

import ast
import json
from collections.abc import Mapping

NONE = "null | undefined"
SIMPLE = {
    "str": "string",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "object": "unknown",
    "Any": "any",
    "dict": "Record<string, any>",
    "list": "any[]",
    "tuple": "any[]",
    "set": "Iterable<any>",
    "Callable": "(...args: any[]) => any",
    "Self": "this",
    "LiteralString": "string",
}
# Containers of one item type. A list is handed over as the array that it is; of the rest only iteration is
# sure.
LISTS = {"list", "List", "Sequence", "MutableSequence"}
ITERABLES = {"Iterable", "Iterator", "Collection", "Generator", "set", "Set", "frozenset"}
MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping"}
TRANSPARENT = {"ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "Annotated"}


class Annotations:
    """Translates annotations. `known`: the classes that have a TypeScript type, by their names here;
    `aliases`: the module's constants, of which some name a type (`User = str`)."""

    def __init__(self, known: Mapping[str, str], aliases: Mapping[str, ast.expr] | None = None) -> None:
        self.known = known
        self.aliases = dict(aliases or {})

    def type(self, node: ast.expr | None) -> str:
        """The type of a parameter, an attribute or an item; without an annotation anything goes."""
        match node:
            case None:
                return "any"
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str() as text):
                return self.type(parsed(text))
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.name(name)
            case ast.BinOp(op=ast.BitOr()):
                return union([self.type(member) for member in members(node)])
            case ast.Subscript(value=value, slice=index):
                parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
                return self.generic(name_of(value), parts)
        return "any"

    def name(self, name: str) -> str:
        if name in self.known:
            return self.known[name]
        if name in self.aliases:
            # Taken out while it is looked at: an alias that leads to itself is no type.
            node = self.aliases.pop(name)
            try:
                return "any" if isinstance(node, ast.Constant) else self.type(node)
            finally:
                self.aliases[name] = node
        return SIMPLE.get(name, "any")

    def returned(self, node: ast.expr | None) -> str:
        return "void" if isinstance(node, ast.Constant) and node.value is None else self.type(node)

    def generic(self, name: str, parts: list[ast.expr]) -> str:
        if name in LISTS:
            return item_of(self.type(parts[0])) + "[]"
        if name in ITERABLES:
            return f"Iterable<{self.type(parts[0])}>"
        if name in MAPPINGS:
            return f"Record<string, {self.type(parts[-1])}>"
        if name in TRANSPARENT:
            return self.type(parts[0])
        if name == "Optional":
            return union([self.type(parts[0]), NONE])
        if name == "Union":
            return union([self.type(part) for part in parts])
        if name == "Literal":
            return union([literal(part) for part in parts])
        if name in ("tuple", "Tuple"):
            return self.tuple(parts)
        if name in ("type", "Type"):
            one = name_of(parts[0])
            return f"typeof {self.known[one]}" if one in self.known else "any"
        if name == "Callable":
            return self.function(parts)
        if name in ("Awaitable", "Coroutine"):
            return f"Promise<{self.returned(parts[-1])}>"
        return self.known.get(name, "any")

    def tuple(self, parts: list[ast.expr]) -> str:
        if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
            return item_of(self.type(parts[0])) + "[]"
        return "[" + ", ".join(self.type(part) for part in parts) + "]"

    def function(self, parts: list[ast.expr]) -> str:
        returns = self.returned(parts[-1])
        if not isinstance(parts[0], ast.List):
            return f"(...args: any[]) => {returns}"
        arguments = ", ".join(f"arg{at}: {self.type(part)}" for at, part in enumerate(parts[0].elts))
        return f"({arguments}) => {returns}"


def parsed(text: str) -> ast.expr | None:
    """The expression in a quoted annotation; None (so: any) when it is not one."""
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def literal(node: ast.expr) -> str:
    """A constant as TypeScript writes it; what is not one has no literal type."""
    if not isinstance(node, ast.Constant):
        return "any"
    return literal_of(node.value)


def literal_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    return repr(value) if isinstance(value, int | float) else "any"


def quoted(text: str) -> str:
    """A string literal: JSON's, which escapes all that is not ASCII, is TypeScript's too."""
    return json.dumps(text)


def members(node: ast.expr) -> list[ast.expr]:
    """`A | B | C`, flat."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*members(node.left), *members(node.right)]
    return [node]


def union(types: list[str]) -> str:
    """Without repetition, None last; functions in brackets: their result would swallow the rest."""
    unique = list(dict.fromkeys(f"({one})" if "=>" in one else one for one in types))
    if "any" in unique:
        return "any"
    return " | ".join(sorted(unique, key=lambda one: one == NONE))


def item_of(one: str) -> str:
    """A type in the place before `[]`."""
    return f"({one})" if " | " in one or "=>" in one else one
