"""A function that is used as a value is called as Python calls it; one that is not needs nothing for that."""

from pathlib import Path

import pytest

from tests.compiler.compiled import javascript, same

RUN = "def run(g, *args, **kw):\n    try:\n        return g(*args, **kw)\n    except TypeError as e:\n        return str(e)\n"  # noqa: E501
CLASS = """
class A:
    def __init__(self, x=0, **kw):
        self.x = x
        self.kw = kw
    def m(self, a, b=1, *, c=2):
        return (self.x, a, b, c)
    @classmethod
    def make(cls, *args, **kw):
        return cls(*args, **kw)
    @staticmethod
    def plain(a, b=3):
        return (a, b)
class B(A):
    pass
"""


@pytest.mark.parametrize(
    "call",
    [
        "run(f, 1)",
        "run(f, 1, b=3)",
        "run(f, a=1, b=5)",
        "run(f, 1, 7)",
        "run(f)",
        "run(f, 1, 2, 3)",
        "run(f, 1, a=2)",
        "run(f, 1, q=2)",
        "run(A, x=5).x",
        "run(B, y=2).kw",
        "B.make(x=7, z=1).kw",
        "run(A.plain, b=5, a=1)",
        "run(A().plain, 1, b=9)",
        "run(A(1).m, 2, c=5)",
        "run(A(1).m, b=3, a=4)",
        "run(A.m, A(1), 4)",
        "run(B.make, x=3).x",
        "run(A(1).m, 1, 2, 3)",
        "run(lambda a, b=2: (a, b), 1, b=5)",
        "run(lambda: 0, 1)",
        "run(run, f, 1, b=6)",
    ],
)
def test_what_is_passed_on_arrives_as_in_python(call: str, tmp_path: Path) -> None:
    same(f"def f(a, b=2):\n    return (a, b)\n{RUN}{CLASS}print({call})\n", tmp_path)


def test_decorators_pass_keywords_on(tmp_path: Path) -> None:
    text = """
def logged(f):
    def inner(*args, **kw):
        return ('called', f(*args, **kw))
    return inner
@logged
def f(a, b=2, *c, d=4, **e):
    return (a, b, c, d, e)
print(f(1), f(1, b=5), f(1, 2, 3, d=6, z=7), f(a=9, q=1))
class A:
    def __init__(self, a, b=2):
        self.v = (a, b)
class B(A):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
print(B(1).v, B(1, b=5).v, B(a=4).v)
"""
    same(text, tmp_path)


def test_a_call_of_the_one_of_two_methods_that_takes_less_is_an_error(tmp_path: Path) -> None:
    text = """
class A:
    def f(self, x):
        return x
class B:
    def f(self, x, y=0):
        return x + y
for o in [A(), B()]:
    try:
        print(o.f(1, 2))
    except TypeError as e:
        print(e)
"""
    same(text, tmp_path)


def test_nothing_is_noted_of_a_function_that_is_called_by_its_name_alone(tmp_path: Path) -> None:
    made = javascript("def f(a):\n    return a\ndef run(g):\n    return g(1, 2)\nf(1)\nrun(max)\n", tmp_path)
    assert "$described" not in made


def test_nothing_is_noted_where_no_call_has_too_many_arguments(tmp_path: Path) -> None:
    made = javascript("def f(a, b):\n    return a\ndef run(g):\n    return g(1, 2)\nrun(f)\n", tmp_path)
    assert "$described" not in made
