"""What `check` says about models: every rule CAP2xx, for one module of a program."""

import ast
from collections.abc import Iterator, Sequence

from capsule.compiler.class_bodies import ClassBodies
from capsule.compiler.declarations import Declarations
from capsule.compiler.finding import Finding
from capsule.compiler.index import Index
from capsule.compiler.model_methods import ModelMethods
from capsule.compiler.refusal import finding
from capsule.compiler.sources import Source, is_core
from capsule.compiler.verdicts import Verdicts

# What lowering says to keywords that a call cannot have.
KEYWORDS = ("CAP120", "CAP123")


def model_findings(source: Source, index: Index) -> list[Finding]:
    """What is wrong with a module's models. Its tree, and those of the modules it imports, must not be lowered yet."""
    known = index.once(Declarations)
    return [
        *ClassBodies(source, known).check(),
        *ModelMethods(source, known).check(),
        *Verdicts(source, known).check(),
    ]


def keyword_options(source: Source, index: Index) -> list[Finding]:
    """`set(attrs, silent=True)`: the calls of the core's methods that look as if their options were keywords."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.keywords:
            keys = [keyword.arg for keyword in node.keywords]
            if takes_options(node.func.attr, index) and None not in keys and "options" not in keys:
                pairs = [f'"{keyword.arg}": {ast.unparse(keyword.value)}' for keyword in node.keywords]
                words = {"name": node.func.attr, "written": f"{{{', '.join(pairs)}}}"}
                found.append(finding(source, "CAP209", node, **words))
    return found


def takes_options(method: str, index: Index) -> bool:
    """Whether every method of a name is the core's, and one has Backbone's trailing `options`."""
    known = index.methods.get(method, [])
    return all(is_core(one.module) for one, _ in known) and any(
        "options" in function.signature.names[-1:] for _, function in known
    )


def with_options(options: Sequence[Finding], lowered: Sequence[Finding]) -> Iterator[Finding]:
    """What lowering found, with a better sentence where options are given as keywords."""
    places = {(one.line, one.column, one.end): one for one in options}
    for one in lowered:
        known = places.get((one.line, one.column, one.end)) if one.code in KEYWORDS else None
        yield one if known is None else known
