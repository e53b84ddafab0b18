"""What the whole program defines: who a name is, how a call reaches it, which attributes exist."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from capsule.compiler.sources import Source, Sources

Made = TypeVar("Made")

DESCRIPTORS = frozenset({"property", "setter", "deleter", "cached_property"})
# Decorators for the type checker alone.
SILENT = frozenset({"override", "final", "overload", "abstractmethod", "runtime_checkable"})


@dataclass(frozen=True)
class Signature:
    """A call's parameters. For methods, without the first one."""

    names: tuple[str, ...]
    required: int
    star: str | None
    keywords: tuple[str, ...]
    needed: tuple[str, ...]
    rest: str | None
    # How many of the names cannot be keywords.
    positional: int = 0

    @classmethod
    def of(cls, arguments: ast.arguments, skip: int = 0) -> "Signature":
        names = tuple(a.arg for a in [*arguments.posonlyargs, *arguments.args])[skip:]
        pairs = list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
        return cls(
            names=names,
            required=max(0, len(names) - len(arguments.defaults)),
            star=arguments.vararg.arg if arguments.vararg else None,
            keywords=tuple(a.arg for a, _ in pairs),
            needed=tuple(a.arg for a, default in pairs if default is None),
            rest=arguments.kwarg.arg if arguments.kwarg else None,
            positional=max(0, len(arguments.posonlyargs) - skip),
        )

    @classmethod
    def open(cls) -> "Signature":
        """Of what takes anything."""
        return cls(names=(), required=0, star="args", keywords=(), needed=(), rest="kwargs")

    @property
    def by_name(self) -> tuple[str, ...]:
        """The names that a keyword may have, apart from the keyword-only ones."""
        return self.names[self.positional :]

    @property
    def options(self) -> bool:
        """Whether JavaScript callers pass a trailing object."""
        return bool(self.keywords) or self.rest is not None

    def takes(self, count: int) -> bool:
        return self.star is not None or count <= len(self.names)


@dataclass(eq=False)
class Function:
    node: ast.FunctionDef | ast.AsyncFunctionDef
    signature: Signature
    # "function", "method", "static", "class" or "property".
    role: str
    decorated: bool = False


@dataclass(eq=False)
class Class:
    name: str
    module: str
    node: ast.ClassDef
    bases: list[str]
    functions: dict[str, Function] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    # What its methods assign on their instance.
    held: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Module:
    source: Source
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    # Local name -> (module, name in it); the name is None for a module itself.
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    # Bound more than once, or from within a function: nothing is known about these.
    rebound: set[str] = field(default_factory=set)


