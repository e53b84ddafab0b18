from pathlib import Path

from tests.compiler.compiled import codes, javascript, printed, same


def test_a_default_is_evaluated_once_at_the_definition(tmp_path: Path) -> None:
    text = "n = 1\ndef f(a=n, b=[]):\n    b.append(a)\n    return b\nn = 2\nf()\nprint(f())\n"
    assert printed(text, tmp_path) == "[1, 1]\n"


def test_a_function_defined_in_a_loop_keeps_its_default(tmp_path: Path) -> None:
    text = "fs = []\nfor i in range(3):\n    def f(x=i):\n        return x\n    fs.append(f)\n"
    text += "print([f() for f in fs])\n"
    assert printed(text, tmp_path) == "[0, 1, 2]\n"


def test_a_decorated_function_calls_its_decorated_self(tmp_path: Path) -> None:
    text = """
calls = []
def noted(f):
    def g(n):
        calls.append(n)
        return f(n)
    return g
@noted
def down(n):
    return 0 if n == 0 else down(n - 1)
down(2)
print(calls)
"""
    assert printed(text, tmp_path) == "[2, 1, 0]\n"


def test_class_attributes_may_use_those_before_them(tmp_path: Path) -> None:
    text = "class A:\n    X = ['a']\n    Y = {'x': X}\n    def f(self):\n        return 1\n    g = f\n"
    assert printed(text + "print(A.Y, A().X, A().g())\n", tmp_path) == "{'x': ['a']} ['a'] 1\n"


def test_a_class_attribute_assigned_later_is_seen_by_subclasses_and_instances(tmp_path: Path) -> None:
    text = "class A:\n    x = 1\nclass B(A):\n    pass\nb = B()\nA.x = 5\nprint(B.x, b.x, A().x)\n"
    assert printed(text, tmp_path) == "5 5 5\n"


def test_annotations_and_typing_leave_no_trace(tmp_path: Path) -> None:
    text = (
        "from typing import Any, TypeVar\nT = TypeVar('T')\ndef f(x: Any) -> 'T':\n    y: int\n    return x\n"
    )
    made = javascript(text, tmp_path)
    assert "TypeVar" not in made
    assert "Any" not in made


def test_reserved_words_are_renamed_inside_and_kept_outside(tmp_path: Path) -> None:
    made = javascript("def delete(var, new=1):\n    return var + new\n", tmp_path)
    assert "function delete$ (var$, new$ = 1)" in made
    assert "delete$ as delete" in made


GETTER = "class A:\n    @property\n    def x(self):\n        return 1\n"


def test_a_setter_is_for_the_property_of_its_name_in_its_class(tmp_path: Path) -> None:
    setter = "    @{}.setter\n    def {}(self, value):\n        print(value)\n"
    assert same(GETTER + setter.format("x", "x") + "a = A()\na.x = 2\nprint(a.x)\n", tmp_path) == "2\n1\n"
    assert codes(GETTER + setter.format("x", "y"), tmp_path) == ["CAP137"]
    assert codes("class A:\n" + setter.format("x", "x"), tmp_path) == ["CAP137"]
    assert codes(GETTER + "class B(A):\n" + setter.format("A.x", "x"), tmp_path) == ["CAP137"]
