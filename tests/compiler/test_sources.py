from pathlib import Path

import pytest

from capsule.compiler.errors import EntryNotFound
from capsule.compiler.sources import load, locate


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in {
        "app/__init__.py": "",
        "app/models.py": "from .parts import piece\nfrom app import other\nimport typing\n",
        "app/parts.py": "piece = 1\n",
        "app/other.py": "x = 1\n",
        "app/unused.py": "y = 1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_imports_are_followed_and_come_first(package: Path) -> None:
    sources = load(package / "app" / "models.py", core=False)
    assert sources.entry == "app.models"
    names = list(sources.modules)
    assert names[-1] == "app.models"
    assert set(names) == {"app", "app.parts", "app.other", "app.models"}


def test_a_module_is_found_from_the_current_folder(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(package)
    name, path, root = locate("app.models")
    assert (name, path, root) == ("app.models", package / "app" / "models.py", package)


def test_the_root_of_a_file_is_the_folder_above_its_packages(package: Path) -> None:
    assert locate(package / "app" / "parts.py") == ("app.parts", package / "app" / "parts.py", package)


def test_capsule_stands_for_the_shared_core(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("from capsule import Model\n")
    sources = load(tmp_path / "m.py", core=False)
    assert "capsule.shared" in sources.modules
    assert "capsule.shared.model" in sources.modules
    assert sources.seam is not None
    assert "capsule.shared.platform" not in sources.modules


def test_nothing_outside_the_root_is_searched(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("import json\nimport os\n")
    assert list(load(tmp_path / "m.py", core=False).modules) == ["m"]


def test_a_broken_file_is_kept_for_the_report(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def f(:\n")
    assert [path.name for path, _ in load(tmp_path / "m.py", core=False).broken] == ["m.py"]


@pytest.mark.parametrize(
    "text",
    [
        *("return 1", "break", "yield 1", "nonlocal x", "def f(a, a): pass", "*a, *b = 1"),
        *("x = 1\ndel x\nglobal x", "from __future__ import braces"),
        "x = " + " + ".join(["1"] * 3000),
        "print(x" + ".a" * 2000 + ")",
        "if x == 0:\n    pass\n" + "".join(f"elif x == {n}:\n    pass\n" for n in range(1500)),
    ],
)
def test_what_python_would_not_run_is_broken_too(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.py").write_text(text)
    assert [path.name for path, _ in load(tmp_path / "m.py", core=False).broken] == ["m.py"]


def test_a_file_that_is_not_utf_8_is_broken(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_bytes("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"))
    [(_, error)] = load(tmp_path / "m.py", core=False).broken
    assert "not UTF-8" in str(error)


def test_only_pythons_own_line_ends_end_a_line(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = 1\n\x0c\ny = '\u2028'\n")
    assert load(tmp_path / "m.py", core=False).modules["m"].lines[2] == "y = '\u2028'"


def test_a_missing_module_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EntryNotFound, match=r"no\.where"):
        locate("no.where")
