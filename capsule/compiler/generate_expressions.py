"""JavaScript for expressions. Operators that are left after lowering are JavaScript's own."""

import ast
import re

from capsule.compiler.generate_base import IDENTIFIER, Emitter, Frame, js_string
from capsule.compiler.nodes import Raw

BINARY: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mod: "%"}
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Is: "===", ast.IsNot: "!==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
    ast.GtE: ">=",
}  # fmt: skip


def precedence(node: ast.expr) -> int:
    """JavaScript's, as far as lowered expressions go: a higher one binds tighter."""
    if isinstance(node, Raw):
        return node.precedence
    if isinstance(node, ast.NamedExpr | ast.Lambda | ast.Yield | ast.YieldFrom):
        return 1
    if isinstance(node, ast.IfExp):
        return 3
    if isinstance(node, ast.BoolOp):
        return 4 if isinstance(node.op, ast.Or) else 5
    if isinstance(node, ast.Compare):
        return 10 if isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE) else 9
    if isinstance(node, ast.BinOp):
        return 13 if isinstance(node.op, ast.Mod) else 12
    if isinstance(node, ast.UnaryOp):
        return 15
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value < 0:
        return 15
    return 20


class Expressions(Emitter):
    def part(self, node: ast.expr, level: int) -> None:
        """A child whose parent needs at least this precedence."""
        if precedence(node) < level:
            self.emit("(")
            self.visit(node)
            self.emit(")")
        else:
            self.visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id == "$super":
            self.emit("super")
        elif node.id == self.instance:
            self.emit("this")
        else:
            self.put(self.known(node.id))

    def known(self, text: str) -> str:
        return text

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if value is None:
            self.emit("null")
        elif isinstance(value, bool):
            self.emit("true" if value else "false")
        elif isinstance(value, str):
            self.put(js_string(value))
        elif isinstance(value, int):
            self.put(str(value) if abs(value) < 2**53 else f"{value}n")
        elif isinstance(value, float):
            self.put("NaN" if value != value else repr(value).replace("inf", "Infinity"))

    def visit_BinOp(self, node: ast.BinOp) -> None:
        own = precedence(node)
        self.part(node.left, own)
        self.put(f" {BINARY[type(node.op)]} ")
        self.part(node.right, own + 1)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        own = precedence(node)
        for index, value in enumerate(node.values):
            if index:
                self.emit(" || " if isinstance(node.op, ast.Or) else " && ")
            self.part(value, own + 1 if index else own)

    def visit_Compare(self, node: ast.Compare) -> None:
        own = precedence(node)
        self.part(node.left, own)
        self.put(f" {COMPARE[type(node.ops[0])]} ")
        self.part(node.comparators[0], own + 1)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        operand = node.operand
        if isinstance(operand, ast.Compare) and len(operand.ops) == 1 and type(operand.ops[0]) in OPPOSITE:
            opposite = ast.Compare(operand.left, [OPPOSITE[type(operand.ops[0])]()], operand.comparators)
            self.emit("(")
            self.visit(opposite)
            self.emit(")")
            return
        self.emit("!")
        self.part(operand, 16)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.part(node.test, 4)
        self.emit(" ? ")
        self.part(node.body, 2)
        self.emit(" : ")
        self.part(node.orelse, 2)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.target)
        self.emit(" = ")
        self.part(node.value, 1)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Constant | ast.Dict):
            self.emit("(")
            self.visit(node.value)
            self.emit(")")
        else:
            self.part(node.value, 18)
        self.put("." + node.attr)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.part(node.value, 18)
        self.emit("[")
        self.visit(node.slice)
        self.emit("]")

    def visit_Starred(self, node: ast.Starred) -> None:
        self.emit("...")
        self.part(node.value, 2)

    def visit_List(self, node: ast.List) -> None:
        self.emit("[")
        self.commas(node.elts)
        self.emit("]")

    def visit_Dict(self, node: ast.Dict) -> None:
        self.emit("{{")
        for index, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            if index:
                self.emit(", ")
            if key is None:
                self.emit("...")
            else:
                assert isinstance(key, ast.Constant)
                assert isinstance(key.value, str)
                self.put(property_name(key.value) + ": ")
            self.part(value, 2)
        self.emit("}}")

    def visit_Raw(self, node: Raw) -> None:
        texts = node.template.split("{}")
        for index, text in enumerate(texts):
            self.put(text)
            if index < len(node.parts):
                self.part(node.parts[index], 16)

    def visit_Call(self, node: ast.Call, dataClassArgDict: object = None) -> None:
        made = getattr(node, "new", False)
        if made:
            self.emit("new ")
        plain = isinstance(node.func, ast.Name | ast.Attribute) and not (made and has_call(node.func))
        if plain:
            self.visit(node.func)
        else:
            self.emit("(")
            self.visit(node.func)
            self.emit(")")
        self.emit("(")
        for index, argument in enumerate(node.args):
            if index:
                self.emit(", ")
            self.part(argument, 1)
        self.emit(")")

    def visit_Yield(self, node: ast.Yield) -> None:
        self.emit("yield ")
        assert node.value is not None
        self.part(node.value, 2)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.emit("yield* ")
        self.part(node.value, 2)

    # -- comprehensions

    def visit_ListComp(
        self, node: ast.ListComp, isSet: bool = False, isDict: bool = False, isGenExp: bool = False
    ) -> None:
        def element(result: str) -> None:
            self.put(f"{result}.push(")
            self.part(node.elt, 2)
            self.emit(");\n")

        self.collect(node, node.generators, "[]", element)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        def element(result: str) -> None:
            self.put(f"{result}.add(")
            self.part(node.elt, 2)
            self.emit(");\n")

        self.collect(node, node.generators, f"{self.use('$set_of')}([])", element)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        def element(result: str) -> None:
            self.put(f"{self.use('$put')}({result}, ")
            self.part(node.key, 2)
            self.emit(", ")
            self.part(node.value, 2)
            self.emit(");\n")

        self.collect(node, node.generators, "{}", element)

    def collect(
        self, node: ast.expr, generators: list[ast.comprehension], start: str, element: object
    ) -> None:
        result = self.fresh("r")
        self.emit("(() => ")
        self.open()
        self.frames.append(Frame(set(), set()))
        self.put(f"const {result} = {start}")
        self.emit(";\n")
        assert callable(element)
        self.loops(node, generators, lambda: element(result))
        self.put(f"return {result}")
        self.emit(";\n")
        self.frames.pop()
        self.close()
        self.emit(")()")

    def loops(
        self, node: ast.expr, generators: list[ast.comprehension], inner: object, source: str = ""
    ) -> None:
        """The nested loops of a comprehension. Closures made in it share its variables, as in Python."""
        shared = bool(getattr(node, "shared", False))
        depth = 0
        for index, generator in enumerate(generators):
            assert isinstance(generator.target, ast.Name)
            target = generator.target.id
            if shared and not target.startswith("$"):
                self.put(f"let {target}")
                self.emit(";\n")
                self.put(f"for ({target} of ")
            else:
                self.put(f"for (const {target} of ")
            if index == 0 and source:
                self.put(source)
            else:
                self.visit(generator.iter)
            self.emit(") ")
            self.open()
            depth += 1
            for statement in getattr(generator, "head", []):
                self.visit(statement)
                self.emit(";\n")
            for test in generator.ifs:
                self.emit("if (")
                self.visit(test)
                self.emit(") ")
                self.open()
                depth += 1
        assert callable(inner)
        inner()
        for _ in range(depth):
            self.close()
            self.emit("\n")

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        source = self.fresh("s")
        self.put(f"(function* ({source}) ")
        self.open()
        self.frames.append(Frame(set(), set()))

        def element() -> None:
            self.emit("yield ")
            self.part(node.elt, 2)
            self.emit(";\n")

        if has_call(node.elt) or any(has_call(test) for g in node.generators for test in g.ifs):
            self.guarded(lambda: self.loops(node, node.generators, element, source))
        else:
            self.loops(node, node.generators, element, source)
        self.frames.pop()
        self.close()
        self.emit(")(")
        self.visit(node.generators[0].iter)
        self.emit(")")


OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def property_name(text: str) -> str:
    if text == "__proto__":
        return '["__proto__"]'
    return text if IDENTIFIER.fullmatch(text) and re.fullmatch(r"[\x20-\x7e]+", text) else js_string(text)


def has_call(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Call | ast.Lambda) for one in ast.walk(node))
