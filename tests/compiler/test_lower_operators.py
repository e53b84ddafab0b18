from pathlib import Path

import pytest

from tests.compiler.compiled import javascript, printed, same


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


def test_ints_past_two_to_the_53_are_equal_only_to_themselves(tmp_path: Path) -> None:
    text = (
        "x = 2 ** 60\nprint(x == x + 1, x == 2 ** 59 * 2, x == float(x), x + 1 == float(x), [x] == [x + 1])\n"
    )
    assert printed(text, tmp_path) == "False True True False False\n"


def test_the_quotient_of_ints_past_two_to_the_53_is_rounded_once(tmp_path: Path) -> None:
    pairs = [
        (255, 2**53 + 1), (2**53 + 1, 3), (-(2**53) - 1, 7), (2**54 + 2, 1), (2**54 + 6, 1), (2**1100 + 1, 2**90),
        (1, 2**1074), (3, 2**1075), (1, 2**1075), (2**1070 + 1, 2**2100 + 7), (0, -(2**60)), (2**60, True),
    ]  # fmt: skip
    text = f"for a, b in {pairs}:\n    print(a / b)\n"
    assert printed(text, tmp_path).split() == [str(a / b) for a, b in pairs]


def test_a_quotient_that_no_float_can_hold_raises(tmp_path: Path) -> None:
    text = "try:\n    print(2 ** 2000 / 3)\nexcept OverflowError as error:\n    print(error)\n"
    assert printed(text, tmp_path) == "integer division result too large for a float\n"


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("other", ["'x'", "1", "[1]", "{1: 2}", "None"])
def test_a_set_is_ordered_among_sets_alone(operator: str, other: str, tmp_path: Path) -> None:
    lines = ["def f(a, b):", "    try:", f"        print(a {operator} b)", "    except TypeError as error:"]
    lines += ["        print(error)", f"f({{1}}, {other})", f"f({other}, {{1}})"]
    kind = type(eval(other)).__name__
    message = f"'{operator}' not supported between instances of "
    expected = f"{message}'set' and '{kind}'\n{message}'{kind}' and 'set'\n"
    assert printed("\n".join(lines) + "\n", tmp_path) == expected


def test_a_set_is_ordered_among_the_keys_of_a_dict_and_what_defines_it(tmp_path: Path) -> None:
    text = "class A:\n    def __gt__(self, o):\n        return 'asked'\nd = {1: 2, 3: 4}\n"
    text += "print({1} < d.keys(), d.keys() >= {1}, d.keys() == {1, 3}, {1} < frozenset([1]), {1} < A())\n"
    assert printed(text, tmp_path) == "True True True False asked\n"


def test_powers_of_floats_are_rounded_as_c_rounds_them(tmp_path: Path) -> None:
    pairs: list[tuple[float, float]] = [
        (1 + rate / 100, years) for rate in range(1, 12) for years in (2, 5, 10, 30)
    ]
    pairs += [
        (27.0, 1 / 3),
        (2.5, 2.5),
        (-2.0, 3),
        (0.9, -7),
        (1e200, 1.5),
        (2, -1074),
        (1.0001, 10000),
        (3.7, -2.2),
    ]
    text = f"for a, b in {pairs}:\n    print(a ** b)\n"
    assert printed(text, tmp_path).split() == [str(a**b) for a, b in pairs]


def test_what_no_float_can_hold_raises(tmp_path: Path) -> None:
    lines = [
        "10**400 * 1.0",
        "10**400 + 1.5",
        "10**400 // 1.0",
        "2.0 ** 10**400",
        "float(10**400)",
        "1e200 ** 2",
    ]
    text = "".join(f"try:\n    print({line})\nexcept OverflowError as e:\n    print(e)\n" for line in lines)
    same(text, tmp_path)


REPEATED = """
def attempt(make):
    try:
        return len(make())
    except Exception as error:
        return type(error).__name__, str(error)
n = 9007199254740991
print(attempt(lambda: n * [1]))
print(attempt(lambda: [1, 2] * 2**62))
print(attempt(lambda: (1,) * n))
print(attempt(lambda: [] * n), attempt(lambda: () * n), attempt(lambda: '' * n))
print(attempt(lambda: 'ab' * n))
print(attempt(lambda: 'a'.ljust(n)), attempt(lambda: 'a'.zfill(n)))
print(attempt(lambda: [1] * 2**70), attempt(lambda: [1, 2] * 3))
print(attempt(lambda: [1] * True), attempt(lambda: [1] * -2**70))
print(attempt(lambda: 'a' * -2**60), attempt(lambda: 'a' * 2**60))
l = [1, 2]
l *= 2
print(l, 2 * (1, 2), [0] * 3)
"""


def test_repeating_beyond_all_memory_is_an_error_and_not_the_end_of_the_program(tmp_path: Path) -> None:
    same(REPEATED, tmp_path)
