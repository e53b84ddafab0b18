"""Calls: of functions and classes whose parameters are known, of methods, and of values that only the run knows."""

import ast
from collections import Counter

from capsule.compiler.index import Class, Function, Signature
from capsule.compiler.lower_builtins import METHODS, Builtins
from capsule.compiler.lower_names import NATIVE
from capsule.compiler.lowering import TYPES
from capsule.compiler.nodes import NONE, array, call, constant, invoke, is_super, member, name, note


class Calls(Builtins):
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

    # -- arguments

    def positional(self, node: ast.Call) -> list[ast.expr]:
        return [self.lower(argument) for argument in node.args]

    def arguments(self, node: ast.Call, signature: Signature | None, what: str) -> list[ast.expr]:
        """The JavaScript arguments for a call whose parameters are known (or None: only positional ones then)."""
        if signature is None:
            if node.keywords:
                self.refuse("CAP120", node, name=what)
            return self.positional(node)
        self.check_arguments(node, signature, what)
        result = self.positional(node)
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        options: list[tuple[str | None, ast.expr]] = []
        placed: dict[str, ast.expr] = {}
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg in signature.names:
                placed[keyword.arg] = self.lower(keyword.value)
            elif keyword.arg is None or signature.options:
                options.append((keyword.arg, self.lower(keyword.value)))
        unplaced = any(key is None for key, _ in options) and not self.only_options(node, signature)
        if unplaced or (options and starred):
            spread = self.spread([*placed.items(), *options], what)
            placed_arguments = call(
                "$place",
                array(result),
                spread,
                array([constant(key) for key in signature.names]),
                constant(signature.required),
                array([constant(key) for key in signature.keywords]),
                constant(signature.rest is not None),
                constant(signature.star is not None),
                constant(what),
            )
            return [ast.Starred(value=placed_arguments, ctx=ast.Load())]
        if placed or options:
            if starred and placed:
                self.refuse("CAP121", node, name=what)
            names = signature.names
            last = max([names.index(key) for key in placed], default=-1) + 1
            upto = len(names) if options else last
            for position in range(len(result), upto):
                result.append(placed.get(names[position], name("undefined")))
        if options:
            result.append(self.options(options, signature, what))
        return result

    def only_options(self, node: ast.Call, signature: Signature) -> bool:
        """Whether `**d` can only hold what goes into the options: all named parameters are given already."""
        given = len(node.args) + sum(1 for k in node.keywords if k.arg in signature.names)
        return signature.options and given >= len(signature.names)

    def options(
        self, options: list[tuple[str | None, ast.expr]], signature: Signature, what: str
    ) -> ast.expr:
        literal = self.spread(options, what)
        if signature.rest is None and any(key is None for key, _ in options):
            allowed = ast.List(elts=[constant(key) for key in signature.keywords], ctx=ast.Load())
            return call("$options", literal, allowed, constant(what))
        return call("$keywords", literal) if signature.star is not None else literal

    def spread(self, options: list[tuple[str | None, ast.expr]], what: str) -> ast.expr:
        """An object of keywords; with `**` among them, one that is checked as CPython does."""
        if all(key is not None for key, _ in options):
            return ast.Dict(keys=[constant(key) for key, _ in options], values=[v for _, v in options])
        parts = [v if key is None else ast.Dict(keys=[constant(key)], values=[v]) for key, v in options]
        return call("$spread", constant(what), *parts)

    def check_arguments(self, node: ast.Call, signature: Signature, what: str) -> None:
        """A call that CPython would answer with a TypeError is refused here."""
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        spread = any(keyword.arg is None for keyword in node.keywords)
        given = [keyword.arg for keyword in node.keywords if keyword.arg is not None]
        if not starred and not signature.takes(len(node.args)):
            self.refuse("CAP122", node, name=what, most=len(signature.names), given=len(node.args))
        for key in given:
            known = key in signature.names or key in signature.keywords or signature.rest is not None
            if not known:
                self.refuse("CAP123", node, name=what, keyword=key)
            elif not starred and key in signature.names[: len(node.args)]:
                self.refuse("CAP124", node, name=what, keyword=key)
        if starred or spread:
            return
        missing = [p for p in signature.names[len(node.args) : signature.required] if p not in given]
        missing += [p for p in signature.needed if p not in given]
        if missing:
            self.refuse("CAP125", node, name=what, missing=", ".join(missing))

    # -- calls of names

    def name_call(self, node: ast.Call, function: ast.Name) -> ast.expr:
        text = function.id
        if self.is_builtin(text):
            return self.builtin_call(node, text)
        typing = self.typing_name(function)
        if typing is not None:
            return self.lower(node.args[1]) if typing == "cast" and len(node.args) == 2 else NONE
        target = self.resolve(function)
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
        signature = None if target is None else self.index.constructor(target)
        what = target.name if target is not None else ast.unparse(node.func)
        made = ast.Call(func=callee, args=self.arguments(node, signature, what), keywords=[])
        note(made, new=True)
        return made

    def unknown_call(self, node: ast.Call, callee: ast.expr) -> ast.expr:
        """A value is called: a function or a class, only the run tells."""
        if node.keywords:
            if all(k.arg is None for k in node.keywords) and self.passes_on(node):
                passed = call("$passed", self.lower(node.keywords[0].value))
                return call(
                    "$call", callee, *self.positional(node), ast.Starred(value=passed, ctx=ast.Load())
                )
            self.refuse("CAP120", node, name=ast.unparse(node.func))
        return call("$call", callee, *self.positional(node))

    def passes_on(self, node: ast.Call) -> bool:
        """`f(*args, **kwargs)` in a function that got them so."""
        function = self.scope.function.node
        if not isinstance(function, ast.FunctionDef) or len(node.keywords) != 1:
            return False
        value = node.keywords[0].value
        rest = function.args.kwarg
        return rest is not None and isinstance(value, ast.Name) and value.id == rest.arg

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
        if self.index.is_method(attribute):
            signature = self.method_signature(node, attribute)
            what = f"{ast.unparse(function.value)}.{attribute}"
            return ast.Call(
                func=member(value, attribute), args=self.arguments(node, signature, what), keywords=[]
            )
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
        known = self.index.is_method(attribute)
        held = attribute in self.index.sure or attribute in self.index.assigned
        if not known and not held:
            self.refuse("CAP144", function, name=attribute)
            return NONE
        value = self.lower(function.value)
        if known and not held:
            signature = self.method_signature(node, attribute)
            if signature is None and not node.keywords:
                self.check_counts(node, attribute)
            args = self.arguments(node, signature, what)
            if attribute in NATIVE:
                return call("$own", value, constant(attribute), ast.List(elts=args, ctx=ast.Load()))
            return ast.Call(func=member(value, attribute), args=args, keywords=[])
        if known:
            signature = self.method_signature(node, attribute)
            args = self.arguments(node, signature, what)
            return call("$invoke", value, constant(attribute), *args)
        return self.unknown_call(node, self.read(function.value, value, attribute))

    def check_counts(self, node: ast.Call, attribute: str) -> None:
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            return
        count = len(node.args)
        signatures = [f.signature for _, f in self.index.methods.get(attribute, []) if f.role != "property"]
        if signatures and not any(s.takes(count) for s in signatures):
            most = max(len(s.names) for s in signatures)
            self.refuse("CAP122", node, name=attribute, most=most, given=count)

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
                unbound = member(member(value, "prototype"), function.attr)
                return invoke(unbound, "call", self.lower(node.args[0]), *args)
            return ast.Call(
                func=member(value, function.attr),
                args=self.arguments(node, found.signature, what),
                keywords=[],
            )
        inner = [s for s in target.node.body if isinstance(s, ast.ClassDef) and s.name == function.attr]
        if inner:
            return self.construct(node, member(value, function.attr), None)
        return self.unknown_call(node, self.read(function.value, value, function.attr))

    def module_call(self, node: ast.Call, function: ast.Attribute, module: str) -> ast.expr:
        target = self.index.resolve(module, function.attr)
        callee = self.module_attribute(function, module)
        if isinstance(target, Class):
            return self.construct(node, callee, target)
        if isinstance(target, Function):
            what = ast.unparse(function)
            return ast.Call(func=callee, args=self.arguments(node, target.signature, what), keywords=[])
        if module not in self.index.modules:
            return self.library_call(node, function.attr, callee, module)
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
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
                    found[one.id] = Signature.of(statement.value.args)
            elif isinstance(one, ast.arg):
                stores[one.arg] += 1
    return {name: signature for name, signature in found.items() if stores[name] == 1}
