"""Which attributes the instances of a class surely have when they are read.

A plain read of what is not there gives JavaScript's undefined; Python raises. So an attribute is read plainly only
where every way through `__init__`, of the class and of all that inherit from it, has assigned it before any method
can run.
"""

import ast

from capsule.compiler.index import Class, Index, nested_statements
from capsule.compiler.sources import is_core


class Attributes:
    def __init__(self, index: Index) -> None:
        self.index = index
        self.classes = [one for module in index.modules.values() for one in module.classes.values()]
        self.heirs: dict[int, list[Class]] = {}
        for one in self.classes:
            for base in index.ancestry(one):
                self.heirs.setdefault(id(base), []).append(one)
        self.made: dict[int, dict[str, int]] = {}
        self.unsafe = any(deletes(module.source.tree) for module in index.modules.values())

    def certain(self, found: Class, text: str, line: int | None = None) -> bool:
        """Whether every instance has it; `line` is that of a read within `__init__`, which may come too early."""
        if self.unsafe or text in self.index.deleted or found not in self.classes:
            return False
        if any(text in one.attributes for one in self.index.ancestry(found)) or self.is_property(found, text):
            return True
        heirs = self.heirs.get(id(found), [found])
        if not all(text in self.given(one) for one in heirs):
            return False
        return line is None or self.given(found)[text] < line

    def of_class(self, found: Class, text: str) -> bool:
        return text not in self.index.deleted and any(
            text in one.attributes for one in self.index.ancestry(found)
        )

    def is_property(self, found: Class, text: str) -> bool:
        named = [one.functions[text] for one in self.index.ancestry(found) if text in one.functions]
        return bool(named) and named[0].role == "property"

    def given(self, found: Class) -> dict[str, int]:
        """The attributes that making an instance assigns before anything else can read them, and where."""
        known = self.made.get(id(found))
        if known is None:
            # Against a class that inherits from itself.
            self.made[id(found)] = {}
            known = self.made[id(found)] = self.assigned(found)
        return known

    def assigned(self, found: Class) -> dict[str, int]:
        result: dict[str, int] = {}
        chain = self.index.ancestry(found)
        of_core = any(is_core(one.module) for one in chain)
        if of_core:
            # The models set what a class body only declares.
            for one in chain:
                result.update(dict.fromkeys(declared(one.node), 0))
        function = found.functions.get("__init__")
        if function is None:
            return result | (self.given(chain[1]) if len(chain) > 1 else {})
        arguments = function.node.args
        first = [*arguments.posonlyargs, *arguments.args]
        if not first:
            return result
        receiver = first[0].arg
        for statement in function.node.body:
            if len(chain) > 1 and calls_base(statement):
                inherited = self.given(chain[1])
                result.update(dict.fromkeys(inherited, statement.lineno))
                if of_core or self.leaks(chain[1]):
                    return result
            elif shows(statement, receiver):
                return result
            for text in stored(statement, receiver):
                result.setdefault(text, statement.end_lineno or statement.lineno)
            if any(isinstance(one, ast.Return) for one in ast.walk(statement)):
                return result
        return result

    def leaks(self, found: Class) -> bool:
        """Whether its `__init__` lets other code see the instance."""
        for one in self.index.ancestry(found):
            function = one.functions.get("__init__")
            if function is not None:
                receiver = function.node.args.args[0].arg if function.node.args.args else ""
                return any(shows(s, receiver) for s in function.node.body if not calls_base(s)) or any(
                    calls_base(s) and self.leaks(base)
                    for s in function.node.body
                    for base in self.index.ancestry(one)[1:2]
                )
        return False


def declared(node: ast.ClassDef) -> set[str]:
    annotated = (s for s in node.body if isinstance(s, ast.AnnAssign) and s.value is None)
    return {s.target.id for s in annotated if isinstance(s.target, ast.Name)}


def calls_base(node: ast.stmt) -> bool:
    """`super().__init__(...)`"""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr == "__init__"
    )


def shows(node: ast.stmt, receiver: str) -> bool:
    """Whether the statement lets other code see the instance: anything but writing and reading its attributes."""
    own = [one for one in ast.walk(node) if isinstance(one, ast.Name) and one.id == receiver]
    plain = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    calls = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    called = {id(function.value) for function in calls if isinstance(function, ast.Attribute)}
    nested = any(isinstance(one, ast.Lambda | ast.FunctionDef | ast.ClassDef) for one in ast.walk(node))
    return any(id(one) not in plain or id(one) in called for one in own) or (nested and bool(own))


def stored(node: ast.stmt, receiver: str) -> set[str]:
    """The attributes that a statement surely assigns."""
    if isinstance(node, ast.If):
        both = [set().union(*(stored(s, receiver) for s in suite)) for suite in (node.body, node.orelse)]
        return both[0] & both[1]
    if nested_statements(node):
        return set()
    targets: list[ast.expr] = []
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    elif isinstance(node, ast.Assign):
        targets = node.targets
    return {
        one.attr
        for target in targets
        for one in ast.walk(target)
        if isinstance(one, ast.Attribute)
        and isinstance(one.ctx, ast.Store)
        and isinstance(one.value, ast.Name)
        and one.value.id == receiver
    }


def deletes(tree: ast.Module) -> bool:
    """Whether attributes go whose names only the run tells."""
    return any(isinstance(one, ast.Name) and one.id == "delattr" for one in ast.walk(tree))
