"""JavaScript for functions, classes and modules."""

import ast

from capsule.compiler.generate_base import Emitter, Frame, js_string
from capsule.compiler.index import decorator_name
from capsule.compiler.lowering import js_name
from capsule.compiler.nodes import note, walk


class Definitions(Emitter):
    exports: dict[str, str]

    # -- functions

    def parameters(self, node: ast.arguments, owner: str, skip: int = 0) -> None:
        self.emit("(")
        plain = node.args[skip:]
        without = len(plain) - len(node.defaults)
        for index, argument in enumerate(plain):
            if index:
                self.emit(", ")
            self.put(argument.arg)
            if index >= without:
                self.emit(" = ")
                self.visit(node.defaults[index - without])
        if node.vararg is not None:
            self.put(f"{', ' if plain else ''}...{node.vararg.arg}")
        elif node.kwonlyargs or node.kwarg is not None:
            if plain:
                self.emit(", ")
            if at_once(node):
                self.options(node, owner)
            else:
                self.put(OPTIONS)
            self.emit(" = {{}}")
        self.emit(") ")

    def options(self, node: ast.arguments, owner: str) -> None:
        """Keyword-only parameters, taken out of the trailing object."""
        self.emit("{{")
        pairs = zip(node.kwonlyargs, node.kw_defaults, strict=True)
        for index, (argument, default) in enumerate(pairs):
            if index:
                self.emit(", ")
            own = js_name(argument.arg)
            self.put((own if own == argument.arg else f"{argument.arg}: {own}") + " = ")
            if default is None:
                name = js_string(argument.arg)
                self.put(f"{self.use('$miss')}({js_string(owner)}, [{name}], 0, 'kw')")
            else:
                self.visit(default)
        self.emit("}}")

    def take_options(self, node: ast.arguments, owner: str, source: str) -> None:
        """The same at the head of the body, and `**more`: what nobody took, in its order."""
        if node.kwonlyargs:
            self.emit("var ")
            self.options(node, owner)
            bare = any(map(is_taken, node.kwonlyargs))
            self.put(f" = {self.use('$bare')}({source})" if bare else f" = {source}")
            self.emit(";\n")
        if node.kwarg is not None:
            taken = ", ".join(js_string(argument.arg) for argument in node.kwonlyargs)
            self.put(f"var {node.kwarg.arg} = {self.use('$rest')}({source}, [{taken}])")
            self.emit(";\n")

    def prologue(self, node: ast.FunctionDef | ast.Lambda, owner: str, skip: int = 0) -> None:
        """What Python does before the first statement: complain about missing arguments, take the keywords out."""
        arguments = node.args
        plain = [argument.arg for argument in arguments.args[skip:]]
        required = len(plain) - len(arguments.defaults)
        if required and getattr(node, "checked", False):
            names = ", ".join(js_string(name) for name in plain[:required])
            miss = f"{self.use('$miss')}({js_string(owner)}, [{names}], arguments.length)"
            self.put(f"if (arguments.length < {required}) {miss}")
            self.emit(";\n")
        if arguments.vararg is not None:
            rest = arguments.vararg.arg
            if arguments.kwonlyargs or arguments.kwarg is not None:
                self.put(f"var {OPTIONS} = {self.use('$given')}({rest})")
                self.emit(";\n")
                self.take_options(arguments, owner, OPTIONS)
            if not getattr(node, "plain", False) and escapes(node, rest):
                self.put(f"{rest} = {self.use('$tuple')}({rest})")
                self.emit(";\n")
        elif not at_once(arguments):
            self.take_options(arguments, owner, OPTIONS)

    def function_body(self, node: ast.FunctionDef, owner: str, first: str | None) -> None:
        self.open()
        names = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        self.frames.append(Frame(names, getattr(node, "outer_names", set())))
        labels, self.labels = self.labels, []
        caught, self.caught = self.caught, []
        instance, self.instance = self.instance, None
        self.prologue(node, owner, 0 if first is None else 1)
        if first is not None and mentions(node, first):
            if is_this(node, first):
                self.instance = first
            else:
                self.put(f"var {first} = this")
                self.emit(";\n")
        self.declare(getattr(node, "declared", []))
        if getattr(node, "generator", False):
            self.guarded(lambda: self.statements(node.body))
        else:
            self.statements(node.body)
            if getattr(node, "falls", False) and node.name != "__init__":
                self.emit("return null;\n")
        self.frames.pop()
        self.labels, self.caught, self.instance = labels, caught, instance
        self.close()

    def visit_FunctionDef(self, node: ast.FunctionDef, anAsync: bool = False) -> None:
        star = "*" if getattr(node, "generator", False) else ""
        top = len(self.frames) == 1 and node.name not in self.frames[-1].declared
        if node.decorator_list:
            new = node.name not in self.frames[-1].declared and node.name not in self.frames[-1].outer
            self.put(f"{'var ' if new else ''}{node.name} = ")
            self.decorated(node, node.name)
            self.frames[-1].declared.add(node.name)
            return
        if top and getattr(node, "once", False):
            self.put(f"function{star} {node.name} ")
        else:
            new = node.name not in self.frames[-1].declared and node.name not in self.frames[-1].outer
            self.put(f"{'var ' if new else ''}{node.name} = ")
            self.before_description(node)
            self.put(f"function{star} ")
        self.frames[-1].declared.add(node.name)
        self.parameters(node.args, node.name)
        self.function_body(node, node.name, None)
        if not (top and getattr(node, "once", False)):
            self.after_description(node)
        elif hasattr(node, "description"):
            self.emit("\n")
            self.before_description(node)
            self.put(node.name)
            self.after_description(node)

    def decorated(self, node: ast.FunctionDef, owner: str) -> None:
        """A function within its decorators, as an expression."""
        star = "*" if getattr(node, "generator", False) else ""
        for decorator in node.decorator_list:
            self.visit(decorator)
            self.emit("(")
        # Without a name of its own: within, the name stands for what the decorators made of it.
        self.before_description(node)
        self.put(f"{self.use('$named')}({js_string(node.name)}, function{star} ")
        self.parameters(node.args, owner)
        self.function_body(node, owner, None)
        self.emit(")")
        self.after_description(node)
        self.put(")" * len(node.decorator_list))

    def before_description(self, node: ast.FunctionDef | ast.Lambda) -> None:
        if hasattr(node, "description"):
            self.put(f"{self.use('$described')}(")

    def after_description(self, node: ast.FunctionDef | ast.Lambda) -> None:
        """What calls of a function as a value must know: see demands.py."""
        if hasattr(node, "description"):
            self.emit(", ")
            self.commas(node.description)
            self.emit(")")

    def visit_Lambda(self, node: ast.Lambda) -> None:
        held: list[tuple[str, ast.expr]] = getattr(node, "held", [])
        if held:
            self.put(f"(({', '.join(name for name, _ in held)}) => ")
        declared: list[str] = getattr(node, "declared", [])
        generator = getattr(node, "generator", False)
        nameless = getattr(node, "nameless", False)
        self.before_description(node)
        if nameless:
            self.put(f"{self.use('$named')}({js_string('<lambda>')}, ")
        if is_function(node):
            self.put("function* " if generator else "function ")
            self.parameters(node.args, "<lambda>")
            self.open()
            self.frames.append(Frame(set(), set()))
            self.prologue(node, "<lambda>")
            self.declare(declared)
            self.emit("return ")
            self.visit(node.body)
            self.emit(";\n")
            self.frames.pop()
            self.close()
        else:
            self.parameters(node.args, "<lambda>")
            self.emit("=> ")
            wrap = isinstance(node.body, ast.Dict | ast.NamedExpr)
            if wrap:
                self.emit("(")
            self.visit(node.body)
            if wrap:
                self.emit(")")
        if nameless:
            self.emit(")")
        self.after_description(node)
        if held:
            self.emit(")(")
            self.commas([value for _, value in held])
            self.emit(")")

    # -- classes

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in getattr(node, "before", []):
            self.visit(statement)
            self.emit(";\n")
        if not getattr(node, "inner", False):
            new = node.name not in self.frames[-1].declared and node.name not in self.frames[-1].outer
            self.frames[-1].declared.add(node.name)
            self.put(f"{'var ' if new else ''}{node.name} = ")
        for decorator in node.decorator_list:
            self.visit(decorator)
            self.emit("(")
        shown: str = getattr(node, "shown", node.name)
        replaced: list[ast.FunctionDef] = getattr(node, "decorated", [])
        if replaced:
            self.put(f"{self.use('$decorated')}(")
        self.put(f"/*@__PURE__*/ {self.use('$class')}(class {node.name} extends ")
        if node.bases:
            self.visit(node.bases[0])
        else:
            self.put(self.use("$object"))
        self.emit(" ")
        self.open()
        abstract: list[str] = getattr(node, "abstract", [])
        if abstract:
            names = ", ".join(map(js_string, abstract))
            check = f"{self.use('$concrete')}(new.target, {node.name}, [{names}])"
            self.put(f"constructor (...args) {{ {check}; super(...args); }}")
            self.emit("\n")
        for method in node.body:
            assert isinstance(method, ast.FunctionDef)
            self.adaptLineNrString(method)
            self.method(method, shown)
            self.emit("\n")
        self.iterator(node)
        self.token(node)
        self.close()
        self.put(f", {js_string(shown)}")
        self.attributes(node)
        self.emit(")")
        if replaced:
            self.emit(", {{")
            for index, method in enumerate(replaced):
                self.put(f"{', ' if index else ''}{method.name}: ")
                self.decorated(method, f"{shown}.{method.name}")
            self.emit("}})")
        self.put(")" * len(node.decorator_list))

    def token(self, node: ast.ClassDef) -> None:
        """What stands for an instance in dicts and sets; a class with `__eq__` alone has nothing, as in Python."""
        names = {getattr(method, "name", "") for method in node.body}
        if "__hash__" in names:
            self.put(f"get $token () {{ return {self.use('$interned')}(this); }}")
        elif "__eq__" in names and node.bases and not getattr(node.body[0], "plain", False):
            self.put("get $token () { return undefined; }")
        else:
            return
        self.emit("\n")

    def iterator(self, node: ast.ClassDef) -> None:
        """What JavaScript's `for` asks for: the core's `__iter__` gives an iterator of JavaScript's own."""
        found = [method for method in node.body if getattr(method, "name", "") in ("__iter__", "__next__")]
        if found:
            own = getattr(found[0], "plain", False)
            made = "this.__iter__()" if own else f"{self.use('$iterator')}(this)"
            self.put(f"[Symbol.iterator] () {{ return {made}; }}")
            self.emit("\n")

    def attributes(self, node: ast.ClassDef) -> None:
        attributes: list[tuple[str, ast.expr]] = getattr(node, "attributes", [])
        statics: list[str] = getattr(node, "statics", [])
        aliases = [(name, value) for name, value in attributes if getattr(value, "alias", False)]
        plain = [pair for pair in attributes if pair not in aliases]
        notes = [(m.name, m.description) for m in node.body if hasattr(m, "description")]  # type: ignore[attr-defined]
        if not (attributes or statics or notes):
            return
        self.emit(", {{")
        for index, (name, value) in enumerate(plain):
            if index:
                self.emit(", ")
            self.put(f"{name}: ")
            if isinstance(value, ast.ClassDef):
                note(value, inner=True)
            self.visit(value)
        self.emit("}}")
        if statics or aliases or notes:
            self.put(f", [{', '.join(js_string(name) for name in statics)}]")
        if aliases or notes:
            pairs = ", ".join(
                f"{n}: {js_string(str(v.value))}" for n, v in aliases if isinstance(v, ast.Constant)
            )
            self.put(", {" + pairs + "}")
        if notes:
            self.emit(", {{")
            for index, (text, parts) in enumerate(notes):
                self.put(f"{', ' if index else ''}{text}: [")
                self.commas(parts)
                self.emit("]")
            self.emit("}}")
            self.put(f", {self.use('$describe')}")

    def method(self, node: ast.FunctionDef, owner: str) -> None:
        names = {decorator_name(d) for d in node.source.decorator_list}  # type: ignore[attr-defined]
        prefix = "get " if "property" in names else "set " if "setter" in names else ""
        static = names & {"staticmethod", "classmethod"} or node.name == "__init_subclass__"
        star = "*" if getattr(node, "generator", False) else ""
        first = None if "staticmethod" in names else node.args.args[0].arg
        own = node.name
        if "cached_property" in names:
            once = f"{self.use('$once')}(this, {js_string(own)}, this.$once_{own})"
            self.put(f"get {own} () {{ return {once}; }}\n")
            self.put(f"set {own} (value) {{ {self.use('$keep')}(this, {js_string(own)}, value); }}\n")
            own = f"$once_{own}"
        self.put(f"{'static ' if static else ''}{prefix}{star}{own} ")
        what = f"{owner}.{node.name}"
        self.parameters(node.args, what, 0 if first is None else 1)
        self.function_body(node, what, first)


