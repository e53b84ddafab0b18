"""Short ways to build the syntax that lowering gives to the generator.

After lowering, an operator that is left is JavaScript's own, and a name that starts with `$` is the runtime's.
"""

import ast
from collections.abc import Iterator
from typing import cast


def name(text: str) -> ast.Name:
    return ast.Name(id=text, ctx=ast.Load())


def store(text: str) -> ast.Name:
    return ast.Name(id=text, ctx=ast.Store())


def constant(value: object) -> ast.Constant:
    return ast.Constant(value=cast(str, value))


class Raw(ast.expr):
    """JavaScript text with lowered expressions in its gaps (`{}`), and its precedence."""

    _fields = ("parts",)

    def __init__(self, template: str, *parts: ast.expr, precedence: int = 20) -> None:
        super().__init__()
        self.template = template
        self.parts = list(parts)
        self.precedence = precedence


NONE = ast.Constant(value=None)


def call(function: str | ast.expr, *arguments: ast.expr) -> ast.Call:
    target = name(function) if isinstance(function, str) else function
    return ast.Call(func=target, args=list(arguments), keywords=[])


def member(value: ast.expr, attribute: str) -> ast.Attribute:
    return ast.Attribute(value=value, attr=attribute, ctx=ast.Load())


def invoke(value: ast.expr, method: str, *arguments: ast.expr) -> ast.Call:
    return call(member(value, method), *arguments)


def array(elements: list[ast.expr]) -> ast.List:
    return ast.List(elts=elements, ctx=ast.Load())


def assign(target: str, value: ast.expr) -> ast.Assign:
    return ast.Assign(targets=[store(target)], value=value)


def bind(target: str, value: ast.expr) -> ast.NamedExpr:
    """An assignment within an expression."""
    return ast.NamedExpr(target=store(target), value=value)


def negate(value: ast.expr) -> ast.UnaryOp:
    return ast.UnaryOp(op=ast.Not(), operand=value)


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Compare:
    return ast.Compare(left=left, ops=[operator], comparators=[right])


def thunk(value: ast.expr) -> ast.Lambda:
    """An arrow function without parameters."""
    node = ast.Lambda(
        args=ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=value
    )
    note(node, arrow=True)
    return node


def is_call(node: ast.AST, *functions: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions


def is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def is_super(node: ast.AST) -> bool:
    return is_call(node, "super")


def simple(node: ast.expr) -> bool:
    """Reading it twice does no harm and costs nothing."""
    if isinstance(node, ast.Attribute):
        return simple(node.value)
    return isinstance(node, ast.Name | ast.Constant)


def note(node: ast.AST, **facts: object) -> None:
    """Leave word for the generator on a node, beside the fields that ast knows."""
    for key, value in facts.items():
        setattr(node, key, value)


# Where lowering keeps syntax beside the fields that ast knows.
HIDDEN = ("head", "before", "attributes", "held", "counting", "decorated")


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Like ast.walk, for lowered trees."""
    pending: list[object] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, list | tuple):
            pending.extend(one)
        elif isinstance(one, ast.AST):
            yield one
            pending.extend(ast.iter_child_nodes(one))
            pending.extend(getattr(one, name) for name in HIDDEN if hasattr(one, name))
