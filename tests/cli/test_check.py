import json
from pathlib import Path

import pytest
from capsule.cli.main import main


def test_a_clean_file_is_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.py").write_text("x = 1\n")
    assert main(["check", str(tmp_path / "m.py")]) == 0
    assert "Nothing found" in capsys.readouterr().out


def test_a_finding_is_1_and_told_in_the_format_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.py").write_text("import os\n")
    assert main(["check", str(tmp_path), "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["code"], found["line"], found["column"]) == ("CAP160", 1, 1)
    assert main(["check", str(tmp_path), "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=")


def test_wrong_usage_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert main(["check", str(tmp_path / "nowhere.py")]) == 2
    assert main(["check", "--explain", "CAP999"]) == 2


def test_explain_shows_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "cap122"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("# CAP122: ")
