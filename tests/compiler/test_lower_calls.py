"""Arguments reach the parameters that Python would give them to, or the call is refused."""

from pathlib import Path

import pytest

from tests.compiler.compiled import codes, javascript, node, printed, same

FUNCTION = "def f(a, b=2, *args, c=3, **more):\n    return [a, b, list(args), c, more]\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f(1)", "[1, 2, [], 3, {}]"),
        ("f(b=5, a=1)", "[1, 5, [], 3, {}]"),
        ("f(1, c=9)", "[1, 2, [], 9, {}]"),
        ("f(1, 5, 6, 7, c=9)", "[1, 5, [6, 7], 9, {}]"),
        ("f(*[1, 5, 6], d=4)", "[1, 5, [6], 3, {'d': 4}]"),
        ("f(1, **{'b': 7, 'c': 8, 'd': 9})", "[1, 7, [], 8, {'d': 9}]"),
    ],
)
def test_keywords_find_their_places(call: str, expected: str, tmp_path: Path) -> None:
    assert printed(f"{FUNCTION}print({call})\n", tmp_path) == expected + "\n"


def test_keyword_only_parameters_are_a_trailing_object_for_javascript(tmp_path: Path) -> None:
    text = "class A:\n    def f(self, a, *, b=2):\n        return [a, b]\nprint(A().f(1, b=5))\n"
    assert printed(text, tmp_path) == "[1, 5]\n"
    script = (
        "const { A } = await import('./out/main.js'); console.log(JSON.stringify(new A().f(1, { b: 7 })));"
    )
    assert node(script, tmp_path).stdout.splitlines()[-1] == "[1,7]"


def test_a_keyword_of_an_unknown_function_goes_where_the_run_finds_it(tmp_path: Path) -> None:
    text = "def run(f):\n    return f(1, y=2)\ndef g(x, y=0):\n    return [x, y]\n"
    text += "print(run(g), run(lambda y, x=5: 0))\n"
    with pytest.raises(TypeError):
        same(text, tmp_path)
    assert (
        same(text.replace(", run(lambda y, x=5: 0)", ", run(lambda z, *, y: z + y)"), tmp_path)
        == "[1, 2] 3\n"
    )


def test_methods_of_one_name_take_a_keyword_each_in_its_own_place(tmp_path: Path) -> None:
    two = "class A:\n    def f(self, x, y=0):\n        return y\nclass B:\n    def f(self, {}):\n        return y, z\n"
    use = "def run(o):\n    return o.f(1, y=2)\nprint(run(A()), run(B()))\n"
    assert same(two.format("z, w=0, y=1") + use, tmp_path) == "2 (2, 1)\n"


def test_a_keyword_of_a_library_s_function_must_be_written_out(tmp_path: Path) -> None:
    assert codes("import json\ndef f(more):\n    return json.dumps(1, **more)\n", tmp_path) == ["CAP120"]


def test_too_many_arguments_for_every_method_of_the_name_are_refused(tmp_path: Path) -> None:
    text = "class A:\n    def f(self, x):\n        return x\ndef run(o):\n    return o.f(1, 2)\n"
    assert codes(text, tmp_path) == ["CAP122"]


def test_a_missing_argument_that_only_the_run_sees_is_a_type_error(tmp_path: Path) -> None:
    text = "def f(a, b):\n    return a\n"
    text += "def call(g):\n    try:\n        g(1)\n    except TypeError as e:\n        print(e)\n"
    assert printed(text + "call(f)\n", tmp_path) == "f() missing 1 required positional argument: 'b'\n"


def test_a_class_in_a_variable_is_made_with_new(tmp_path: Path) -> None:
    text = "class A:\n    def __init__(self, x):\n        self.x = x\ndef make(c):\n    return c(5).x\nprint(make(A)"
    assert printed(text + ")\n", tmp_path) == "5\n"


def test_bound_methods_are_one_value_per_instance(tmp_path: Path) -> None:
    text = """
class A:
    def __init__(self):
        self.n = 0
    def hit(self):
        self.n += 1
a, b = A(), A()
hit = a.hit
hit()
print(a.n, a.hit == hit, a.hit == b.hit, a.hit is a.hit)
"""
    assert printed(text, tmp_path) == "1 True False True\n"


def test_a_known_function_is_called_directly(tmp_path: Path) -> None:
    assert "f(1, 2)" in javascript("def f(a, b):\n    return a\nf(1, 2)\n", tmp_path)


def test_a_method_that_may_be_missing_is_looked_for_before_its_arguments(tmp_path: Path) -> None:
    text = (
        "def g():\n    print('computed')\n    return 1\n"
        "class A:\n    def f(self, x):\n        return x\n    def go(self):\n        return self.f(g())\n"
        "class B:\n    def __init__(self):\n        self.n = 1\n"
        "def run(o):\n    return o.f(g()), o.f(1)\n"
        "for o in (A(), B(), 1, None):\n"
        "    try:\n        print(run(o))\n    except AttributeError as e:\n        print(e)\n"
    )
    assert same(text, tmp_path).count("computed") == 1
    written = javascript(text, tmp_path)
    assert '$owning(o, "f").f(g())' in written
    assert "o.f(1)" in written
    assert "this.f(g())" in written or "self.f(g())" in written
