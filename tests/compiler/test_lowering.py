"""What all parts of lowering share: names for JavaScript, places of keywords, truth."""

import builtins
from pathlib import Path

import pytest

from capsule.compiler.lowering import BUILTINS, RESERVED, TYPES, js_name
from tests.compiler.compiled import codes, javascript, same


def test_reserved_words_get_what_no_python_name_can_have() -> None:
    assert js_name("new") == "new$"
    assert js_name("title") == "title"
    assert not any(f"{word}$".isidentifier() for word in RESERVED)


def test_builtins_are_pythons_and_types_are_among_them() -> None:
    assert {name for name in BUILTINS if not hasattr(builtins, name)} == set()
    assert TYPES <= BUILTINS


@pytest.mark.parametrize(
    ("condition", "made"),
    [
        ("x == 'a'", 'if (x === "a")'),
        ("not x == 'a'", 'if ((x !== "a"))'),
        ("x", "if ($truth(x))"),
        ("len(x)", "if (len(x))"),
        ("[x]", "if ($nonEmpty([x]))"),
        ("x is None or x", "if (x == null || $truth(x))"),
    ],
)
def test_truth_is_asked_for_only_where_javascripts_would_differ(
    condition: str, made: str, tmp_path: Path
) -> None:
    assert made in javascript(f"def f(x):\n    if {condition}:\n        return 1\n", tmp_path)


def test_truth_is_pythons(tmp_path: Path) -> None:
    text = (
        "class No:\n    def __bool__(self):\n        return False\n"
        "class Empty:\n    def __len__(self):\n        return 0\n"
        "for x in (0, 0.0, '', [], {}, set(), (), None, No(), Empty(), 1, 'a', [0], No):\n"
        "    print(bool(x), not x, 'yes' if x else 'no')\n"
    )
    assert same(text, tmp_path)


def test_what_our_twins_of_the_standard_library_lack_is_refused(tmp_path: Path) -> None:
    assert codes("import math\nprint(math.nothing)\n", tmp_path) == ["CAP140"]
    assert codes("from math import nothing\n", tmp_path) == ["CAP140"]
    assert codes("import math\nprint(math.floor(1.5))\n", tmp_path) == []


def test_keywords_are_computed_in_the_order_of_the_source(tmp_path: Path) -> None:
    text = (
        "def say(x):\n    print(x)\n    return x\n"
        "def f(a, b, c=3):\n    return a, b, c\n"
        "print(f(b=say(1), a=say(2)))\nprint(f(say(1), c=say(2), b=say(3)))\n"
        "print(max([1], default=say(0), key=say(None)))\n"
    )
    assert same(text, tmp_path)
