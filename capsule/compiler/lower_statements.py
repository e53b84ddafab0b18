"""Statements: assignment in all its forms, deletion, exceptions, `with`."""

import ast

from capsule.compiler.index import Class
from capsule.compiler.lower_names import NATIVE
from capsule.compiler.lower_operators import BINARY
from capsule.compiler.lowering import Lowering
from capsule.compiler.nodes import NONE, assign, call, constant, invoke, is_call, name, negate, note


class Statements(Lowering):
    # -- assignment

    def assign_to(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        """The statements that bind a lowered value to a target of the source."""
        if isinstance(target, ast.Name):
            found = ast.Assign(targets=[ast.Name(id=self.js_target(target.id), ctx=ast.Store())], value=value)
            return [ast.copy_location(found, target)]
        if isinstance(target, ast.Attribute):
            return [ast.copy_location(self.assign_attribute(target, value), target)]
        if isinstance(target, ast.Subscript):
            holder = self.lower(target.value)
            if isinstance(target.slice, ast.Slice):
                done = call("$setslice", holder, *self.slice_parts(target.slice), value)
            else:
                self.check_store(target)
                done = call("$set", holder, self.lower(target.slice), value)
            return [ast.copy_location(ast.Expr(value=done), target)]
        if isinstance(target, ast.Tuple | ast.List):
            return self.unpack(target, value)
        self.refuse("CAP113", target, what=type(target).__name__)
        return []

    def check_store(self, target: ast.Subscript) -> None:
        holder = self.kind(target.value)
        if holder in ("tuple", "str"):
            self.refuse("CAP151", target, kind=holder)

    def assign_attribute(self, target: ast.Attribute, value: ast.expr) -> ast.stmt:
        attribute = self.mangle(target.attr)
        if target.attr in ("__class__", "__dict__", "__proto__", "__doc__"):
            self.refuse("CAP143", target, name=target.attr)
        if self.module_of(target.value) is not None:
            self.refuse("CAP147", target)
        holder = self.lower(target.value)
        of_class = isinstance(self.resolve(target.value), Class) or is_call(holder, "$type")
        of_class = of_class or (isinstance(target.value, ast.Name) and target.value.id == "cls")
        shared = attribute in self.index.class_attributes and not self.is_receiver(target.value)
        engines = attribute in NATIVE and self.trust is None
        if engines and self.is_receiver(target.value):
            # An exception is an Error, which has some of these itself.
            engines = attribute in OF_ERRORS and bool(
                self.classes and self.index.ancestry(self.classes[-1])[-1].bases
            )
        if of_class or shared or engines or self.kind(target.value) in ("dict", "list", "str", "tuple"):
            return ast.Expr(value=call("$setattr", holder, constant(attribute), value))
        return ast.Assign(targets=[ast.Attribute(value=holder, attr=attribute, ctx=ast.Store())], value=value)

    def unpack(self, target: ast.Tuple | ast.List, value: ast.expr) -> list[ast.stmt]:
        stars = [index for index, element in enumerate(target.elts) if isinstance(element, ast.Starred)]
        count = len(target.elts)
        if stars:
            source = call("$unstar", value, constant(stars[0]), constant(count - stars[0] - 1))
        elif is_call(value, "$tuple") and self.same_count(value, count):
            assert isinstance(value, ast.Call)
            source_list = value.args[0]
            assert isinstance(source_list, ast.List)
            return self.unpack_display(target, source_list)
        else:
            source = call("$unpack", value, constant(count))
        temporary = self.scope.temporary("u")
        result: list[ast.stmt] = [assign(temporary, source)]
        for index, element in enumerate(target.elts):
            one = element.value if isinstance(element, ast.Starred) else element
            result.extend(self.assign_to(one, element_of(temporary, index)))
        return result

    def same_count(self, value: ast.expr, count: int) -> bool:
        assert isinstance(value, ast.Call)
        display = value.args[0]
        if not isinstance(display, ast.List) or len(display.elts) != count:
            return False
        return not any(isinstance(element, ast.Starred) for element in display.elts)

    def unpack_display(self, target: ast.Tuple | ast.List, display: ast.List) -> list[ast.stmt]:
        """`a, b = b, a`: all values first, then all targets; no tuple is made."""
        result: list[ast.stmt] = []
        values: list[ast.expr] = []
        for value in display.elts:
            if isinstance(value, ast.Constant):
                values.append(value)
                continue
            # The last one too: it may raise, or read what the first targets change.
            temporary = self.scope.temporary("u")
            result.append(assign(temporary, value))
            values.append(name(temporary))
        for element, value in zip(target.elts, values, strict=True):
            result.extend(self.assign_to(element, value))
        return result

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt] | None:
        if self.types_only(node.value):
            return None
        value = self.lower(node.value)
        if len(node.targets) == 1:
            return self.assign_after(node.targets[0], node.value, value)
        temporary = self.scope.temporary("m")
        result: list[ast.stmt] = [assign(temporary, value)]
        for target in node.targets:
            result.extend(self.assign_to(target, name(temporary)))
        return result

    def types_only(self, node: ast.expr) -> bool:
        """`T = TypeVar("T")`, `Json = Any`: for the type checker alone."""
        if isinstance(node, ast.Call):
            return self.typing_name(node.func) not in (None, "cast")
        return self.typing_name(node) is not None and self.typing_name(node) != "TYPE_CHECKING"

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt] | None:
        if node.value is None or self.typing_name(node.annotation) == "TypeAlias":
            return None
        return self.assign_after(node.target, node.value, self.lower(node.value))

    def assign_after(self, target: ast.expr, source: ast.expr, value: ast.expr) -> list[ast.stmt]:
        """Python computes the value first, JavaScript the place: in a variable where the one may act on the other."""
        acts = any(isinstance(one, ACTING) for one in ast.walk(source))
        if not acts or isinstance(target, ast.Name) or all(map(self.is_fixed, place_of(target))):
            return self.assign_to(target, value)
        temporary = self.scope.temporary("v")
        return [assign(temporary, value), *self.assign_to(target, name(temporary))]

    def is_fixed(self, node: ast.expr) -> bool:
        """Whether no code that runs meanwhile can change what the expression gives."""
        if isinstance(node, ast.UnaryOp):
            return self.is_fixed(node.operand)
        return isinstance(node, ast.Constant) or (
            isinstance(node, ast.Name) and node.id not in self.given_away
        )

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        target = node.target
        if isinstance(node.op, ast.MatMult):
            self.refuse("CAP110", node)
            return []
        before: list[ast.stmt] = []
        if isinstance(target, ast.Name):
            load: ast.expr = ast.copy_location(ast.Name(id=target.id, ctx=ast.Load()), target)
            if self.flows and id(target) in self.flows[-1].unsure:
                self.flows[-1].unsure.add(id(load))
            current = self.lower(load)
            plain = self.visit(ast.copy_location(ast.BinOp(left=load, op=node.op, right=node.value), node))
            if not (
                isinstance(plain, ast.Call) and isinstance(plain.func, ast.Name) and plain.func.id in IN_PLACE
            ):
                return self.assign_to(target, plain)
            value = self.augmented(node.op, current, self.lower(node.value))
            return self.assign_to(target, value)
        assert isinstance(target, ast.Attribute | ast.Subscript)
        if isinstance(target, ast.Attribute):
            holder = self.stable(target.value, before)
            place: ast.expr = ast.copy_location(
                ast.Attribute(value=holder, attr=target.attr, ctx=ast.Store()), target
            )
            read: ast.expr = ast.copy_location(
                ast.Attribute(value=holder, attr=target.attr, ctx=ast.Load()), target
            )
            new = self.augmented(node.op, self.lower(read), self.lower(node.value))
            return [*before, *self.assign_to(place, new)]
        lowered = self.lower(target.value)
        holder_name = self.scope.temporary("h")
        before.append(assign(holder_name, lowered))
        if isinstance(target.slice, ast.Slice):
            self.refuse("CAP113", target, what="augmented assignment to a slice")
            return []
        self.check_store(target)
        key = self.lower(target.slice)
        if not isinstance(key, ast.Constant):
            key_name = self.scope.temporary("k")
            before.append(assign(key_name, key))
            key = name(key_name)
        old = call("$get", name(holder_name), key)
        new = self.augmented(node.op, old, self.lower(node.value))
        return [*before, ast.Expr(value=call("$set", name(holder_name), key, new))]

    def stable(self, node: ast.expr, before: list[ast.stmt]) -> ast.expr:
        """A source expression that can stand twice: a name, or a new one bound before."""
        if isinstance(node, ast.Name):
            return node
        temporary = self.scope.temporary("h")
        before.append(assign(temporary, self.lower(node)))
        self.scope.names.add(temporary)
        return ast.copy_location(name(temporary), node)

    def augmented(self, operator: ast.operator, old: ast.expr, value: ast.expr) -> ast.expr:
        function = BINARY[type(operator)]
        return call(IN_PLACE.get(function, function), old, value)

    # -- deletion

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for target in node.targets:
            if isinstance(target, ast.Name):
                gone = self.lower(ast.copy_location(ast.Name(id=target.id, ctx=ast.Load()), target))
                if self.flows and id(target) in self.flows[-1].unsure:
                    result.append(ast.Expr(value=call("$local", gone, constant(target.id))))
                result.append(assign(self.js_target(target.id), name("undefined")))
            elif isinstance(target, ast.Attribute):
                holder = self.lower(target.value)
                result.append(ast.Expr(value=call("$delattr", holder, constant(self.mangle(target.attr)))))
            elif isinstance(target, ast.Subscript):
                holder = self.lower(target.value)
                if isinstance(target.slice, ast.Slice):
                    done = call("$delslice", holder, *self.slice_parts(target.slice))
                else:
                    done = call("$del", holder, self.lower(target.slice))
                result.append(ast.Expr(value=done))
            else:
                self.refuse("CAP113", target, what="del of several targets in brackets")
        return result

    # -- exceptions

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        if node.exc is None:
            return node
        error = self.lower(node.exc)
        if node.cause is not None:
            error = call("$raise", error, self.lower(node.cause))
        elif not isinstance(node.exc, ast.Call):
            error = call("$raise", error)
        return ast.Raise(exc=error, cause=None)

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        failed = call("$failed", *([self.lower(node.msg)] if node.msg is not None else []))
        return ast.If(test=negate(self.truth(node.test)), body=[ast.Raise(exc=failed, cause=None)], orelse=[])

    def visit_Try(self, node: ast.Try) -> ast.stmt | list[ast.stmt]:
        guards = self.scope.function.guards
        if node.finalbody:
            self.scope.function.guards += 1
        otherwise = self.lower_body(node.orelse)
        handlers = [self.handler(handler) for handler in node.handlers]
        if any(catches_all(handler) for handler in node.handlers):
            self.scope.function.guards += 1
        body = self.lower_body(node.body)
        self.scope.function.guards = guards
        final = self.lower_body(node.finalbody)
        if not handlers and not final:
            return body
        if not node.orelse:
            return ast.Try(body=body, handlers=handlers, orelse=[], finalbody=final)
        # The else part runs only if the body came to its end, and outside the reach of its handlers.
        done = self.scope.temporary("ok")
        inner: list[ast.stmt] = [assign(done, constant(False))]
        body.append(assign(done, constant(True)))
        inner.append(ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]))
        inner.append(ast.If(test=name(done), body=otherwise, orelse=[]))
        return ast.Try(body=inner, handlers=[], orelse=[], finalbody=final) if final else inner

    def handler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        kind = None if node.type is None else self.lower(node.type)
        bound = None if node.name is None else self.js_target(node.name)
        body = self.lower_body(node.body)
        lowered = ast.ExceptHandler(type=kind, name=bound, body=body)
        # Python unbinds the name; that shows only to a read after the handler.
        unsure = node.name is not None and bool(self.flows) and node.name in self.flows[-1].unsure_names
        holder = self.scope.find(node.name) if node.name is not None else None
        unsure = unsure or (holder is not None and holder.kind == "module" and node.name in self.late)
        note(lowered, unbind=unsure)
        return ast.copy_location(lowered, node)

    # -- with

    def visit_With(self, node: ast.With) -> list[ast.stmt]:
        body = self.lower_with(node.items, node.body)
        return body

    def lower_with(self, items: list[ast.withitem], body: list[ast.stmt]) -> list[ast.stmt]:
        if not items:
            return self.lower_body(body)
        item = items[0]
        manager, fine = self.scope.temporary("w"), self.scope.temporary("ok")
        entered = call("$enter", name(manager))
        result: list[ast.stmt] = [assign(manager, self.lower(item.context_expr))]
        if item.optional_vars is None:
            result.append(ast.Expr(value=entered))
        else:
            result.extend(self.assign_to(item.optional_vars, entered))
        result.append(assign(fine, constant(True)))
        caught = self.scope.temporary("x")
        swallow = call("$exit", name(manager), name(caught))
        handler = ast.ExceptHandler(
            type=None,
            name=caught,
            body=[
                assign(fine, constant(False)),
                ast.If(test=negate(swallow), body=[ast.Raise(exc=None, cause=None)], orelse=[]),
            ],
        )
        leave = ast.If(
            test=name(fine),
            body=[ast.Expr(value=invoke(name(manager), "__exit__", NONE, NONE, NONE))],
            orelse=[],
        )
        self.scope.function.guards += 1
        inner = self.lower_with(items[1:], body)
        self.scope.function.guards -= 1
        result.append(ast.Try(body=inner, handlers=[handler], orelse=[], finalbody=[leave]))
        return result

    # -- the rest

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt]:
        if isinstance(node.test, ast.Name | ast.Attribute) and self.typing_name(node.test) == "TYPE_CHECKING":
            return self.lower_body(node.orelse)
        return ast.If(
            test=self.truth(node.test), body=self.lower_body(node.body), orelse=self.lower_body(node.orelse)
        )

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        if isinstance(node.value, ast.Constant):
            return None
        return ast.Expr(value=self.lower(node.value))

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        if node.value is None:
            return ast.Return(value=NONE)
        value = self.lower(node.value)
        scope = self.scope.function
        made = scope.kind == "method" and getattr(scope.node, "name", "") == "__init__"
        return ast.Return(value=call("$nothing_from", value) if made else value)

    def visit_Global(self, node: ast.Global) -> None:
        return None

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        return None

    def visit_Pass(self, node: ast.Pass) -> None:
        return None

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        self.check_left(node)
        return ast.Yield(value=NONE if node.value is None else self.lower(node.value))

    def check_left(self, node: ast.Yield | ast.YieldFrom) -> None:
        """CPython runs what stands around a `yield` as soon as nobody holds the generator; JavaScript never does."""
        if self.scope.function.guards:
            self.refuse("CAP104", node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        self.check_left(node)
        return ast.YieldFrom(value=call("$iter", self.lower(node.value)))


# Operators that change their left operand where it can be changed.
IN_PLACE = {
    "$add": "$iadd", "$sub": "$isub", "$bor": "$ior", "$band": "$iand", "$bxor": "$ixor", "$mul": "$imul",
    "$div": "$idiv",
}  # fmt: skip


OF_ERRORS = frozenset({"message", "name", "stack"})

# What may run code of the program, or bind a name.
ACTING = (ast.Call, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def place_of(target: ast.expr) -> list[ast.expr]:
    """What must be known to find the place that is assigned to; a pattern takes its values apart before."""
    if isinstance(target, ast.Attribute):
        return [target.value]
    if not isinstance(target, ast.Subscript):
        return []
    key = target.slice
    parts = [key.lower, key.upper, key.step] if isinstance(key, ast.Slice) else [key]
    return [target.value, *(one for one in parts if one is not None)]


def catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether it catches the GeneratorExit that ends a generator which nobody holds any more."""
    if handler.type is None:
        return True
    return any(isinstance(one, ast.Name) and one.id == "BaseException" for one in ast.walk(handler.type))


def element_of(variable: str, index: int) -> ast.expr:
    """The element of an array that is known to have it."""
    return ast.Subscript(value=name(variable), slice=constant(index), ctx=ast.Load())
