"""The parity kit: it passes for models that are the same on both sides, and finds and prints what is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from capsule.compiler.build import build
from capsule.compiler.parity import Difference, check_parity, check_steps
from capsule.compiler.parity.subject import Subject, SubjectError

REPO = Path(__file__).parents[2]
BANG = REPO / "examples" / "bang" / "models.py"
MODELS = """\
from typing import Any

from capsule import Collection, Model


class Note(Model):
    type = "note"
    props = {"text": "string", "owner": "string", "stars": {"type": "integer", "default": 0}}
    clientEditable = ["text", "stars"]
    exposedServerMethods = ["praise"]

    def canEdit(self, user: str) -> Any:
        return user == self.get("owner") or self.deny("Only the owner.")

    def canCall(self, user: str) -> Any:
        return True

    def praise(self) -> None:
        self.set({"stars": self.get("stars") + 1})


class Notes(Collection):
    model = Note


class Wall(Model):
    type = "wall"
    collections = {"notes": Notes}
    notes: Notes
"""
PATCH = """\
import capsule.compiler.parity.comparison as comparison

real = comparison.build


def build(entry, out, **options):
    real(entry, out, **options)
    compiled = out / "modules" / "wall.js"
    compiled.write_text(compiled.read_text().replace("Only the owner.", "Only the 0wner."))


comparison.build = build
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    file = tmp_path / "wall.py"
    file.write_text(MODELS)
    return file


def planted(models: Path, old: str, new: str) -> Path:
    """A build of the models in which the JavaScript says something else."""
    dist = models.parent / "dist"
    build(models, dist)
    compiled = dist / "modules" / "wall.js"
    text = compiled.read_text()
    assert old in text
    compiled.write_text(text.replace(old, new))
    return dist


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    # The plugin by its module: how it is installed does not matter here.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "capsule.compiler.parity",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_example_is_the_same_on_both_sides() -> None:
    check_parity(BANG, examples=60, number=1)


def test_a_rule_that_says_something_else_is_found_and_made_small(models: Path) -> None:
    dist = planted(models, "Only the owner.", "Only the 0wner.")
    with pytest.raises(Difference) as caught:
        check_parity(models, examples=200, dist=dist, number=1)
    steps = caught.value.steps
    assert len(steps) == 2, "one to have a note, one to be refused"
    assert steps[-1][0] == "safeSet"
    assert caught.value.python["answer"]["sentence"] == "Only the owner."
    assert caught.value.javascript["answer"]["sentence"] == "Only the 0wner."


def test_a_method_that_computes_something_else_is_found(models: Path) -> None:
    dist = planted(models, "stars: $add", "stars: -$add")
    with pytest.raises(Difference) as caught:
        check_parity(models, examples=200, dist=dist, number=1)
    assert caught.value.steps[-1][0] == "safeCall"
    assert caught.value.python["operations"] != caught.value.javascript["operations"]


def test_the_counter_example_is_printed_as_a_test_that_runs(models: Path) -> None:
    dist = planted(models, "Only the owner.", "Only the 0wner.")
    with pytest.raises(Difference) as caught:
        check_parity(models, examples=200, dist=dist, number=1)
    printed = str(caught.value)
    program = printed[printed.index("from capsule") :]
    namespace: dict[str, object] = {}
    exec(program, namespace)
    test = namespace["test_the_models_are_the_same_in_javascript"]
    assert callable(test)
    test()  # Against a build of its own, where nothing is planted.
    with pytest.raises(Difference):
        check_steps(models, caught.value.steps, dist=dist)


def test_the_plugin_reports_the_difference_and_no_traceback(models: Path) -> None:
    (models.parent / "conftest.py").write_text(PATCH)
    code, output = run_pytest(
        models.parent, "--capsule-parity", "wall.py", "--capsule-parity-examples", "200"
    )
    assert code == 1
    assert "def test_the_models_are_the_same_in_javascript():" in output
    assert "Only the 0wner." in output
    assert "Traceback" not in output


def test_the_plugin_passes_alone_or_beside_the_tests_that_are_named(models: Path) -> None:
    (models.parent / "test_own.py").write_text("def test_own():\n    pass\n")
    options = ("--capsule-parity", "wall.py:Wall", "--capsule-parity-examples", "10")
    code, output = run_pytest(models.parent, *options)
    assert (code, "1 passed" in output) == (0, True), output
    code, output = run_pytest(models.parent, *options, "test_own.py")
    assert (code, "2 passed" in output) == (0, True), output
    code, output = run_pytest(models.parent)
    assert (code, "1 passed" in output) == (0, True), output


def test_models_that_are_refused_are_reported_as_findings(models: Path) -> None:
    models.write_text(MODELS.replace("from typing", "import os\nfrom typing"))
    code, output = run_pytest(models.parent, "--capsule-parity", "wall.py")
    assert code == 1
    assert "CAP160" in output
    assert "Traceback" not in output


def test_a_run_of_pytest_without_the_option_imports_nothing_of_it() -> None:
    program = (
        "import sys; import capsule.compiler.parity; "
        "print([name for name in sys.modules if name.split('.')[0] in ('pytest', 'hypothesis', 'org')"
        " or name.startswith('capsule.compiler.') and name != 'capsule.compiler.parity'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_root_is_the_model_that_stands_below_no_other(models: Path) -> None:
    assert Subject(models).root.__name__ == "Wall"
    assert [place.feed for place in Subject(models).places] == ["notes"]
    assert Subject(f"{models}:Note").root.__name__ == "Note"


def test_a_root_that_is_not_clear_must_be_named(models: Path) -> None:
    models.write_text(MODELS + "\n\nclass Door(Model):\n    pass\n")
    # Not the module of the other tests: Python imports a file of a name once.
    other = models.rename(models.with_name("house.py"))
    with pytest.raises(SubjectError, match="Candidates: Wall, Door"):
        Subject(other)
    with pytest.raises(SubjectError, match="has no model Window"):
        Subject(f"{other}:Window")
