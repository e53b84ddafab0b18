"""What stands around a `yield` must not wait for the generator's end, which JavaScript may never come to."""

from pathlib import Path

import pytest

from tests.compiler.compiled import codes, javascript, same

TRY = "def f(m):\n    try:\n        {}\n    {}\n        print('left')\n"


@pytest.mark.parametrize("end", ["finally:", "except:", "except (KeyError, BaseException):"])
@pytest.mark.parametrize("line", ["yield 1", "yield from m"])
def test_a_yield_that_something_waits_for_is_refused(line: str, end: str, tmp_path: Path) -> None:
    assert codes(TRY.format(line, end), tmp_path) == ["CAP104"]


def test_a_yield_in_a_with_is_refused(tmp_path: Path) -> None:
    assert codes("def f(m):\n    with m:\n        yield 1\n", tmp_path) == ["CAP104"]


def test_other_yields_are_accepted(tmp_path: Path) -> None:
    assert codes(TRY.format("yield 1", "except ValueError:"), tmp_path) == []
    assert (
        codes("def f(m):\n    with m:\n        def g():\n            yield 1\n    yield 2\n", tmp_path) == []
    )


@pytest.mark.parametrize(
    "line",
    [
        "d[p('k')] = p('v')",
        "o(p(1)).x = p(2)",
        "d[p('a')]: int = p(1)",
        "xs[p(0):p(1)] = p([5])",
        "xs[p(0)] += p(5)",
    ],
)
def test_the_value_is_computed_before_the_place(line: str, tmp_path: Path) -> None:
    text = (
        "def p(x):\n    print('p', x)\n    return x\nclass A:\n    x = 0\na = A()\ndef o(x):\n    return a\n"
    )
    same(f"{text}d = {{}}\nxs = [1, 2]\n{line}\nprint(d, xs, a.x)\n", tmp_path)


def test_a_value_that_moves_its_place_is_computed_first(tmp_path: Path) -> None:
    text = """
class T:
    def __init__(self):
        self.items = {}
    def reset(self):
        self.items = {}
        return 1
    def go(self):
        self.items['a'] = self.reset()
        return self.items
xs = [1]
def f():
    global xs
    xs = [9]
    return 5
xs[0] = f()
print(T().go(), xs)
"""
    same(text, tmp_path)


def test_a_place_that_nothing_can_move_needs_no_variable(tmp_path: Path) -> None:
    assert '$set(d, "a", f())' in javascript("def f():\n    return 1\nd = {}\nd['a'] = f()\n", tmp_path)


def test_what_only_types_need_has_an_else(tmp_path: Path) -> None:
    head = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from fractions import Fraction\n"
    same(head + "else:\n    Fraction = 5\nprint(Fraction)\n", tmp_path)
