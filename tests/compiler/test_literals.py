"""What the spelling of an expression says: its type, whether a prop takes it, and how a finding shows it."""

import ast

import pytest

from capsule.compiler.literals import TYPES, accepts, hint, kind_of, number, shown_value


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("'a'", "string"),
        ("f'{a}'", "string"),
        ("1", "integer"),
        ("-1", "integer"),
        ("1.0", "integer"),  # attributes turn integral floats into ints
        ("1.5", "number"),
        ("True", "boolean"),
        ("None", "null"),
        ("[a]", "list"),
        ("[x for x in a]", "list"),
        ("{'a': b}", "object"),
        ("(1,)", "other"),
        ("{1}", "other"),
        ("b'a'", "other"),
        ("lambda: 1", "other"),
        ("a", None),
        ("a()", None),
        ("1 + 1", None),
        ("-a", None),
    ],
)
def test_the_kind_is_known_for_what_is_written_out(text: str, kind: str | None) -> None:
    assert kind_of(expression(text)) == kind


@pytest.mark.parametrize(
    ("text", "value"), [("2", 2), ("-2.5", -2.5), ("True", None), ("'2'", None), ("+2", None)]
)
def test_a_number_has_its_sign(text: str, value: float | None) -> None:
    assert number(expression(text)) == value


@pytest.mark.parametrize(
    ("kind", "taken", "refused"),
    [
        ("string", "'a'", "1"),
        ("number", "1", "'1'"),
        ("integer", "1.0", "1.5"),
        ("boolean", "False", "0"),
        ("time", "1000", "1.5"),
        ("list", "[]", "(1,)"),
        ("object", "{}", "[]"),
        ("ref", "'t-1'", "'a b'"),
    ],
)
def test_a_type_takes_its_own_literals_and_all_that_is_computed(kind: str, taken: str, refused: str) -> None:
    assert accepts(kind, expression(taken))
    assert accepts(kind, expression("computed()"))
    assert not accepts(kind, expression(refused))
    assert not accepts(kind, expression("lambda: 1"))


def test_any_takes_everything_and_every_type_is_decided() -> None:
    assert accepts("any", expression("(1,)"))
    assert {kind for kind in TYPES if accepts(kind, expression("b'a'"))} == {"any"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [("True", "true"), ("None", "null"), ("'a'", '"a"'), ("'it\"s'", '"it\'s"'), ("[1, x]", "[1, x]")],
)
def test_a_value_is_shown_as_the_browser_s_console_would(text: str, shown: str) -> None:
    assert shown_value(expression(text)) == shown


def test_a_long_value_is_cut() -> None:
    assert len(shown_value(expression(repr(["word"] * 20)))) == 40


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("titel", ' (did you mean "title"?)'),
        ("TITLE", ' (did you mean "title"?)'),
        ("due_date", ' (did you mean "dueDate"?)'),
        ("other", ""),
    ],
)
def test_a_near_name_is_offered(name: str, told: str) -> None:
    assert hint(name, ["title", "dueDate", "stars"]) == told
