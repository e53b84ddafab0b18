"""The modules of one program, lowered: files that are no Python, and what is refused in the others."""

from pathlib import Path

from capsule.compiler.check import check_sources, lower_all
from capsule.compiler.index import Index
from capsule.compiler.sources import Sources, load
from tests.compiler.compiled import codes


def program(folder: Path, **texts: str) -> Sources:
    """Modules that import each other, the first one the entry."""
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return load(folder / f"{next(iter(texts))}.py", core=False)


def test_a_syntax_error_is_a_finding_at_its_place(tmp_path: Path) -> None:
    (found,) = check_sources(program(tmp_path, a="x = 1\ny = = 2\n"))
    assert (found.code, found.line, found.source) == ("CAP100", 2, "y = = 2")


def test_a_file_that_is_imported_and_is_no_python_is_told_by_its_own_name(tmp_path: Path) -> None:
    (found,) = check_sources(program(tmp_path, a="import b\n", b="def f(:\n"))
    assert (found.code, Path(found.path).name) == ("CAP100", "b.py")


def test_what_is_refused_in_any_module_is_told_in_order_of_place(tmp_path: Path) -> None:
    sources = program(tmp_path, b="import a\ny = id(1)\n", a="x = b'no'\ny = id(2)\n")
    assert check_sources(sources) == []
    trees, found = lower_all(sources, Index(sources))
    assert sorted(trees) == ["a", "b"]
    assert [(Path(one.path).name, one.line, one.code) for one in found] == [
        ("a.py", 1, "CAP111"),
        ("a.py", 2, "CAP140"),
        ("b.py", 2, "CAP140"),
    ]


def test_columns_count_characters_not_bytes(tmp_path: Path) -> None:
    sources = program(tmp_path, a="é = 'ü'; x = id(é)\n")
    (found,) = lower_all(sources, Index(sources))[1]
    assert (found.column, found.end) == (14, 16)


def test_one_run_tells_every_finding(tmp_path: Path) -> None:
    assert codes("import os\nx = id(1)\ny = [1].push(2)\n", tmp_path) == ["CAP160", "CAP140", "CAP144"]


def test_the_core_has_no_findings() -> None:
    sources = load(None, core=True)
    assert check_sources(sources) == []
    trees, found = lower_all(sources, Index(sources))
    assert found == []
    assert "capsule.shared.model" in trees
