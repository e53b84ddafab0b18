"""What a build writes, and what a page gets from it."""

import json
from pathlib import Path

import pytest

from capsule.compiler.build import build
from capsule.compiler.errors import EntryNotFound, Refused
from tests.compiler.compiled import node

MODELS = """
from capsule import Collection, Model


class Task(Model):
    type = "task"
    props = {"title": "string"}
    clientEditable = ["title"]

    def canEdit(self, user):
        return user == "ann"

    def shout(self, *, mark="!"):
        return self.get("title").upper() + mark


class Tasks(Collection):
    model = Task
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    (folder / "models.py").write_text(MODELS)
    build(folder / "models.py", folder / "dist")
    return folder


def run(app: Path, script: str) -> str:
    done = node(script, app)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_classes_are_real_es6_classes(app: Path) -> None:
    script = """
        import { Model, Task, Tasks } from './dist/main.js';
        class Mine extends Task {
            get(name) { return name === 'loud' ? 'LOUD' : super.get(name); }
        }
        const mine = new Mine({ title: 'a' });
        const tasks = new Tasks([{ title: 'b' }]);
        const heard = [];
        mine.on('change:title', (model, value) => heard.push(model === mine, value));
        mine.set({ title: 'c' });
        console.log(JSON.stringify([mine instanceof Model, mine.get('loud'), mine.shout(), mine.shout({ mark: '?' }),
            heard, tasks.at(0) instanceof Task, Task.props.title, mine.props.title, Task.name]));
        let thrown;
        try { Task({}); } catch (error) { thrown = error; }
        console.log(thrown instanceof TypeError);
    """
    first, second = run(app, script).splitlines()
    assert json.loads(first) == [
        True,
        "LOUD",
        "C!",
        "C?",
        [True, "c"],
        True,
        "string",
        "string",
        "Task",
    ]
    assert second == "true"


def test_exceptions_are_errors_and_undefined_is_none(app: Path) -> None:
    script = """
        import { Task } from './dist/main.js';
        const task = new Task(undefined, undefined);
        let thrown;
        try { task.set({ nothing: 1 }); } catch (error) { thrown = error; }
        console.log(thrown instanceof Error, thrown.name, thrown.message.length > 0, task.get('title') === undefined);
    """
    assert run(app, script) == "true PropError true true\n"


def test_no_global_is_patched_and_nothing_enumerable_appears(app: Path) -> None:
    script = """
        const look = () => JSON.stringify([Array, String, Object, Number, Function, Map, Set, Error, Promise]
            .flatMap((one) => [Object.getOwnPropertyNames(one), Reflect.ownKeys(one.prototype).map(String)])
            .concat([Object.getOwnPropertyNames(globalThis)]));
        const before = look();
        await import('./dist/main.js');
        console.log(before === look());
        const seen = [];
        for (const key in []) seen.push(key);
        for (const key in {}) seen.push(key);
        console.log(seen.length);
    """
    assert run(app, script) == "true\n0\n"


def test_hostile_keys_are_keys_as_any_other(app: Path) -> None:
    script = """
        import { Model } from './dist/main.js';
        const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "hasOwnProperty": 3}');
        const model = new Model(evil);
        console.log(({}).polluted, model.get('polluted'), model.get('constructor'), model.get('hasOwnProperty'));
    """
    assert run(app, script) == "undefined undefined 2 3\n"


def test_a_second_core_on_a_page_raises(app: Path) -> None:
    build(app / "models.py", app / "second")
    script = """
        await import('./dist/main.js');
        try { await import('./second/main.js'); } catch (error) { console.log(error.message); }
    """
    assert "A second capsule core was loaded" in run(app, script)


def test_the_same_sources_give_the_same_bytes_anywhere(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "models.py").write_text(MODELS)
        result = build(folder / "models.py", folder / "dist")
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in result.files if p.suffix == ".js"}
        written.append(files)
        assert all(str(tmp_path).encode() not in content for content in files.values())
    assert written[0] == written[1]


def test_the_core_is_the_same_whatever_is_built_with_it(app: Path, tmp_path: Path) -> None:
    build(None, tmp_path / "core")
    for path in (tmp_path / "core" / "modules").glob("capsule.shared.*.js"):
        assert path.read_bytes() == (app / "dist" / "modules" / path.name).read_bytes(), path.name


def test_the_core_alone_exports_the_models(tmp_path: Path) -> None:
    build(None, tmp_path / "core")
    script = "import * as core from './core/capsule.js'; console.log(typeof core.Events, typeof core.Model);"
    assert run(tmp_path, script + "console.log(typeof core.Collection);") == "function function\nfunction\n"


def test_a_program_without_models_gets_no_core(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("def twice(x):\n    return x * 2\n")
    result = build(tmp_path / "plain.py", tmp_path / "dist")
    assert not (tmp_path / "dist" / "capsule.js").exists()
    assert "main.js" in result.sizes
    assert run(tmp_path, "import { twice } from './dist/main.js'; console.log(twice(21));") == "42\n"


def test_private_and_imported_names_are_not_public(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("from math import floor\n_hidden = 1\nshown = floor(2.5)\n")
    build(tmp_path / "m.py", tmp_path / "dist")
    script = "import * as m from './dist/main.js'; console.log(Object.keys(m).join());"
    assert run(tmp_path, script) == "shown\n"


def test_all_says_what_is_public(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text('__all__ = ["a"]\na = 1\nb = 2\n')
    build(tmp_path / "m.py", tmp_path / "dist")
    assert run(tmp_path, "import * as m from './dist/main.js'; console.log(Object.keys(m).join());") == "a\n"


def test_nothing_is_written_when_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("import os\n")
    with pytest.raises(Refused) as refusal:
        build(tmp_path / "m.py", tmp_path / "dist")
    assert [finding.code for finding in refusal.value.findings] == ["CAP160"]
    assert not (tmp_path / "dist").exists()


def test_a_missing_entry_is_told(tmp_path: Path) -> None:
    with pytest.raises(EntryNotFound, match="nowhere"):
        build(tmp_path / "nowhere.py", tmp_path / "dist")


def test_other_files_in_the_output_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = 1\n")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "mine.txt").write_text("keep")
    build(tmp_path / "m.py", tmp_path / "dist")
    assert (tmp_path / "dist" / "mine.txt").read_text() == "keep"
