"""Make a program that differs as small as it can be: fewer statements, then simpler expressions.

Hypothesis would build and run one program after the other, for minutes; here all the ways to make one smaller are tried
in one build.
"""

import ast
from collections.abc import Iterator

from tests.parity.twins import Twin, Twins

ROUNDS = 200


def smallest(laboratory: Twins, twin: Twin) -> Twin:
    for _ in range(ROUNDS):
        tries = [program for program in dict.fromkeys(candidates(twin.program)) if is_program(program)]
        found = next((one for one in run(laboratory, tries) if one.different), None)
        if found is None:
            return twin
        twin = found
    return twin


def run(laboratory: Twins, programs: list[str]) -> Iterator[Twin]:
    for start in range(0, len(programs), 50):
        yield from laboratory.run(programs[start : start + 50])


def is_program(program: str) -> bool:
    """Not so when a `break` has lost its loop."""
    try:
        compile(program, "program.py", "exec")
    except SyntaxError:
        return False
    return True


def candidates(program: str) -> Iterator[str]:
    """Programs with one thing less, the most promising first."""
    for statements, index in suites(ast.parse(program)):
        yield ast.unparse(edited(program, statements, index))
    for statements, index in suites(ast.parse(program)):
        tree = ast.parse(program)
        suite = list(all_suites(tree))[statements]
        inner = list(bodies(suite[index]))
        if inner and not isinstance(suite[index], ast.FunctionDef | ast.ClassDef):
            suite[index : index + 1] = inner[0]
            yield ast.unparse(tree)
    yield from simpler(program)


def suites(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """The place of every statement: which suite, and where in it; the largest statements first."""
    places = [
        (len(ast.unparse(one)), number, index)
        for number, suite in enumerate(all_suites(tree))
        for index, one in enumerate(suite)
        # Without it the loop would have no end.
        if not (isinstance(one, ast.AugAssign) and isinstance(one.op, ast.Sub))
    ]
    for _, number, index in sorted(places, reverse=True):
        yield number, index


def all_suites(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        yield from bodies(node)


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        suite = getattr(node, name, None)
        if isinstance(suite, list) and suite:
            yield suite


def edited(program: str, number: int, index: int) -> ast.Module:
    tree = ast.parse(program)
    suite = list(all_suites(tree))[number]
    suite[index : index + 1] = [] if len(suite) > 1 or suite is tree.body else [ast.Pass()]
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.For | ast.While | ast.Try) and all(isinstance(s, ast.Pass) for s in node.orelse):
            node.orelse = []
    return tree


def simpler(program: str) -> Iterator[str]:
    """With one expression replaced by a part of itself."""
    count = sum(isinstance(node, ast.expr) for node in ast.walk(ast.parse(program)))
    for wanted in range(count):
        for part in range(4):
            tree = ast.parse(program)
            found = [node for node in ast.walk(tree) if isinstance(node, ast.expr)][wanted]
            parts = [child for child in ast.iter_child_nodes(found) if isinstance(child, ast.expr)]
            replace = part < len(parts) and isinstance(getattr(found, "ctx", ast.Load()), ast.Load)
            if replace and not isinstance(found, ast.JoinedStr | ast.FormattedValue):
                yield ast.unparse(ast.fix_missing_locations(Put(found, parts[part]).visit(tree)))


class Put(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old = old
        self.new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)
