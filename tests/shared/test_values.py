from typing import Any

import pytest

from capsule.shared import Model
from capsule.shared.values import show, typeName


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "number"),
        (1.5, "number"),
        ("", "string"),
        ([], "list"),
        ({}, "object"),
        (len, "function"),
        (Model(), "Model"),
    ],
)
def test_types_are_called_as_the_declarations_call_them(value: Any, name: str) -> None:
    assert typeName(value) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        ('a"b', '"a\\"b"'),
        (2.0, "2"),
        (0.25, "0.25"),
        ([1, {"a": True}], '[1,{"a":true}]'),
        ("x" * 100, '"' + "x" * 56 + "..."),
        (float("nan"), "number"),
        (2**60, "number"),
        (1e-9, "number"),
        (len, "function"),
        ([object()], "list"),
    ],
)
def test_values_are_shown_as_short_json_or_by_their_type(value: Any, text: str) -> None:
    assert show(value) == text
