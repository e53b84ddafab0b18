"""Which names the declarations know, import and export."""

import inspect
from pathlib import Path

import pytest

from capsule import Collection, Events, Model, Operation, Verdict
from capsule.compiler.types_program import core_members
from tests.compiler.typed import APP, block, declared, declared_in


def test_only_the_entry_s_public_names_are_exported(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        "from tasks import Task\nclass Big(Task):\n    pass\nLIMIT = 3\n_PRIVATE = 4\ndef _hidden():\n    pass\n",
        tasks="from capsule import Model\nclass Task(Model):\n    pass\nclass Other(Model):\n    pass\n",
    )
    assert "declare class Task extends Model {}" in text
    assert "export class Big extends Task {}" in text
    assert "declare class Other extends Model {}" in text
    assert "export const LIMIT: number;" in text
    assert "_PRIVATE" not in text
    assert "_hidden" not in text


def test_a_package_exports_what_it_imports_and_all_says_exactly_what(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("class Task:\n    pass\nclass Other:\n    pass\n")
    entry = tmp_path / "__init__.py"
    entry.write_text("from tasks import Task\n")
    assert "export class Task {}\n\ndeclare class Other {}" in declared_in(entry, tmp_path / "tasks.py")
    entry.write_text("from tasks import Task, Other\n__all__ = ['Other']\n")
    assert "declare class Task {}\n\nexport class Other {}" in declared_in(entry, tmp_path / "tasks.py")


def test_what_imports_the_core_exports_its_names_too(tmp_path: Path) -> None:
    assert 'export * from "./capsule.js";' in declared(tmp_path, APP)
    assert "capsule.js" not in declared(tmp_path, "LIMIT = 1\n")


def test_an_import_under_another_name_is_still_that_class(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        "from capsule import Model as Base, Verdict as V\nclass T(Base):\n    def f(self) -> V:\n        ...\n",
    )
    assert 'import { Model, Verdict } from "./capsule.js";' in text
    assert "export class T extends Model {" in text
    assert block(text, "T") == ["f(): Verdict;"]


def test_a_class_of_the_app_with_a_core_name_is_the_app_s(tmp_path: Path) -> None:
    text = declared(
        tmp_path, APP + "class Session(Model):\n    def again(self) -> 'Session':\n        return self\n"
    )
    assert 'import { Model } from "./capsule.js";' in text
    assert block(text, "Session") == ["again(): Session;"]


@pytest.mark.parametrize("cls", [Events, Model, Collection, Verdict, Operation])
def test_every_public_member_of_the_core_has_a_type(cls: type) -> None:
    public = {
        name
        for name in dir(cls)
        if not name.startswith("_")
        and (callable(getattr(cls, name)) or isinstance(inspect.getattr_static(cls, name), property))
    }
    assert public - core_members(cls.__name__) == set()
