"""JavaScript for functions, classes and modules."""

import ast

from capsule.compiler.generate_base import Emitter, Frame, js_string
from capsule.compiler.index import decorator_name
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
            self.options(node, owner)
            self.emit(" = {{}}")
        self.emit(") ")

    def options(self, node: ast.arguments, owner: str) -> None:
        """Keyword-only parameters, taken out of the trailing object."""
        self.emit("{{")
        pairs = zip(node.kwonlyargs, node.kw_defaults, strict=True)
        for index, (argument, default) in enumerate(pairs):
            if index:
                self.emit(", ")
            self.put(argument.arg + " = ")
            if default is None:
                name = js_string(argument.arg)
                self.put(f"{self.use('$miss')}({js_string(owner)}, [{name}], 0, 'kw')")
            else:
                self.visit(default)
        if node.kwarg is not None:
            self.put(f"{', ' if node.kwonlyargs else ''}...{node.kwarg.arg}")
        self.emit("}}")

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
                self.emit("var ")
                self.options(arguments, owner)
                self.put(f" = {self.use('$given')}({rest})")
                self.emit(";\n")
            if escapes(node, rest):
                self.put(f"{rest} = {self.use('$tuple')}({rest})")
                self.emit(";\n")

    def function_body(self, node: ast.FunctionDef, owner: str, first: str | None) -> None:
        self.open()
        names = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        self.frames.append(Frame(names, getattr(node, "outer_names", set())))
        labels, self.labels = self.labels, []
        caught, self.caught = self.caught, []
        self.prologue(node, owner, 0 if first is None else 1)
        if first is not None and mentions(node, first):
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
        self.labels, self.caught = labels, caught
        self.close()

    def visit_FunctionDef(self, node: ast.FunctionDef, anAsync: bool = False) -> None:
        star = "*" if getattr(node, "generator", False) else ""
        top = len(self.frames) == 1 and node.name not in self.frames[-1].declared
        if node.decorator_list:
            new = node.name not in self.frames[-1].declared and node.name not in self.frames[-1].outer
            self.put(f"{'var ' if new else ''}{node.name} = ")
            for decorator in node.decorator_list:
                self.visit(decorator)
                self.emit("(")
            # Without a name of its own: within, the name stands for what the decorators made of it.
            self.put(f"{self.use('$named')}({js_string(node.name)}, function{star} ")
        elif top and getattr(node, "once", False):
            self.put(f"function{star} {node.name} ")
        else:
            new = node.name not in self.frames[-1].declared and node.name not in self.frames[-1].outer
            self.put(f"{'var ' if new else ''}{node.name} = function{star} ")
        self.frames[-1].declared.add(node.name)
        self.parameters(node.args, node.name)
        self.function_body(node, node.name, None)
        if node.decorator_list:
            self.put(")" * (len(node.decorator_list) + 1))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        held: list[tuple[str, ast.expr]] = getattr(node, "held", [])
        if held:
            self.put(f"(({', '.join(name for name, _ in held)}) => ")
        required = len(node.args.args) - len(node.args.defaults)
        declared: list[str] = getattr(node, "declared", [])
        generator = getattr(node, "generator", False)
        checked = bool(required) and getattr(node, "checked", False)
        if checked or declared or generator or node.args.vararg is not None:
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
        self.put(f"/*@__PURE__*/ {self.use('$class')}(class {node.name} extends ")
        if node.bases:
            self.visit(node.bases[0])
        else:
            self.put(self.use("$object"))
        self.emit(" ")
        self.open()
        for method in node.body:
            assert isinstance(method, ast.FunctionDef)
            self.adaptLineNrString(method)
            self.method(method, shown)
            self.emit("\n")
        self.close()
        self.put(f", {js_string(shown)}")
        self.attributes(node)
        self.emit(")")
        self.put(")" * len(node.decorator_list))

    def attributes(self, node: ast.ClassDef) -> None:
        attributes: list[tuple[str, ast.expr]] = getattr(node, "attributes", [])
        statics: list[str] = getattr(node, "statics", [])
        aliases = [(name, value) for name, value in attributes if getattr(value, "alias", False)]
        plain = [pair for pair in attributes if pair not in aliases]
        if not (attributes or statics):
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
        if statics or aliases:
            self.put(f", [{', '.join(js_string(name) for name in statics)}]")
        if aliases:
            pairs = ", ".join(
                f"{n}: {js_string(str(v.value))}" for n, v in aliases if isinstance(v, ast.Constant)
            )
            self.put(", {" + pairs + "}")

    def method(self, node: ast.FunctionDef, owner: str) -> None:
        names = {decorator_name(d) for d in node.source.decorator_list}  # type: ignore[attr-defined]
        prefix = "get " if "property" in names else "set " if "setter" in names else ""
        static = names & {"staticmethod", "classmethod"} or node.name == "__init_subclass__"
        star = "*" if getattr(node, "generator", False) else ""
        first = None if "staticmethod" in names else node.args.args[0].arg
        self.put(f"{'static ' if static else ''}{prefix}{star}{node.name} ")
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


def mentions(node: ast.FunctionDef, text: str) -> bool:
    """Whether a function's body names its instance."""
    return any(isinstance(one, ast.Name) and one.id == text for s in node.body for one in walk(s))
