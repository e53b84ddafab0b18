import functools
from typing import Any

import pytest

from capsule.shared.platform import leastArguments, parameterCount
from capsule.shared.signatures import fitted, signature


class Thing:
    def method(self, a: Any, b: Any = 2) -> Any:
        return [a, b]

    def many(self, *args: Any) -> Any:
        return list(args)

    @staticmethod
    def static(a: Any) -> Any:
        return a

    def __call__(self, a: Any) -> Any:
        return a


@pytest.mark.parametrize(
    ("function", "fewest", "most"),
    [
        (lambda: 0, 0, 0),
        (lambda a, b=1: 0, 1, 2),
        (Thing().method, 1, 2),
        (Thing().static, 1, 1),
        (Thing(), 1, 1),
        (functools.partial(Thing().method, 1), 0, 1),
        (Thing, 0, 0),
    ],
)
def test_how_many_arguments_a_function_takes(function: Any, fewest: int, most: int) -> None:
    assert signature(function) == (fewest, most)
    assert [leastArguments(function), parameterCount(function)] == [fewest, most]


def test_any_number_is_any_number() -> None:
    for function in [Thing().many, print]:
        assert signature(function)[0] == 0
        assert signature(function)[1] > 1000


def test_arguments_are_cut_or_filled_up_with_none() -> None:
    assert fitted([1, 2, 3], 0, 2) == [1, 2]
    assert fitted([1], 3, 3) == [1, None, None]
    assert fitted([1, 2], 1, 2) == [1, 2]
