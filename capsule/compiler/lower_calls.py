"""Calls: of functions and classes whose parameters are known, of methods, and of values that only the run knows."""

import ast
from collections import Counter

from capsule.compiler.demands import ANY
from capsule.compiler.index import Class, Function, Signature
from capsule.compiler.lower_arguments import Arguments
from capsule.compiler.lower_names import NATIVE
from capsule.compiler.lowering import TYPES
from capsule.compiler.methods import METHODS
from capsule.compiler.nodes import NONE, array, call, constant, invoke, is_super, member, name, note
from capsule.compiler.runtime_names import LIBRARY, LIBRARY_MEMBERS
from capsule.compiler.sources import is_core


class Calls(Arguments):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        if isinstance(function, ast.Name):
            return self.name_call(node, function)
        if isinstance(function, ast.Attribute):
            return self.attribute_call(node, function)
        if isinstance(function, ast.Lambda):
            args = self.arguments(node, Signature.of(function.args), "<lambda>")
            return ast.Call(func=self.lower(function), args=args, keywords=[])
        return self.unknown_call(node, self.lower(function))

    # -- calls of names

    def name_call(self, node: ast.Call, function: ast.Name) -> ast.expr:
        text = function.id
        if self.is_builtin(text):
            return self.builtin_call(node, text)
        if text.startswith("$"):
            return call(text, *self.positional(node))
        typing = self.typing_name(function)
        if typing is not None:
            return self.lower(node.args[1]) if typing == "cast" and len(node.args) == 2 else NONE
        target = self.resolve(function)
        library = self.name_of_stdlib(function)
        if library is not None:
            return self.call_into_module(node, library[1], self.lower(function), library[0])
        if isinstance(target, Class):
            return self.construct(node, self.lower(function), target)
        if isinstance(target, Function):
            callee = self.lower(function)
            return ast.Call(func=callee, args=self.arguments(node, target.signature, text), keywords=[])
        local = self.local_function(function)
        if local is not None:
            callee = self.lower(function)
            return ast.Call(func=callee, args=self.arguments(node, local, text), keywords=[])
        return self.unknown_call(node, self.lower(function))

    def uses_library(self) -> bool:
        """Whether the program has values of collections, functools or itertools."""
        modules = self.index.modules.values()
        return any(target[0] in LIBRARY for module in modules for target in module.imports.values())

    def local_function(self, function: ast.Name) -> Signature | None:
        """The signature of a nested function (or a lambda in a variable) that its name always stands for."""
        holder = self.scope.find(function.id)
        if holder is None or holder.kind == "class":
            return None
        body = getattr(holder.node, "body", None)
        if not isinstance(body, list):
            return None
        if holder.signatures is None:
            holder.signatures = signatures(body)
        return holder.signatures.get(function.id)

    def construct(self, node: ast.Call, callee: ast.expr, target: Class | None) -> ast.expr:
        signature = None if target is None or self.index.is_enum(target) else self.index.constructor(target)
        what = target.name if target is not None else ast.unparse(node.func)
        made = ast.Call(
            func=callee, args=self.arguments(node, signature, what, f"{what}.__init__"), keywords=[]
        )
        note(made, new=True)
        return made

    def unknown_call(self, node: ast.Call, callee: ast.expr) -> ast.expr:
        """A value is called: a function or a class, only the run tells."""
        if not node.keywords:
            return call("$call", callee, *self.positional(node))
        given = [(k.arg, self.lower(k.value)) for k in node.keywords]
        return call(
            "$apply", callee, array(self.positional(node)), self.spread(given, ast.unparse(node.func))
        )

    def told_by_run(self, node: ast.Call, attribute: str, signature: Signature | None) -> bool:
        """A call with keywords of a method that several classes of the program have, with other parameters."""
        found = self.index.methods.get(attribute, [])
        of_core = any(is_core(owner.module) for owner, _ in found)
        return bool(node.keywords and found) and signature is None and not of_core

    # -- calls of attributes

    def attribute_call(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        attribute = self.mangle(function.attr)
        if is_super(function.value):
            return self.super_call(node, function)
        module = self.module_of(function.value)
        if module is not None:
            return self.module_call(node, function, module)
        if self.typing_name(function.value) is not None:
            return NONE
        holder = function.value
        if isinstance(holder, ast.Name) and holder.id in TYPES and self.is_builtin(holder.id):
            return self.type_method(node, function)
        target = self.resolve(function.value)
        if isinstance(target, Class):
            return self.class_call(node, function, target)
        if self.is_receiver(function.value):
            return self.own_call(node, function, attribute)
        if attribute in METHODS:
            return self.method_call(node, function)
        return self.member_call(node, function, attribute)

    def super_call(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        if not self.super_allowed(function):
            return NONE
        signature = self.inherited(function.attr)
        args = self.arguments(node, signature, f"super().{function.attr}")
        if function.attr == "__init__" and self.classes and not self.classes[-1].bases:
            return NONE
        return ast.Call(func=member(name("$super"), function.attr), args=args, keywords=[])

    def inherited(self, attribute: str) -> Signature | None:
        if not self.classes:
            return None
        for base in self.index.ancestry(self.classes[-1])[1:]:
            if attribute in base.functions:
                return base.functions[attribute].signature
        return None

    def own_call(self, node: ast.Call, function: ast.Attribute, attribute: str) -> ast.expr:
        """`self.method(...)`: an instance of the program's own classes, never a builtin value."""
        value = self.lower(function.value)
        if self.index.is_method(function.attr):
            if self.lacks(node, self.classes[-1] if self.classes else None, function.attr):
                value = call("$owning", value, constant(attribute))
            signature = self.method_signature(node, function.attr)
            if self.told_by_run(node, function.attr, signature):
                return self.unknown_call(node, call("$bind", value, constant(attribute)))
            what = f"{ast.unparse(function.value)}.{function.attr}"
            args = self.arguments(node, signature, what, self.full_name(function.attr))
            if signature is None and self.some_refuse(node, function.attr):
                return call("$invoke", value, constant(attribute), *args)
            return ast.Call(func=member(value, attribute), args=args, keywords=[])
        return self.unknown_call(node, self.read(function.value, value, attribute))

    def method_signature(self, node: ast.Call, attribute: str) -> Signature | None:
        """The one way to read this call: all methods of the name must place its arguments alike."""
        signatures = [f.signature for _, f in self.index.methods.get(attribute, []) if f.role != "property"]
        if self.classes and isinstance(node.func, ast.Attribute) and self.is_receiver(node.func.value):
            for one in self.index.ancestry(self.classes[-1]):
                if attribute in one.functions:
                    overriding = [s for s in signatures if s != one.functions[attribute].signature]
                    if not node.keywords or not overriding:
                        return one.functions[attribute].signature if not overriding else None
        if not signatures:
            return None
        if all(s == signatures[0] for s in signatures):
            return signatures[0]
        if not node.keywords:
            return None
        keys = {k.arg for k in node.keywords}
        first = signatures[0]
        for signature in signatures:
            for key in keys:
                if key is None or (key in signature.names) != (key in first.names):
                    return None
                if key in signature.names and signature.names.index(key) != first.names.index(key):
                    return None
                if key not in signature.names and (
                    key not in signature.keywords or len(signature.names) != len(first.names)
                ):
                    return None
        return first

    def member_call(self, node: ast.Call, function: ast.Attribute, attribute: str) -> ast.expr:
        what = ast.unparse(function)
        mangled, attribute = attribute, function.attr
        known = self.index.is_method(attribute)
        held = attribute in self.index.sure or attribute in self.index.assigned
        if (
            not known
            and not held
            and attribute in LIBRARY_MEMBERS
            and self.uses_library()
            and not node.keywords
        ):
            given = array(self.positional(node))
            return call("$own", self.lower(function.value), constant(attribute), given)
        if not known and not held:
            self.refuse("CAP144", function, name=attribute)
            return NONE
        value = self.lower(function.value)
        if known and self.told_by_run(node, attribute, self.method_signature(node, attribute)):
            return self.unknown_call(node, call("$bind", value, constant(mangled)))
        if known and self.lacks(node, self.instance_of(function.value), attribute):
            value = call("$owning", value, constant(mangled))
        if known and not held:
            signature = self.method_signature(node, attribute)
            if signature is None and not node.keywords:
                self.check_counts(node, attribute)
            args = self.arguments(node, signature, what, self.full_name(attribute))
            if signature is None and self.some_refuse(node, attribute):
                return call("$invoke", value, constant(mangled), *args)
            if attribute in NATIVE:
                return call("$own", value, constant(mangled), ast.List(elts=args, ctx=ast.Load()))
            return ast.Call(func=member(value, mangled), args=args, keywords=[])
        if known:
            signature = self.method_signature(node, attribute)
            args = self.arguments(node, signature, what)
            return call("$invoke", value, constant(mangled), *args)
        return self.unknown_call(node, self.read(function.value, value, mangled))

    def lacks(self, node: ast.Call, found: Class | None, attribute: str) -> bool:
        """Whether it shows that Python looks for a method, which may not be there, before it computes the arguments."""
        if self.trust is not None:
            return False
        if found is not None and any(attribute in one.functions for one in self.index.ancestry(found)):
            return False
        return self.given_acts(node)

    def check_counts(self, node: ast.Call, attribute: str) -> None:
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            return
        count = len(node.args)
        signatures = [f.signature for _, f in self.index.methods.get(attribute, []) if f.role != "property"]
        if signatures and not any(s.takes(count) for s in signatures):
            most = max(len(s.names) for s in signatures)
            self.refuse("CAP122", node, name=attribute, most=most, given=count)

    def full_name(self, attribute: str) -> str:
        return f"{self.index.methods[attribute][0][0].name}.{attribute}"

    def some_refuse(self, node: ast.Call, attribute: str) -> bool:
        """Whether this is too many arguments for one of the methods of the name: the run tells which one it is."""
        count = ANY if any(isinstance(argument, ast.Starred) for argument in node.args) else len(node.args)
        found = self.index.methods.get(attribute, [])
        return any(not f.signature.takes(count) for _, f in found if f.role != "property")

    def class_call(self, node: ast.Call, function: ast.Attribute, target: Class) -> ast.expr:
        """`Class.method(...)`: a static or class method, or a base's method on `self`."""
        value = self.lower(function.value)
        for one in self.index.ancestry(target):
            found = one.functions.get(function.attr)
            if found is None:
                continue
            what = f"{target.name}.{function.attr}"
            if found.role == "method":
                if not node.args or isinstance(node.args[0], ast.Starred):
                    self.refuse("CAP125", node, name=what, missing="self")
                    return NONE
                rest = ast.copy_location(
                    ast.Call(func=node.func, args=node.args[1:], keywords=node.keywords), node
                )
                args = self.arguments(rest, found.signature, what)
                unbound = member(member(value, "prototype"), self.mangle(function.attr))
                return invoke(unbound, "call", self.lower(node.args[0]), *args)
            return ast.Call(
                func=member(value, self.mangle(function.attr)),
                args=self.arguments(node, found.signature, what),
                keywords=[],
            )
        inner = [s for s in target.node.body if isinstance(s, ast.ClassDef) and s.name == function.attr]
        if inner:
            return self.construct(node, member(value, self.mangle(function.attr)), None)
        return self.unknown_call(node, self.read(function.value, value, self.mangle(function.attr)))

    def module_call(self, node: ast.Call, function: ast.Attribute, module: str) -> ast.expr:
        target = self.index.resolve(module, function.attr)
        callee = self.module_attribute(function, module)
        if isinstance(target, Class):
            return self.construct(node, callee, target)
        if isinstance(target, Function):
            what = ast.unparse(function)
            return ast.Call(func=callee, args=self.arguments(node, target.signature, what), keywords=[])
        if module not in self.index.modules:
            return self.call_into_module(node, function.attr, callee, module)
        return self.unknown_call(node, callee)


def signatures(body: list[ast.stmt]) -> dict[str, Signature]:
    """The nested functions, and lambdas in variables, whose names are bound once in these statements."""
    stores: Counter[str] = Counter()
    found: dict[str, Signature] = {}
    for statement in body:
        nodes = list(ast.walk(statement))
        methods = {id(one) for node in nodes if isinstance(node, ast.ClassDef) for one in node.body}
        for one in nodes:
            if isinstance(one, ast.FunctionDef) and id(one) not in methods:
                stores[one.name] += 1
                if not one.decorator_list:
                    found[one.name] = Signature.of(one.args)
            elif isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load):
                stores[one.id] += 1
            elif isinstance(one, ast.Assign) and isinstance(one.value, ast.Lambda):
                signature = Signature.of(one.value.args)
                found.update({target.id: signature for target in one.targets if isinstance(target, ast.Name)})
            elif isinstance(one, ast.arg):
                stores[one.arg] += 1
    return {name: signature for name, signature in found.items() if stores[name] == 1}
