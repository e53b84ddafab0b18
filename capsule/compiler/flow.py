"""Definite assignment: which reads of a name may come before anything was bound to it.

Python raises there; JavaScript would go on with undefined. Only these reads are checked at run time.
"""

import ast
from collections.abc import Iterable, Sequence

from capsule.compiler.scopes import body_names, declared_outer, parameters

# What is bound after code that never goes on (return, raise, break): everything, vacuously.
Bound = frozenset[str] | None


def both(a: Bound, b: Bound) -> Bound:
    """What is bound wherever two ways meet."""
    if a is None:
        return b
    return a if b is None else a & b


class Flow:
    """One walk over a function's body (or a module's). `unsure` collects the reads, as node identities."""

    def __init__(
        self, names: Iterable[str], function: ast.AST | None = None, lost: frozenset[str] = frozenset()
    ) -> None:
        self.names = frozenset(names)
        self.function = function
        # What may be unbound again after it was bound.
        self.gone = frozenset() if function is None else unbound(function)
        # What any call may unbind.
        self.lost = lost
        self.unsure: set[int] = set()
        self.unsure_names: set[str] = set()
        self.breaks: list[list[Bound]] = []

    def body(self, statements: Sequence[ast.stmt], bound: Bound) -> Bound:
        for node in statements:
            bound = self.statement(node, bound)
        return bound

    def statement(self, node: ast.stmt, bound: Bound) -> Bound:
        if bound is None:
            return None
        method = getattr(self, f"do_{type(node).__name__}", None)
        if method is not None:
            result: Bound = method(node, bound)
            return result
        for child in ast.iter_child_nodes(node):
            bound = self.expression(child, bound)
        return bound | self.stored(node)

    def stored(self, node: ast.stmt) -> frozenset[str]:
        walrus = {one.target.id for one in ast.walk(node) if isinstance(one, ast.NamedExpr)}
        return (frozenset(body_names([node])) - walrus) & self.names

    def expression(self, node: ast.AST | None, bound: frozenset[str]) -> frozenset[str]:
        """The reads in an expression, and what walruses in it bind for sure."""
        if node is None:
            return bound
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load | ast.Del) and node.id in self.names - (bound - self.lost):
                self.unsure.add(id(node))
                self.unsure_names.add(node.id)
            return bound
        if isinstance(node, ast.Lambda):
            for default in [*node.args.defaults, *node.args.kw_defaults]:
                bound = self.expression(default, bound)
            self.captured(node, [node.body], bound, frozenset(parameters(node.args)))
            return bound
        if isinstance(node, ast.NamedExpr):
            return self.expression(node.value, bound) | {node.target.id}
        if isinstance(node, ast.BoolOp):
            first = self.expression(node.values[0], bound)
            inner = first
            for value in node.values[1:]:
                inner = self.expression(value, inner)
            return first
        if isinstance(node, ast.IfExp):
            test = self.expression(node.test, bound)
            return self.expression(node.body, test) & self.expression(node.orelse, test)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inner = self.expression(node.generators[0].iter, bound)
            own = frozenset().union(*(body_names([ast.Assign([g.target], g.iter)]) for g in node.generators))
            shadowed = Flow(self.names - own, lost=self.lost)
            for child in ast.iter_child_nodes(node):
                shadowed.expression(child, inner)
            self.unsure |= shadowed.unsure
            self.unsure_names |= shadowed.unsure_names
            return bound
        for child in ast.iter_child_nodes(node):
            bound = self.expression(child, bound)
        return bound

    def do_FunctionDef(self, node: ast.FunctionDef, bound: frozenset[str]) -> Bound:
        for part in [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]:
            bound = self.expression(part, bound)
        bound |= {node.name} & self.names
        own = frozenset(body_names(node.body)) - declared_outer(node.body)
        self.captured(node, node.body, bound, own | frozenset(parameters(node.args)))
        return bound

    def captured(
        self, node: ast.AST, body: Sequence[ast.AST], bound: frozenset[str], own: frozenset[str]
    ) -> None:
        """What a function reads of the variables here: a call may come before they are bound, or when they are gone."""
        if not self.function:
            return
        missing = self.names - own - (bound - self.gone)
        pending = list(body)
        while pending and missing:
            one = pending.pop()
            if isinstance(one, ast.FunctionDef | ast.Lambda):
                inner = frozenset(parameters(one.args))
                inside = one.body if isinstance(one, ast.FunctionDef) else [one.body]
                if isinstance(one, ast.FunctionDef):
                    inner |= frozenset(body_names(one.body)) - declared_outer(one.body)
                self.captured(one, inside, bound, own | inner)
                pending.extend([*one.args.defaults, *(d for d in one.args.kw_defaults if d is not None)])
                continue
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) and one.id in missing:
                self.unsure.add(id(one))
                self.unsure_names.add(one.id)
            pending.extend(ast.iter_child_nodes(one))

    def do_ClassDef(self, node: ast.ClassDef, bound: frozenset[str]) -> Bound:
        for part in [*node.bases, *node.decorator_list]:
            bound = self.expression(part, bound)
        inner = Flow(self.names - body_names(node.body), lost=self.lost)
        inner.body([s for s in node.body if not isinstance(s, ast.FunctionDef)], bound)
        self.unsure |= inner.unsure
        self.unsure_names |= inner.unsure_names
        bound |= {node.name} & self.names
        for method in (s for s in node.body if isinstance(s, ast.FunctionDef)):
            own = frozenset(body_names(method.body)) - declared_outer(method.body)
            self.captured(method, method.body, bound, own | frozenset(parameters(method.args)))
        return bound

    def do_AnnAssign(self, node: ast.AnnAssign, bound: frozenset[str]) -> Bound:
        if node.value is None:
            return bound
        return self.expression(node.value, bound) | self.stored(node)

    def do_AugAssign(self, node: ast.AugAssign, bound: frozenset[str]) -> Bound:
        if isinstance(node.target, ast.Name) and node.target.id in self.names - bound:
            self.unsure.add(id(node.target))
            self.unsure_names.add(node.target.id)
        bound = self.expression(node.target, bound)
        return self.expression(node.value, bound) | self.stored(node)

    def do_Delete(self, node: ast.Delete, bound: frozenset[str]) -> Bound:
        for target in node.targets:
            bound = self.expression(target, bound)
            if isinstance(target, ast.Name):
                bound -= {target.id}
        return bound

    def do_Return(self, node: ast.Return, bound: frozenset[str]) -> Bound:
        self.expression(node.value, bound)
        return None

    def do_Raise(self, node: ast.Raise, bound: frozenset[str]) -> Bound:
        self.expression(node.cause, self.expression(node.exc, bound))
        return None

    def do_Break(self, node: ast.Break, bound: frozenset[str]) -> Bound:
        if self.breaks:
            self.breaks[-1].append(bound)
        return None

    def do_Continue(self, node: ast.Continue, bound: frozenset[str]) -> Bound:
        return None

    def do_If(self, node: ast.If, bound: frozenset[str]) -> Bound:
        bound = self.expression(node.test, bound)
        return both(self.body(node.body, bound), self.body(node.orelse, bound))

    def do_While(self, node: ast.While, bound: frozenset[str]) -> Bound:
        test = self.expression(node.test, bound)
        self.breaks.append([])
        self.body(node.body, test)
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        result = None if endless else self.body(node.orelse, test)
        for one in self.breaks.pop():
            result = both(result, one)
        return result

    def do_For(self, node: ast.For, bound: frozenset[str]) -> Bound:
        before = self.expression(node.iter, bound)
        inside = before | (frozenset(body_names([ast.Assign([node.target], node.iter)])) & self.names)
        inside = self.expression(node.target, inside)
        self.breaks.append([])
        self.body(node.body, inside)
        result = self.body(node.orelse, before)
        for one in self.breaks.pop():
            result = both(result, one)
        return result

    def do_With(self, node: ast.With, bound: frozenset[str]) -> Bound:
        for item in node.items:
            bound = self.expression(item.context_expr, bound)
            if item.optional_vars is not None:
                bound |= (
                    frozenset(body_names([ast.Assign([item.optional_vars], item.context_expr)])) & self.names
                )
        inside = self.body(node.body, bound)
        # `__exit__` may swallow an exception: then the body stopped anywhere.
        return both(inside, bound)

    def do_Try(self, node: ast.Try, bound: frozenset[str]) -> Bound:
        result = self.body(node.orelse, self.body(node.body, bound))
        for handler in node.handlers:
            inside: Bound = self.expression(handler.type, bound)
            if inside is not None and handler.name:
                inside |= {handler.name} & self.names
            after = self.body(handler.body, inside)
            if after is not None and handler.name:
                after -= {handler.name}
            result = both(result, after)
        if node.finalbody:
            final = self.body(node.finalbody, bound)
            if final is None:
                return None
            result = None if result is None else result | final
        return result


