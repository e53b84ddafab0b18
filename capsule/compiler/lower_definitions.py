"""Functions, classes, imports: what a module defines."""

import ast

from capsule.compiler.flow import function_flow
from capsule.compiler.index import Class, Signature, decorator_name, method_role, replaced
from capsule.compiler.lower_arguments import described
from capsule.compiler.lowering import Lowering, js_name
from capsule.compiler.nodes import assign, constant, is_call, is_super, name, note
from capsule.compiler.runtime_names import LIBRARY
from capsule.compiler.scopes import Scope, body_names, function_scope

METHOD_DECORATORS = frozenset({"property", "staticmethod", "classmethod", "setter", "cached_property"})

DUNDERS = frozenset(
    """__init__ __init_subclass__ __str__ __repr__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __len__ __bool__
    __contains__ __iter__ __next__ __getitem__ __setitem__ __delitem__ __add__ __radd__ __sub__ __rsub__ __mul__
    __rmul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ __mod__ __rmod__ __pow__ __rpow__ __and__ __rand__
    __or__ __ror__ __xor__ __rxor__ __lshift__ __rlshift__ __rshift__ __rrshift__ __neg__ __pos__ __invert__ __abs__
    __iadd__ __isub__ __imul__ __int__ __float__ __index__ __round__ __format__ __enter__ __exit__
    __reversed__ __hash__ __call__ __post_init__""".split()
)
# Class attributes that JavaScript has on every class and does not let go of.
TAKEN = frozenset({"prototype", "arguments", "caller", "constructor"})


