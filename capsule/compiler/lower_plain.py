"""The models of the core, compiled to JavaScript's own operators.

An app's code is compiled so that nothing has to be known about its values. The models are ours, small, and run in
every page a thousand times a second, so they keep to rules under which JavaScript's operators do what Python's do:

- truth is asked of a bool, a str, a number, or something that may be None; never of a list or a dict;
- `==` and `in` compare strings, numbers and None; anything else goes through the seam's `same`;
- a subscript is an index that is there, or a key that the models themselves have put there: what a user may have
  named goes through the seam's `fetch`, `raw`, `put`, `holds`;
- `+` adds two numbers or two strings; f-strings hold strings and whole numbers; slices are of lists;
- the methods of builtin values are those of `METHODS`; all others go through the seam.

What lowering can see of a breach stops the build (PlainError). The rest is held by tests/parity and tests/shared, which
run the models in both languages on the same random and hostile inputs.
"""

import ast

from capsule.compiler.errors import CompilerError
from capsule.compiler.lower import ModuleLowering
from capsule.compiler.nodes import Raw, array, compare, constant, invoke, is_none, member, name, note

PLAIN: frozenset[str] = frozenset(
    f"capsule.shared.{module}"
    for module in """attributes blueprint codes collection errors events model node permission place props
    proposal registry selection sequence snapshot state untrusted update values verdict""".split()
)

# Methods of lists and strings, and what JavaScript calls them.
METHODS = {
    "append": "push", "reverse": "reverse", "startswith": "startsWith", "endswith": "endsWith", "split": "split",
    "replace": "replaceAll",
}  # fmt: skip

NATIVE = {"min": "Math.min", "max": "Math.max", "abs": "Math.abs"}
OPERATORS = (ast.Add, ast.Sub, ast.Mod)
CONTAINERS = ("list", "dict", "tuple")


class PlainError(CompilerError):
    """The models break a rule of this file."""


