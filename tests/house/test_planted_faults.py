"""The checks of scripts/test reach every folder: what is planted in a copy of the repository is caught there."""

import json
import os
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
    "capsule/starter",
    "examples",
    "tests",
    "benchmarks",
]


class Plant(Protocol):
    def __call__(self, text: str, folders: list[str], name: str = "planted.py") -> list[str]: ...


LINT = "import os\n"
FORMAT = "planted = {'quotes'  : 1}\n"
TYPE = 'planted: int = "not an int"\n'
TEST = "def test_planted() -> None:\n    raise AssertionError\n"
NODE_TEST = 'import { test } from "node:test";\ntest("planted", () => { throw new Error("planted"); });\n'
# What no room may import: what lies above it, beside it, or Transcrypt.
FORBIDDEN = {
    "capsule/shared": "capsule.feeds.keys",
    "capsule/feeds": "capsule.server.gateway",
    "capsule/worker": "capsule.compiler.build",
    "capsule/server": "transcrypt",
    "capsule/compiler": "capsule.cli.main",
}


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
    found = re.search(rf"^\s*step ((?:\$bin/)?{tool}\b.*)$", text, re.MULTILINE)
    assert found, f"scripts/test does not run {tool}"
    words = found[1].replace('"$@"', "").replace("$bin", str(Path(sys.executable).parent))
    return shlex.split(words)


def run(words: list[str], place: Path) -> tuple[int, str]:
    """With the capsule of that place, not the installed one."""
    environment = {**os.environ, "PYTHONPATH": str(place)}
    done = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True, check=False)
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


def test_no_test_lies_where_pytest_does_not_look() -> None:
    tests = [name for name in tracked() if re.search(r"(^|/)(test_[^/]*|[^/]*_test)\.py$", name)]
    assert len(tests) > 100
    # The starter's are run where it is tried out: tests/cli/test_new.py.
    assert [name for name in tests if not name.startswith(("tests/", "capsule/starter/tests/"))] == []


def test_ruff_checks_every_folder(copy: Path, plant: Plant) -> None:
    planted = plant(LINT, TOP)
    code, output = run(command("ruff check"), copy)
    assert code == 1
    for file in planted:
        assert re.search(rf"{re.escape(file)}:1:\d+", output), f"{file} is not looked at by ruff"


def test_ruff_looks_at_the_form_of_every_folder(copy: Path, plant: Plant) -> None:
    planted = plant(FORMAT, TOP)
    code, output = run(command("ruff format"), copy)
    assert code == 1
    for file in planted:
        assert re.search(rf"(Would reformat: |--> ){re.escape(file)}\b", output)


def test_mypy_checks_every_folder(copy: Path, plant: Plant) -> None:
    planted = plant(TYPE, TOP)
    code, output = run(command("mypy"), copy)
    assert code == 1
    for file in planted:
        assert f"{file}:1: error" in output, f"{file} is not looked at by mypy"


@pytest.mark.parametrize("room", FORBIDDEN)
def test_no_room_may_import_what_lies_above_it(room: str, copy: Path, plant: Plant) -> None:
    [planted] = plant(f"import {FORBIDDEN[room]}\n", [room])
    code, output = run(command("lint-imports"), copy)
    assert code == 1
    module = planted.removesuffix(".py").replace("/", ".")
    assert f"{module} -> {FORBIDDEN[room]}" in output


@pytest.mark.parametrize("file", ["capsule/shared/codes.py", "examples/bang/models.py"])
def test_capsule_checks_what_runs_in_the_browser(file: str, copy: Path) -> None:
    whole = (copy / file).read_text()
    (copy / file).write_text(whole + LINT)
    try:
        code, output = run(command("capsule check"), copy)
    finally:
        (copy / file).write_text(whole)
    assert code == 1
    assert re.search(rf"--> {re.escape(file)}:{whole.count(chr(10)) + 1}:", output)


def test_pytest_runs_every_folder_of_tests(copy: Path, plant: Plant) -> None:
    folders = sorted(
        {str(Path(name).parent) for name in tracked() if re.match(r"tests/.*test_\w+\.py$", name)}
    )
    assert "tests/house" in folders
    assert "tests/parity" in folders
    planted = plant(TEST, folders, "test_planted.py")
    words = [*command("python -m pytest"), "-k", "test_planted.py", "-p", "no:cacheprovider"]
    code, output = run(words, copy)
    assert code == 1, output
    for file in planted:
        assert f"FAILED {file}::test_planted" in output, f"{file} is not run by pytest"


def test_npm_runs_every_test_of_the_npm_package_and_its_types(copy: Path, plant: Plant) -> None:
    """Each half by itself: the second would not be reached."""
    modules = copy / "js_build" / "node_modules"
    modules.symlink_to(REPO / "js_build" / "node_modules")
    assert command("npm") == ["npm", "--prefix", "js_build", "test"]
    steps = json.loads((copy / "js_build" / "package.json").read_text())["scripts"]
    tests, types = steps["test"].split(" && ")
    assert steps["pretest"] == "node build.mjs"
    plant(NODE_TEST, ["js_build/test"], "planted.test.mjs")
    others = [file for file in (copy / "js_build/test").glob("*.test.mjs") if file.name != "planted.test.mjs"]
    assert len(others) >= 4
    for file in others:  # They need a build.
        file.write_text("")
    code, output = run(["sh", "-c", tests], copy / "js_build")
    assert code == 1
    assert re.search(r"^(not ok \d+ - |✖ )planted", output, re.MULTILINE)
    with (copy / "js_build/types/consumer.ts").open("a") as consumer:
        consumer.write("export const planted: number = 'not a number';\n")
    code, output = run(["sh", "-c", f"node_modules/.bin/{types}"], copy / "js_build")
    assert code != 0
    assert re.search(r"consumer\.ts\(\d+,14\): error TS2322", output)


@pytest.mark.parametrize("tool", ["mypy", "capsule check", "python -m pytest"])
def test_a_check_that_finds_nothing_to_look_at_fails(tool: str, tmp_path: Path) -> None:
    """ruff says nothing then: what is planted above is what shows that it looks."""
    shutil.copyfile(REPO / "pyproject.toml", tmp_path / "pyproject.toml")
    assert run(command(tool), tmp_path)[0] != 0


def test_the_tests_of_the_npm_package_fail_where_there_are_none(tmp_path: Path) -> None:
    words = json.loads((REPO / "js_build/package.json").read_text())["scripts"]["test"].split(" && ")[0]
    assert run(["sh", "-c", words], tmp_path)[0] != 0


def test_every_script_parses_and_stops_at_the_first_step_that_fails() -> None:
    scripts = [REPO / name for name in tracked() if name.startswith(("scripts/", ".ci/"))]
    assert {"setup", "test", "bench", "demo", "run"} <= {script.name for script in scripts}
    for script in scripts:
        assert run(["bash", "-n", str(script)], REPO) == (0, "")
        assert "\nset -euo pipefail\n" in script.read_text(), script
        assert script.stat().st_mode & 0o111, script


def test_ci_runs_every_check() -> None:
    """What CI starts is the script that the tests here read, without arguments that leave steps out."""
    assert (REPO / ".ci" / "run").read_text().rstrip().endswith("\nexec scripts/test")
