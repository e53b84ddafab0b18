"""JavaScript for functions and classes."""

from pathlib import Path

from tests.compiler.compiled import codes, javascript, same


def test_parameters_of_every_kind_take_what_pythons_take(tmp_path: Path) -> None:
    text = (
        "def f(a, b=2, /, c=3, *rest, d=4, e, **more):\n    return a, b, c, rest, d, e, more\n"
        "print(f(1, e=5))\nprint(f(1, 9, 8, 7, 6, e=5, d=0, z=1))\nprint(f(*[1, 2], c=0, **{'e': 1, 'x': 2}))\n"
    )
    assert same(text, tmp_path)


def test_a_default_is_computed_once_where_the_function_is_made(tmp_path: Path) -> None:
    text = "def f(x, to=[]):\n    to.append(x)\n    return to\nprint(f(1), f(2), f(3, []))\n"
    assert same(text, tmp_path)


def test_a_missing_argument_is_said_by_its_name(tmp_path: Path) -> None:
    text = (
        "class A:\n    def m(self, x, y):\n        return x\n"
        "def f(a, b, *, c):\n    return a\n"
        "def call(g, *a):\n    try:\n        g(*a)\n    except TypeError as e:\n        print(e)\n"
        "call(f, 1, 2)\ncall(A().m, 1)\n"
    )
    assert same(text, tmp_path)


def test_methods_have_this_and_functions_within_see_it(tmp_path: Path) -> None:
    text = (
        "class A:\n    def __init__(self, x):\n        self.x = x\n"
        "    def later(self):\n        def within(y):\n            return self.x + y\n"
        "        return within, lambda: self.x\n"
        "within, arrow = A(1).later()\nprint(within(2), arrow())\n"
    )
    assert same(text, tmp_path) == "3 1\n"
    assert "this.x = x" in javascript(text, tmp_path)


def test_properties_statics_and_class_methods(tmp_path: Path) -> None:
    text = (
        "class A:\n    count = 0\n    def __init__(self):\n        self._x = 1\n        A.count += 1\n"
        "    @property\n    def x(self):\n        return self._x\n"
        "    @x.setter\n    def x(self, value):\n        self._x = value * 2\n"
        "    @staticmethod\n    def double(n):\n        return 2 * n\n"
        "    @classmethod\n    def make(cls):\n        return cls()\n"
        "class B(A):\n    pass\n"
        "b = B.make()\nb.x = 4\nprint(b.x, A.double(3), b.double(4), A.count, B.count, isinstance(b, B))\n"
    )
    assert same(text, tmp_path)


def test_super_reaches_the_next_class(tmp_path: Path) -> None:
    text = (
        "class A:\n    def f(self):\n        return ['A']\n    @property\n    def p(self):\n        return 'p'\n"
        "class B(A):\n    def f(self):\n        return super().f() + ['B']\n"
        "class C(B):\n    def f(self):\n        return [*super().f(), super().p]\nprint(C().f())\n"
    )
    assert same(text, tmp_path) == "['A', 'B', 'p']\n"


def test_names_of_javascripts_objects_are_names_of_methods(tmp_path: Path) -> None:
    text = (
        "class A:\n    def toString(self):\n        return 2\n    def valueOf(self):\n        return 3\n"
        "a = A()\nprint(a.toString(), a.valueOf())\n"
    )
    assert same(text, tmp_path) == "2 3\n"
    assert codes("class A:\n    def constructor(self):\n        return 1\n", tmp_path) == ["CAP135"]


def test_decorators_are_applied_from_the_inside(tmp_path: Path) -> None:
    text = (
        "def tag(name):\n    def around(f):\n        def new(*a, **k):\n            return [name, f(*a, **k)]\n"
        "        return new\n    return around\n"
        "@tag('outer')\n@tag('inner')\ndef f(x, y=1):\n    return x + y\nprint(f(1), f(1, y=2))\n"
    )
    assert same(text, tmp_path)


def test_instances_are_keys_by_identity_or_by_their_hash(tmp_path: Path) -> None:
    text = (
        "class A:\n    pass\nclass Eq:\n    def __init__(self, x):\n        self.x = x\n"
        "    def __eq__(self, other):\n        return isinstance(other, Eq) and self.x == other.x\n"
        "    def __hash__(self):\n        return hash(self.x)\n"
        "class No:\n    def __eq__(self, other):\n        return True\n"
        "a, b = A(), A()\nprint(len({a, b, a}), len({Eq(1), Eq(1), Eq(2)}), {Eq(1): 'one'}[Eq(1)])\n"
        "try:\n    {No()}\nexcept TypeError as e:\n    print(e)\n"
    )
    assert same(text, tmp_path)
