"""Make a program that differs as small as it can be: fewer statements, then simpler expressions.

Hypothesis would build and run one program after the other, for minutes; here many ways to make one smaller are tried in
one build.
"""

import ast
import warnings
from collections.abc import Iterator
from itertools import islice

from tests.parity.twins import Twin, Twins

AT_ONCE = 12


def smallest(laboratory: Twins, twin: Twin) -> Twin:
    """Statements go together where they can, the rest one at a time, as long as any goes."""
    before = None
    twin = fewer(laboratory, twin)
    while twin.program != before:
        before = twin.program
        twin = simplified(laboratory, twin)
    return twin


def simplified(laboratory: Twins, twin: Twin) -> Twin:
    """One way through the candidates. What was tried in vain is not tried again before the next."""
    position = 0
    while tries := list(islice(shorter(twin.program), position, position + AT_ONCE)):
        found = next((one for one in run(laboratory, tries) if one.different), None)
        if found is None:
            position += AT_ONCE
        else:
            position += tries.index(found.program)
            twin = found
    return twin


def shorter(program: str) -> Iterator[str]:
    """What is no shorter would be taken for ever."""
    return (one for one in candidates(program) if len(one) < len(program))


def fewer(laboratory: Twins, twin: Twin) -> Twin:
    """Leave out at once all statements that could be left out alone; where they cannot go together, half of them."""
    while True:
        count = sum(len(suite) for suite in all_suites(ast.parse(twin.program)))
        alone = {without(twin.program, {number}): number for number in range(count)}
        alone.pop(twin.program, None)
        gone = [alone[one.program] for one in run(laboratory, list(alone)) if one.different]
        found = None
        while gone and found is None:
            found = next(
                (one for one in run(laboratory, [without(twin.program, set(gone))]) if one.different), None
            )
            gone = gone[: len(gone) // 2]
        if found is None or len(found.program) >= len(twin.program):
            return twin
        twin = found


def run(laboratory: Twins, programs: list[str]) -> list[Twin]:
    """A text that shows an address differs for no reason."""
    return [
        twin for twin in laboratory.run(filter(is_program, programs)) if " at 0x" not in "".join(twin.python)
    ]


def is_program(program: str) -> bool:
    """Not so when a `break` has lost its loop."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(program, "program.py", "exec")
    except SyntaxError:
        return False
    return True


def candidates(program: str) -> Iterator[str]:
    """With one statement less, or a block for the whole statement, or a part of an expression for all of it."""
    count = sum(len(suite) for suite in all_suites(ast.parse(program)))
    for number in range(count):
        yield without(program, {number})
    for number in range(count):
        tree = ast.parse(program)
        suite, index = places(tree)[number]
        inner = list(bodies(suite[index]))
        if inner and not isinstance(suite[index], ast.FunctionDef | ast.ClassDef):
            suite[index : index + 1] = inner[0]
            yield ast.unparse(tree)
    yield from simpler(program)


def without(program: str, numbers: set[int]) -> str:
    """Some statements less, by their numbers; the one that ends a loop stays."""
    tree = ast.parse(program)
    gone = [places(tree)[number] for number in sorted(numbers, reverse=True)]
    for suite, index in gone:
        one = suite[index]
        if not (isinstance(one, ast.AugAssign) and isinstance(one.op, ast.Sub)):
            suite[index] = ast.Pass()
    for suite in all_suites(tree):
        suite[:] = [one for one in suite if not isinstance(one, ast.Pass)] or (
            [] if suite is tree.body else [ast.Pass()]
        )
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.For | ast.While | ast.Try) and all(
            isinstance(s, ast.Pass) for s in node.orelse
        ):
            node.orelse = []
    return ast.unparse(tree)


def places(tree: ast.AST) -> list[tuple[list[ast.stmt], int]]:
    return [(suite, index) for suite in all_suites(tree) for index in range(len(suite))]


def all_suites(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        yield from bodies(node)


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        suite = getattr(node, name, None)
        if isinstance(suite, list) and suite:
            yield suite


def simpler(program: str) -> Iterator[str]:
    """With one expression replaced by a part of itself."""
    count = sum(isinstance(node, ast.expr) for node in ast.walk(ast.parse(program)))
    for wanted in range(count):
        for part in range(4):
            tree = ast.parse(program)
            found = [node for node in ast.walk(tree) if isinstance(node, ast.expr)][wanted]
            # A method for its call would be another program: one that reads it as a value.
            called = found.func if isinstance(found, ast.Call) else None
            children = (child for child in ast.iter_child_nodes(found) if child is not called)
            parts = [child for child in children if isinstance(child, ast.expr)]
            replace = part < len(parts) and isinstance(getattr(found, "ctx", ast.Load()), ast.Load)
            if replace and not isinstance(found, ast.JoinedStr | ast.FormattedValue):
                yield ast.unparse(ast.fix_missing_locations(Put(found, parts[part]).visit(tree)))


class Put(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old = old
        self.new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)
