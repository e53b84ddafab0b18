"""What stands around a `yield` must not wait for the generator's end, which JavaScript may never come to."""

from pathlib import Path

import pytest

from tests.compiler.compiled import codes

TRY = "def f(m):\n    try:\n        {}\n    {}\n        print('left')\n"


@pytest.mark.parametrize("end", ["finally:", "except:", "except (KeyError, BaseException):"])
@pytest.mark.parametrize("line", ["yield 1", "yield from m"])
def test_a_yield_that_something_waits_for_is_refused(line: str, end: str, tmp_path: Path) -> None:
    assert codes(TRY.format(line, end), tmp_path) == ["CAP104"]


def test_a_yield_in_a_with_is_refused(tmp_path: Path) -> None:
    assert codes("def f(m):\n    with m:\n        yield 1\n", tmp_path) == ["CAP104"]


def test_other_yields_are_accepted(tmp_path: Path) -> None:
    assert codes(TRY.format("yield 1", "except ValueError:"), tmp_path) == []
    assert (
        codes("def f(m):\n    with m:\n        def g():\n            yield 1\n    yield 2\n", tmp_path) == []
    )
