"""The checks of scripts/test reach every folder: what is planted in a copy of the repository is caught there."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

REPO = Path(__file__).parents[2]
TOP = [
    "capsule/shared",
    "capsule/compiler",
    "capsule/feeds",
    "capsule/server",
    "capsule/worker",
    "capsule/cli",
    "examples",
    "tests",
    "benchmarks",
]


class Plant(Protocol):
    def __call__(self, text: str, folders: list[str], name: str = "planted.py") -> list[str]: ...


LINT = "import os\n"
TYPE = 'planted: int = "not an int"\n'
TEST = "def test_planted() -> None:\n    raise AssertionError\n"


def tracked() -> list[str]:
    """The files of the working tree that git knows or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name and (REPO / name).is_file()]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("house")
    for name in tracked():
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPO / name, target)
    return place


def command(tool: str) -> list[str]:
    """The very words of scripts/test that run a tool, with this environment's programs."""
    text = (REPO / "scripts" / "test").read_text()
    found = re.search(rf"^\s*step (\$bin/{tool}\b.*)$", text, re.MULTILINE)
    assert found, f"scripts/test does not run {tool}"
    words = found[1].replace('"$@"', "").replace("$bin", str(Path(sys.executable).parent))
    return shlex.split(words)


def run(words: list[str], place: Path) -> tuple[int, str]:
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def plant(copy: Path) -> Iterator[Plant]:
    """Puts a file called planted.py (or what it is told) into folders, and takes it away again."""
    files: list[Path] = []

    def put(text: str, folders: list[str], name: str = "planted.py") -> list[str]:
        for folder in folders:
            assert (copy / folder).is_dir(), f"there is no {folder} any more: correct this test"
            files.append(copy / folder / name)
            files[-1].write_text(text)
        return [f"{folder}/{name}" for folder in folders]

    yield put
    for file in files:
        file.unlink()


def test_every_package_of_the_repository_is_in_the_list() -> None:
    with_python = {name.rpartition("/")[0] for name in tracked() if name.endswith(".py") and "/" in name}
    tops = {
        "/".join(folder.split("/")[: 2 if folder.startswith("capsule/") else 1]) for folder in with_python
    }
    # js_build holds a models file for the type tests, which ruff is told to leave alone.
    assert tops - {"capsule", "js_build"} == set(TOP)


def test_ruff_checks_every_folder(copy: Path, plant: Plant) -> None:
    planted = plant(LINT, TOP)
    code, output = run(command("ruff check"), copy)
    assert code == 1
    for file in planted:
        assert re.search(rf"{re.escape(file)}:1:\d+", output), f"{file} is not looked at by ruff"


def test_mypy_checks_every_folder_that_ships(copy: Path, plant: Plant) -> None:
    planted = plant(TYPE, [folder for folder in TOP if folder.startswith(("capsule/", "examples"))])
    code, output = run(command("mypy"), copy)
    assert code == 1
    for file in planted:
        assert f"{file}:1: error" in output, f"{file} is not looked at by mypy"


def test_pytest_runs_every_folder_of_tests(copy: Path, plant: Plant) -> None:
    folders = sorted(
        {str(Path(name).parent) for name in tracked() if re.match(r"tests/.*test_\w+\.py$", name)}
    )
    assert "tests/house" in folders
    assert "tests/parity" in folders
    planted = plant(TEST, folders, "test_planted.py")
    words = [*command("python -m pytest"), "-k", "test_planted.py", "-p", "no:cacheprovider"]
    code, output = run(words, copy)
    assert code == 1
    for file in planted:
        assert f"FAILED {file}::test_planted" in output, f"{file} is not run by pytest"
