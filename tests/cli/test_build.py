from pathlib import Path

import pytest
from capsule.cli.main import main


def test_a_build_writes_main_and_says_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.py").write_text("x = 1\n")
    assert main(["build", str(tmp_path / "m.py"), "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "main.js").is_file()
    assert "main.js" in capsys.readouterr().out


def test_what_is_refused_is_1_with_the_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.py").write_text("import os\n")
    assert main(["build", str(tmp_path / "m.py"), "-o", str(tmp_path / "out")]) == 1
    assert "CAP160" in capsys.readouterr().err


def test_a_missing_entry_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", str(tmp_path / "nowhere.py")]) == 2
    assert "nowhere.py" in capsys.readouterr().err


def test_without_an_entry_the_core_goes_to_js_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 0
    assert (tmp_path / "js_build" / "dist" / "capsule.js").is_file()
