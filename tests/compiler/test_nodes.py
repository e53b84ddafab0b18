"""Building lowered syntax, and walking it with what lowering keeps beside ast's own fields."""

import ast

import pytest

from capsule.compiler.nodes import Raw, bind, call, constant, invoke, is_call, name, note, simple, thunk, walk


def test_what_is_built_reads_as_the_python_of_the_same_shape() -> None:
    assert ast.unparse(call("$f", name("a"), constant(1))) == "$f(a, 1)"
    assert ast.unparse(invoke(name("a"), "push", constant("x"))) == "a.push('x')"
    assert ast.unparse(bind("$t1", name("a"))) == "($t1 := a)"
    assert ast.unparse(thunk(name("a"))) == "lambda: a"


@pytest.mark.parametrize(
    ("text", "harmless"),
    [("a", True), ("1", True), ("a.b.c", True), ("f()", False), ("a[0]", False), ("f().b", False)],
)
def test_only_what_costs_nothing_may_be_read_twice(text: str, harmless: bool) -> None:
    assert simple(ast.parse(text, mode="eval").body) is harmless


def test_a_call_is_known_by_the_name_it_calls() -> None:
    assert is_call(call("super"), "len", "super")
    assert not is_call(invoke(name("a"), "super"), "super")
    assert not is_call(name("super"), "super")


def test_walking_reaches_the_gaps_of_raw_text_and_what_is_kept_beside_the_fields() -> None:
    kept = name("kept")
    statement = ast.Expr(value=Raw("({} + {})", name("a"), call("f", name("b"))))
    note(statement, before=[ast.Expr(value=kept)])
    found = {
        node.id for node in walk(ast.Module(body=[statement], type_ignores=[])) if isinstance(node, ast.Name)
    }
    assert found == {"a", "f", "b", "kept"}
    assert kept not in list(ast.walk(statement))
