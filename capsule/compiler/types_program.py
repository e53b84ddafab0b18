"""What the declarations need to know of the modules: classes, functions, constants, who is whose base."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from capsule.compiler.sources import Source
from capsule.compiler.types_annotation import Annotations, name_of
from capsule.compiler.types_props import Attribute, Constants, attributes, derived, items

# The core's own declarations, written by hand: models, the way to a server, the DOM binding.
CORE = tuple(Path(__file__).parent / "js" / name for name in ("core.d.ts", "sync.d.ts", "dom.d.ts"))
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Class:
    """One class statement. `base` is its first base, by the name that it has where it is defined."""

    node: ast.ClassDef
    base: str
    constants: Constants
    body: Constants = field(default_factory=dict)
    annotated: dict[str, ast.expr] = field(default_factory=dict)
    methods: list[FunctionNode] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.node.name

    def props(self) -> dict[str, Attribute]:
        return {
            **attributes(self.body.get("props"), self.constants),
            **attributes(self.body.get("session"), self.constants),
        }

    @property
    def typed(self) -> bool:
        return "props" in self.body or "session" in self.body

    def nested(self) -> dict[str, str]:
        """Child models and collections: the name of each and of its class."""
        pairs = items(self.body.get("children"), self.constants) + items(
            self.body.get("collections"), self.constants
        )
        return {name: name_of(node) for name, node in pairs}


@dataclass
class Program:
    """The modules of one build, the entry first, as one space of names."""

    classes: dict[str, Class] = field(default_factory=dict)
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    constants: Constants = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    # What `from x import y as z` calls z here and y there.
    imported: dict[str, str] = field(default_factory=dict)
    # Whether anything of capsule is imported: then `main.js` exports the core's names as well.
    core: bool = False

    @classmethod
    def read(cls, sources: Sequence[Source]) -> "Program":
        """From the texts that the build read: the files may be others by now. Lowering has taken their trees apart."""
        program = cls()
        trees = [ast.parse(source.text, str(source.path)) for source in sources]
        for tree in trees:
            program.add(tree)
        program.exported = exported(trees[0], sources[0].package)
        return program

    def add(self, module: ast.Module) -> None:
        constants: Constants = {}
        for node in module.body:
            if isinstance(node, ast.ClassDef):
                self.classes.setdefault(node.name, self.read_class(node, constants))
            elif isinstance(node, FunctionNode):
                self.functions.setdefault(node.name, node)
            elif isinstance(node, ast.ImportFrom):
                self.imported.update({alias.asname or alias.name: alias.name for alias in node.names})
                self.core = self.core or (node.module or "").split(".")[0] == "capsule"
            else:
                for name, value in assignments(node):
                    constants[name] = value
        for name, value in constants.items():
            self.constants.setdefault(name, value)

    def read_class(self, node: ast.ClassDef, constants: Constants) -> Class:
        base = name_of(node.bases[0]) if node.bases else ""
        one = Class(node, self.imported.get(base, base), constants)
        for statement in node.body:
            if isinstance(statement, FunctionNode):
                one.methods.append(statement)
                continue
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                one.annotated[statement.target.id] = statement.annotation
            one.body.update(assignments(statement))
        return one

    def annotations(self) -> Annotations:
        types = {name: name for name in self.classes}
        for local, name in self.imported.items():
            if name in self.classes or name in core_names():
                types.setdefault(local, name)
        return Annotations(types, self.constants)

    def kind(self, name: str) -> str:
        """The core class that a class descends from, "TypedDict", or the last base that is known."""
        for one in self.line(name):
            name = one.base
        return name

    def ancestors(self, name: str) -> Iterator[Class]:
        """The bases of a class that the app wrote, the nearest first."""
        return islice(self.line(name), 1, None)

    def line(self, name: str) -> Iterator[Class]:
        """A class of the app and those of its bases. One that names itself, or a subclass, as its base is the end."""
        seen: set[str] = set()
        while name in self.classes and name not in seen:
            seen.add(name)
            yield self.classes[name]
            name = self.classes[name].base

    def derived(self, one: Class) -> dict[str, Attribute]:
        annotations = self.annotations()

        def returned(function: ast.expr | None) -> str:
            if isinstance(function, ast.Name) and function.id in self.functions:
                return annotations.type(self.functions[function.id].returns)
            if isinstance(function, ast.Constant | ast.Name):
                name = function.value if isinstance(function, ast.Constant) else function.id
                for owner in self.line(one.name):
                    for method in owner.methods:
                        if method.name == name:
                            return annotations.type(method.returns)
            return "any"

        return derived(one.body.get("derived"), one.constants, returned)


def exported(entry: ast.Module, package: bool) -> set[str]:
    """The names that `main.js` exports, as the compiler's `public` says: its own, and a package's imports too."""
    names: set[str] = set()
    for node in entry.body:
        if isinstance(node, ast.ClassDef | FunctionNode):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom) and package:
            names.update(alias.asname or alias.name for alias in node.names)
        for name, value in assignments(node):
            if name == "__all__" and isinstance(value, ast.List | ast.Tuple):
                return {
                    item.value
                    for item in value.elts
                    if isinstance(item, ast.Constant) and isinstance(item.value, str)
                }
            names.add(name)
    return {name for name in names if not name.startswith("_")}


def assignments(node: ast.stmt) -> list[tuple[str, ast.expr]]:
    """`NAME = value` and `NAME: T = value`."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return [(node.target.id, node.value)]
    if isinstance(node, ast.Assign):
        return [(target.id, node.value) for target in node.targets if isinstance(target, ast.Name)]
    return []


@cache
def core_text() -> str:
    return "\n".join(path.read_text() for path in CORE)


@cache
def core_names() -> frozenset[str]:
    """What the core exports, by its own declarations."""
    return frozenset(re.findall(r"^export (?:class|interface|type|function|const) (\w+)", core_text(), re.M))


@cache
def core_members(kind: str) -> frozenset[str]:
    """The members of a core class: an app that overrides one keeps the types that the core gives it."""
    found = re.search(rf"^export class {kind}\b([^\n]*)\{{\n(.*?)^\}}", core_text(), re.M | re.S)
    if found is None:
        return frozenset()
    own = frozenset(re.findall(r"^  (?:static |readonly )*(\w+)[?<(:]", found[2], re.M))
    above = re.search(r"> extends (\w+)|^ extends (\w+)", found[1])
    return own | core_members(above[1] or above[2]) if above else own
