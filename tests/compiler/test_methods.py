"""The methods of builtin types: called, and as values."""

from pathlib import Path
from types import GeneratorType

import pytest

from capsule.compiler.methods import ARGUMENTS, METHODS
from tests.compiler.compiled import codes, same


def test_every_method_that_is_counted_is_one_of_a_builtin_type() -> None:
    types = (str, list, dict, set, frozenset, tuple, int, float, GeneratorType)
    known = {name for one in types for name in dir(one)}
    assert set(METHODS) <= known
    assert set(ARGUMENTS) <= set(METHODS)


@pytest.mark.parametrize(
    "call",
    ["[].append(1, 2)", "'a'.replace('b')", "{}.get()", "[1].sort(len)", "'a'.upper(1)", "sorted([1], len)"],
)
def test_a_wrong_number_of_arguments_is_refused(call: str, tmp_path: Path) -> None:
    assert codes(call + "\n", tmp_path)[0] in ("CAP122", "CAP125")


@pytest.mark.parametrize(
    "line",
    [
        "add = xs.append\nadd(5)\nprint(xs)",
        "print(max(d, key=d.get), sorted(d, key=d.get), list(map(d.get, 'abz')))",
        "print(list(map('x'.join, [['a', 'b'], 'cd'])), list(map(str.upper, 'ab')))",
        "f = '{}-{}'.format\nprint(f(1, 2))",
        "try:\n    xs.upper\nexcept AttributeError as e:\n    print(e)",
        "g = getattr('abc', 'upper')\nprint(g(), getattr(xs, 'upper', None))",
        "print([hasattr(xs, n) for n in ('append', 'upper')], hasattr('', '__iter__'), hasattr(5, '__len__'))",
    ],
)
def test_a_method_can_be_a_value(line: str, tmp_path: Path) -> None:
    same(f"xs = [1]\nd = {{'a': 3, 'b': 1}}\n{line}\n", tmp_path)


@pytest.mark.parametrize(
    "line", ["(5).real", "'a'.encode", "hasattr('a', 'encode')", "getattr({}, '__class__')"]
)
def test_what_shared_code_does_not_have_of_them_is_refused(line: str, tmp_path: Path) -> None:
    assert codes(f"print({line})\n", tmp_path) == ["CAP143"]