def escapes(node: ast.FunctionDef | ast.Lambda, rest: str) -> bool:
    """Whether `*args` is used as the tuple it is, and not only passed on, indexed or measured."""
    harmless: set[int] = set()
    seen: list[ast.Name] = []
    for statement in node.body if isinstance(node.body, list) else [node.body]:
        for one in walk(statement):
            if isinstance(one, ast.Name) and one.id == rest:
                seen.append(one)
            elif isinstance(one, ast.Starred) and isinstance(one.value, ast.Call):
                harmless.update(id(a) for a in one.value.args)
            elif (
                isinstance(one, ast.Call)
                and isinstance(one.func, ast.Name)
                and one.func.id in ("len", "$get")
            ):
                harmless.update(id(a) for a in one.args)
    return any(id(one) not in harmless for one in seen)


# The trailing object, where it is not taken apart in the list of parameters.
OPTIONS = "$o"

# What every JavaScript object has: a missing keyword of such a name would find that.
OF_OBJECTS = frozenset(
    """constructor toString toLocaleString valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable __proto__
    __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__""".split()
)


def is_taken(argument: ast.arg) -> bool:
    return argument.arg in OF_OBJECTS


def at_once(node: ast.arguments) -> bool:
    """Whether JavaScript's own list of parameters can take the trailing object apart as Python does."""
    return node.kwarg is None and not any(map(is_taken, node.kwonlyargs))


def is_function(node: ast.Lambda) -> bool:
    """Whether a lambda has to be written as a function, and not as an arrow."""
    checked = len(node.args.args) > len(node.args.defaults) and getattr(node, "checked", False)
    rest = node.args.vararg is not None and not getattr(node, "plain", False)
    return (
        checked
        or rest
        or not at_once(node.args)
        or bool(getattr(node, "declared", []))
        or getattr(node, "generator", False)
    )


def is_this(node: ast.FunctionDef, first: str) -> bool:
    """Whether `this` is the instance wherever the method names it: arrows see it, functions within do not."""
    for one in (found for statement in node.body for found in walk(statement)):
        if isinstance(one, ast.FunctionDef | ast.ClassDef | ast.GeneratorExp):
            return False
        if isinstance(one, ast.Lambda) and is_function(one):
            return False
        if isinstance(one, ast.arg) and one.arg == first:
            return False
        if isinstance(one, ast.Name) and one.id == first and not isinstance(one.ctx, ast.Load):
            return False
    return True


def mentions(node: ast.FunctionDef, text: str) -> bool:
    """Whether a function's body names its instance."""
    return any(isinstance(one, ast.Name) and one.id == text for s in node.body for one in walk(s))
