"""Arguments reach the parameters that Python would give them to, in Python's order, or Python's error is raised."""

from pathlib import Path

import pytest

from tests.compiler.compiled import codes, javascript, printed, same

FUNCTION = "def f(a, b=2, *args, c=3, **more):\n    return [a, b, list(args), c, more]\n"
NOTED = "def p(x):\n    print('p', x)\n    return x\n"
TRY = "try:\n    print({})\nexcept TypeError as e:\n    print(e)\n"


@pytest.mark.parametrize(
    "call",
    [
        "f(1)",
        "f(b=5, a=1)",
        "f(1, c=9)",
        "f(1, 5, 6, 7, c=9)",
        "f(*[1, 5, 6], d=4)",
        "f(*[1], b=2, c=3)",
        "f(1, **{'b': 7, 'c': 8, 'd': 9})",
        "f(1, **{'b': 1, '10': 2, '9': 3})",
        "f(1, **{'__proto__': 1, 'constructor': 2})",
    ],
)
def test_keywords_find_their_places(call: str, tmp_path: Path) -> None:
    same(f"{FUNCTION}print({call})\n", tmp_path)


@pytest.mark.parametrize(
    "call",
    [
        "f(b=p(1), a=p(2))",
        "f(c=p(1), b=p(2), a=p(3))",
        "f(p(1), d=p(2), b=p(3))",
        "f(z=p(1), **{'a': p(2)}, b=p(3))",
        "f(p(0), *[p(1)], d=p(2), c=p(3))",
    ],
)
def test_arguments_are_computed_in_the_order_of_the_source(call: str, tmp_path: Path) -> None:
    same(f"{NOTED}{FUNCTION}print({call})\n", tmp_path)


def test_what_cannot_act_needs_no_variable_for_its_order(tmp_path: Path) -> None:
    assert "f(1, 2)" in javascript("def f(a, b):\n    return a\nf(b=2, a=1)\n", tmp_path)


@pytest.mark.parametrize(
    "call",
    ["f(a=1, **{'a': 2})", "f(**{'a': 1}, **{'a': 2})", "f(1, **{'a': 2})", "f(**{1: 2})", "f(1, **5)"],
)
def test_a_keyword_that_comes_twice_or_is_no_text_is_a_type_error(call: str, tmp_path: Path) -> None:
    for parameters in ("a=0, **more", "a=0, *rest, **more"):
        text = f"def f({parameters}):\n    return a\ntry:\n    print({call})\nexcept TypeError as e:\n    print('refused')\n"  # noqa: E501
        assert same(text, tmp_path) == "refused\n"


@pytest.mark.parametrize(
    "names", ["constructor", "toString", "hasOwnProperty", "__proto__", "new", "delete", "var"]
)
def test_keyword_only_parameters_may_have_names_that_javascript_has_for_itself(
    names: str, tmp_path: Path
) -> None:
    text = f"def f(*, {names}=3, **more):\n    return ({names}, more)\n"
    text += f"print(f(), f({names}=1), f(**{{'{names}': 2}}, x=1))\ng = lambda *, {names}=3: {names}\nprint(g(), g({names}=4))\n"  # noqa: E501
    same(text, tmp_path)


def test_arguments_out_of_a_list_may_be_too_many(tmp_path: Path) -> None:
    text = "def f(a, *, b=1):\n    return (a, b)\nclass A:\n    def __init__(self, a):\n        self.a = a\n"
    text += "".join(TRY.format(call) for call in ("f(*[1, {'b': 5}])", "f(*[1])", "A(*[1, 2])", "A(*[1]).a"))
    same(text, tmp_path)


def test_a_positional_parameter_is_no_keyword(tmp_path: Path) -> None:
    assert "CAP123" in codes("def f(a, /):\n    return a\nf(a=1)\n", tmp_path)
    same("def f(a, /, **more):\n    return (a, more)\nprint(f(1, a=2), f(1, **{'a': 3}))\n", tmp_path)


def test_what_is_known_to_fit_is_passed_as_it_is(tmp_path: Path) -> None:
    made = javascript("def f(a, b=1, *, c=2):\n    return a\nf(1, c=3)\n", tmp_path)
    assert "f(1, undefined, {c: 3})" in made
    assert (
        printed("def f(a, b=1, *, c=2):\n    return (a, b, c)\nprint(f(1, c=3))\n", tmp_path) == "(1, 1, 3)\n"
    )
