from typing import Any

import pytest

from capsule.shared import DeclarationError, Model
from capsule.shared.blueprint import blueprintOf


def test_a_blueprint_is_made_once_for_each_class_and_never_inherited() -> None:
    class Base(Model):
        props = {"a": "string"}

    class Sub(Base):
        props = {"b": "string"}

    assert blueprintOf(Base) is blueprintOf(Base)
    assert blueprintOf(Sub) is not blueprintOf(Base)
    assert list(blueprintOf(Sub).props) == ["a", "b", "id"]
    assert blueprintOf(Model).typed is False


def test_dependents_come_after_what_they_depend_on() -> None:
    class Chain(Model):
        derived = {
            "c": {"deps": ["b", "a"], "fn": "x"},
            "b": {"deps": ["a"], "fn": "x"},
            "d": {"deps": ["c"], "fn": "x"},
        }

    assert blueprintOf(Chain).dependents(["a"]) == ["b", "c", "d"]


@pytest.mark.parametrize(
    "body",
    [
        {"derived": {"a": {"deps": ["b"], "fn": "x"}, "b": {"deps": ["a"], "fn": "x"}}},
        {"derived": {"a": {"deps": ["a"], "fn": "x"}}},
        {"derived": {"a": {"deps": ["b"]}}},
        {"props": {"a": "string"}, "session": {"a": "string"}},
        {"props": {"a": "string"}, "derived": {"a": {"deps": [], "fn": "x"}}},
    ],
)
def test_declarations_that_contradict_each_other_are_refused(body: dict[str, Any]) -> None:
    cls = type("Wrong", (Model,), body)
    with pytest.raises(DeclarationError):
        cls()
