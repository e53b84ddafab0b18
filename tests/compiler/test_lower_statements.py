import textwrap
from pathlib import Path

import pytest

from tests.compiler.compiled import javascript, printed


def test_unpacking_a_display_computes_the_whole_right_side_first(tmp_path: Path) -> None:
    text = """
    a = "old"
    try:
        a, b = 2, [][0]
    except IndexError:
        print(a)
    """
    assert printed(textwrap.dedent(text), tmp_path) == "old\n"


def test_unpacking_a_display_reads_its_names_before_it_binds_them(tmp_path: Path) -> None:
    text = """
    a = 1
    a, b = 2, a
    print(a, b)
    a, b = b, a
    print(a, b)
    a, [b, c], d = 5, (a, b), [a]
    print(a, b, c, d)
    """
    assert printed(textwrap.dedent(text), tmp_path) == "2 1\n1 2\n5 1 2 [1]\n"


@pytest.mark.parametrize("source", ["a, b = b, a", "a, b = 1, 2", "a, b = 0, len(b)"])
def test_unpacking_a_display_makes_no_tuple(source: str, tmp_path: Path) -> None:
    text = f"def f(a, b):\n    {source}\n    return [a, b]\n"
    made = javascript(text, tmp_path)
    assert "$tuple" not in made
    assert "$unpack" not in made
