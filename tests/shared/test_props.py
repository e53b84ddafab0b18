from typing import Any

import pytest

from capsule.shared import DeclarationError, Model, PropError
from capsule.shared.props import Prop


def prop(declaration: Any) -> Prop:
    return Prop("Task", "p", declaration, False)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", ["", "x"], [1, True, [], {}]),
        (
            "number",
            [0, -1.5, 1e-300, 2**53 - 1],
            ["1", True, float("nan"), float("inf"), 2**53, 1e300, 1e400, []],
        ),
        ("integer", [0, -5, 3.0], [1.5, "1", False, 2**53, float("inf")]),
        ("boolean", [True, False], [0, 1, "true", []]),
        ("time", [0, 1700000000000], [1.5, "2020-01-01", -(2**60)]),
        ("list", [[], [1, ["a"]]], [{}, "ab", (1,), 5]),
        ("object", [{}, {"a": {"b": 1}}], [[], "x", Model()]),
        ("any", [1, "x", [], {}, False], [object(), Model(), float("nan"), [float("inf")], len]),
        ("ref", ["abc", "A_-9"], ["", "a.b", "a b", 5, "x" * 65, []]),
    ],
)
def test_types(kind: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert prop(kind).accept(None, value) == value
    for value in bad:
        with pytest.raises(PropError, match='Property "p" of Task'):
            prop(kind).accept(None, value)
    with pytest.raises(PropError, match="but null was given"):
        prop(kind).accept(None, None)
    assert prop({"type": kind, "allowNull": True}).accept(None, None) is None


def test_the_sentence_names_property_type_and_value() -> None:
    with pytest.raises(PropError) as caught:
        prop("string").accept(None, 5)
    assert caught.value.sentence == 'Property "p" of Task must be a string, but 5 (number) was given.'
    assert [caught.value.code, caught.value.field, isinstance(caught.value, Exception)] == [422, "p", True]


def test_integral_floats_are_kept_as_ints_at_any_depth() -> None:
    assert type(prop("number").accept(None, 2.0)) is int
    assert prop("any").accept(None, [{"a": 2.0}])[0]["a"].__class__ is int


@pytest.mark.parametrize(
    ("declaration", "good", "bad", "words"),
    [
        ({"type": "string", "min": 2, "max": 3}, "ab", "a", "length of at least 2"),
        ({"type": "string", "max": 3}, "\U0001f600" * 3, "abcd", "length of at most 3"),
        ({"type": "list", "max": 1}, [1], [1, 2], "length of at most 1"),
        ({"type": "integer", "min": 0}, 0, -1, "be at least 0"),
        ({"type": "number", "max": 0.5}, 0.5, 0.6, "be at most 0.5"),
        ({"type": "string", "values": ["s", "m"]}, "s", "x", 'one of ["s","m"]'),
        ({"type": "integer", "values": [0, 1]}, 1, 2, "one of"),
        ({"type": "string", "test": lambda value: value != "x" and "Say x."}, "x", "y", "is refused: Say x."),
    ],
)
def test_constraints(declaration: Any, good: Any, bad: Any, words: str) -> None:
    assert prop(declaration).accept(None, good) == good
    with pytest.raises(PropError) as caught:
        prop(declaration).accept(None, bad)
    assert words in caught.value.sentence
    # What is stored already may be older than the constraint.
    assert prop(declaration).receive(bad) == bad


def test_a_test_can_be_a_method_of_the_model() -> None:
    class Even(Model):
        props = {"n": {"type": "integer", "test": "odd"}, "strict": "boolean"}

        def odd(self, value: int) -> Any:
            return "It is odd." if value % 2 == 1 and self.get("strict") else None

    assert Even({"n": 1}).get("n") == 1
    with pytest.raises(PropError, match="It is odd"):
        Even({"strict": True}).set("n", 1)


def test_defaults_are_values_or_made_by_a_function() -> None:
    assert prop({"type": "boolean", "default": False}).valueOfDefault() is False
    maker = prop({"type": "list", "default": lambda: [1]})
    assert maker.valueOfDefault() == [1]
    assert maker.valueOfDefault() is not maker.valueOfDefault()


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        ({"type": "list", "default": []}, "write a function that makes one"),
        ({"type": "object", "default": {}}, "write a function that makes one"),
        ("strange", "unknown type"),
        ({"type": 5}, "unknown type"),
        ({}, "unknown type"),
        ({"type": "string", "requird": True}, "unknown key"),
        (5, "a type's name"),
    ],
)
def test_a_wrong_declaration_says_so_when_the_class_is_first_used(declaration: Any, words: str) -> None:
    class Wrong(Model):
        props = {"p": declaration}

    with pytest.raises(DeclarationError) as caught:
        Wrong()
    assert words in caught.value.sentence


def test_a_declaration_can_serve_two_classes() -> None:
    shared = {"type": "string", "default": "x"}

    class One(Model):
        props = {"p": shared}

    class Two(Model):
        props = {"p": shared}

    assert One().get("p") == Two().get("p") == "x"
    assert shared == {"type": "string", "default": "x"}


@pytest.mark.parametrize(
    "name", ["type", "get", "attributes", "id", "constructor", "__proto__", "collection"]
)
def test_any_prop_name_is_legal(name: str) -> None:
    class Named(Model):
        props = {name: "string"}

    named = Named({name: "x"})
    assert named.get(name) == "x"
    assert named.xport() == {name: "x"}


def test_numbers_are_no_names() -> None:
    class Numbered(Model):
        props = {"7": "string"}

    with pytest.raises(DeclarationError, match="a name that is not a number"):
        Numbered()
