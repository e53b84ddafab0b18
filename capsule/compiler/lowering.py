"""The state that every part of lowering shares: where it is, what names mean there, and what it refuses."""

import ast
from collections.abc import Sequence
from typing import Any, TypeVar

from capsule.compiler.attributes import Attributes
from capsule.compiler.demands import demands
from capsule.compiler.finding import Finding
from capsule.compiler.flow import Flow, late_names
from capsule.compiler.index import Class, Function, Index
from capsule.compiler.kinds import Kinds
from capsule.compiler.nodes import NONE, Raw, bind, call, name
from capsule.compiler.refusal import finding
from capsule.compiler.runtime_names import LIBRARY, OF_CLASSES
from capsule.compiler.scopes import Scope
from capsule.compiler.sources import TYPING, Source
from capsule.compiler.trust import Trust, parameter_kinds

# What the kind of an instance begins with; its class's module and name follow.
INSTANCE = "instance of "

Node = TypeVar("Node", bound=ast.AST)

# An argument by keyword: the keyword (None for `**`), where it stands in the source, its lowered value.
Given = tuple[str | None, ast.expr, ast.expr]

RESERVED = frozenset(
    """arguments await break case catch class const continue debugger default delete do else enum eval export extends
    false finally for function if implements import in instanceof interface let new null package private protected
    public return static super switch this throw true try typeof var void while with yield undefined NaN
    Infinity""".split()
)

BUILTINS = frozenset(
    """abs all any ascii bin bool callable chr dict divmod enumerate filter float format frozenset getattr hasattr
    hash hex int isinstance issubclass iter len list map max min next object oct ord pow print range repr
    reversed round set setattr delattr slice sorted str sum super tuple type zip property staticmethod
    classmethod BaseException Exception KeyboardInterrupt SystemExit ArithmeticError ZeroDivisionError
    OverflowError AssertionError AttributeError LookupError IndexError KeyError NameError UnboundLocalError
    OSError PermissionError TimeoutError ConnectionError FileNotFoundError RuntimeError NotImplementedError
    RecursionError StopIteration StopAsyncIteration NotImplemented ValueError UnicodeError Warning UserWarning
    DeprecationWarning TypeError EOFError ImportError ModuleNotFoundError MemoryError BufferError SyntaxError
    FileExistsError IsADirectoryError NotADirectoryError InterruptedError BrokenPipeError ConnectionResetError
    ConnectionRefusedError ConnectionAbortedError""".split()
)

TYPES = frozenset("bool dict float frozenset int list range set str tuple".split())


def js_name(text: str) -> str:
    """JavaScript's reserved words get a `$`, which no Python name can have."""
    return text + "$" if text in RESERVED else text


