"""The rules about verdicts and permission rules: a Verdict is not a truth value, and a rule answers True or False."""

import ast
from collections.abc import Iterator

from capsule.compiler.declarations import Declarations
from capsule.compiler.finding import Finding
from capsule.compiler.index import stored_names
from capsule.compiler.model_methods import FunctionNode, methods
from capsule.compiler.refusal import Refusals
from capsule.compiler.sources import Source, is_core

DEEDS = ("safeSet", "safeAdd", "safeDelete", "safeMove", "safeCall", "can")
RULES = ("canRead", "canReadPrivate", "canAdd", "canEdit", "canDelete", "canMove", "canCall")


class Verdicts(Refusals):
    """All rules for one module."""

    def __init__(self, source: Source, declarations: Declarations) -> None:
        super().__init__(source)
        self.declarations = declarations
        known = declarations.index.methods
        # A name that the app gives a method of its own may stand for that one.
        self.deeds = {
            name for name in DEEDS if known.get(name) and all(is_core(one.module) for one, _ in known[name])
        }

    def check(self) -> list[Finding]:
        if self.deeds:
            self.truths(self.source.tree, {})
        for declared in self.declarations.known.values():
            if declared.found.module == self.source.name and not declared.overrides("deny"):
                for function in methods(declared):
                    if function.name in RULES:
                        self.rule(function)
        return self.findings

    # -- truth

    def truths(self, scope: ast.AST, outer: dict[str, str]) -> None:
        """One function's tests, or the module's. `outer`: the names that stand for verdicts around it."""
        inside = list(own_nodes(scope))
        names = {name: deed for name, deed in outer.items() if name not in bound(scope, inside)}
        names.update(self.names(scope, inside))
        told: set[int] = set()
        for node in inside:
            for test in tested(node):
                deed = self.deed(test, names)
                if deed is not None and id(test) not in told:
                    told.add(id(test))
                    self.refuse("CAP206", test, written=ast.unparse(test))
        for node in inside:
            if isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
                self.truths(node, {} if isinstance(scope, ast.Module | ast.ClassDef) else names)

    def deed(self, node: ast.expr, names: dict[str, str]) -> str | None:
        """The method whose Verdict an expression surely is."""
        if isinstance(node, ast.Name):
            return names.get(node.id)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in self.deeds
        ):
            return node.func.attr
        return None

    def names(self, scope: ast.AST, inside: list[ast.AST]) -> dict[str, str]:
        """Local names that are only ever given a verdict."""
        found: dict[str, str] = {}
        times: dict[str, int] = {}
        if not isinstance(scope, FunctionNode):
            return found
        for node in inside:
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                times[node.id] = times.get(node.id, 0) + 1
        for node in inside:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target, deed = node.targets[0], self.deed(node.value, {})
                if isinstance(target, ast.Name) and deed is not None:
                    found[target.id] = deed
                    times[target.id] -= 1
        spoiled = {one.arg for one in ast.walk(scope) if isinstance(one, ast.arg)}
        for node in ast.walk(scope):
            if isinstance(node, ast.Global | ast.Nonlocal):
                spoiled.update(node.names)
        return {name: deed for name, deed in found.items() if times[name] == 0 and name not in spoiled}

    # -- rules

    def rule(self, function: FunctionNode) -> None:
        myself = function.args.args[0].arg
        inside = list(own_nodes(function))
        verdicts = self.names(function, inside)
        for node in inside:
            if isinstance(node, ast.Return) and node.value is not None:
                for answer in answers(node.value):
                    what = self.answered(answer, verdicts)
                    if what is not None:
                        self.refuse("CAP208", answer, name=function.name, problem=f"answers {what}")
        for block in blocks(function):
            for place, statement in enumerate(block):
                if is_denial(statement, myself) and not refused_after(block[place + 1 :]):
                    self.refuse(
                        "CAP208", statement, name=function.name, problem="does not return what it denies"
                    )

    def answered(self, node: ast.expr, verdicts: dict[str, str]) -> str | None:
        """What a rule answers that is surely no bool. None is a plain no."""
        if isinstance(node, ast.JoinedStr):
            return "a text"
        if isinstance(node, ast.Constant) and node.value is not None and not isinstance(node.value, bool):
            return "a text" if isinstance(node.value, str) else "a number"
        if isinstance(
            node, ast.List | ast.Dict | ast.Tuple | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
        ):
            return "a collection of values"
        if self.deed(node, verdicts) is not None:
            return "a Verdict"
        return None


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """What is inside, without the insides of the functions and classes in it."""
    pending = list(ast.iter_child_nodes(scope))
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))


def bound(scope: ast.AST, inside: list[ast.AST]) -> set[str]:
    names = {node.id for node in inside if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return names | {node.arg for node in ast.walk(scope) if isinstance(node, ast.arg)} | stored_names(scope)


def tested(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that a node asks for their truth."""
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        yield from parts(node.test)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from parts(node.operand)
    elif isinstance(node, ast.BoolOp):
        for value in node.values[:-1]:
            yield from parts(value)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield from parts(test)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "bool":
        for argument in node.args[:1]:
            yield from parts(argument)


def parts(node: ast.expr) -> Iterator[ast.expr]:
    """Those of which a truth is made up."""
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from parts(value)
    elif isinstance(node, ast.IfExp):
        yield from parts(node.body)
        yield from parts(node.orelse)
    elif isinstance(node, ast.NamedExpr):
        yield from parts(node.value)
    else:
        yield node


def answers(node: ast.expr) -> Iterator[ast.expr]:
    """What a returned expression may be in the end. What stands before `and`, `or` is answered when it is decided
    by itself: before `or` when it is true, which nothing but a bool should be.
    """
    if isinstance(node, ast.IfExp):
        yield from answers(node.body)
        yield from answers(node.orelse)
    elif isinstance(node, ast.BoolOp):
        yield from answers(node.values[-1])
    else:
        yield node


def blocks(function: FunctionNode) -> Iterator[list[ast.stmt]]:
    """The function's lists of statements, without those of functions in it."""
    pending: list[ast.AST] = [function]
    while pending:
        node = pending.pop(0)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block
                pending.extend(one for one in block if not isinstance(one, FunctionNode | ast.ClassDef))
        pending.extend(getattr(node, "handlers", []))


def is_denial(node: ast.stmt, myself: str) -> bool:
    """`self.deny(...)` as a statement."""
    call = node.value if isinstance(node, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "deny"
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == myself
    )


def refused_after(rest: list[ast.stmt]) -> bool:
    """Whether a block goes on to refuse: `return False`, `return self.deny(...)`, `raise`."""
    last = rest[-1] if rest else None
    if isinstance(last, ast.Return):
        return not (isinstance(last.value, ast.Constant) and last.value.value is True)
    return isinstance(last, ast.Raise)
