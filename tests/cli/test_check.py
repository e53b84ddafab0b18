"""`capsule check`: its three formats, its exit status, its summary and its explanations."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from capsule.cli.main import main
from capsule.compiler.catalogue import RULES
from capsule.compiler.pages import page

BAD = "x = 1\ny = 'é' + b'no'\n"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.py").write_text(BAD)
    return tmp_path


def test_text_shows_the_line_with_a_caret_the_reason_and_the_fix(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "models.py"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "CAP111: bytes values are not in shared code.",
        " --> models.py:2:11",
        "  |",
        "2 | y = 'é' + b'no'",
        "  |           ^^^^^",
    ]
    assert lines[5].strip().startswith("= why: ")
    assert lines[6].strip().startswith("= fix: ")


def test_the_summary_counts_findings_files_and_codes(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "other.py").write_text("x = b'a'\ny = b'b'\nz = ...\n")
    (models / "good.py").write_text("x = 1\n")
    assert main(["check", "."]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "4 found in 2 of 3 files: 3 CAP111, 1 CAP112."


def test_nothing_found_is_said_and_is_0(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "models.py").write_text("x = 1\n")
    assert main(["check", "models.py"]) == 0
    assert capsys.readouterr().out == "Nothing found in 1 file: the same on both sides.\n"


def test_json_is_a_list_of_objects_and_nothing_else(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "models.py", "--format", "json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)
    assert finding["code"] == "CAP111"
    assert (finding["path"], finding["line"], finding["column"], finding["end"]) == ("models.py", 2, 11, 16)
    assert finding["source"] == "y = 'é' + b'no'"
    (models / "models.py").write_text("")
    assert main(["check", "models.py", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_github_is_one_workflow_command_a_finding(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "models.py", "--format", "github"]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("::error file=models.py,line=2,col=11,title=CAP111::bytes values are not")


def test_exceptions_are_honoured(models: Path) -> None:
    (models / "models.py").write_text("import os  # capsule: allow[CAP160] the server alone\n")
    assert main(["check", "models.py"]) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name a file or a folder"),
        (["nowhere.py"], "There is no file or folder nowhere.py."),
        (["models.py", "nowhere"], "There is no file or folder nowhere."),
        (["empty"], "There is no Python file in empty."),
        (["--explain", "CAP12O"], "There is no rule CAP12O. Did you mean CAP12"),
        (["--explain", "E501"], "There is no rule E501. `--explain all` lists every rule."),
    ],
)
def test_wrong_usage_is_2_and_one_sentence(
    models: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "empty").mkdir()
    assert main(["check", *arguments]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"capsule check: {sentence}")
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_the_core_passes_and_says_what_it_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    import capsule.shared

    assert main(["check", str(Path(str(capsule.shared.__file__)).parent)]) == 0
    assert "skipped: only CPython runs them." in capsys.readouterr().out


def test_explain_prints_the_page_of_a_rule_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "cap123"]) == 0
    assert capsys.readouterr().out == page(RULES["CAP123"])


def test_explain_all_prints_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "all"]) == 0
    said = capsys.readouterr().out
    assert all(f"# {code}: " in said for code in RULES)


def test_the_pre_commit_hook_names_this_command(models: Path) -> None:
    """Run as pre-commit runs it: the entry, its arguments, and the changed files behind them."""
    hook = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text()
    fields = dict(line.strip(" -").split(": ", 1) for line in hook.splitlines() if ": " in line)
    assert (fields["id"], fields["entry"], fields["language"]) == ("capsule-check", "capsule check", "python")
    done = subprocess.run(
        [sys.executable, "-m", "capsule.cli.main", *fields["entry"].split()[1:], "models.py"],
        cwd=models,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "CAP111" in done.stdout
