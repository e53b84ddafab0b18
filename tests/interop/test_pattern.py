"""Patterns: what fits, what does not, and what a hole takes."""

from typing import Any

import pytest

from capsule.feeds.conformance.pattern import Bindings, fill, mismatch


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ({}, {"more": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([1, {"$any": True}], [1, None]),
        ({"$in": ["x", ["y"]]}, ["y"]),
        ("1-${n} 1-${n}", "1-7 1-7"),
        (None, None),
    ],
)
def test_what_fits(pattern: Any, value: Any) -> None:
    assert mismatch(pattern, value, {}) is None


@pytest.mark.parametrize(
    ("pattern", "value", "sentence"),
    [
        ({"a": 1}, {}, "the answer has no 'a': {}"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "the answer.a.b should be 1, is 2"),
        ([1], [1, 2], "the answer should be a list of 1, is a list of 2"),
        ([1], "1", "the answer should be a list of 1, is '1'"),
        ([["x"]], [["y"]], "the answer[0][0] should be 'x', is 'y'"),
        (1, True, "the answer should be 1, is True"),
        (0, None, "the answer should be 0, is None"),
        ({"$in": ["x"]}, "y", "the answer should be one of ['x'], is 'y'"),
        ({}, [], "the answer should be an object, is []"),
        ("${n} ${n}", "7 8", "the answer should be '${n} ${n}', is '7 8'"),
        ("a.c", "abc", "the answer should be 'a.c', is 'abc'"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(pattern: Any, value: Any, sentence: str) -> None:
    assert mismatch(pattern, value, {}) == sentence


def test_a_hole_takes_what_is_there_once_and_asks_for_it_afterwards() -> None:
    bound: Bindings = {}
    assert mismatch(["2-${b}", {"tx": "line\n${c}"}], ["2-81", {"tx": "line\nx y"}], bound) is None
    assert bound == {"b": "81", "c": "x y"}
    assert mismatch("3-9 2-${b}", "3-9 2-82", bound) == "the answer should be '3-9 2-81', is '3-9 2-82'"


def test_a_choice_that_did_not_fit_leaves_nothing_bound() -> None:
    bound: Bindings = {}
    assert mismatch({"$in": [["${a}", 1], ["x", "${b}"]]}, ["x", "y"], bound) is None
    assert bound == {"b": "y"}


def test_a_request_is_filled_from_what_was_bound() -> None:
    request = {
        "since": "1-${a}",
        "list": [{"$repeat": 2, "of": ["${a}"]}, 3],
        "data": {"$text": "x", "times": 3},
    }
    assert fill(request, {"a": "7"}) == {"since": "1-7", "list": [["7"], ["7"], 3], "data": "xxx"}


def test_a_request_with_a_hole_that_nothing_filled_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("${a}", {})
