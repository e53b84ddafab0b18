"""TypeScript declarations of an app's models: what `get`, `set`, `on` and `new` take is exact, from `props`.

Of a class `Task` come `TaskProps` (what it stores), `TaskDerived` (what it computes), `TaskNested` (child
models and collections) and `class Task extends Model<TaskProps, TaskDerived, TaskNested>` with the methods
of the Python class.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from capsule.compiler.sources import Source
from capsule.compiler.types_function import documentation, function_type, member, parameters
from capsule.compiler.types_model import heading, nested, refined, written
from capsule.compiler.types_program import Class, Program, core_members, core_names, core_text
from capsule.compiler.types_props import constant, key

# Class attributes that are declarations to the framework: the interfaces and the members say what they mean.
DECLARATIONS = frozenset(
    {
        *("type", "props", "session", "derived", "children", "collections", "defaults", "idAttribute"),
        *("clientEditable", "clientAddable", "exposedServerMethods", "extraProperties", "anonymous"),
        *("private", "membership", "model", "comparator", "sorted", "maxLength", "radioProperties"),
        *("lists", "cidPrefix"),
    }
)


def declarations(sources: Sequence[Source], *, core: str = "./capsule.js") -> str:
    """The text of `main.d.ts` for the modules of one build.

    The first is the entry: its public names are exported, what the others define is declared. `core` is
    where the core's own declarations are imported from.
    """
    program = Program.read(sources)
    body = "\n".join(Writer(program).statements())
    wanted = {"Model", *program.imported.values()} & core_names() - set(program.classes)
    used = sorted(name for name in wanted if re.search(rf"\b{name}\b", body))
    names = ", ".join(source.path.name for source in sources)
    imports = f'import {{ {", ".join(used)} }} from "{core}";\n' if used else ""
    # Without `export {}` every declaration of a module is exported, the private ones as well.
    shown = f'export * from "{core}";\n' if program.core else ""
    return f"// Made from {names} by `capsule build`. Do not edit.\n{imports}{shown}export {{}};\n\n{body}"


def core_declarations() -> str:
    """The text of `capsule.d.ts`, which lies beside the compiled core."""
    return core_text()


class Writer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.annotations = program.annotations()
        self.generic = refined(program)

    def statements(self) -> Iterator[str]:
        for one in self.program.classes.values():
            yield from self.class_statements(one)
        for name, function in self.program.functions.items():
            if not name.startswith("_"):
                signature = function_type(function, self.annotations)
                yield documentation(function) + self.export(name, f"function {name}{signature};")
        for name, value in self.program.constants.items():
            if not name.startswith("_") and (shown := constant_type(value)) is not None:
                yield self.export(name, f"const {name}: {shown};")

    def export(self, name: str, statement: str) -> str:
        word = "export" if name in self.program.exported else "declare"
        return f"{word} {statement}\n"

    def class_statements(self, one: Class) -> Iterator[str]:
        kind = self.program.kind(one.name)
        comment = documentation(one.node)
        if kind == "TypedDict":
            yield comment + self.export(one.name, self.typed_dict(one))
            return
        if kind not in ("Model", "Collection"):
            yield comment + self.export(one.name, f"class {one.name}{self.extends(one)} {self.block(one)}")
            return
        if kind == "Model":
            for interface in written(one, self.program):
                yield self.export(one.name, interface)
        opened = heading(one, self.program, self.generic)
        if opened.generic:
            yield f"declare class {opened.generic} {self.block(one)}\n"
            yield comment + self.export(one.name, f"class {opened.own} {{}}")
        else:
            yield comment + self.export(one.name, f"class {opened.own} {self.block(one)}")

    def extends(self, one: Class) -> str:
        if one.base in self.program.classes or one.base in core_names():
            return f" extends {one.base}"
        return " extends Error" if one.base.endswith(("Error", "Exception")) else ""

    def block(self, one: Class) -> str:
        lines = "".join(line + "\n" for line in self.members(one))
        return f"{{\n{lines}}}" if lines else "{}"

    def members(self, one: Class) -> Iterator[str]:
        below = nested(one, self.program)
        for name, attribute in below.items():
            yield from (f"  readonly {line}" for line in attribute.lines(name))
        for name in dict.fromkeys([*one.annotated, *one.body]):
            if name in below or name in DECLARATIONS or name.startswith("_"):
                continue
            if name in one.annotated:
                yield f"  {name}: {self.annotations.type(one.annotated[name])};"
            else:
                yield f"  {name}: {constant_type(one.body[name]) or 'any'};"
        yield from self.methods(one)

    def methods(self, one: Class) -> Iterator[str]:
        inherited = core_members(self.program.kind(one.name))
        for node in one.methods:
            comment = documentation(node, "  ")
            if node.name == "__init__":
                yield f"{comment}  constructor({parameters(node.args, self.annotations, 1)});"
            elif not node.name.startswith("_") and node.name not in inherited:
                yield f"{comment}  {member(node, self.annotations)}"
            elif node.name == "__iter__":
                yield f"  [Symbol.iterator](): Iterator<{self.iterated(node.returns)}>;"

    def iterated(self, node: ast.expr | None) -> str:
        return self.annotations.type(node.slice) if isinstance(node, ast.Subscript) else "any"

    def typed_dict(self, one: Class) -> str:
        total = next((constant(word.value) for word in one.node.keywords if word.arg == "total"), True)
        fields = []
        for name, annotation in one.annotated.items():
            wrapped = (
                annotation.value.id
                if isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name)
                else ""
            )
            optional = wrapped == "NotRequired" or (total is False and wrapped != "Required")
            fields.append(f"  {key(name)}{'?' if optional else ''}: {self.annotations.type(annotation)};\n")
        extends = f" extends {one.base}" if one.base in self.program.classes else ""
        return f"interface {one.name}{extends} {{\n{''.join(fields)}}}"


def constant_type(node: ast.expr) -> str | None:
    """The type of a constant or class attribute that is written out; None for anything computed."""
    if isinstance(node, ast.Constant):
        kinds = {bool: "boolean", int: "number", float: "number", str: "string"}
        return kinds.get(type(node.value))
    if isinstance(node, ast.List | ast.Tuple):
        types = sorted({constant_type(item) or "any" for item in node.elts})
        return f"Array<{' | '.join(types) if types and 'any' not in types else 'any'}>"
    return "Record<string, any>" if isinstance(node, ast.Dict) else None
