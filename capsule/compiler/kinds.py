"""What kind of value an expression has, where the source alone proves it. Proven kinds get JavaScript's own operators.

"count" is an int that cannot come near 2**53: a length, a loop's counter, a small literal, one of these plus or minus
a small literal. Everything unproven is "any" and goes through the runtime, which follows Python for every value.
"""

import ast
from collections.abc import Callable

from capsule.compiler.index import nested_statements
from capsule.compiler.scopes import Scope

SMALL = 1 << 20
NUMBERS = frozenset({"count", "int", "bool"})

# Builtin functions whose result is always of one kind.
RESULTS = {
    "len": "count", "int": "int", "ord": "count", "str": "str", "repr": "str", "chr": "str", "hex": "str",
    "oct": "str", "bin": "str", "format": "str", "bool": "bool", "isinstance": "bool", "issubclass": "bool",
    "hasattr": "bool", "callable": "bool", "any": "bool", "all": "bool", "list": "list", "sorted": "list",
    "dict": "dict", "tuple": "tuple", "float": "float", "range": "range",
}  # fmt: skip

# Methods of str that are no method of another builtin type; their receiver is checked at run time all the same.
TEXT_METHODS = frozenset(
    {
        "strip", "lstrip", "rstrip", "upper", "lower", "capitalize", "title", "swapcase", "casefold", "zfill",
        "ljust", "rjust", "center", "removeprefix", "removesuffix", "expandtabs", "join",
    }
)  # fmt: skip

Builtin = Callable[[str, Scope], bool]
Beyond = Callable[[ast.expr], str]
Parameters = Callable[[ast.AST], dict[str, str]]


def join(a: str | None, b: str | None) -> str | None:
    """The kind of a name bound to both; None is "nothing known yet"."""
    if a is None or a == b:
        return b
    if b is None:
        return a
    return "int" if {a, b} == {"count", "int"} else "any"


def small(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and -SMALL <= node.value <= SMALL


class Kinds:
    """Asks `is_builtin` whether a name still is Python's own there, and `beyond` about what it does not know itself."""

    def __init__(self, is_builtin: Builtin, beyond: Beyond, parameters: Parameters) -> None:
        self.is_builtin = is_builtin
        self.beyond = beyond
        self.parameters = parameters

    def of(self, node: ast.expr, scope: Scope) -> str:
        return self.ask(node, scope) or "any"

    def ask(self, node: ast.expr, scope: Scope) -> str | None:
        method = getattr(self, f"of_{type(node).__name__}", None)
        if method is None:
            return "any"
        result: str | None = method(node, scope)
        return result

    def of_Constant(self, node: ast.Constant, scope: Scope) -> str:
        value = node.value
        if value is None:
            return "none"
        if isinstance(value, bool):
            return "bool"
        if isinstance(value, int):
            return "count" if -SMALL <= value <= SMALL else "int"
        return "str" if isinstance(value, str) else "float" if isinstance(value, float) else "any"

    def of_JoinedStr(self, node: ast.JoinedStr, scope: Scope) -> str:
        return "str"

    def of_List(self, node: ast.List, scope: Scope) -> str:
        return "list"

    of_ListComp = of_List

    def of_Dict(self, node: ast.Dict, scope: Scope) -> str:
        return "dict"

    of_DictComp = of_Dict

    def of_Tuple(self, node: ast.Tuple, scope: Scope) -> str:
        return "tuple"

    def of_Set(self, node: ast.Set, scope: Scope) -> str:
        """ "set" is a set whose order is surely not known; one of ints has CPython's order at run time."""
        return (
            "set" if any(self.of(e, scope) in ("str", "tuple", "float", "none") for e in node.elts) else "any"
        )

    def of_SetComp(self, node: ast.SetComp, scope: Scope) -> str:
        return "set" if self.of(node.elt, scope) in ("str", "tuple", "float") else "any"

    def of_Name(self, node: ast.Name, scope: Scope) -> str | None:
        holder = scope.find(node.id)
        if holder is None:
            return "any"
        return holder.kinds.get(node.id, None if node.id in holder.pending else "any")

    def of_NamedExpr(self, node: ast.NamedExpr, scope: Scope) -> str | None:
        return self.ask(node.value, scope)

    def of_Compare(self, node: ast.Compare, scope: Scope) -> str:
        # `==` and `<` of instances may give anything; of these operands they give a bool.
        plain = NUMBERS | {"str", "none"}
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.Is | ast.IsNot | ast.In | ast.NotIn):
                continue
            if self.of(node.left, scope) not in plain and self.of(right, scope) not in plain:
                return "any"
        return "bool"

    def of_BoolOp(self, node: ast.BoolOp, scope: Scope) -> str | None:
        result: str | None = None
        for value in node.values:
            result = join(result, self.of(value, scope))
        return result

    def of_IfExp(self, node: ast.IfExp, scope: Scope) -> str | None:
        return join(self.ask(node.body, scope), self.ask(node.orelse, scope))

    def of_UnaryOp(self, node: ast.UnaryOp, scope: Scope) -> str | None:
        if isinstance(node.op, ast.Not):
            return "bool"
        kind = self.of(node.operand, scope)
        if kind == "bool":
            return "count"
        return kind if kind in ("count", "int", "float") else "any"

    def of_BinOp(self, node: ast.BinOp, scope: Scope) -> str | None:
        left, right = self.ask(node.left, scope), self.ask(node.right, scope)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add | ast.Sub):
            if left == right and left in ("str", "list", "tuple") and isinstance(node.op, ast.Add):
                return left
            if (left == "count" and small(node.right)) or (right == "count" and small(node.left)):
                return "count"
        if left == "str" and isinstance(node.op, ast.Mod):
            return "str"
        if left in NUMBERS and right in NUMBERS:
            if isinstance(node.op, ast.Div):
                return "float"
            bits = isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor)
            return "any" if isinstance(node.op, ast.Pow) or bits else "int"
        return "any"

    def of_Call(self, node: ast.Call, scope: Scope) -> str:
        function = node.func
        if isinstance(function, ast.Name) and self.is_builtin(function.id, scope):
            if function.id in ("set", "frozenset"):
                return self.set_of(node, scope)
            return RESULTS.get(function.id, "any")
        if isinstance(function, ast.Attribute) and self.of(function.value, scope) == "str":
            return "str" if function.attr in TEXT_METHODS else "any"
        return self.beyond(node)

    def set_of(self, node: ast.Call, scope: Scope) -> str:
        """A set made of a text, or of a display of texts, has no known order."""
        source = node.args[0] if node.args else None
        if isinstance(source, ast.List | ast.Tuple):
            return self.of_Set(ast.Set(elts=source.elts), scope)
        split = (
            isinstance(source, ast.Call)
            and isinstance(source.func, ast.Attribute)
            and source.func.attr == "split"
        )
        return "set" if split or (source is not None and self.of(source, scope) == "str") else "any"

    def of_Attribute(self, node: ast.Attribute, scope: Scope) -> str:
        return self.beyond(node)

    def bind(self, scope: Scope, body: list[ast.stmt]) -> None:
        """Infer the kinds of the scope's names from everything that is bound to them there."""
        shared = closure_writes(body)
        given = self.parameters(scope.node)
        unknown = {name for name in parameter_names(scope.node) if given.get(name, "any") == "any"}
        unknown |= shared | scope.outer
        bound = [pair for pair in bindings(body) if pair[0] not in unknown]
        scope.pending = {name for name, _ in bound}
        # Kinds grow (nothing, count, int, any), so this settles; if it ever did not, nothing would be taken as known.
        for _ in range(3 * len(scope.pending) + 3):
            found: dict[str, str | None] = {name: kind for name, kind in given.items() if name not in unknown}
            for name, value in bound:
                kind = "any" if value is None else value if isinstance(value, str) else self.ask(value, scope)
                found[name] = join(found.get(name), kind)
            kinds = {name: kind for name, kind in found.items() if kind is not None}
            if kinds == scope.kinds:
                break
            scope.kinds = kinds
        else:
            scope.kinds = {}
        scope.pending = set()


