from pathlib import Path

import pytest

from capsule.compiler.check import check
from tests.compiler.compiled import codes, javascript, printed


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


def test_an_imported_variable_that_its_module_rebinds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "counter.py").write_text("n = 0\ndef up():\n    global n\n    n += 1\n")
    (tmp_path / "app.py").write_text("from counter import n, up\nup()\nprint(n)\n")
    assert [f.code for f in check([tmp_path / "app.py"])] == ["CAP164"]
    (tmp_path / "app.py").write_text("import counter\ncounter.up()\nprint(counter.n)\n")
    assert check([tmp_path / "app.py"]) == []


@pytest.mark.parametrize(
    "line", ["import os", "from os import path", "import numpy as np", "from random import random"]
)
def test_only_shared_modules_can_be_imported(line: str, tmp_path: Path) -> None:
    assert "CAP160" in codes(line + "\n", tmp_path)


@pytest.mark.parametrize(
    "line",
    ["import math", "from json import dumps", "from typing import Any", "from __future__ import annotations"],
)
def test_what_has_a_twin_or_is_for_types_alone_can_be_imported(line: str, tmp_path: Path) -> None:
    assert codes(line + "\n", tmp_path) == []


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