class PlainLowering(ModuleLowering):
    def breach(self, node: ast.AST, what: str) -> PlainError:
        return PlainError(f"{self.source.shown}:{getattr(node, 'lineno', 0)}: {what}")

    # -- truth and operators

    def truth(self, node: ast.expr) -> ast.expr:
        if not isinstance(node, ast.BoolOp) and self.kind(node) in CONTAINERS:
            raise self.breach(node, "the truth of a container: ask for its length")
        return self.lower(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        if any(self.kind(value) in CONTAINERS for value in node.values[:-1]):
            raise self.breach(node, "the truth of a container: ask for its length")
        return ast.BoolOp(op=node.op, values=[self.lower(value) for value in node.values])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, OPERATORS):
            raise self.breach(node, "an operator that the models do not have")
        if self.kind(node.left) in CONTAINERS or self.kind(node.right) in CONTAINERS:
            raise self.breach(node, "`+` of containers: write [*a, *b]")
        return ast.BinOp(left=self.lower(node.left), op=node.op, right=self.lower(node.right))

    def augmented(self, operator: ast.operator, old: ast.expr, value: ast.expr) -> ast.expr:
        return ast.BinOp(left=old, op=operator, right=value)

    def one_comparison(self, op: ast.cmpop, a: ast.expr, b: ast.expr, left: str, right: str) -> ast.expr:
        if isinstance(op, ast.In | ast.NotIn):
            if right == "dict":
                raise self.breach(b, "`in` of a dict: ask the seam's `holds`")
            found = invoke(b, "includes", a)
            return found if isinstance(op, ast.In) else ast.UnaryOp(op=ast.Not(), operand=found)
        if isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            equal = isinstance(op, ast.Eq | ast.Is)
            if is_none(a) or is_none(b):
                return compare(a, ast.Eq() if equal else ast.NotEq(), b)
            return compare(a, ast.Is() if equal else ast.IsNot(), b)
        return compare(a, op, b)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        result: ast.expr | None = None
        for part in node.values:
            if isinstance(part, ast.Constant):
                value: ast.expr = part
            else:
                assert isinstance(part, ast.FormattedValue)
                if part.conversion not in (-1, ord("s")) or part.format_spec is not None:
                    raise self.breach(part, "a format")
                value = self.lower(part.value)
                if part.conversion != -1:
                    value = invoke(name("$texts"), "str", value)
                if result is None and not (node.values[1:] and isinstance(node.values[1], ast.Constant)):
                    result = constant("")
            result = value if result is None else ast.BinOp(left=result, op=ast.Add(), right=value)
        return result or constant("")

    # -- attributes, subscripts, displays

    def read(self, source: ast.expr, value: ast.expr, attribute: str) -> ast.expr:
        return member(value, attribute)

    def assign_attribute(self, target: ast.Attribute, value: ast.expr) -> ast.stmt:
        place = ast.Attribute(value=self.lower(target.value), attr=self.mangle(target.attr), ctx=ast.Store())
        return ast.Assign(targets=[place], value=value)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if self.is_generic(node.value) or self.typing_name(node) is not None:
            return super().visit_Subscript(node)
        value = self.lower(node.value)
        if not isinstance(node.slice, ast.Slice):
            return ast.Subscript(value=value, slice=self.lower(node.slice), ctx=ast.Load())
        if node.slice.step is not None or self.kind(node.value) == "str":
            raise self.breach(node, "a slice of a string, or with a step")
        ends = self.slice_parts(node.slice)
        if node.slice.upper is None:
            ends = ends[:1] if node.slice.lower is not None else []
        elif node.slice.lower is None:
            ends[0] = constant(0)
        return invoke(value, "slice", *ends[:2])

    def assign_to(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        if not isinstance(target, ast.Subscript):
            return super().assign_to(target, value)
        if isinstance(target.slice, ast.Slice):
            raise self.breach(target, "an assignment to a slice")
        place = ast.Subscript(value=self.lower(target.value), slice=self.lower(target.slice), ctx=ast.Store())
        return [ast.copy_location(ast.Assign(targets=[place], value=value), target)]

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        return ast.Starred(value=self.lower(node.value), ctx=ast.Load())

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        return array([self.lower(element) for element in node.elts])

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        if not all(isinstance(key, ast.Constant) for key in node.keys):
            raise self.breach(node, "a dict whose keys are computed: use the seam's `pair`")
        return super().visit_Dict(node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, bytes | complex) or node.value is ...:
            raise self.breach(node, "bytes, complex or `...`")
        return node

    # -- calls

    def name_call(self, node: ast.Call, function: ast.Name) -> ast.expr:
        """What the seam does for Python's sake alone is written out."""
        named = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else None
        if function.id == "emptyBag":
            return ast.Dict(keys=[], values=[])
        if function.id in ("member", "fetch", "raw") and isinstance(named, str):
            return member(self.lower(node.args[0]), named)
        if function.id in ("look", "member"):
            return self.subscript(node)
        if function.id == "setMember":
            return Raw("{} = {}", self.subscript(node), self.lower(node.args[2]), precedence=1)
        if function.id == "pair":
            key, value = self.positional(node)
            return Raw("{[{}]: {}}", key, value)
        if function.id == "callMethod" and isinstance(named, str) and isinstance(node.args[2], ast.List):
            return invoke(self.lower(node.args[0]), named, *(self.lower(one) for one in node.args[2].elts))
        return super().name_call(node, function)

    def unknown_call(self, node: ast.Call, callee: ast.expr) -> ast.expr:
        if node.keywords:
            raise self.breach(node, "keywords")
        return ast.Call(func=callee, args=self.positional(node), keywords=[])

    def subscript(self, node: ast.Call) -> ast.expr:
        value, key = node.args[:2]
        return ast.Subscript(value=self.lower(value), slice=self.lower(key), ctx=ast.Load())

    def own_call(self, node: ast.Call, function: ast.Attribute, attribute: str) -> ast.expr:
        return self.member_call(node, function, attribute)

    def member_call(self, node: ast.Call, function: ast.Attribute, attribute: str) -> ast.expr:
        return self.unknown_call(node, member(self.lower(function.value), attribute))

    def method_call(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        attribute = function.attr
        if attribute == "join" and isinstance(function.value, ast.Constant):
            return invoke(self.lower(node.args[0]), "join", function.value)
        if attribute == "get" and node.args and isinstance(node.args[0], ast.Constant):
            raise self.breach(node, "an option by `.get()`: use the seam's `fetch` or `flag`")
        if attribute in METHODS:
            attribute = METHODS[attribute]
        elif self.kind(function.value) in (*CONTAINERS, "str") or not self.index.is_method(attribute):
            raise self.breach(node, f"`.{attribute}()` of a builtin value: use the seam")
        return self.unknown_call(node, member(self.lower(function.value), attribute))

    def builtin_call(self, node: ast.Call, text: str) -> ast.expr:
        if text in NATIVE:
            return ast.Call(func=name(NATIVE[text]), args=self.positional(node), keywords=[])
        if text in ("isinstance", "range", "cast") or text.endswith("Error"):
            return super().builtin_call(node, text)
        value = self.lower(node.args[0])
        if text == "str":
            return invoke(name("$texts"), "str", value)
        if text == "len" and self.kind(node.args[0]) != "dict":
            return member(value, "length")
        if text == "callable":
            return Raw("typeof {} === 'function'", value, precedence=9)
        if text == "iter":
            return Raw("{}[Symbol.iterator]()", value, precedence=18)
        raise self.breach(node, f"`{text}()`: use the seam")

    # -- loops, functions, exceptions

    def iterable(self, node: ast.expr, pairs: bool = False, loose: bool = False) -> ast.expr:
        if self.kind(node) == "dict":
            raise self.breach(node, "a loop over a dict: use the seam's `keysOf`")
        return self.lower(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        loop = node.generators[0]
        if len(node.generators) > 1 or len(loop.ifs) > 1 or not isinstance(loop.target, ast.Name):
            raise self.breach(node, "a comprehension of more than one loop, condition or name")
        names = ast.arguments(
            posonlyargs=[], args=[ast.arg(arg=loop.target.id)], kwonlyargs=[], kw_defaults=[], defaults=[]
        )
        result = self.lower(loop.iter)
        for method, part in [*(("filter", test) for test in loop.ifs), ("map", node.elt)]:
            if method == "map" and loop.ifs and isinstance(part, ast.Name) and part.id == loop.target.id:
                continue
            function = ast.copy_location(ast.Lambda(args=names, body=part), node)
            result = invoke(result, method, self.lower(function))
        return result

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt | list[ast.stmt] | None:
        result = super().visit_FunctionDef(node)
        assert isinstance(result, ast.FunctionDef)
        # Nobody reads what a function of our own gives back whose annotation says None.
        silent = is_none(node.returns) if node.returns is not None else False
        if silent and node.name.startswith("_"):
            note(result, falls=False)
        note(result, plain=True)
        return result

    def describe(self, lowered: ast.FunctionDef | ast.Lambda, node: ast.FunctionDef | ast.Lambda) -> None:
        """Functions of ours are called with what they take."""

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        result = super().visit_Lambda(node)
        note(result, plain=True)
        return result

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        return ast.Return(value=None) if node.value is None else super().visit_Return(node)

    def visit_Try(self, node: ast.Try) -> ast.stmt | list[ast.stmt]:
        if len(node.handlers) > 1 or node.orelse or any(one.type is None for one in node.handlers):
            raise self.breach(node, "a try of another form than one `except` and a `finally`")
        return super().visit_Try(node)

    def handler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        result = super().handler(node)
        note(result, plain=True)
        return result

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        return ast.Raise(exc=None if node.exc is None else self.lower(node.exc), cause=None)
