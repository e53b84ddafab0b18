"""`capsule new`: what it makes is checked, tested and complete."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from capsule.cli.main import main
from capsule.cli.new import STARTER


@pytest.fixture
def board(tmp_path: Path) -> Path:
    assert main(["new", str(tmp_path / "board")]) == 0
    return tmp_path / "board"


def in_folder(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_everything_is_there(board: Path) -> None:
    found = {path.relative_to(board).as_posix() for path in board.rglob("*") if path.is_file()}
    assert found >= {
        "models.py",
        "server.py",
        "README.md",
        ".gitignore",
        "page/index.html",
        "tests/test_models.py",
    }
    assert not [name for name in found if name.startswith(("dist/", "gitignore")) or "__pycache__" in name]


def test_what_comes_next_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new", str(tmp_path / "board")])
    assert f"cd {tmp_path / 'board'}" in capsys.readouterr().out


def test_a_folder_that_holds_something_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["new", str(tmp_path)]) == 1
    assert "not empty" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "mine.txt")]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["new", str(tmp_path / "file" / "board")]) == 1
    assert capsys.readouterr().err.startswith("capsule new: ")


def test_its_models_are_the_same_on_both_sides_and_its_own_tests_pass(board: Path) -> None:
    assert "the same on both sides" in in_folder(board, "capsule.cli.main", "check", "models.py")
    in_folder(board, "pytest", "-q", "-p", "no:cacheprovider")
    assert "1 passed" in in_folder(
        board, "pytest", "-q", "-p", "no:cacheprovider", "--capsule-parity", "models.py"
    )


def test_the_starter_is_part_of_the_package() -> None:
    assert (STARTER / "gitignore").read_text().split() == [".capsule/", "dist/", "__pycache__/"]
