"""Calls of builtin functions and of the methods of builtin types."""

from pathlib import Path

import pytest

from tests.compiler.compiled import codes, javascript, same


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("isinstance(x, str)", "typeof x === 'string'"),
        ("x.upper()", "$m_upper(x)"),
        ("'a'.join(x)", '$m_join("a", x)'),
        ("hasattr(x, 'name')", 'hasattr(x, "name")'),
    ],
)
def test_a_call_is_written_as_its_kind_allows(source: str, made: str, tmp_path: Path) -> None:
    assert f"return {made};" in javascript(f"def f(x):\n    return {source}\n", tmp_path)


def test_keywords_of_builtins_reach_their_places(tmp_path: Path) -> None:
    text = (
        "print(sorted([3, 1, 2], reverse=True), max([1, -5], key=abs), max([], default='none'))\n"
        "print(sum([1, 2], start=10), int('ff', base=16), round(2.567, ndigits=1), 'a b'.split(maxsplit=0))\n"
        "print(list(enumerate('ab', start=1)), list(zip([1], [2], strict=True)))\n"
    )
    assert same(text, tmp_path)


def test_arguments_are_computed_in_the_order_of_the_source(tmp_path: Path) -> None:
    text = (
        "def say(x):\n    print(x)\n    return x\n"
        "print(sorted([2, 1], reverse=say(False), key=abs))\n"
        "print(say('a').replace(say('a'), say('b')))\n"
    )
    assert same(text, tmp_path)


def test_a_wrong_number_of_arguments_is_found_before_it_runs(tmp_path: Path) -> None:
    for text in ("len()\n", "abs(1, 2)\n", "[1].append()\n", "'a'.upper(1)\n"):
        assert codes(text, tmp_path), text


def test_a_method_that_a_class_of_the_program_has_too_is_decided_by_the_run(tmp_path: Path) -> None:
    text = (
        "class Shelf:\n    def pop(self, at=0):\n        return f'mine {at}'\n"
        "def take(x):\n    return x.pop(0)\n"
        "print(take(Shelf()), take([1, 2]), take({0: 'zero'}))\n"
    )
    assert same(text, tmp_path) == "mine 0 1 zero\n"


def test_methods_asked_of_their_type(tmp_path: Path) -> None:
    text = "print(str.upper('a'), list.copy([1]), dict.fromkeys(['a'], 1), str.join('-', ['a', 'b']))\n"
    assert same(text, tmp_path) == "A [1] {'a': 1} a-b\n"


def test_a_name_of_the_program_is_no_builtin(tmp_path: Path) -> None:
    text = "def len(x):\n    return 'own'\nprint(len([1]))\n"
    text += "def f(max):\n    return max(1, 2)\nprint(f(lambda a, b: a - b))\n"
    assert same(text, tmp_path) == "own\n-1\n"


def test_a_function_that_the_runtime_calls_may_be_a_class_or_an_instance(tmp_path: Path) -> None:
    text = (
        "class Box:\n    def __init__(self, x):\n        self.x = x\n"
        "class Twice:\n    def __call__(self, x):\n        return 2 * x\n"
        "print([b.x for b in map(Box, [1, 2])], list(map(Twice(), [1, 2])), sorted(['b', 'A'], key=str.lower))\n"
    )
    assert same(text, tmp_path) == "[1, 2] [2, 4] ['A', 'b']\n"


def test_an_order_that_python_does_not_promise_is_refused(tmp_path: Path) -> None:
    assert codes("print(list({'b', 'a'}))\n", tmp_path) == ["CAP152"]
    assert codes("print(sorted({1, 2}), len({1}), 1 in {1}, max({1, 2}))\n", tmp_path) == []
