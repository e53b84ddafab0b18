"""Loops and comprehensions. The usual sources of a loop (range, items, enumerate) are gone through directly."""

import ast

from capsule.compiler.index import stored_names
from capsule.compiler.kinds import TEXT_METHODS, loop_bindings
from capsule.compiler.lowering import Lowering
from capsule.compiler.nodes import assign, call, constant, is_call, is_super, name, note, store, thunk
from capsule.compiler.scopes import Scope

VIEWS = {"keys": "$i_keys", "values": "$i_values", "items": "$i_items"}
# The same for what may change meanwhile.
LIVE = {
    "$iter": "$live", "$i_keys": "$l_keys", "$i_values": "$l_values", "$i_items": "$l_items",
    "$i_entries": "$l_entries",
}  # fmt: skip


class Loops(Lowering):
    def iterable(self, node: ast.expr, pairs: bool = False, loose: bool = False) -> ast.expr:
        """What JavaScript's `for` goes through; `pairs`: each element is taken apart at once; `loose`: their order does
        not show.
        """
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in VIEWS
            and not node.args
            and not node.keywords
            and not self.is_receiver(node.func.value)
            and not is_super(node.func.value)
        ):
            view = "$i_entries" if pairs and node.func.attr == "items" else VIEWS[node.func.attr]
            return call(view, self.lower(node.func.value))
        kind = self.kind(node)
        if kind == "set" and not loose:
            self.refuse("CAP152", node)
        lowered = self.lower(node)
        if kind in ("list", "tuple", "str", "range"):
            return lowered
        return call("$anyOrder" if loose else "$iter", lowered)

    def loop_names(self, target: ast.expr) -> set[str]:
        return stored_names(ast.Expr(value=target))

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        before: list[ast.stmt] = []
        head: list[ast.stmt] = []
        lowered = ast.For(target=node.target, iter=node.iter, body=[], orelse=[], lineno=node.lineno)
        if is_call(node.iter, "range") and self.is_builtin("range") and self.counts(node, lowered, head):
            pass
        elif is_call(node.iter, "enumerate") and self.is_builtin("enumerate") and self.enumerates(node):
            assert isinstance(node.iter, ast.Call)
            assert isinstance(node.target, ast.Tuple)
            counter = self.scope.temporary("n")
            start = node.iter.args[1] if len(node.iter.args) > 1 else None
            begin = constant(0) if start is None else call("$index", self.lower(start))
            before.append(assign(counter, begin))
            lowered.iter = self.watched(self.iterable(node.iter.args[0]), *node.body)
            first, second = node.target.elts
            if isinstance(first, ast.Name) and isinstance(second, ast.Name) and first.id != second.id:
                self.element(second, lowered, head)
                head.extend(self.assign_to(first, name(counter)))
            else:
                # The second may be a place that the first is part of: `for i, l[i] in enumerate(x)`.
                element = self.scope.temporary("e")
                lowered.target = store(element)
                head.extend([*self.assign_to(first, name(counter)), *self.assign_to(second, name(element))])
            head.append(ast.Expr(value=ast.NamedExpr(target=store(counter), value=plus_one(counter))))
        else:
            pairs = isinstance(node.target, ast.Tuple | ast.List)
            lowered.iter = self.watched(self.iterable(node.iter, pairs), *node.body)
            self.element(node.target, lowered, head)
        if is_call(lowered.iter, "$iter", *LIVE.values()) and any(map(leaves, node.body)):
            lowered.iter = call("$kept", lowered.iter)
        lowered.body = [*head, *self.lower_body(node.body)]
        lowered.orelse = self.lower_body(node.orelse)
        return [*before, lowered]

    def element(self, target: ast.expr, loop: ast.For, head: list[ast.stmt]) -> None:
        """Bind the loop's element: a plain name directly, anything else at the head of the body."""
        if isinstance(target, ast.Name) and target.id not in self.scope.outer:
            loop.target = ast.Name(id=self.js_target(target.id), ctx=ast.Store())
            return
        temporary = self.scope.temporary("e")
        loop.target = store(temporary)
        head.extend(self.assign_to(target, name(temporary)))

    def counts(self, node: ast.For, lowered: ast.For, head: list[ast.stmt]) -> bool:
        """`for i in range(...)` with a literal step: a counter of its own, so that the body may change `i`."""
        assert isinstance(node.iter, ast.Call)
        arguments = node.iter.args
        if node.iter.keywords or not 1 <= len(arguments) <= 3 or not isinstance(node.target, ast.Name):
            return False
        if any(isinstance(a, ast.Starred) for a in arguments):
            return False
        step = literal_int(arguments[2]) if len(arguments) == 3 else 1
        if not step:
            return False
        start = self.index_of(arguments[0]) if len(arguments) > 1 else constant(0)
        stop = self.index_of(arguments[1] if len(arguments) > 1 else arguments[0])
        self.scope.function.temporaries += 1
        counter = f"$i{self.scope.function.temporaries}"
        note(lowered, counting=(counter, start, stop, step))
        head.extend(self.assign_to(node.target, name(counter)))
        return True

    def index_of(self, node: ast.expr) -> ast.expr:
        lowered = self.lower(node)
        return lowered if self.kind(node) == "count" else call("$index", lowered)

    def enumerates(self, node: ast.For) -> bool:
        assert isinstance(node.iter, ast.Call)
        plain = not node.iter.keywords and not any(isinstance(a, ast.Starred) for a in node.iter.args)
        return (
            plain
            and 1 <= len(node.iter.args) <= 2
            and isinstance(node.target, ast.Tuple)
            and len(node.target.elts) == 2
            and not any(isinstance(e, ast.Starred) for e in node.target.elts)
        )

    def watched(self, elements: ast.expr, *parts: ast.AST) -> ast.expr:
        """Where these parts of a loop may change the dict or set that it goes through, look at it at every step."""
        if self.trust is not None or not is_call(elements, *LIVE):
            return elements
        if not any(self.may_change(one) for part in parts for one in ast.walk(part)):
            return elements
        assert isinstance(elements, ast.Call)
        assert isinstance(elements.func, ast.Name)
        return call(LIVE[elements.func.id], *elements.args)

    def may_change(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Subscript):
            return not isinstance(node.ctx, ast.Load)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and self.kind(node.func.value) in ("list", "str"):
                return False
            if is_call(node, "print"):
                return False
        return not self.calls_nothing(node)

    def visit_While(self, node: ast.While) -> ast.While:
        return ast.While(
            test=self.truth(node.test), body=self.lower_body(node.body), orelse=self.lower_body(node.orelse)
        )

    # -- comprehensions

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> ast.expr:
        """A lowered comprehension keeps its form; the generator writes it as loops in a function of its own."""
        outer = self.scope
        loose = self.is_loose(node)
        first = self.iterable(
            node.generators[0].iter, isinstance(node.generators[0].target, ast.Tuple), loose
        )
        # Who takes from a generator may do anything between two elements.
        lazy = isinstance(node, ast.GeneratorExp) and not loose
        parts: list[ast.AST] = [thunk(constant(None))] if lazy else list(ast.iter_child_nodes(node))
        first = self.watched(first, *parts)
        names: set[str] = set()
        for generator in node.generators:
            names |= self.loop_names(generator.target)
        self.scope = Scope("comprehension", node, outer, names)
        for generator in node.generators:
            for found, kind in loop_bindings(generator.target, generator.iter):
                self.scope.kinds[found] = kind if isinstance(kind, str) else "any"
        try:
            lowered: list[ast.comprehension] = []
            for index, generator in enumerate(node.generators):
                if generator.is_async:
                    self.refuse("CAP103", node)
                iter_ = (
                    first
                    if index == 0
                    else self.watched(
                        self.iterable(generator.iter, isinstance(generator.target, ast.Tuple), loose), *parts
                    )
                )
                new = ast.comprehension(target=store("$e"), iter=iter_, ifs=[], is_async=0)
                head: list[ast.stmt] = []
                if isinstance(generator.target, ast.Name):
                    new.target = ast.Name(id=self.js_target(generator.target.id), ctx=ast.Store())
                else:
                    new.target = store(f"$e{index}")
                    head = self.assign_to(generator.target, name(f"$e{index}"))
                note(new, head=head)
                new.ifs = [self.truth(test) for test in generator.ifs]
                lowered.append(new)
            result: ast.expr
            if isinstance(node, ast.DictComp):
                result = ast.DictComp(
                    key=self.lower(node.key), value=self.lower(node.value), generators=lowered
                )
            else:
                result = type(node)(elt=self.lower(node.elt), generators=lowered)
            lambdas = any(isinstance(one, ast.Lambda) for one in ast.walk(node))
            note(result, shared=lambdas)
            return result
        finally:
            self.scope = outer

    def is_loose(self, node: ast.expr) -> bool:
        """Whether the order of a comprehension's elements does not show: neither in what is made of them, nor in what
        making them does.
        """
        if self.trust is not None or not (isinstance(node, ast.SetComp) or id(node) in self.loose):
            return False
        return all(self.calls_nothing(one) for one in ast.walk(node))

    def calls_nothing(self, node: ast.AST) -> bool:
        """Whether a node does nothing that the program could see: it calls no function of the program's own."""
        if isinstance(node, ast.Yield | ast.YieldFrom | ast.NamedExpr | ast.Lambda):
            return False
        if not isinstance(node, ast.Call):
            return True
        if isinstance(node.func, ast.Name):
            return self.is_builtin(node.func.id) and node.func.id != "print"
        text = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return text in TEXT_METHODS and not self.index.is_method(text)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self.comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self.comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self.comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self.comprehension(node)


def leaves(node: ast.AST) -> bool:
    """Whether a statement may end the loop that it is in."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
        return False
    return isinstance(node, ast.Break | ast.Return | ast.Raise) or any(
        map(leaves, ast.iter_child_nodes(node))
    )


def literal_int(node: ast.expr) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = literal_int(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def plus_one(counter: str) -> ast.expr:
    return ast.BinOp(left=name(counter), op=ast.Add(), right=constant(1))
