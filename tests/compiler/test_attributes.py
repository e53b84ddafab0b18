"""An attribute that is not there is an AttributeError, and one that surely is costs nothing more."""

from pathlib import Path

import pytest

from tests.compiler.compiled import javascript, same

OTHER = "class Other:\n    def __init__(self):\n        self.x = 1\n"
READ = "def read(o):\n    try:\n        return o.x\n    except AttributeError as e:\n        return str(e)\n"


@pytest.mark.parametrize(
    "value", ["None", "5", "'x'", "[1]", "(1,)", "{'x': 1}", "1.5", "True", "Other", "Other()", "read", "A()"]
)
def test_an_attribute_of_another_class_is_not_found(value: str, tmp_path: Path) -> None:
    same(f"{OTHER}{READ}class A:\n    pass\nprint(read({value}))\n", tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        "    def set(self):\n        self.x = 1\n    def get(self):\n        return self.x\n",
        "    def __init__(self):\n        print(read(self))\n        self.x = 1\n    def get(self):\n        return self.x\n",  # noqa: E501
        "    def __init__(self):\n        self.early()\n        self.x = 1\n    def early(self):\n        print(read(self))\n    def get(self):\n        return self.x\n",  # noqa: E501
        "    def __init__(self, n=0):\n        if n:\n            self.x = 1\n    def get(self):\n        return self.x\n",  # noqa: E501
        "    def __init__(self, n=0):\n        if n:\n            return\n        self.x = 1\n        del self.x\n    def get(self):\n        return self.x\n",  # noqa: E501
        "    def __init__(self):\n        self.x = None\n    def get(self):\n        return self.x\n",
    ],
)
def test_what_init_has_not_assigned_yet_is_not_there(body: str, tmp_path: Path) -> None:
    text = f"{OTHER}{READ}class A:\n{body}try:\n    print(A().get())\nexcept AttributeError as e:\n    print(e)\n"
    same(text, tmp_path)


def test_an_init_that_does_not_call_the_base_s_leaves_its_attributes_out(tmp_path: Path) -> None:
    text = f"{OTHER}{READ}class B(Other):\n    def __init__(self):\n        self.y = 1\nprint(read(B()))\n"
    same(text, tmp_path)


def test_what_init_surely_assigns_is_read_plainly(tmp_path: Path) -> None:
    text = "class A:\n    n = 1\n    def __init__(self, x):\n        self.x = x\n    def f(self):\n        return self.x, self.n\n"  # noqa: E501
    text += "def g():\n    a = A(1)\n    return a.x\nprint(A(2).f(), g())\n"
    made = javascript(text, tmp_path)
    assert "$attr" not in made
    assert "return a.x" in made


@pytest.mark.parametrize("name", ["name", "length", "message", "stack", "prototype_", "size"])
def test_the_engine_s_own_names_are_attributes_only_where_the_program_says_so(
    name: str, tmp_path: Path
) -> None:
    text = f"""
class A(Exception):
    pass
class B:
    {name} = 'of the class'
class C(B):
    def __init__(self):
        self.{name} = 'its own'
def f():
    pass
for o in [A(), A, B, B(), C(), C, f, 'x', [], {{}}]:
    print(getattr(o, '{name}', None), hasattr(o, '{name}'), type(o).__name__)
    try:
        print(o.{name})
    except AttributeError as e:
        print(e)
"""
    same(text, tmp_path)


def test_private_names_belong_to_their_class(tmp_path: Path) -> None:
    text = """
class A:
    def __init__(self):
        self.__x = 5
    def __secret(self, n):
        return n + self.__x
    def go(self, other):
        return self.__secret(1) + other.__secret(2) + sum(map(self.__secret, [1]))
class B(A):
    def __init__(self):
        super().__init__()
        self.__x = 7
    def mine(self):
        return self.__x
print(A().go(A()), B().go(B()), B().mine(), A()._A__x)
try:
    print(A().__x)
except AttributeError as e:
    print(e)
"""
    same(text, tmp_path)
