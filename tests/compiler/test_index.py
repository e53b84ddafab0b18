"""What the whole program defines: resolving names through imports, signatures, ancestry, and who has which member."""

import gc
import weakref
from pathlib import Path

import pytest

from capsule.compiler.index import Class, Function, Index, Signature
from capsule.compiler.sources import load


def index(folder: Path, **texts: str) -> Index:
    """Modules that import each other, the first one the entry."""
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return Index(load(folder / f"{next(iter(texts))}.py", core=False))


def signature(text: str, folder: Path) -> Signature:
    return index(folder, a=f"def f({text}):\n    pass\n").modules["a"].functions["f"].signature


def test_a_name_is_followed_through_imports_to_its_definition(tmp_path: Path) -> None:
    program = index(
        tmp_path,
        a="from b import g as h, C\nx = 1\n",
        b="from c import g\nclass C:\n    pass\n",
        c="def g():\n    pass\n",
    )
    found = program.resolve("a", "h")
    assert isinstance(found, Function)
    assert found.node.name == "g"
    assert isinstance(program.resolve("a", "C"), Class)
    assert program.resolve("a", "x") is None


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    pass\nf = 1\n",
        "def f():\n    pass\ndef f():\n    return 1\n",
        "def f():\n    pass\ndef g():\n    global f\n    f = 1\n",
        "if 1:\n    def f():\n        pass\nelse:\n    f = 1\n",
        "def d(f):\n    return f\n@d\ndef f():\n    pass\n",
    ],
)
def test_a_name_that_may_stand_for_something_else_is_not_known(text: str, tmp_path: Path) -> None:
    assert index(tmp_path, a=text).resolve("a", "f") is None


def test_modules_that_import_a_name_from_each_other_end(tmp_path: Path) -> None:
    assert index(tmp_path, a="from b import f\n", b="from a import f\n").resolve("a", "f") is None


def test_a_signature_tells_what_is_needed_and_what_may_be_a_keyword(tmp_path: Path) -> None:
    found = signature("a, b, /, c=1, *rest, d, e=2, **more", tmp_path)
    assert (found.names, found.required, found.by_name) == (("a", "b", "c"), 2, ("c",))
    assert (found.keywords, found.needed) == (("d", "e"), ("d",))
    assert (found.star, found.rest, found.options, found.takes(9)) == ("rest", "more", True, True)
    plain = signature("a", tmp_path)
    assert (plain.takes(1), plain.takes(2), plain.options) == (True, False, False)


def test_methods_are_known_without_their_first_parameter_static_ones_with_all(tmp_path: Path) -> None:
    text = "class A:\n    def m(self, x):\n        pass\n    @staticmethod\n    def s(x):\n        pass\n"
    program = index(tmp_path, a=text)
    assert [f.signature.names for name in ("m", "s") for _, f in program.methods[name]] == [("x",), ("x",)]


def test_a_class_is_called_as_the_nearest_init_says(tmp_path: Path) -> None:
    text = "class A:\n    def __init__(self, x):\n        self.x = x\nclass B(A):\n    pass\n"
    text += "class E(Exception):\n    pass\n"
    program = index(tmp_path, a=text)
    classes = program.modules["a"].classes
    assert [one.name for one in program.ancestry(classes["B"])] == ["B", "A"]
    called = program.constructor(classes["B"])
    assert called is not None
    assert called.names == ("x",)
    # Python's own exceptions take what they are given.
    assert program.constructor(classes["E"]) is None


def test_what_instances_have_is_told_from_methods(tmp_path: Path) -> None:
    text = (
        "class A:\n    n = 1\n    def __init__(self):\n        self.x = 1\n"
        "    @property\n    def p(self):\n        return 1\n    def m(self):\n        self.late = 2\n"
    )
    program = index(tmp_path, a=text)
    one = program.modules["a"].classes["A"]
    held = {name: program.holds(one, name) for name in ("n", "x", "late", "p", "m", "nothing")}
    assert held == {"n": True, "x": True, "late": True, "p": True, "m": False, "nothing": None}
    assert program.sure == {"n", "x", "p"}
    assert (program.is_method("m"), program.is_method("p")) == (True, False)


def test_what_is_read_from_a_program_is_made_once_and_ends_with_it(tmp_path: Path) -> None:
    """A cache by program that outlives it cost 8 MB for each check and each rebuild of a watch."""

    class Reading:
        def __init__(self, program: Index) -> None:
            self.program = program

    program = index(tmp_path, a="x = 1\n")
    assert program.once(Reading) is program.once(Reading)
    gone = weakref.ref(program.once(Reading))
    del program
    gc.collect()
    assert gone() is None
