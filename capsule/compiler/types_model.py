"""The class headings and interfaces of models and collections.

A class whose subclass gives it other type arguments (more properties, another model) is written twice: as
`TaskOf<P, D, N>`, which only the types know, and as `Task`. One generic class would be shorter, but
`instanceof` fills its parameters with `any`, and then `get` takes every name.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from capsule.compiler.types_annotation import literal_of, name_of
from capsule.compiler.types_program import Class, Program
from capsule.compiler.types_props import Attribute

LOOSE = "Record<string, any>"
NOTHING = "{}"


@dataclass(frozen=True)
class Heading:
    """What opens a class: its own, and its generic twin's when it has one."""

    own: str
    generic: str | None = None


def refines(one: Class, program: Program) -> bool:
    """Whether a class gives its base other type arguments than the base has by itself."""
    if program.kind(one.name) == "Model":
        return one.typed or "derived" in one.body or bool(one.nested())
    return "model" in one.body


def refined(program: Program) -> set[str]:
    """The classes that need a generic twin: every base of a class that refines."""
    classes = [one for one in program.classes.values() if program.kind(one.name) in ("Model", "Collection")]
    return {base.name for one in classes if refines(one, program) for base in program.ancestors(one.name)}


def heading(one: Class, program: Program, generic: set[str]) -> Heading:
    if program.kind(one.name) == "Model":
        letters, arguments = ["P", "D", "N"], interfaces(one, program)
    else:
        letters, arguments = ["M"], [item(one, program)]
    if one.name in generic:
        bounds = ", ".join(
            f"{letter} extends {bound}" for letter, bound in zip(letters, arguments, strict=True)
        )
        return Heading(
            f"{one.name} extends {one.name}Of<{', '.join(arguments)}>",
            f"{one.name}Of<{bounds}> extends {base(one, program, letters)}",
        )
    if refines(one, program):
        return Heading(f"{one.name} extends {base(one, program, arguments)}")
    return Heading(f"{one.name} extends {one.base}")


def base(one: Class, program: Program, arguments: list[str]) -> str:
    """What a class extends. Of the core's classes the last type arguments have defaults."""
    if one.base in program.classes:
        return f"{one.base}Of<{', '.join(arguments)}>"
    while len(arguments) > 1 and arguments[-1] == NOTHING:
        arguments = arguments[:-1]
    return f"{one.base}<{', '.join(arguments)}>"


def item(one: Class, program: Program) -> str:
    """The class of a collection's models; where it is a function or not known, any model."""
    for owner in program.line(one.name):
        if "model" in owner.body:
            name = name_of(owner.body["model"])
            return name if name in program.classes else "Model"
    return "Model"


def interfaces(one: Class, program: Program) -> list[str]:
    """The program of a model's three interfaces: each its own or the nearest base's."""
    line = list(program.line(one.name))
    props = next((f"{owner.name}Props" for owner in line if owner.typed), LOOSE)
    derived = next((f"{owner.name}Derived" for owner in line if "derived" in owner.body), NOTHING)
    nested = next((f"{owner.name}Nested" for owner in line if owner.nested()), NOTHING)
    return [props, derived, nested]


def written(one: Class, program: Program) -> Iterator[str]:
    """The interfaces that a model's class declares: properties, derived properties, nesting."""
    if one.typed:
        extra = one.body.get("extraProperties")
        free = ["[extra: string]: any;"] if isinstance(extra, ast.Constant) and extra.value == "allow" else []
        yield interface(one, program, "Props", lambda owner: own_props(owner, program), free)
    if "derived" in one.body:
        yield interface(one, program, "Derived", program.derived)
    if one.nested():
        yield interface(one, program, "Nested", lambda owner: nested(owner, program))


def interface(
    one: Class,
    program: Program,
    suffix: str,
    members: Callable[[Class], dict[str, Attribute]],
    free: Sequence[str] = (),
) -> str:
    """What a class declares anew may have another type: it is left out of the base's."""
    own = members(one)
    bases = [owner for owner in program.ancestors(one.name) if members(owner)]
    inherited = ""
    if bases:
        again = sorted(own.keys() & {name for owner in bases for name in members(owner)})
        above = f"{bases[0].name}{suffix}"
        omitted = " | ".join(literal_of(name) for name in again)
        inherited = f" extends Omit<{above}, {omitted}>" if again else f" extends {above}"
    mark = "readonly " if suffix == "Derived" else ""
    lines = [*(mark + line for name, attribute in own.items() for line in attribute.lines(name)), *free]
    return f"interface {one.name}{suffix}{inherited} {{\n" + "".join(f"  {line}\n" for line in lines) + "}"


def nested(one: Class, program: Program) -> dict[str, Attribute]:
    """Child models and collections, by the class in the dict; one that the build does not know is `any`."""
    return {
        name: Attribute(of if of in program.classes else "any", True) for name, of in one.nested().items()
    }


def own_props(one: Class, program: Program) -> dict[str, Attribute]:
    """With the id, which is a property of every typed model, unless a base has it already."""
    props = one.props()
    if not one.typed:
        return props
    line = list(program.line(one.name))
    named = next((owner.body["idAttribute"] for owner in line if "idAttribute" in owner.body), None)
    name = named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else "id"
    if name in props or any(owner.typed for owner in line[1:]):
        return props
    return {name: Attribute("string", False), **props}
