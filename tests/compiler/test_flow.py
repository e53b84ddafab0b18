import ast

import pytest

from capsule.compiler.flow import function_flow, late_names
from capsule.compiler.scopes import body_names


def unsure(body: str) -> set[str]:
    tree = ast.parse("def f(p, q=1):\n" + "".join(f"    {line}\n" for line in body.splitlines()))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    return function_flow(function, body_names(function.body) | {"p", "q"}).unsure_names


@pytest.mark.parametrize(
    "body",
    [
        "x = 1\nprint(x)",
        "if p:\n    x = 1\nelse:\n    x = 2\nprint(x)",
        "if p:\n    return 1\nelse:\n    x = 2\nprint(x)",
        "while True:\n    x = 1\n    break\nprint(x)",
        "try:\n    x = 1\nexcept ValueError:\n    x = 2\nprint(x)",
        "try:\n    y = 1\nfinally:\n    x = 2\nprint(x)",
        "for x in p:\n    print(x)",
        "print([x for x in p])",
        "if (x := p) > 1:\n    print(x)",
        "with p as x:\n    print(x)",
        "print(p, q)",
    ],
)
def test_what_is_surely_bound_is_not_checked(body: str) -> None:
    assert unsure(body) == set()


@pytest.mark.parametrize(
    "body",
    [
        "print(x)\nx = 1",
        "if p:\n    x = 1\nprint(x)",
        "for x in p:\n    pass\nprint(x)",
        "while p:\n    x = 1\nprint(x)",
        "try:\n    x = 1\nexcept ValueError:\n    pass\nprint(x)",
        "try:\n    pass\nexcept ValueError as x:\n    pass\nprint(x)",
        "x = 1\ndel x\nprint(x)",
        "p and (x := 1)\nprint(x)",
        "x += 1",
    ],
)
def test_what_may_be_unbound_is_checked(body: str) -> None:
    assert unsure(body) == {"x"}


def test_what_a_function_within_unbinds_is_checked_everywhere() -> None:
    assert unsure("x = 1\ndef g():\n    nonlocal x\n    del x\ng()\nprint(x)") == {"x"}
    assert unsure("x = 1\ndef g():\n    x = 2\n    del x\ng()\nprint(x)") == set()


def test_names_that_the_module_unbinds_are_late() -> None:
    text = "x = y = z = 1\ndel x\ndef f():\n    global y\n    z = 1\n    del y, z\n"
    assert late_names(ast.parse(text)) == {"x", "y"}


def test_names_bound_after_the_first_call_are_late() -> None:
    tree = ast.parse("A = frozenset('x'.split())\ndef f():\n    return B\nf()\nB = 1\ndef g(): pass\n")
    assert late_names(tree) == {"B", "g"}
