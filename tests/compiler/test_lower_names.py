"""Names, attributes and subscripts, displays of lists, sets and dicts."""

from pathlib import Path

import pytest

from capsule.compiler.lower_names import keeps_order
from tests.compiler.compiled import codes, javascript, same


def test_words_that_javascript_keeps_for_itself_are_names(tmp_path: Path) -> None:
    text = "new, this, var, undefined, function = 1, 2, 3, 4, 5\nprint(new, this, var, undefined, function)\n"
    text += "class A:\n    delete = 6\n    def typeof(self, void):\n        return void\n"
    text += "print(A.delete, A().typeof(void=7))\n"
    assert same(text, tmp_path) == "1 2 3 4 5\n6 7\n"


def test_a_name_that_nothing_is_bound_to_yet_raises(tmp_path: Path) -> None:
    text = (
        "def f(x):\n    if x:\n        y = 1\n    return y\n"
        "print(f(True))\ntry:\n    f(False)\nexcept UnboundLocalError as e:\n    print(e)\n"
        "try:\n    later()\nexcept NameError as e:\n    print(e)\ndef later():\n    return 1\n"
    )
    assert same(text, tmp_path)


def test_a_missing_attribute_is_an_attribute_error(tmp_path: Path) -> None:
    text = (
        "class A:\n    x = 1\ndef read(a):\n    return a.y\n"
        "for one in (A(), A):\n    try:\n        read(one)\n    except AttributeError as e:\n        print(e)\n"
    )
    assert same(text, tmp_path)


@pytest.mark.parametrize("attribute", ["length", "constructor", "call", "then", "size", "name"])
def test_what_javascripts_values_have_does_not_shine_through(attribute: str, tmp_path: Path) -> None:
    text = f"def f(x):\n    return hasattr(x, '{attribute}')\nprint(f([]), f('a'), f({{}}), f(f), f(1))\n"
    assert same(text, tmp_path) == "False False False False False\n"


def test_a_method_that_is_a_value_is_bound(tmp_path: Path) -> None:
    text = (
        "class A:\n    def __init__(self):\n        self.x = 1\n    def get(self):\n        return self.x\n"
        "get = A().get\nprint(get())\nadd = [].append\nprint(add(1), list(map('a'.join, ['bc'])))\n"
    )
    assert same(text, tmp_path) == "1\nNone ['bac']\n"


def test_private_names_belong_to_their_class(tmp_path: Path) -> None:
    text = (
        "class A:\n    def __init__(self):\n        self.__x = 'A'\n    def a(self):\n        return self.__x\n"
        "class B(A):\n    def __init__(self):\n        super().__init__()\n        self.__x = 'B'\n"
        "    def b(self):\n        return self.__x\nprint(B().a(), B().b())\n"
    )
    assert same(text, tmp_path) == "A B\n"


def test_a_display_is_a_literal_only_where_javascript_keeps_its_order(tmp_path: Path) -> None:
    assert keeps_order(["a", "b"])
    assert not keeps_order(["a", "1"])
    assert "{a: 1, b: 2}" in javascript("x = {'a': 1, 'b': 2}\n", tmp_path)
    assert same(
        "print({'b': 1, '2': 2, '1': 3}, {**{'x': 1}, 'y': 2}, [*'ab', 1], (*[1],), {*[1], 1})\n", tmp_path
    )


def test_subscripts_count_from_both_ends_and_raise_outside(tmp_path: Path) -> None:
    text = (
        "x = [1, 2, 3]\nprint(x[-1], x[1:], x[::-1], 'abc'[-2], (1, 2)[0])\n"
        "for at in (3, -4):\n    try:\n        x[at]\n    except IndexError as e:\n        print(e)\n"
        "try:\n    {}['a']\nexcept KeyError as e:\n    print(repr(e))\n"
    )
    assert same(text, tmp_path)


def test_what_has_no_counterpart_is_refused(tmp_path: Path) -> None:
    for text in ("print(A.__dict__)\n", "print(vars)\n", "eval('1')\n", "open('x')\n"):
        assert codes(f"class A:\n    pass\n{text}", tmp_path), text
