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
