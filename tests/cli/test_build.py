"""`capsule build`: what it writes and says, and a watch from its start to Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from capsule.cli.main import main


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.py").write_text("print('one')\n")
    return tmp_path


def run_js(folder: Path, name: str = "dist/main.js") -> str:
    done = subprocess.run(
        ["node", name], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_builds_and_tells_what_each_entry_costs(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "models.py"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("dist/main.js ")
    assert line.endswith(" B gzip")
    assert run_js(models) == "one"


def test_an_app_s_page_and_the_core_are_told_apart(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "models.py").write_text("from capsule import Model\nclass Task(Model):\n    type = 'task'\n")
    assert main(["build", "models", "-o", "out", "--no-maps"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["out/main.js", "out/capsule.js"]
    assert int(lines[0][1]) > int(lines[1][1]) > 10
    assert not list((models / "out").rglob("*.map"))


def test_a_bundle_is_one_file(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "models.py", "--bundle"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:3] == ["dist/bundle.js", "1", "file"]
    assert run_js(models, "dist/bundle.js") == "one"


def test_findings_are_1_and_nothing_is_written(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "models.py").write_text("x = b'no'\n")
    assert main(["build", "models.py", "--format", "json"]) == 1
    said = capsys.readouterr()
    assert [finding["code"] for finding in json.loads(said.err)] == ["CAP111"]
    assert said.out == ""
    assert not (models / "dist").exists()


@pytest.mark.parametrize("more", [[], ["--watch"]])
def test_an_entry_that_is_not_there_is_2(
    models: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "nowhere.py", *more]) == 2
    assert capsys.readouterr().err == "capsule build: There is no file nowhere.py.\n"


@pytest.fixture
def watching(models: Path) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-m", "capsule.cli.main", "build", "models.py", "--watch"],
        # Started in a background job of a shell, this process ignores Ctrl-C, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        cwd=models,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    too_long = threading.Timer(300, process.kill)
    too_long.start()
    yield process
    too_long.cancel()
    if process.poll() is None:
        process.kill()
    process.communicate()


def save(models: Path, text: str) -> None:
    """Write the entry in one step: nobody sees half of it, however slowly this test runs."""
    written = models / "models.py.new"
    written.write_text(text)
    written.replace(models / "models.py")


def until(process: "subprocess.Popen[str]", word: str) -> str:
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if word in line:
            return said
    raise AssertionError(f"It ended without {word!r}: {said}")


def test_a_watch_rebuilds_shows_findings_goes_on_and_ends_with_0(
    models: Path, watching: "subprocess.Popen[str]"
) -> None:
    until(watching, "built in")
    assert run_js(models) == "one"
    save(models, "print('two')\n")
    assert "models.py changed" in until(watching, "rebuilt in")
    assert run_js(models) == "two"
    save(models, "print(b'no')\n")
    assert "CAP111" in until(watching, "the last good build is kept")
    assert run_js(models) == "two"
    save(models, "print('three')\n")
    until(watching, "rebuilt in")
    assert run_js(models) == "three"
    watching.send_signal(signal.SIGINT)
    _, error = watching.communicate(timeout=120)
    assert (watching.returncode, error) == (0, "")
