"""Loops and comprehensions: what they go through, and what their bodies may change meanwhile."""

from pathlib import Path

import pytest

from tests.compiler.compiled import codes, javascript, printed, same


def test_a_range_is_counted_and_its_body_may_change_the_name(tmp_path: Path) -> None:
    text = (
        "for i in range(3):\n    print(i)\n    i += 10\nprint(i)\nfor i in range(6, 0, -2):\n    print(i)\n"
    )
    assert same(text, tmp_path) == "0\n1\n2\n12\n6\n4\n2\n"
    assert "for (let $i1 = 0" in javascript(text, tmp_path)


def test_the_bounds_of_a_range_are_computed_once(tmp_path: Path) -> None:
    text = "n = 3\nfor i in range(n):\n    n = 0\n    print(i, n)\n"
    assert same(text, tmp_path) == "0 0\n1 0\n2 0\n"


def test_a_range_of_no_step_or_of_a_float_raises_as_in_python(tmp_path: Path) -> None:
    text = (
        "def f(a):\n    try:\n        for i in range(*a):\n            print(i)\n"
        "    except (TypeError, ValueError) as e:\n        print(e)\n"
        "f([1, 5, 0])\nf([1.5])\n"
    )
    assert same(text, tmp_path)


@pytest.mark.parametrize("kind", ["dict", "set"])
def test_what_grows_under_a_loop_is_an_error(kind: str, tmp_path: Path) -> None:
    grow = "x[k + 1] = 1" if kind == "dict" else "x.add(k + 1)"
    whole = "{1: 1}" if kind == "dict" else "{1}"
    text = (
        f"x = {whole}\ndef go(all):\n    for k in all:\n        {grow}\n"
        "try:\n    go(x)\nexcept RuntimeError as e:\n    print(e)\n"
    )
    assert same(text, tmp_path)


def test_a_list_may_grow_under_a_loop(tmp_path: Path) -> None:
    assert same("x = [1, 2]\nfor k in x:\n    if len(x) < 5:\n        x.append(k)\nprint(x)\n", tmp_path)


def test_elements_are_taken_apart(tmp_path: Path) -> None:
    text = (
        "for i, (a, *b) in enumerate([(1, 2, 3), (4,)], 5):\n    print(i, a, b)\n"
        "for k, v in {'a': 1, 'b': 2}.items():\n    print(k, v)\n"
        "box = {}\nfor box['at'], box['of'] in [(1, 2)]:\n    print(box)\n"
    )
    assert same(text, tmp_path)


def test_else_follows_a_loop_that_was_not_left(tmp_path: Path) -> None:
    text = (
        "for stop in (1, 9):\n    for i in range(3):\n        if i == stop:\n            break\n"
        "    else:\n        print('whole')\n    print(i)\n"
        "n = 2\nwhile n:\n    n -= 1\nelse:\n    print('done')\n"
    )
    assert same(text, tmp_path) == "1\nwhole\n2\ndone\n"


def test_a_comprehension_keeps_its_names_and_evaluates_its_first_source_outside(tmp_path: Path) -> None:
    text = (
        "x = 'outer'\nprint([x for x in range(2)], x, {k: v for k, v in [(1, 2)]}, {c for c in 'aa'})\n"
        "print([(a, b) for a in range(3) if a for b in range(a)])\n"
        "fs = [lambda: i for i in range(3)]\nprint([f() for f in fs])\n"
    )
    assert same(text, tmp_path)


def test_a_generator_runs_only_as_far_as_it_is_asked(tmp_path: Path) -> None:
    text = "def say(x):\n    print(x)\n    return x\n"
    text += "print(any(say(n) for n in [0, 1, 2]))\nprint(next(say(n) for n in [7, 8]))\n"
    assert same(text, tmp_path) == "0\n1\nTrue\n7\n7\n"


def test_the_order_of_a_set_may_not_show(tmp_path: Path) -> None:
    assert codes("for x in {'b', 'a'}:\n    print(x)\n", tmp_path) == ["CAP152"]
    assert printed("print(sum(x for x in {1, 2}), sorted(x + 1 for x in {2, 1}))\n", tmp_path) == "3 [2, 3]\n"
