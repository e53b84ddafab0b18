"""Operators, comparisons and truth: JavaScript's own where both kinds are proven, else a call that follows Python."""

import ast

from capsule.compiler.index import Class
from capsule.compiler.kinds import small
from capsule.compiler.lowering import Lowering
from capsule.compiler.nodes import call, compare, constant, is_none, negate, thunk
from capsule.compiler.sources import SEAM

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "$add", ast.Sub: "$sub", ast.Mult: "$mul", ast.Div: "$div", ast.FloorDiv: "$fdiv", ast.Mod: "$mod",
    ast.Pow: "$pow", ast.BitAnd: "$band", ast.BitOr: "$bor", ast.BitXor: "$bxor", ast.LShift: "$shl",
    ast.RShift: "$shr",
}  # fmt: skip
UNARY: dict[type[ast.unaryop], str] = {ast.USub: "$neg", ast.UAdd: "$pos", ast.Invert: "$invert"}
COMPARISONS = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"})
ORDER: dict[type[ast.cmpop], str] = {ast.Lt: "$lt", ast.LtE: "$le", ast.Gt: "$gt", ast.GtE: "$ge"}


class Operators(Lowering):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.MatMult):
            self.refuse("CAP110", node)
            return node
        if isinstance(node.op, ast.BitOr) and self.is_type(node.left):
            return call("$tuple", ast.List(elts=[self.lower(n) for n in union_parts(node)], ctx=ast.Load()))
        left, right = self.kind(node.left), self.kind(node.right)
        plain = self.plain_operation(node, left, right)
        a, b = self.lower(node.left), self.lower(node.right)
        if plain:
            return ast.BinOp(left=a, op=node.op, right=b)
        return call(BINARY[type(node.op)], a, b)

    def plain_operation(self, node: ast.BinOp, left: str, right: str) -> bool:
        """Whether JavaScript's operator gives exactly Python's result."""
        if isinstance(node.op, ast.Add) and left == right == "str":
            return True
        if not isinstance(node.op, ast.Add | ast.Sub):
            return False
        return (left == "count" and small(node.right)) or (right == "count" and small(node.left))

    def is_type(self, node: ast.expr) -> bool:
        """A builtin type or a class: on these, `|` makes a union."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.is_type(node.left) or self.is_type(node.right)
        if isinstance(node, ast.Subscript):
            return self.is_type(node.value)
        if isinstance(node, ast.Name) and self.is_builtin(node.id):
            return node.id in ("bool", "dict", "float", "int", "list", "set", "str", "tuple")
        return isinstance(self.resolve(node), Class)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return negate(self.truth(node.operand))
        operand = node.operand
        if isinstance(node.op, ast.USub) and isinstance(operand, ast.Constant) and type(operand.value) is int:
            return ast.Constant(value=-operand.value)
        if (
            isinstance(node.op, ast.USub)
            and isinstance(operand, ast.Constant)
            and type(operand.value) is float
        ):
            return self.lower(ast.copy_location(ast.Constant(value=-operand.value), node))
        return call(UNARY[type(node.op)], self.lower(operand))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        values = [self.lower(value) for value in node.values]
        kinds = [self.kind(value) for value in node.values]
        result = values[-1]
        # JavaScript's `||` and `&&` give one of their operands as Python's do; only the truth differs.
        for value, kind in reversed(list(zip(values[:-1], kinds[:-1], strict=True))):
            if kind in ("bool", "str", "count", "int", "none"):
                result = ast.BoolOp(op=node.op, values=[value, result])
            else:
                result = call("$or" if isinstance(node.op, ast.Or) else "$and", value, thunk(result))
        return result

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return ast.IfExp(
            test=self.truth(node.test), body=self.lower(node.body), orelse=self.lower(node.orelse)
        )

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        operands = [node.left, *node.comparators]
        kinds = [self.kind(one) for one in operands]
        lowered = [self.lower(one) for one in operands]
        if len(node.ops) == 1:
            return self.one_comparison(node.ops[0], lowered[0], lowered[1], kinds[0], kinds[1])
        # Each operand between two others is evaluated once.
        parts: list[ast.expr] = []
        left = lowered[0]
        for index, operator in enumerate(node.ops):
            right, again = lowered[index + 1], lowered[index + 1]
            if index + 1 < len(node.ops):
                right, again = self.keep(right)
            part = self.one_comparison(operator, left, right, kinds[index], kinds[index + 1])
            parts.append(part)
            left = again
        if self.index.methods.keys().isdisjoint(COMPARISONS):
            return ast.BoolOp(op=ast.And(), values=parts)
        # A comparison of the program's own may answer anything.
        result = parts[-1]
        for part in reversed(parts[:-1]):
            result = call("$and", part, thunk(result))
        return result

    def one_comparison(self, op: ast.cmpop, a: ast.expr, b: ast.expr, left: str, right: str) -> ast.expr:
        equal = isinstance(op, ast.Eq | ast.Is)
        if isinstance(op, ast.In | ast.NotIn):
            found = call("$in", a, b)
            return found if isinstance(op, ast.In) else negate(found)
        if isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            if (is_none(a) or is_none(b)) and (
                isinstance(op, ast.Is | ast.IsNot) or ("none" in (left, right) and self.never_custom())
            ):
                return compare(a, ast.Eq() if equal else ast.NotEq(), b)
            strict = ast.Is() if equal else ast.IsNot()
            if isinstance(op, ast.Is | ast.IsNot):
                if "bool" in (left, right) or self.of_seam(a) or self.of_seam(b):
                    return compare(a, strict, b)
                same = call("$is", a, b)
                return same if equal else negate(same)
            if "str" in (left, right) and ("any" not in (left, right) or self.never_custom()):
                return compare(a, strict, b)
            if left in ("count", "int") and right in ("count", "int"):
                return compare(a, strict, b)
            return call("$eq" if equal else "$ne", a, b)
        if left in ("count", "int") and right in ("count", "int"):
            return compare(a, op, b)
        return call(ORDER[type(op)], a, b)

    def of_seam(self, node: ast.expr) -> bool:
        """A mark that the platform seam defines, such as MISSING: it is only itself."""
        target = self.module.imports.get(node.id) if isinstance(node, ast.Name) else None
        return target is not None and target[0] == SEAM

    def never_custom(self) -> bool:
        """Whether no class of the program has a `__eq__` that `==` would have to ask."""
        return "__eq__" not in self.index.methods

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        value = node.value
        if isinstance(value, bytes | complex):
            self.refuse("CAP111", node, what=type(value).__name__)
        elif value is ...:
            self.refuse("CAP112", node)
        elif isinstance(value, float) and value.is_integer():
            return call("$float", constant(value))
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        if scope.kind == "class":
            self.refuse("CAP145", node)
        target = self.js_target(node.target.id)
        holder = scope.function
        outer = node.target.id in holder.outer
        if not outer and target not in holder.declared:
            holder.declared.append(target)
        return ast.NamedExpr(target=ast.Name(id=target, ctx=ast.Store()), value=self.lower(node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        parts: list[ast.expr] = []
        for value in node.values:
            if isinstance(value, ast.Constant):
                parts.append(value)
                continue
            assert isinstance(value, ast.FormattedValue)
            parts.append(self.formatted(value))
        if not parts:
            return constant("")
        result = parts[0]
        for part in parts[1:]:
            result = ast.BinOp(left=result, op=ast.Add(), right=part)
        return result

    def formatted(self, node: ast.FormattedValue) -> ast.expr:
        if self.kind(node.value) == "set":
            self.refuse("CAP152", node.value)
        value = self.lower(node.value)
        if node.conversion in (ord("r"), ord("a")):
            value = call("$repr" if node.conversion == ord("r") else "$ascii", value)
        elif node.conversion == ord("s"):
            value = call("$str", value)
        if node.format_spec is not None:
            return call("$format", value, self.lower(node.format_spec))
        if node.conversion != -1 or self.kind(node.value) == "str":
            return value
        return call("$formatted" if "__format__" in self.index.methods else "$str", value)


def union_parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*union_parts(node.left), *union_parts(node.right)]
    return [node]