def decorator_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def method_role(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    names = {decorator_name(d) for d in node.decorator_list}
    if names & DESCRIPTORS:
        return "property"
    return "static" if "staticmethod" in names else "class" if "classmethod" in names else "method"


def replaced(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether decorators of the program's own decide what the method is."""
    own = {decorator_name(d) for d in node.decorator_list} - DESCRIPTORS - SILENT
    return not own <= {"staticmethod", "classmethod"}


class Index:
    """Built once for a build, read by the checks and by lowering."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.modules: dict[str, Module] = {}
        self.methods: dict[str, list[tuple[Class, Function]]] = {}
        # Names of attributes that instances have: given in a class body, or in an `__init__`.
        self.sure: set[str] = set()
        self.assigned: set[str] = set()
        self.deleted: set[str] = set()
        self.class_attributes: set[str] = set()
        self.wanted: set[tuple[str, str]] = set()
        self._made: dict[Callable[[Index], Any], Any] = {}
        for source in sources:
            self.modules[source.name] = self._module(source)
        seam = sources.seam
        if seam is not None:
            # Its Python half says how its JavaScript half is called; it is not compiled.
            self.modules[seam.name] = Module(seam)
            for statement in seam.tree.body:
                self._statement(statement, self.modules[seam.name])

    def once(self, make: Callable[["Index"], Made]) -> Made:
        """What `make` reads from the program. Kept here, and so no longer than the program is."""
        if make not in self._made:
            self._made[make] = make(self)
        found: Made = self._made[make]
        return found

    def _module(self, source: Source) -> Module:
        module = Module(source)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                (self.deleted if isinstance(node.ctx, ast.Del) else self.assigned).add(node.attr)
            elif isinstance(node, ast.Global):
                module.rebound.update(node.names)
            elif isinstance(node, ast.ClassDef):
                self._class(node, module, node in source.tree.body)
        for statement in source.tree.body:
            self._statement(statement, module)
        return module

    def _statement(self, node: ast.stmt, module: Module) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._bind(module, node.name)
            function = Function(node, Signature.of(node.args), "function", bool(node.decorator_list))
            module.functions[node.name] = function
        elif isinstance(node, ast.ClassDef):
            self._bind(module, node.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                self._bind(module, local)
                module.imports[local] = (alias.name if alias.asname else local, None)
        elif isinstance(node, ast.ImportFrom):
            base = module.source.absolute(node)
            for alias in node.names:
                local = alias.asname or alias.name
                self._bind(module, local)
                whole = f"{base}.{alias.name}"
                known = whole in self.sources.modules
                module.imports[local] = (whole, None) if known else (base, alias.name)
                self.wanted.add((base, alias.name))
        else:
            for name in stored_names(node):
                self._bind(module, name)
            for inner in nested_statements(node):
                self._statement(inner, module)

    def _bind(self, module: Module, name: str) -> None:
        if name in module.names:
            module.rebound.add(name)
        module.names.add(name)

    def _class(self, node: ast.ClassDef, module: Module, top: bool) -> None:
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        found = Class(node.name, module.source.name, node, bases)
        if top:
            module.classes[node.name] = found
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                role = method_role(statement)
                skip = 0 if role == "static" else 1
                own = replaced(statement)
                signature = Signature.open() if own else Signature.of(statement.args, skip)
                function = Function(statement, signature, role, own)
                found.functions.setdefault(statement.name, function)
                self.methods.setdefault(statement.name, []).append((found, function))
                if role == "property":
                    self.sure.add(statement.name)
                found.held.update(self_attributes(statement, anywhere=True))
                if statement.name == "__init__":
                    self.sure.update(self_attributes(statement))
            elif isinstance(statement, ast.ClassDef):
                found.attributes.add(statement.name)
            elif isinstance(statement, ast.AnnAssign) and statement.value is None:
                # Declared, and set by the framework or by `__init__`: instances have it, the class does not.
                self.sure.update(stored_names(statement))
            else:
                found.attributes.update(stored_names(statement))
        self.sure.update(found.attributes)
        self.class_attributes.update(found.attributes)

    def resolve(self, module: str, name: str) -> Function | Class | None:
        """The function or class that a module-level name always stands for, through imports; else None."""
        for _ in range(20):
            here = self.modules.get(module)
            if here is None or name in here.rebound:
                return None
            if name in here.classes:
                return here.classes[name]
            if name in here.functions:
                function = here.functions[name]
                return None if function.decorated else function
            target = here.imports.get(name)
            if target is None or target[1] is None:
                return None
            module, name = target[0], target[1]
        return None

    def ancestry(self, found: Class) -> list[Class]:
        """The class and its bases that the program defines, nearest first."""
        result = [found]
        while result[-1].bases:
            base = self.resolve(result[-1].module, result[-1].bases[0])
            if not isinstance(base, Class) or base in result:
                break
            result.append(base)
        return result

    def constructor(self, found: Class) -> Signature | None:
        """How the class is called; None where a base is not the program's own."""
        chain = self.ancestry(found)
        for one in chain:
            if "__init__" in one.functions:
                return one.functions["__init__"].signature
        return None if chain[-1].bases else Signature((), 0, None, (), (), None)

    def is_abstract(self, found: Class) -> bool:
        """Whether Python looks for abstract methods when it is called."""
        return any(
            self.modules[one.module].imports.get(base) == ("abc", "ABC")
            for one in self.ancestry(found)
            for base in one.bases
        )

    def is_enum(self, found: Class) -> bool:
        """Whether its class attributes are members."""
        return any(
            self.modules[one.module].imports.get(base) == ("enum", "Enum")
            for one in self.ancestry(found)
            for base in one.bases
        )

    def holds(self, found: Class, name: str) -> bool | None:
        """Whether instances of the class have the name as an attribute (True) or as a method (False), if known."""
        for one in self.ancestry(found):
            if name in one.functions:
                return one.functions[name].role == "property"
            if name in one.attributes or name in one.held:
                return True
        return None

    def is_method(self, name: str) -> bool:
        return any(function.role != "property" for _, function in self.methods.get(name, []))


def self_attributes(node: ast.FunctionDef | ast.AsyncFunctionDef, anywhere: bool = False) -> set[str]:
    """What a method assigns on its first parameter; not in branches, unless `anywhere`."""
    if not node.args.args:
        return set()
    first = node.args.args[0].arg
    result = set()
    for statement in ast.walk(node) if anywhere else node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                for part in ast.walk(target):
                    if (
                        isinstance(part, ast.Attribute)
                        and isinstance(part.value, ast.Name)
                        and part.value.id == first
                    ):
                        result.add(part.attr)
    return result


def stored_names(node: ast.AST) -> set[str]:
    """The names a statement binds itself, without those of functions, classes and comprehensions in it."""
    result: set[str] = set()
    pending: list[ast.AST] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            result.add(one.id)
        elif isinstance(one, ast.ExceptHandler) and one.name:
            result.add(one.name)
        if (
            isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
            and one is not node
        ):
            continue
        if isinstance(one, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            # Only a walrus reaches out of a comprehension.
            result.update(n.target.id for n in ast.walk(one) if isinstance(n, ast.NamedExpr))
            continue
        pending.extend(child for child in ast.iter_child_nodes(one) if not isinstance(child, ast.stmt))
    return result


def nested_statements(node: ast.stmt) -> list[ast.stmt]:
    """The statements directly inside a compound statement."""
    result: list[ast.stmt] = []
    for name in ("body", "orelse", "finalbody"):
        result.extend(getattr(node, name, []))
    for handler in getattr(node, "handlers", []):
        result.extend(handler.body)
    return result
