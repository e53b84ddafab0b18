"""A module's JavaScript as a whole: imports, statements, exports, and the runtime that it brings."""

from pathlib import Path

from capsule.compiler.build import build
from tests.compiler.compiled import javascript, printed


def imports(made: str) -> list[str]:
    return [line for line in made.splitlines() if line.startswith("import ")]


def test_a_module_imports_of_the_runtime_what_it_uses(tmp_path: Path) -> None:
    assert imports(javascript("x = 1\n", tmp_path)) == []
    assert imports(javascript("print('a', [1][0:])\n", tmp_path)) == [
        "import {$slice} from './runtime.sequences.js';",
        "import {print} from './runtime.text.js';",
    ]


def test_a_name_of_the_program_is_not_imported(tmp_path: Path) -> None:
    made = imports(javascript("def print(x):\n    return x\nprint(1)\n", tmp_path))
    assert not any("print" in line for line in made)


def test_modules_name_what_they_take_of_each_other(tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text("new = 'fresh'\nclass Word:\n    text = 'word'\n")
    text = "import words\nfrom words import new, Word as W\nprint(new, W.text, words.new)\n"
    assert printed(text, tmp_path) == "fresh word fresh\n"


def test_a_module_is_run_once_and_before_those_that_import_it(tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text("print('first')\nx = 1\n")
    (tmp_path / "second.py").write_text("from first import x\nprint('second', x)\ny = 2\n")
    text = "from second import y\nfrom first import x\nprint('main', x + y)\n"
    assert printed(text, tmp_path) == "first\nsecond 1\nmain 3\n"


def test_the_same_source_is_written_the_same(tmp_path: Path) -> None:
    path = tmp_path / "models.py"
    path.write_text("class A:\n    def f(self, x):\n        return [y for y in x if y]\n")
    for out in ("one", "two"):
        build(path, tmp_path / out)
    assert (tmp_path / "one/modules/models.js").read_bytes() == (
        tmp_path / "two/modules/models.js"
    ).read_bytes()
