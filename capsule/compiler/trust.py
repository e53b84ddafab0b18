"""What the core's annotations say. mypy holds the core to them, so there they prove kinds; in an app they do not."""

import ast
from collections.abc import Iterable

from capsule.compiler.index import Class, Function, Index
from capsule.compiler.kinds import join

KINDS = {"str": "str", "bool": "bool", "int": "int", "list": "list", "dict": "dict", "tuple": "tuple"}


def annotated(node: ast.expr | None) -> str:
    """The kind that a plain annotation names; anything optional or of several kinds is "any"."""
    if isinstance(node, ast.Subscript):
        node = node.value
    return KINDS.get(node.id, "any") if isinstance(node, ast.Name) else "any"


def literal(node: ast.expr | None) -> str:
    """The kind of a value that is written out."""
    if isinstance(node, ast.Constant):
        return {bool: "bool", str: "str", int: "int"}.get(type(node.value), "any")
    return (
        "list"
        if isinstance(node, ast.List | ast.ListComp)
        else "dict"
        if isinstance(node, ast.Dict)
        else "any"
    )


class Trust:
    """Kinds of attributes and of results by name, where every place that says something says the same."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.attributes: dict[str, str | None] = {}
        for module in index.modules.values():
            for node in ast.walk(module.source.tree):
                self._attribute(node)
        self.results = {name: result_of(f for _, f in found) for name, found in index.methods.items()}

    def _attribute(self, node: ast.AST) -> None:
        pairs: list[tuple[ast.expr, str]] = []
        if isinstance(node, ast.AnnAssign):
            pairs.append((node.target, annotated(node.annotation)))
        elif isinstance(node, ast.Assign):
            pairs.extend((target, literal(node.value)) for target in node.targets)
        elif isinstance(node, ast.AugAssign | ast.For):
            pairs.append((node.target, "any"))
        for target, kind in pairs:
            if isinstance(target, ast.Attribute):
                self.attributes[target.attr] = join(self.attributes.get(target.attr), kind)
            elif isinstance(target, ast.Tuple | ast.List):
                for element in target.elts:
                    if isinstance(element, ast.Attribute):
                        self.attributes[element.attr] = "any"

    def attribute(self, name: str) -> str:
        if name in self.index.class_attributes or self.index.is_method(name):
            return "any"
        return self.attributes.get(name) or "any"

    def result(self, target: Function | Class | None) -> str:
        return annotated(target.node.returns) if isinstance(target, Function) else "any"

    def method(self, name: str) -> str:
        return self.results.get(name, "any")


def result_of(functions: Iterable[Function]) -> str:
    kind: str | None = None
    for function in functions:
        kind = join(kind, annotated(function.node.returns))
    return kind or "any"


def parameter_kinds(node: ast.AST) -> dict[str, str]:
    """The kinds of a function's parameters, by its annotations."""
    arguments = getattr(node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return {}
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return {argument.arg: annotated(argument.annotation) for argument in plain}
