"""`props`, `session` and `derived` of a class body as the members of TypeScript interfaces.

A property with a default, or a required one, is always there; of any other `get` may give `undefined`.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from capsule.compiler.types_annotation import literal_of, union

TYPES = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "time": "number",
    "list": "any[]",
    "object": "Record<string, any>",
    "any": "any",
    "ref": "string",
}
COMMENTS = {"integer": "An integer.", "time": "Integer milliseconds since 1970."}


@dataclass(frozen=True)
class Attribute:
    """One name that `get` takes. `always`: its value is never undefined."""

    type: str
    always: bool
    comment: str | None = None

    def lines(self, name: str) -> list[str]:
        comment = [f"/** {self.comment} */"] if self.comment else []
        return [*comment, f"{key(name)}{'' if self.always else '?'}: {self.type};"]


Constants = dict[str, ast.expr]


def attributes(node: ast.expr | None, constants: Constants) -> dict[str, Attribute]:
    """The declarations of a `props` or `session` dict; names are looked up among the constants."""
    return {name: attribute(value, constants) for name, value in items(node, constants)}


def attribute(node: ast.expr, constants: Constants) -> Attribute:
    if isinstance(node, ast.Name) and node.id in constants:
        return attribute(constants[node.id], constants)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return Attribute(TYPES.get(node.value, "any"), False, COMMENTS.get(node.value))
    declaration = dict(items(node, constants))
    kind = constant(declaration.get("type"), constants)
    shown = values(declaration.get("values"), constants) or TYPES.get(str(kind), "any")
    default = declaration.get("default")
    null_default = isinstance(default, ast.Constant) and default.value is None
    if constant(declaration.get("allowNull")) is True or null_default:
        shown = union([shown, "null"])
    always = default is not None or constant(declaration.get("required")) is True
    comment = " ".join(filter(None, [COMMENTS.get(str(kind)), limits(declaration, constants)]))
    return Attribute(shown, always, comment or None)


def values(node: ast.expr | None, constants: Constants) -> str | None:
    """The union of a list of allowed values, when it is written out."""
    if isinstance(node, ast.Name):
        node = constants.get(node.id)
    if not isinstance(node, ast.List | ast.Tuple) or not node.elts:
        return None
    if not all(isinstance(item, ast.Constant) for item in node.elts):
        return None
    return union([literal_of(item.value) for item in node.elts if isinstance(item, ast.Constant)])


def limits(declaration: dict[str, ast.expr], constants: Constants) -> str | None:
    """What `min`, `max` and `setOnce` say, for the developer's editor."""
    found = [f"{name} {constant(declaration.get(name), constants)}" for name in ("min", "max")]
    shown = [text for text in found if not text.endswith("None")]
    if constant(declaration.get("setOnce")) is True:
        shown.append("set once")
    return (", ".join(shown).capitalize() + ".") if shown else None


def derived(
    node: ast.expr | None, constants: Constants, returned: Callable[[ast.expr | None], str]
) -> dict[str, Attribute]:
    """Derived properties: `returned` tells the return type of the function or method under "fn"."""
    found: dict[str, Attribute] = {}
    for name, value in items(node, constants):
        declaration = dict(items(value, constants))
        found[name] = Attribute(returned(declaration.get("fn")), True)
    return found


def items(node: ast.expr | None, constants: Constants) -> list[tuple[str, ast.expr]]:
    """The pairs of a dict display with string keys; names and `**NAME` are looked up."""
    if isinstance(node, ast.Name):
        node = constants.get(node.id)
    if not isinstance(node, ast.Dict):
        return []
    found: list[tuple[str, ast.expr]] = []
    for name, value in zip(node.keys, node.values, strict=True):
        if name is None:
            found.extend(items(value, constants))
        elif isinstance(name, ast.Constant) and isinstance(name.value, str):
            found.append((name.value, value))
    return found


def constant(node: ast.expr | None, constants: Constants | None = None) -> object:
    """The value of a constant, or of a name that stands for one; else None."""
    if isinstance(node, ast.Name) and constants is not None:
        node = constants.get(node.id)
    return node.value if isinstance(node, ast.Constant) else None


def key(name: str) -> str:
    """A member's name, quoted unless it is an identifier."""
    return name if name.isidentifier() and name.isascii() else literal_of(name)
