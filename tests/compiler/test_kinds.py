import ast

import pytest

from capsule.compiler.kinds import Kinds, join
from capsule.compiler.scopes import Scope, body_names


def kind(expression: str, before: str = "") -> str:
    tree = ast.parse(before)
    scope = Scope("module", tree, None, body_names(tree.body))
    kinds = Kinds(lambda name, where: where.find(name) is None, lambda node: "any", lambda node: {})
    kinds.bind(scope, tree.body)
    return kinds.of(ast.parse(expression, mode="eval").body, scope)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1", "count"),
        ("3000000", "int"),
        ("1.0", "float"),
        ("'a'", "str"),
        ("f'{x}'", "str"),
        ("'a' + 'b'", "str"),
        ("'%s' % x", "str"),
        ("len(x)", "count"),
        ("len(x) + 1", "count"),
        ("len(x) + len(y)", "int"),
        ("1 / 2", "float"),
        ("1 // 2", "int"),
        ("2 ** 3", "any"),
        ("x", "any"),
        ("x + 1", "any"),
        ("[1]", "list"),
        ("(1,)", "tuple"),
        ("{'a': 1}", "dict"),
        ("{'a', 'b'}", "set"),
        ("{1, 2}", "any"),
        ("x == 1", "bool"),
        ("x == y", "any"),
        ("x is y", "bool"),
        ("not x", "bool"),
        ("'a' if x else 'b'", "str"),
        ("'a' if x else 1", "any"),
    ],
)
def test_kinds_of_expressions(expression: str, expected: str) -> None:
    assert kind(expression) == expected


def test_a_variable_has_the_kind_of_everything_bound_to_it() -> None:
    assert kind("x", "x = 1\nx = 2") == "count"
    assert kind("x", "x = 1\nx = 'a'") == "any"
    assert kind("x", "for x in range(5):\n    pass") == "count"
    assert kind("x", "for x, y in enumerate([]):\n    pass") == "count"
    assert kind("x", "x = 'a'\nx += 'b'") == "str"


def test_a_counter_stays_one_but_a_sum_of_two_may_grow_without_end() -> None:
    assert kind("n", "n = 0\nwhile n < 9:\n    n = n + 1") == "count"
    assert kind("a", "a, b = 0, 1\nwhile a < 9:\n    a, b = b, a + b") == "int"


def test_a_name_that_a_closure_writes_is_not_known() -> None:
    assert kind("x", "x = 1\ndef f():\n    global x\n    x = 'a'") == "any"


def test_a_builtin_that_the_program_defines_itself_is_not_python_s() -> None:
    assert kind("len(x)", "def len(x):\n    return 'a'") == "any"


def test_join() -> None:
    assert join(None, "str") == "str"
    assert join("count", "int") == "int"
    assert join("str", "int") == "any"