def parameter_names(node: ast.AST) -> list[str]:
    arguments = getattr(node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return []
    return [a.arg for a in ast.walk(arguments) if isinstance(a, ast.arg)]


def closure_writes(body: list[ast.stmt]) -> set[str]:
    """Names that functions within write through `nonlocal` or `global`, and those a walrus binds."""
    result: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Nonlocal | ast.Global):
                result.update(node.names)
            elif isinstance(node, ast.NamedExpr):
                result.add(node.target.id)
    return result


def bindings(body: list[ast.stmt]) -> list[tuple[str, ast.expr | str | None]]:
    """Each name with what is bound to it: an expression, a kind, or None for something unknown."""
    result: list[tuple[str, ast.expr | str | None]] = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            result.append((node.name, None))
            continue
        if isinstance(node, ast.Assign):
            for target in node.targets:
                result.extend(target_bindings(target, node.value))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            result.extend(target_bindings(node.target, node.value))
        elif isinstance(node, ast.AugAssign):
            if isinstance(node.target, ast.Name):
                load = ast.Name(id=node.target.id, ctx=ast.Load())
                result.append((node.target.id, ast.BinOp(left=load, op=node.op, right=node.value)))
        elif isinstance(node, ast.For):
            result.extend(loop_bindings(node.target, node.iter))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            result.extend((alias.asname or alias.name.split(".")[0], None) for alias in node.names)
        elif isinstance(node, ast.With):
            for item in node.items:
                if item.optional_vars is not None:
                    result.extend(target_bindings(item.optional_vars, None))
        elif isinstance(node, ast.Try):
            result.extend((handler.name, None) for handler in node.handlers if handler.name)
        elif isinstance(node, ast.Delete):
            result.extend((target.id, None) for target in node.targets if isinstance(target, ast.Name))
        result.extend(bindings(nested_statements(node)))
    return result


def target_bindings(target: ast.expr, value: ast.expr | None) -> list[tuple[str, ast.expr | str | None]]:
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Starred):
        return [(name, "list") for name, _ in target_bindings(target.value, None)]
    if isinstance(target, ast.Tuple | ast.List):
        values: list[ast.expr | None] = [None] * len(target.elts)
        plain = not any(isinstance(e, ast.Starred) for e in target.elts)
        if plain and isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
            values = [None if isinstance(e, ast.Starred) else e for e in value.elts]
        pairs = zip(target.elts, values, strict=True)
        return [found for element, one in pairs for found in target_bindings(element, one)]
    return []


def loop_bindings(target: ast.expr, over: ast.expr) -> list[tuple[str, ast.expr | str | None]]:
    called = over.func.id if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) else ""
    if called == "range" and isinstance(target, ast.Name):
        return [(target.id, "count")]
    if called == "enumerate" and isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Name):
        rest = [found for element in target.elts[1:] for found in target_bindings(element, None)]
        return [(target.elts[0].id, "count"), *rest]
    return target_bindings(target, None)
