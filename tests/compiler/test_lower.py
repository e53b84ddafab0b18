"""A whole module: what it exports, what is left of its imports, what is refused by kind of statement."""

import ast
from pathlib import Path

import pytest

from capsule.compiler.lower import bindings
from tests.compiler.compiled import codes, javascript, same


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("try:\n    pass\nexcept* ValueError:\n    pass\n", "CAP102"),
        ("async def f():\n    return 1\n", "CAP103"),
        ("async def f(x):\n    async with x:\n        pass\n", "CAP103"),
        ("async def f(x):\n    await x\n", "CAP103"),
    ],
)
def test_statements_that_shared_code_does_not_have_are_refused(text: str, code: str, tmp_path: Path) -> None:
    assert code in codes(text, tmp_path)


def test_one_run_finds_all_that_is_wrong(tmp_path: Path) -> None:
    assert codes("x = b'a'\nasync def f():\n    pass\ny = b'b'\n", tmp_path) == ["CAP111", "CAP103", "CAP111"]


def test_a_module_exports_what_it_binds_under_pythons_names(tmp_path: Path) -> None:
    made = javascript("new = 1\ndef f():\n    inner = 2\n    return inner\nclass A:\n    pass\n", tmp_path)
    assert "\nexport {A, f, new$ as new};\n" in made


def test_an_import_that_only_annotations_use_still_runs_its_module_and_takes_nothing_of_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "words.py").write_text("print('words')\nclass Word:\n    pass\n")
    made = javascript(
        "from typing import Any\nfrom words import Word\ndef f(w: Word) -> Any: ...\n", tmp_path
    )
    assert "import './words.js';" in made
    assert "typing" not in made


def test_a_docstring_is_no_code(tmp_path: Path) -> None:
    assert "nobody reads" not in javascript('"""What nobody reads."""\nx = 1\n', tmp_path)


def test_what_a_function_makes_global_belongs_to_the_module(tmp_path: Path) -> None:
    text = "def f():\n    global made\n    made = 3\nf()\nprint(made)\n"
    assert same(text, tmp_path) == "3\n"
    assert "var made;" in javascript(text, tmp_path)


def test_the_names_that_statements_bind_stop_at_a_new_scope() -> None:
    text = "a = 1\ndef f():\n    b = 2\nfor c in x: pass\nimport d as e\nlambda: (g := 1)\n[h for h in x]\n"
    assert bindings(ast.parse(text).body) == {"a", "f", "c", "e"}
