"""JavaScript for statements."""

from pathlib import Path

import pytest

from tests.compiler.compiled import javascript, same


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("x = 1\nx += 2\n", "x = x + 2"),
        ("if 1 == 2:\n    x = 1\nelif 2 == 2:\n    x = 2\nelse:\n    x = 3\n", "} else if ("),
        ("while True:\n    break\n", "while (true) {"),
        ("for i in range(2):\n    print(i)\n", "for (let $i1 = 0, $end_1 = 2; $i1 < $end_1; $i1++) {"),
        ("def f():\n    return\n", "return null;"),
    ],
)
def test_a_statement_is_javascripts_own_where_it_can_be(text: str, made: str, tmp_path: Path) -> None:
    assert made in javascript(text, tmp_path)


def test_break_and_continue_belong_to_the_inner_loop(tmp_path: Path) -> None:
    text = (
        "for a in 'xyz':\n    for b in range(4):\n        if b == 1:\n            continue\n"
        "        if b == 3:\n            break\n        print(a, b)\n    else:\n        print('never')\n"
        "    if a == 'y':\n        break\nelse:\n    print('never')\n"
    )
    assert same(text, tmp_path) == "x 0\nx 2\ny 0\ny 2\n"


def test_handlers_are_asked_in_turn_and_else_and_finally_follow(tmp_path: Path) -> None:
    text = (
        "def f(what):\n    try:\n        if what == 'key':\n            {}['a']\n        if what == 'value':\n"
        "            int('x')\n        if what == 'other':\n            raise RuntimeError('boom')\n"
        "    except KeyError as e:\n        return 'key ' + repr(e)\n"
        "    except (ValueError, TypeError):\n        return 'value'\n"
        "    else:\n        return 'else'\n    finally:\n        print('finally', what)\n"
        "for one in ('key', 'value', 'none'):\n    print(f(one))\n"
        "try:\n    f('other')\nexcept Exception as e:\n    print(e)\n"
    )
    assert same(text, tmp_path)


def test_the_name_of_an_exception_is_gone_after_its_handler(tmp_path: Path) -> None:
    text = (
        "def f():\n    e = 1\n    try:\n        raise ValueError('a')\n    except ValueError as e:\n        pass\n"
        "    return e\ntry:\n    f()\nexcept UnboundLocalError as error:\n    print(error)\n"
    )
    assert same(text, tmp_path)


def test_raise_again_and_raise_from_keep_what_was_raised(tmp_path: Path) -> None:
    text = (
        "def f():\n    try:\n        raise KeyError('a')\n    except KeyError:\n        raise\n"
        "try:\n    f()\nexcept KeyError as e:\n    print(repr(e))\n"
        "try:\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise ValueError('b') from e\n"
        "except ValueError as e:\n    print(repr(e), repr(e.__cause__))\n"
    )
    assert same(text, tmp_path)


def test_finally_runs_when_a_loop_or_a_function_is_left(tmp_path: Path) -> None:
    text = (
        "def f():\n    for i in range(3):\n        try:\n            if i == 1:\n                return i\n"
        "            continue\n        finally:\n            print('after', i)\nprint(f())\n"
    )
    assert same(text, tmp_path) == "after 0\nafter 1\n1\n"


def test_one_value_for_several_targets_is_computed_once(tmp_path: Path) -> None:
    text = "n = []\ndef f():\n    n.append(1)\n    return [0]\na = b = f()\na.append(1)\nprint(b, len(n))\n"
    assert same(text, tmp_path) == "[0, 1] 1\n"
