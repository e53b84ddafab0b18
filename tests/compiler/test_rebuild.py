"""A rebuild writes the same bytes as a first build, whatever happened between the two."""

import subprocess
from pathlib import Path

import pytest

from capsule.compiler.build import build
from capsule.compiler.errors import EntryNotFound, Refused
from capsule.compiler.rebuild import Rebuild

MODELS = """from capsule import Model
from words import WORD
class Task(Model):
    type = "task"
    props = {"title": "string"}
    def word(self):
        return WORD
print(Task({"title": "a"}).word())
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "words.py").write_text("WORD = 'one'\n")
    (tmp_path / "models.py").write_text(MODELS)
    return tmp_path


def contents(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def said(app: Path) -> str:
    done = subprocess.run(
        ["node", "dist/main.js"], cwd=app, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def same_as_a_first_build(app: Path) -> bool:
    (app / "first").mkdir()
    build(app / "models.py", app / "first")
    return contents(app / "first") == contents(app / "dist")


def test_a_change_of_the_app_leaves_the_core_s_files_alone(app: Path) -> None:
    rebuild = Rebuild(app / "models.py", app / "dist")
    first = rebuild.run()
    core = app / "dist/modules/capsule.shared.model.js"
    written = core.stat().st_mtime_ns
    assert said(app) == "one"
    (app / "words.py").write_text("WORD = 'two'\n")
    second = rebuild.run()
    assert said(app) == "two"
    assert core.stat().st_mtime_ns == written
    assert (set(second.files), second.sizes.keys()) == (set(first.files), first.sizes.keys())
    assert same_as_a_first_build(app)


def test_a_part_of_the_runtime_that_is_needed_only_now_is_written(app: Path) -> None:
    (app / "models.py").write_text("from capsule import Model\nprint(Model({'a': 1}).get('a'))\n")
    rebuild = Rebuild(app / "models.py", app / "dist")
    rebuild.run()
    (app / "models.py").write_text(
        "from capsule import Model\nprint('%s %5.2f' % ('a', 1 / 3))\nprint(sorted([2, 1]))\n"
    )
    rebuild.run()
    assert said(app) == "a  0.33\n[1, 2]"


def test_another_set_of_modules_builds_all_anew_without_the_old_files(app: Path) -> None:
    rebuild = Rebuild(app / "models.py", app / "dist")
    rebuild.run()
    (app / "models.py").write_text(MODELS.replace("from words import WORD", "WORD = 'own'"))
    rebuild.run()
    assert said(app) == "own"
    assert not (app / "dist/modules/words.js").exists()
    assert same_as_a_first_build(app)


def test_files_that_someone_deleted_are_written_again(app: Path) -> None:
    rebuild = Rebuild(app / "models.py", app / "dist")
    rebuild.run()
    (app / "dist/modules/capsule.shared.model.js").unlink()
    rebuild.run()
    assert same_as_a_first_build(app)


def test_a_refused_change_keeps_the_last_good_build(app: Path) -> None:
    rebuild = Rebuild(app / "models.py", app / "dist")
    rebuild.run()
    before = contents(app / "dist")
    for bad, code in (("WORD = b'x'\n", "CAP111"), ("WORD = (\n", "CAP100")):
        (app / "words.py").write_text(bad)
        with pytest.raises(Refused) as refused:
            rebuild.run()
        assert [finding.code for finding in refused.value.findings] == [code]
        assert contents(app / "dist") == before
        assert app / "words.py" in rebuild.files
    (app / "words.py").write_text("WORD = 'again'\n")
    rebuild.run()
    assert said(app) == "again"


def test_a_program_without_the_core_and_the_core_alone_are_rebuilt_too(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("print('one')\n")
    rebuild = Rebuild(tmp_path / "models.py", tmp_path / "dist")
    rebuild.run()
    (tmp_path / "models.py").write_text("print('two')\n")
    rebuild.run()
    assert said(tmp_path) == "two"
    alone = Rebuild(None, tmp_path / "core")
    alone.run()
    before = contents(tmp_path / "core")
    alone.run()
    assert contents(tmp_path / "core") == before


def test_without_maps_there_are_none_after_a_rebuild_either(app: Path) -> None:
    rebuild = Rebuild(app / "models.py", app / "dist", maps=False)
    rebuild.run()
    (app / "words.py").write_text("WORD = 'two'\n")
    rebuild.run()
    assert not [name for name in contents(app / "dist") if name.endswith(".map")]


def test_an_entry_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(EntryNotFound):
        Rebuild(tmp_path / "nowhere.py", tmp_path / "dist").run()
