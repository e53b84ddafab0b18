from pathlib import Path

import pytest

from tests.compiler.compiled import javascript, printed


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("print(len(x) + 1)", "len(x) + 1"),
        ("print(len(x) == 0)", "len(x) === 0"),
        ("print('a' + str(x))", '"a" + str(x)'),
        ("print(x is None)", "x == null"),
        ("print(x == 'a')", 'x === "a"'),
        ("print(isinstance(x, str))", "typeof x === 'string'"),
        ("print(x + 1)", "$add(x, 1)"),
        ("print(x == 1)", "$eq(x, 1)"),
        ("print(x < 1)", "$lt(x, 1)"),
    ],
)
def test_javascript_s_own_operator_only_where_both_kinds_are_proven(
    source: str, made: str, tmp_path: Path
) -> None:
    assert f"print({made})" in javascript(f"def f(x):\n    {source}\n", tmp_path)


def test_text_is_compared_by_equality_where_a_class_defines_it(tmp_path: Path) -> None:
    text = (
        "class A:\n    def __eq__(self, o):\n        return True\nprint(A() == 'a', 'a' == A(), A() != 'a')\n"
    )
    assert printed(text, tmp_path) == "True True False\n"


def test_the_middle_of_a_chain_is_evaluated_once(tmp_path: Path) -> None:
    text = "n = []\ndef f():\n    n.append(1)\n    return 2\nprint(1 < f() < 3, 1 > f() > 0, len(n))\n"
    assert printed(text, tmp_path) == "True False 2\n"


def test_integral_floats_stay_floats(tmp_path: Path) -> None:
    text = "x = 4 / 2\nprint(x, x + 1, [x], isinstance(x, int), f'{x}', 3 * x, x == 2, x // 1)\n"
    assert printed(text, tmp_path) == "2.0 3.0 [2.0] False 2.0 6.0 True 2.0\n"


def test_ints_past_two_to_the_53_are_exact(tmp_path: Path) -> None:
    text = "x = 2 ** 53\nprint(x + 1, x * x, (x + 1) // 2, -x - 1, x + 1 > x, (x + 1) % 10)\n"
    expected = "9007199254740993 81129638414606681695789005144064 4503599627370496 -9007199254740993 True 3\n"
    assert printed(text, tmp_path) == expected