class Lowering(ast.NodeTransformer):
    """Rewrites one module. Parts of it are mixed in from the lower_*.py files."""

    def __init__(self, source: Source, index: Index, trust: Trust | None = None) -> None:
        self.source = source
        self.index = index
        self.module = index.modules[source.name]
        self.findings: list[Finding] = []
        self.classes: list[Class] = []
        self.flows: list[Flow] = []
        self.trust = trust
        self.kinds = Kinds(
            self.is_builtin, self.trusted, parameter_kinds if trust is not None else lambda node: {}
        )
        self.scope = Scope("module", source.tree)
        self.demands = demands(index)
        self.attributes = Attributes(index)
        # What functions assign that lie outside of them.
        self.given_away = {
            one
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for one in node.names
        }
        self.late = late_names(source.tree)
        # Comprehensions, by identity, of which no order shows in what is made of them.
        self.loose: set[int] = set()
        # The names that imports have bound so far.
        self.imported: set[str] = set()

    # -- refusing

    def refuse(self, code: str, node: ast.AST, **words: Any) -> None:
        """Record a finding. Lowering goes on, so that one run tells everything."""
        self.findings.append(finding(self.source, code, node, **words))

    def check_library(self, module: str, text: str, node: ast.AST) -> None:
        """What our twins of the standard library lack would be JavaScript's undefined."""
        if module in LIBRARY and text not in LIBRARY[module] and (module, text) not in OF_CLASSES:
            self.refuse("CAP140", node, name=f"{module}.{text}")

    # -- names

    def is_builtin(self, name: str, scope: Scope | None = None) -> bool:
        return name in BUILTINS and (scope or self.scope).find(name) is None

    def kind(self, node: ast.expr) -> str:
        kind = self.kinds.of(node, self.scope)
        return "any" if kind.startswith(INSTANCE) else kind

    def instance_of(self, node: ast.expr) -> Class | None:
        """The class of the program that a value was surely made by."""
        kind = self.kinds.of(node, self.scope)
        if not kind.startswith(INSTANCE):
            return None
        module, _, text = kind[len(INSTANCE) :].partition(" ")
        return self.index.modules[module].classes.get(text)

    def trusted(self, node: ast.expr) -> str:
        """What annotations prove about an attribute or a call, in the core."""
        if self.trust is None:
            made = self.resolve(node.func) if isinstance(node, ast.Call) else None
            return f"{INSTANCE}{made.module} {made.name}" if isinstance(made, Class) else "any"
        if isinstance(node, ast.Attribute):
            return self.trust.attribute(node.attr)
        assert isinstance(node, ast.Call)
        if isinstance(node.func, ast.Name):
            return self.trust.result(self.resolve(node.func))
        if isinstance(node.func, ast.Attribute) and self.is_receiver(node.func.value):
            return self.trust.method(node.func.attr)
        return "any"

    def typing_name(self, node: ast.AST) -> str | None:
        """The name in `typing` (or its like) that an expression stands for."""
        if isinstance(node, ast.Subscript):
            return self.typing_name(node.value)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.module.imports.get(node.value.id)
            return node.attr if module is not None and module[0] in TYPING else None
        if isinstance(node, ast.Name):
            target = self.module.imports.get(node.id)
            if target is not None and target[0] in TYPING:
                return target[1] or target[0]
        return None

    def resolve(self, node: ast.expr) -> Function | Class | None:
        """The function or class of the program that an expression surely is."""
        if isinstance(node, ast.Name):
            holder = self.scope.find(node.id)
            if holder is not None and holder.kind == "module":
                return self.index.resolve(self.source.name, node.id)
            return None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.module_of(node.value)
            if module is not None:
                return self.index.resolve(module, node.attr)
        return None

    def module_of(self, node: ast.expr) -> str | None:
        """The dotted name of the module that a name is bound to."""
        if not isinstance(node, ast.Name):
            return None
        holder = self.scope.find(node.id)
        target = self.module.imports.get(node.id)
        if holder is None or holder.kind != "module" or target is None or target[1] is not None:
            return None
        return target[0]

    def name_of_stdlib(self, function: ast.Name) -> tuple[str, str] | None:
        """The module and the name in it of what was imported from one of our twins of the standard library."""
        holder = self.scope.find(function.id)
        target = self.module.imports.get(function.id)
        if holder is None or holder.kind != "module" or target is None or target[1] is None:
            return None
        return (target[0], target[1]) if target[0] in LIBRARY else None

    def is_receiver(self, node: ast.expr) -> bool:
        """Whether the expression is the method's own first parameter, an instance of a class of ours."""
        if not isinstance(node, ast.Name):
            return False
        holder = self.scope.find(node.id)
        if holder is None or holder.kind != "method":
            return False
        function = holder.node
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        return (
            bool(function.args.args) and function.args.args[0].arg == node.id and node.id in ("self", "cls")
        )

    def js_target(self, text: str) -> str:
        return js_name(text)

    def mangle(self, attribute: str) -> str:
        """Python's private names: `__x` in class A is `_A__x`."""
        if attribute.startswith("__") and not attribute.endswith("__") and self.classes:
            return f"_{self.classes[-1].name.lstrip('_')}{attribute}"
        return attribute

    def family(self) -> set[str]:
        """The names of the class that is being lowered, and of those that inherit from it."""
        here = self.classes[-1]
        known = [one for module in self.index.modules.values() for one in module.classes.values()]
        return {here.name, *(one.name for one in known if here in self.index.ancestry(one))}

    def unmangled(self, attribute: str) -> str:
        """The private name as the source has it: the index knows methods and attributes by that."""
        head = f"_{self.classes[-1].name.lstrip('_')}__" if self.classes else ""
        return attribute[len(head) - 2 :] if head and attribute.startswith(head) else attribute

    # -- walking

    def lower(self, node: Node) -> ast.expr:
        """The lowered form of one expression, at its place in the source."""
        result = self.visit(node)
        assert isinstance(result, ast.expr), ast.dump(node)
        return result

    def visit(self, node: ast.AST) -> Any:
        result = super().visit(node)
        if isinstance(result, ast.AST) and result is not node:
            ast.copy_location(result, node)
        return result

    def lower_body(self, body: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for node in body:
            lowered = self.visit(node)
            if lowered is None:
                continue
            for one in lowered if isinstance(lowered, list) else [lowered]:
                ast.copy_location(one, node)
                result.append(one)
        return result

    def keep(self, node: ast.expr) -> tuple[ast.expr, ast.expr]:
        """A lowered expression to use first, and one that gives the same value again."""
        if isinstance(node, ast.Name | ast.Constant):
            return node, node
        temporary = self.scope.temporary()
        return (
            ast.NamedExpr(target=ast.Name(id=temporary, ctx=ast.Store()), value=node),
            ast.Name(id=temporary, ctx=ast.Load()),
        )

    def in_order(self, given: list[Given], wanted: list[Given]) -> list[ast.expr]:
        """The values as `wanted` lists them. JavaScript computes them in that order; where the source has another
        that shows, the first of them computes all."""
        acting = [one for one in given if not isinstance(one[1], ast.Constant | ast.Lambda)]
        same = acting == [one for one in wanted if one in acting]
        if same or all(isinstance(one[1], ast.Name) for one in acting):
            return [value for _, _, value in wanted]
        kept = {id(one): self.scope.temporary("k") for one in acting}
        values = [name(kept[id(one)]) if id(one) in kept else one[2] for one in wanted]
        first: list[ast.expr] = [bind(kept[id(one)], one[2]) for one in acting]
        template = "({}, {})".replace("{}", ", ".join(["{}"] * len(first)), 1)
        return [Raw(template, *first, values[0], precedence=20), *values[1:]]

    def by_place(self, node: ast.Call, places: Sequence[str], args: list[ast.expr]) -> list[ast.keyword]:
        """Put the keywords of a builtin's call into their places behind `args`; those that have none are given back."""
        free = places[len(args) :]
        given: list[Given] = [(k.arg, k.value, self.keyword(k)) for k in node.keywords if k.arg in free]
        wanted = sorted(given, key=lambda one: free.index(str(one[0])))
        values = {str(one[0]): value for one, value in zip(wanted, self.in_order(given, wanted), strict=True)}
        last = max([free.index(key) for key in values], default=-1)
        args.extend(values.get(place, name("undefined")) for place in free[: last + 1])
        return [keyword for keyword in node.keywords if keyword.arg not in values]

    def keyword(self, node: ast.keyword) -> ast.expr:
        """The value of a builtin's keyword: a `key` is called by the runtime."""
        return self.function_value(node.value) if node.arg == "key" else self.lower(node.value)

    def function_value(self, node: ast.expr) -> ast.expr:
        """A function that the runtime will call: a class needs `new`, an instance its `__call__`."""
        target = self.resolve(node)
        if isinstance(target, Class):
            return call("$maker", self.lower(node))
        known = isinstance(target, Function) or isinstance(node, ast.Lambda | ast.Constant)
        known = known or (isinstance(node, ast.Name) and self.is_builtin(node.id))
        lowered = self.lower(node)
        return lowered if known or self.trust is not None else call("$caller", lowered)

    def truth(self, node: ast.expr) -> ast.expr:
        """An expression lowered for its truth alone."""
        if isinstance(node, ast.BoolOp):
            return ast.copy_location(
                ast.BoolOp(op=node.op, values=[self.truth(v) for v in node.values]), node
            )
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return ast.copy_location(ast.UnaryOp(op=node.op, operand=self.truth(node.operand)), node)
        kind = self.kind(node)
        lowered = self.lower(node)
        if kind in ("bool", "str", "count", "int", "none"):
            return lowered
        if kind in ("list", "tuple"):
            return call("$nonEmpty", lowered)
        return call("$truth", lowered)

    def slice_parts(self, node: ast.Slice) -> list[ast.expr]:
        return [NONE if one is None else self.lower(one) for one in (node.lower, node.upper, node.step)]

    def assign_to(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        """The statements that bind a lowered value to a target of the source."""
        raise NotImplementedError

    def read(self, source: ast.expr, value: ast.expr, attribute: str) -> ast.expr:
        """`value.attribute`, where `source` is what `value` was lowered from."""
        raise NotImplementedError
