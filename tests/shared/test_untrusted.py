from typing import Any

import pytest

from capsule.shared.untrusted import idProblem, jsonProblem, keyProblem


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        1.5,
        "",
        "\U0001f600",
        [],
        {},
        [{"a": [None]}],
        {"__proto__": 1},
        nested(32),
        "x" * 1_000_000,
    ],
)
def test_json_is_fine(value: Any) -> None:
    assert jsonProblem(value) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "finite"),
        ([float("-inf")], "finite"),
        ({"a": 2**53}, "finite"),
        ("\ud800", "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ("x" * 1_000_001, "million bytes"),
        ("\u20ac" * 400_000, "million bytes"),
        (nested(33), "32 deep"),
        (nested(100_000), "32 deep"),
        ([0] * 100_001, "100000 values"),
        ({str(n): 0 for n in range(100_001)}, "100000 values"),
        ([[0] * 1000] * 200, "100000 values"),
        (object(), "JSON value"),
        ([len], "function"),
        ({1: 2}, "not a string"),
    ],
)
def test_what_no_peer_could_read_is_not(value: Any, words: str) -> None:
    problem = jsonProblem(value)
    assert problem is not None
    assert words in problem


def test_ids_have_one_form() -> None:
    for good in ["a", "A_-9", "x" * 64]:
        assert idProblem(good) is None
    for bad in ["", "a.b", "a/b", "é", "x" * 65, 5, None, [], "a\n"]:
        assert idProblem(bad) is not None


def test_loaded_names_are_no_attributes() -> None:
    for bad in ["", "_x", "__proto__", "constructor", "prototype", "hasOwnProperty", "__class__"]:
        assert keyProblem(bad) is not None
    assert keyProblem("title") is None
