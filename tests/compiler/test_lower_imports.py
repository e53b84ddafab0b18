from pathlib import Path

import pytest

from capsule.compiler.survey import survey
from tests.compiler.compiled import codes, same


def test_an_imported_variable_that_its_module_rebinds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "counter.py").write_text("n = 0\ndef up():\n    global n\n    n += 1\n")
    (tmp_path / "app.py").write_text("from counter import n, up\nup()\nprint(n)\n")
    assert [f.code for f in survey([tmp_path / "app.py"]).findings] == ["CAP164"]
    (tmp_path / "app.py").write_text("import counter\ncounter.up()\nprint(counter.n)\n")
    assert survey([tmp_path / "app.py"]).findings == []


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


@pytest.mark.parametrize("line", ["import math\nprint(math.log(2))", "from math import sin\nprint(sin(1))"])
def test_what_a_twin_lacks_is_refused(line: str, tmp_path: Path) -> None:
    assert codes(line + "\n", tmp_path) == ["CAP140"]


def test_a_twin_computes_what_the_library_does(tmp_path: Path) -> None:
    same("import math\nprint(math.gcd(12, 18), math.sqrt(2), math.floor(-2.5), math.inf)\n", tmp_path)


@pytest.mark.parametrize(
    "again",
    [
        "math = 1",
        "math: int = 1",
        "del math",
        "from json import dumps as math",
        "for math in [1]:\n    pass",
        "[math := one for one in [1]]",
        "def math():\n    return 1",
        "class math:\n    pass",
        "try:\n    pass\nexcept ValueError as math:\n    pass",
        "def f():\n    global math\n    math = 1",
        "class A:\n    def f(self):\n        global math\n        math = 1",
    ],
)
def test_an_imported_name_is_not_bound_again(again: str, tmp_path: Path) -> None:
    assert codes(f"import math\n{again}\n", tmp_path) == ["CAP165"]


@pytest.mark.parametrize(
    "other",
    [
        "import math",
        "import math as math",
        "from json import dumps, dumps",
        "def f(math):\n    math += 1\n    del math",
        "def f():\n    math = 1\n    return math",
        "print([math for math in [1]])",
        "class A:\n    math = 1",
        "print(lambda math: math)",
        "try:\n    pass\nexcept ValueError as e:\n    del e",
    ],
)
def test_what_has_the_name_elsewhere_may_be_bound(other: str, tmp_path: Path) -> None:
    assert codes(f"import math\n{other}\nprint(math.pi)\n", tmp_path) == []


def test_what_is_imported_twice_is_imported_once(tmp_path: Path) -> None:
    same(
        "import math\nimport math\nfrom math import pi, pi\nfrom math import pi\nprint(math.pi == pi)\n",
        tmp_path,
    )


@pytest.mark.parametrize("place", ["if True:\n    ", "try:\n    ", "def f():\n    "])
def test_an_import_stands_at_the_top(place: str, tmp_path: Path) -> None:
    rest = "\nexcept ValueError:\n    pass" if place.startswith("try") else ""
    assert codes(f"{place}import math{rest}\n", tmp_path) == ["CAP163"]
