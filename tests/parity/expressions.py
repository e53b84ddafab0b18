"""Random expressions, by the typed templates of grammar.py.

Now and then a wrong type is slipped in: Python's errors are part of what must be the same.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.parity.grammar import ELEMENTS, LITERALS, SCALARS, TEMPLATES, TYPES, WORDS

HOLE = re.compile(r"<([!$]?)([A-Za-z]+(?:\[\w+\])?)>")
DEPTH = 3
WRONG_TYPE = 2
Draw = Callable[[Any], Any]


@cache
def upto(most: int) -> st.SearchStrategy[int]:
    """Making a strategy costs more than drawing from it."""
    return st.integers(0, most)


class Names:
    """What the program has defined where the writer stands: templates by type."""

    def __init__(self, outer: "Names | None" = None) -> None:
        self.templates: dict[str, list[str]] = {}
        self.variables: list[tuple[str, str]] = []
        if outer is not None:
            self.templates = {kind: list(found) for kind, found in outer.templates.items()}
            self.variables = list(outer.variables)

    def variable(self, name: str, kind: str) -> None:
        self.variables = [one for one in self.variables if one[0] != name] + [(name, kind)]

    def template(self, text: str, kind: str) -> None:
        self.templates.setdefault(kind, []).append(text)

    def of(self, kind: str) -> list[str]:
        return [name for name, known in self.variables if known == kind]


class Writer:
    """Draws expressions."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.names = Names()
        self.count = 0

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self.draw(upto(len(options) - 1))]

    def chance(self, percent: int) -> bool:
        """Shrinks to no."""
        return bool(self.draw(upto(99)) >= 100 - percent)

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def expression(self, kind: str, depth: int = DEPTH) -> str:
        if kind == "list":
            kind = "list[int]"
        if kind in WORDS:
            return str(self.pick(WORDS[kind]))
        if kind in LITERALS and kind not in TYPES:
            return str(self.pick(LITERALS[kind]))
        if depth < DEPTH and self.chance(WRONG_TYPE):
            kind = self.pick(TYPES)
        known = self.names.of(kind)
        if known and self.chance(60):
            return str(self.pick(known))
        if depth <= 0:
            return self.leaf(kind)
        # Leaves first, that is where shrinking leads.
        if kind in LITERALS and self.chance(100 - 30 * depth):
            return self.leaf(kind)
        return self.fill(self.pick(self.templates(kind)), kind, depth)

    def templates(self, kind: str) -> list[str]:
        found = [*TEMPLATES.get(kind, ()), *self.names.templates.get(kind, [])]
        if kind.startswith("list["):
            found += [one for one in TEMPLATES["list"] if kind != "list[tuple]" or "key=" not in one]
        return found

    def leaf(self, kind: str) -> str:
        known = self.names.of(kind)
        if known:
            return str(known[-1])
        if kind in LITERALS:
            return str(self.pick(LITERALS[kind]))
        if kind.startswith("list["):
            inner = kind[5:-1]
            return f"[{', '.join(self.leaf(inner) for _ in range(self.draw(st.integers(0, 3))))}]"
        if kind == "dict[str]":
            return f"{{{self.pick(LITERALS['name'])}: {self.leaf('int')}}}"
        if kind == "set":
            return f"{{{self.leaf('int')}, {self.leaf('int')}}}"
        return (
            f"({self.leaf('int')}, {self.leaf('str')})" if kind == "tuple" else self.leaf(self.pick(SCALARS))
        )

    def fill(self, template: str, kind: str, depth: int) -> str:
        inner = kind[5:-1] if kind.startswith("list[") else "int"
        drawn = {"T": inner}
        for letter in "UV":
            if f"<${letter}>" in template:
                drawn[letter] = self.pick(ELEMENTS)
        template = re.sub(r"\b([TUV])\b(?=[\]>])", lambda found: drawn.get(found[1], found[1]), template)
        outside = self.replace(template, "!", lambda wanted: self.expression(wanted, depth - 1))
        saved, self.names = self.names, Names(self.names)
        bound: dict[str, str] = {}

        def bind(wanted: str) -> str:
            if wanted not in bound:
                bound[wanted] = self.fresh("x")
                self.names.variable(bound[wanted], "list[int]" if wanted == "list" else wanted)
            return bound[wanted]

        try:
            inside = self.replace(outside, "$", bind)
            return self.replace(inside, "", lambda wanted: self.expression(wanted, depth - 1))
        finally:
            self.names = saved

    def replace(self, template: str, mark: str, make: Callable[[str], str]) -> str:
        def one(found: re.Match[str]) -> str:
            if found[1] != mark:
                return found[0]
            made = make(found[2])
            # `5.upper()` is no Python, `(5).upper()` is.
            return (
                f"({made})" if made[:1].isdigit() and template[found.end() : found.end() + 1] == "." else made
            )

        return HOLE.sub(one, template)