def module_flow(tree: ast.Module) -> Flow:
    flow = Flow(body_names(tree.body) | made_by_functions(tree), lost=lost_names(tree))
    flow.body(tree.body, frozenset())
    return flow


def function_flow(node: ast.FunctionDef | ast.AsyncFunctionDef, names: Iterable[str]) -> Flow:
    flow = Flow(names, node, lost_names(node))
    flow.body(node.body, frozenset(parameters(node.args)) & flow.names)
    return flow


def unbound(node: ast.AST) -> frozenset[str]:
    """The names that `del` and the ends of handlers unbind."""
    every = list(ast.walk(node))
    deleted = {one.id for one in every if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Del)}
    return frozenset(deleted | {one.name for one in every if isinstance(one, ast.ExceptHandler) and one.name})


def lost_names(node: ast.AST) -> frozenset[str]:
    """What functions within unbind that is not theirs: they say `global` or `nonlocal`."""
    functions = [one for one in ast.walk(node) if isinstance(one, ast.FunctionDef) and one is not node]
    return frozenset().union(*(unbound(one) & declared_outer(one.body) for one in functions))


def late_names(tree: ast.Module) -> frozenset[str]:
    """The module's names that are bound only after the module has begun to call functions, or that it unbinds again.

    A function that reads one of these may run while it is not bound.
    """
    early: set[str] = set()
    late: set[str] = set()
    running = False
    for node in tree.body:
        definition = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
        running = running or (not definition and calls_anything(node))
        (late if running else early).update(body_names([node]))
    return frozenset(late - early) | unbound_outside(tree) | made_by_functions(tree)


def made_by_functions(tree: ast.Module) -> frozenset[str]:
    """The module's names that only functions bind, by `global`."""
    given = {name for one in ast.walk(tree) if isinstance(one, ast.Global) for name in one.names}
    return frozenset(given - body_names(tree.body))


def unbound_outside(tree: ast.Module) -> frozenset[str]:
    """What the module's own statements unbind, and its functions that say `global`."""
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(one) for function in functions for one in ast.walk(function)}
    given = frozenset(name for function in functions for name in declared_outer(function.body))
    result: set[str] = set()
    for one in ast.walk(tree):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Del):
            gone: str | None = one.id
        elif isinstance(one, ast.ExceptHandler):
            gone = one.name
        else:
            continue
        if gone is not None and (id(one) not in inside or gone in given):
            result.add(gone)
    return frozenset(result)


# Builtin functions that call nothing of the program for what is written out as their argument.
QUIET = frozenset(
    {"frozenset", "set", "list", "dict", "tuple", "str", "int", "float", "len", "range", "TypeVar"}
)


def calls_anything(node: ast.stmt) -> bool:
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            function = one.func
            plain = isinstance(function, ast.Name) and function.id in QUIET
            text = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Constant)
            if not plain and not text:
                return True
    return False
