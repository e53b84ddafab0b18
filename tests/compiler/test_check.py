from pathlib import Path

from capsule.compiler.check import check
from tests.compiler.compiled import codes


def test_a_folder_is_searched_and_each_file_told_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.py").write_text("x = id(1)\n")
    found = check([tmp_path, tmp_path / "a.py"])
    assert [(Path(f.path).name, f.code) for f in found] == [("a.py", "CAP160"), ("b.py", "CAP140")]


def test_a_syntax_error_is_a_finding_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = = 2\n")
    (found,) = check([tmp_path / "a.py"])
    assert (found.code, found.line, found.source) == ("CAP100", 2, "y = = 2")


def test_columns_count_characters_not_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("é = 'ü'; x = id(é)\n", encoding="utf-8")
    (found,) = check([tmp_path / "a.py"])
    assert (found.column, found.end) == (14, 16)


def test_one_run_tells_every_finding(tmp_path: Path) -> None:
    assert codes("import os\nx = id(1)\ny = [1].push(2)\n", tmp_path) == ["CAP160", "CAP140", "CAP144"]


def test_the_example_and_the_core_have_no_findings() -> None:
    root = Path(__file__).parents[2]
    assert check([root / "examples" / "bang" / "models.py"]) == []
