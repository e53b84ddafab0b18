"""JavaScript for expressions: as few parentheses as JavaScript's own precedence needs, and none too few."""

import itertools
from pathlib import Path

import pytest

from capsule.compiler.generate_expressions import property_name
from tests.compiler.compiled import javascript, printed, same


def test_operators_of_all_strengths_nest_as_in_python(tmp_path: Path) -> None:
    parts = [
        "a + b",
        "a - b",
        "a * b",
        "-a",
        "a ** 2",
        "a % b",
        "a if b else c",
        "a and b",
        "a or b",
        "not a",
    ]
    parts += ["a < b", "a == b", "a & b", "a | b", "a << 1", "a // b", "(lambda: a)()", "[a][0]"]
    pairs = [f"({one}) {sign} ({two})" for one, two in itertools.product(parts, parts) for sign in "+*"]
    lines = "".join(f"print({pair})\n" for pair in pairs)
    assert same(f"a, b, c = 5, 3, 2\n{lines}", tmp_path)


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("1 - (2 - 3)", "1 - (2 - 3)"),
        ("x if x is None else 1", "x == null ? x : 1"),
        ("[1, *[2]]", "[1, ..."),
        ("{'a': 1, 'b-c': 2}", '{a: 1, "b-c": 2}'),
        ("True and None", "null"),
        ("lambda: 1", "() => 1"),
    ],
)
def test_an_expression_is_written_plainly(source: str, made: str, tmp_path: Path) -> None:
    assert made in javascript(f"def f(x):\n    return {source}\n", tmp_path)


def test_a_property_is_quoted_only_where_it_must_be() -> None:
    assert [property_name(text) for text in ("a", "$x", "new", "a-b", "1a", "")] == [
        "a", "$x", "new", '"a-b"', '"1a"', '""',
    ]  # fmt: skip


def test_a_key_called_proto_is_a_key(tmp_path: Path) -> None:
    text = "x = {'__proto__': 1, 'constructor': 2}\nprint(x, len(x), '__proto__' in x, 'toString' in x)\n"
    assert same(text, tmp_path) == "{'__proto__': 1, 'constructor': 2} 2 True False\n"


def test_numbers_are_what_they_are_in_python(tmp_path: Path) -> None:
    text = "print(1_000, 0x1f, 1e3, 1.0, .5, -0.0, 2 ** 70, 1e309, 9007199254740993)\n"
    assert same(text, tmp_path)


def test_an_object_literal_that_begins_a_statement_is_no_block(tmp_path: Path) -> None:
    assert (
        printed("{'a': 1}['a']\n{'a': print('run')}\n(lambda: print('called'))()\n", tmp_path)
        == "run\ncalled\n"
    )


def test_a_generator_takes_what_it_is_sent_and_delegates(tmp_path: Path) -> None:
    text = (
        "def inner():\n    got = yield 1\n    print('got', got)\n    return 'end'\n"
        "def outer():\n    result = yield from inner()\n    yield result\n"
        "g = outer()\nprint(next(g))\nprint(g.send('x'))\nprint(list((a, b) for a in range(2) for b in 'xy'))\n"
    )
    assert same(text, tmp_path)


def test_a_walrus_binds_where_it_stands(tmp_path: Path) -> None:
    text = "if (n := len('abc')) > 2:\n    print(n)\nprint([last := x for x in range(3)], last)\n"
    assert same(text, tmp_path) == "3\n[0, 1, 2] 2\n"