class Definitions(Lowering):
    # -- functions

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt | list[ast.stmt] | None:
        if any(self.typing_name(d) == "overload" for d in node.decorator_list):
            return None
        in_class = self.scope.kind == "class"
        before: list[ast.stmt] = []
        decorators = [] if in_class and not replaced(node) else self.decorators(node)
        defaults = [self.default(d, before) for d in node.args.defaults]
        kw_defaults = [None if d is None else self.default(d, before) for d in node.args.kw_defaults]
        scope = function_scope(node, self.scope)
        flow = function_flow(node, scope.names)
        self.flows.append(flow)
        outer, self.scope = self.scope, scope
        self.kinds.bind(scope, node.body)
        lowered = ast.FunctionDef(
            name=self.mangle(node.name) if in_class else js_name(node.name),
            args=self.parameters(node.args, defaults, kw_defaults),
            body=[],
            decorator_list=decorators,
            lineno=node.lineno,
        )
        try:
            body = self.lower_body(without_docstring(node.body))
        finally:
            self.scope = outer
            self.flows.pop()
        lowered.body = body
        note(lowered, declared=scope.declared)
        note(lowered, checked=not self.source.core)
        note(lowered, source=node)
        note(lowered, owner=self.classes[-1].name if in_class else None)
        note(lowered, falls=not ends(node.body))
        note(lowered, generator=yields(node))
        note(lowered, abstract=any(self.typing_name(d) == "abstractmethod" for d in node.decorator_list))
        # JavaScript would let a declared function be called before its line.
        early = node.name not in self.late and node.name not in self.flows[0].unsure_names
        note(lowered, once=early and node.name not in self.module.rebound)
        note(lowered, outer_names={js_name(n) for n in scope.outer})
        self.describe(lowered, node)
        ast.copy_location(lowered, node)
        return [*before, lowered] if before else lowered

    def describe(self, lowered: ast.FunctionDef | ast.Lambda, node: ast.FunctionDef | ast.Lambda) -> None:
        """Leave on a function what calls of it as a value must know at run time."""
        if isinstance(node, ast.Lambda):
            signature = Signature.of(node.args)
            most, wanted = self.demands.count(signature, self.demands.most), self.demands.keywords
        elif self.scope.kind == "class" and not replaced(node):
            role = method_role(node)
            signature = Signature.of(node.args, 0 if role == "static" else 1)
            if role == "property":
                return
            if node.name == "__init__":
                most, wanted = self.demands.of_constructor(self.family(), signature)
            else:
                most, wanted = self.demands.of_method(node.name, signature)
        else:
            signature = Signature.of(node.args)
            most, wanted = self.demands.of_function(node.name, signature, bool(node.decorator_list))
        if most is None and not wanted:
            return
        count = name("undefined") if most is None else constant(most)
        note(lowered, description=[count, described(signature) if wanted else name("undefined")])

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.refuse("CAP103", node)

    def decorators(self, node: ast.FunctionDef | ast.ClassDef) -> list[ast.expr]:
        return [self.function_value(d) for d in node.decorator_list if self.typing_name(d) is None]

    def default(self, node: ast.expr, before: list[ast.stmt]) -> ast.expr:
        """Defaults are evaluated once, when the function is defined."""
        lowered = self.lower(node)
        if isinstance(lowered, ast.Constant):
            return lowered
        holder = self.scope.function
        holder.temporaries += 1
        temporary = f"$d{holder.temporaries}"
        bound = assign(temporary, lowered)
        # A constant of its block: a function that is defined in a loop keeps the value it was defined with.
        note(bound, const=True)
        before.append(ast.copy_location(bound, node))
        return name(temporary)

    def parameters(
        self, node: ast.arguments, defaults: list[ast.expr], kw_defaults: list[ast.expr | None]
    ) -> ast.arguments:
        def renamed(found: ast.arg) -> ast.arg:
            return ast.arg(arg=js_name(found.arg))

        return ast.arguments(
            posonlyargs=[],
            args=[renamed(a) for a in [*node.posonlyargs, *node.args]],
            vararg=None if node.vararg is None else renamed(node.vararg),
            # Under their own names: these are the keys of the trailing object.
            kwonlyargs=[ast.arg(arg=a.arg) for a in node.kwonlyargs],
            kw_defaults=kw_defaults,
            kwarg=None if node.kwarg is None else renamed(node.kwarg),
            defaults=defaults,
        )

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        values = [self.lower(d) for d in node.args.defaults]
        kw_values = [None if d is None else self.lower(d) for d in node.args.kw_defaults]
        # A default that is no constant is bound by a function around: it is evaluated here and now.
        held: list[tuple[str, ast.expr]] = []

        def hold(value: ast.expr) -> ast.expr:
            if isinstance(value, ast.Constant):
                return value
            self.scope.function.temporaries += 1
            text = f"$d{self.scope.function.temporaries}"
            held.append((text, value))
            return name(text)

        defaults = [hold(value) for value in values]
        kw_defaults = [None if value is None else hold(value) for value in kw_values]
        outer = self.scope
        self.scope = function_scope(node, outer)
        try:
            body = self.lower(node.body)
        finally:
            inner, self.scope = self.scope, outer
        lowered = ast.Lambda(args=self.parameters(node.args, defaults, kw_defaults), body=body)
        note(lowered, declared=inner.declared)
        note(lowered, checked=not self.source.core)
        note(lowered, held=held)
        note(lowered, nameless=self.demands.names)
        self.describe(lowered, node)
        note(lowered, generator=any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(node.body)))
        return lowered

    # -- classes

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt | None:
        if any(self.typing_name(b) in ("TypedDict", "Protocol") for b in node.bases):
            return None
        bases = [base for base in node.bases if self.typing_name(base) is None]
        for base in node.bases:
            if self.typing_name(base) not in (None, "Generic", "ABC"):
                self.refuse("CAP132", base, name=ast.unparse(base))
        self.check_class(node, bases)
        found = self.class_of(node)
        lowered_bases = [self.lower(base) for base in bases]
        decorators = self.decorators(node)
        self.classes.append(found)
        outer = self.scope
        self.scope = Scope("class", node, outer, body_names(node.body))
        before: list[ast.stmt] = []
        attributes: list[tuple[str, ast.expr]] = []
        methods: list[ast.stmt] = []
        decorated: list[ast.FunctionDef] = []
        try:
            for statement in without_docstring(node.body):
                self.class_statement(statement, node, before, attributes, methods, decorated)
        finally:
            self.classes.pop()
            self.scope = outer
        lowered = ast.ClassDef(
            name=js_name(node.name), bases=lowered_bases, keywords=[], body=methods, decorator_list=decorators
        )
        note(lowered, attributes=attributes)
        note(lowered, shown=node.name)
        note(lowered, before=before, decorated=decorated)
        statics = [
            mangled(f.name, node.name)
            for f in node.body
            if isinstance(f, ast.FunctionDef)
            and {decorator_name(d) for d in f.decorator_list} & {"staticmethod", "classmethod"}
        ]
        note(lowered, statics=statics)
        if self.index.is_abstract(found) and not self.source.core:
            note(lowered, abstract=[one.name for one in methods if getattr(one, "abstract", False)])  # type: ignore[attr-defined]
        return ast.copy_location(lowered, node)

    def class_of(self, node: ast.ClassDef) -> Class:
        known = self.module.classes.get(node.name)
        if known is not None and known.node is node:
            return known
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        result = Class(node.name, self.source.name, node, bases)
        for one in self.index.methods.values():
            for found, _ in one:
                if found.node is node:
                    return found
        return result

    def check_class(self, node: ast.ClassDef, bases: list[ast.expr]) -> None:
        if node.keywords:
            self.refuse("CAP130", node)
        if len(bases) > 1:
            self.refuse("CAP131", node, name=node.name)
        for base in bases:
            target = self.module.imports.get(base.id) if isinstance(base, ast.Name) else None
            if target is not None and target[0] in LIBRARY and target != ("enum", "Enum"):
                self.refuse("CAP132", base, name=ast.unparse(base))
            if isinstance(base, ast.Name) and self.is_builtin(base.id):
                known = base.id.endswith(("Error", "Exception", "Iteration", "Warning"))
                if not known and base.id != "object":
                    self.refuse("CAP132", base, name=base.id)

    def class_statement(
        self,
        statement: ast.stmt,
        node: ast.ClassDef,
        before: list[ast.stmt],
        attributes: list[tuple[str, ast.expr]],
        methods: list[ast.stmt],
        decorated: list[ast.FunctionDef],
    ) -> None:
        if isinstance(statement, ast.FunctionDef):
            self.check_method(statement)
            lowered = self.visit(statement)
            if replaced(statement):
                decorated.append(lowered[-1] if isinstance(lowered, list) else lowered)
                before.extend(lowered[:-1] if isinstance(lowered, list) else [])
                return
            for one in lowered if isinstance(lowered, list) else [lowered]:
                if one is not None:
                    (methods if isinstance(one, ast.FunctionDef) else before).append(one)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            self.class_attribute(statement, node, before, attributes)
        elif isinstance(statement, ast.ClassDef):
            inner = self.visit(statement)
            if inner is not None:
                attributes.append((statement.name, inner))
        elif isinstance(statement, ast.AsyncFunctionDef):
            self.visit(statement)
        elif not isinstance(statement, ast.Pass) and not is_constant(statement):
            self.refuse("CAP133", statement)

    def class_attribute(
        self,
        statement: ast.Assign | ast.AnnAssign,
        node: ast.ClassDef,
        before: list[ast.stmt],
        attributes: list[tuple[str, ast.expr]],
    ) -> None:
        if isinstance(statement, ast.AnnAssign):
            if statement.value is None:
                return
            targets: list[ast.expr] = [statement.target]
        else:
            targets = statement.targets
        assert statement.value is not None
        if isinstance(statement.value, ast.Lambda):
            self.refuse("CAP134", statement)
        given = statement.value
        value: ast.expr
        if isinstance(statement.value, ast.Name) and self.method_named(node, statement.value.id):
            value = constant(self.private(statement.value.id))
            note(value, alias=True)
        elif is_call(given, "staticmethod") and isinstance(given, ast.Call) and len(given.args) == 1:
            # A function that is an attribute gets no instance here.
            value = self.lower(given.args[0])
        else:
            value = self.lower(given)
        for target in targets:
            if not isinstance(target, ast.Name):
                self.refuse("CAP133", statement)
                continue
            if target.id in TAKEN:
                self.refuse("CAP135", target, name=target.id)
            if target.id == "__slots__":
                if not self.source.core:
                    self.refuse("CAP136", target, name=target.id)
                continue
            if read_later(node, target.id):
                text = f"$class_{js_name(target.id)}"
                bound = assign(text, value)
                note(bound, const=True)
                before.append(bound)
                attributes.append((target.id, name(text)))
            else:
                attributes.append((self.private(target.id), value))

    def private(self, text: str) -> str:
        return mangled(text, self.classes[-1].name)

    def method_named(self, node: ast.ClassDef, text: str) -> bool:
        return any(isinstance(s, ast.FunctionDef) and s.name == text for s in node.body)

    def sets_own(self, decorator: ast.expr, node: ast.FunctionDef) -> bool:
        """`@x.setter` for the property `x` of the same class; of another one it would take its getter, too."""
        holder = decorator.value if isinstance(decorator, ast.Attribute) else None
        above = (
            s for s in self.classes[-1].node.body if isinstance(s, ast.FunctionDef) and s.lineno < node.lineno
        )
        getter = any(s.name == node.name and method_role(s) == "property" for s in above)
        return getter and isinstance(holder, ast.Name) and holder.id == node.name

    def check_method(self, node: ast.FunctionDef) -> None:
        text = node.name
        if text.startswith("__") and text.endswith("__") and text not in DUNDERS:
            self.refuse("CAP136", node, name=text)
        if text == "constructor":
            self.refuse("CAP135", node, name=text)
        names = [decorator_name(d) for d in node.decorator_list]
        if ("staticmethod" in names or "classmethod" in names) and text in TAKEN | {"name", "length"}:
            self.refuse("CAP135", node, name=text)
        for decorator, found in zip(node.decorator_list, names, strict=True):
            of_another = found == "setter" and not self.sets_own(decorator, node)
            # A method that is replaced is a plain function first: it has no `super`, and is no property besides.
            mixed = found == "deleter" or (
                found == "cached_property"
                and not (isinstance(decorator, ast.Name) and self.name_of_stdlib(decorator))
                and not (
                    isinstance(decorator, ast.Attribute) and self.module_of(decorator.value) == "functools"
                )
            )
            mixed = mixed or (
                replaced(node) and (found in METHOD_DECORATORS or any(map(is_super, ast.walk(node))))
            )
            if of_another or mixed:
                self.refuse("CAP137", decorator, name=ast.unparse(decorator))
        if "staticmethod" not in names and not node.args.args and not node.args.posonlyargs:
            self.refuse("CAP138", node, name=text)


def is_constant(node: ast.stmt) -> bool:
    """`...`, or a text that comments."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def mangled(text: str, owner: str) -> str:
    """A private name as instances have it."""
    return f"_{owner.lstrip('_')}{text}" if text.startswith("__") and not text.endswith("__") else text


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    plain = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if plain else body


def ends(body: list[ast.stmt]) -> bool:
    """Whether the body surely returns or raises."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return | ast.Raise):
        return True
    if isinstance(last, ast.If):
        return ends(last.body) and ends(last.orelse)
    return False


def yields(node: ast.FunctionDef) -> bool:
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(one))
    return False


def read_later(node: ast.ClassDef, text: str) -> bool:
    """Whether the class body itself reads the name (its methods see it through the class alone)."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            parts: list[ast.AST] = [*statement.args.defaults, *statement.decorator_list]
        else:
            parts = [statement]
        for part in parts:
            for one in ast.walk(part):
                if isinstance(one, ast.Name) and one.id == text and isinstance(one.ctx, ast.Load):
                    return True
    return False
