"""Checking many files: which are entries, what is left out, and that each program is judged as it would be built."""

import ast
from pathlib import Path

import pytest

from capsule.compiler.errors import EntryNotFound
from capsule.compiler.finding import Finding
from capsule.compiler.index import Index
from capsule.compiler.lower import lower
from capsule.compiler.sources import PACKAGE, Source
from capsule.compiler.survey import entries_first, python_files, survey

BAD = "x = b'a'\n"


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = folder / f"{name.replace('_of_', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def places(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(Path(finding.path).name, finding.code) for finding in findings]


def test_a_folder_is_searched_and_each_finding_told_once(tmp_path: Path) -> None:
    written(tmp_path, a="import b\nimport c_of_d as d\n", b=BAD, c_of_e=BAD)
    result = survey([tmp_path, tmp_path / "b.py"])
    assert places(result.findings) == [("a.py", "CAP160"), ("b.py", "CAP111"), ("e.py", "CAP111")]
    assert result.files == 3


def test_folders_of_other_people_s_code_are_left_out(tmp_path: Path) -> None:
    written(tmp_path, a=BAD, node_modules_of_x_of_b=BAD)
    written(tmp_path / ".venv", c=BAD)
    assert [path.name for path in python_files(tmp_path)] == ["a.py"]


def test_a_file_is_judged_in_the_program_that_imports_it(tmp_path: Path) -> None:
    """`go` is a method that only the importing file defines."""
    written(tmp_path, part="def run(it):\n    return it.go()\n")
    assert places(survey([tmp_path]).findings) == [("part.py", "CAP144")]
    written(tmp_path, main="from part import run\nclass A:\n    def go(self):\n        return 1\nrun(A())\n")
    assert survey([tmp_path]).findings == []
    assert places(survey([tmp_path / "part.py"]).findings) == [("part.py", "CAP144")]


def test_two_programs_of_one_folder_know_nothing_of_each_other(tmp_path: Path) -> None:
    written(
        tmp_path,
        one="class A:\n    def go(self):\n        return 1\n",
        two="def f(it):\n    return it.go()\n",
    )
    assert places(survey([tmp_path]).findings) == [("two.py", "CAP144")]


def test_files_that_import_each_other_are_still_checked(tmp_path: Path) -> None:
    written(tmp_path, a="import b\n" + BAD, b="import a\n" + BAD)
    assert places(survey([tmp_path]).findings) == [("a.py", "CAP111"), ("b.py", "CAP111")]


def test_entries_come_before_what_they_import_also_in_packages(tmp_path: Path) -> None:
    written(tmp_path, p_of___init__="", p_of_a="from . import b\n", p_of_b="", q="from p import a\n")
    assert [path.name for path in entries_first(list(python_files(tmp_path)))] == [
        "q.py",
        "__init__.py",
        "a.py",
        "b.py",
    ]


def test_a_file_that_is_no_python_does_not_hide_the_others(tmp_path: Path) -> None:
    written(tmp_path, a="def f(:\n", b=BAD)
    assert places(survey([tmp_path]).findings) == [("a.py", "CAP100"), ("b.py", "CAP111")]


def test_the_half_of_the_core_that_only_cpython_runs_is_skipped_and_told(tmp_path: Path) -> None:
    platform, codes = PACKAGE / "shared/platform.py", PACKAGE / "shared/codes.py"
    result = survey([platform, codes])
    assert (result.findings, result.files, result.skipped) == ([], 1, [platform])


def test_the_core_is_the_same_on_both_sides() -> None:
    result = survey([PACKAGE / "shared"])
    assert result.findings == []
    assert result.files > 20


def test_what_does_not_exist_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(EntryNotFound, match=r"There is no file or folder .*nowhere\.py\."):
        survey([tmp_path / "nowhere.py"])
    with pytest.raises(EntryNotFound, match="There is no Python file in"):
        survey([tmp_path])


def test_a_module_that_several_programs_import_is_checked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its findings are told once; it is lowered for the first program alone, and read at most twice."""
    programs = {f"p{n}": f"import part\nx{n} = part.x\n" for n in range(4)}
    written(tmp_path, part=BAD, **programs)
    lowered: list[str] = []

    def counting(source: Source, index: Index) -> tuple[ast.Module, list[Finding]]:
        lowered.append(source.name)
        return lower(source, index)

    monkeypatch.setattr("capsule.compiler.survey.lower", counting)
    assert places(survey([tmp_path]).findings) == [("part.py", "CAP111")]
    assert sorted(lowered) == ["p0", "p1", "p2", "p3", "part"]
