"""What class bodies declare, as far as they say it outright: bases, constants, other modules, and what is not known."""

from pathlib import Path
from textwrap import dedent

import pytest

from capsule.compiler.declarations import Declarations, Declared, Prop
from capsule.compiler.index import Index
from tests.compiler.models import IMPORTS, with_core


def declared(text: str, folder: Path, **others: str) -> dict[str, Declared]:
    """The models and collections of a program, by class name."""
    for name, other in {**others, "models": IMPORTS + dedent(text)}.items():
        (folder / f"{name}.py").write_text(dedent(other))
    found = Declarations(Index(with_core(folder / "models.py")))
    return {one.name: one for one in found.known.values()}


def test_only_what_descends_from_model_and_collection_is_known(tmp_path: Path) -> None:
    text = """
        class Plain:
            props = {"title": "string"}
        class Base(Model):
            pass
        class Task(Base):
            pass
        class Tasks(Collection):
            pass
    """
    found = declared(text, tmp_path)
    assert {name: one.model for name, one in found.items()} == {"Base": True, "Task": True, "Tasks": False}


def test_declarations_are_merged_over_the_bases(tmp_path: Path) -> None:
    text = """
        class Base(Model):
            props = {"title": "string", "stars": "integer"}
            session = {"open": "boolean"}
            derived = {"late": {"deps": ["title"], "fn": "isLate"}}
        class Task(Base):
            props = {"stars": "number"}
            idAttribute = "key"
    """
    task = declared(text, tmp_path)["Task"]
    assert {name: prop.type for name, prop in task.props.items()} == {
        "title": "string",
        "stars": "number",
        "open": "boolean",
    }
    assert task.attributes() == {"title", "stars", "open", "late", "key"}
    assert [one.name for one in task.line()] == ["Task", "Base"]
    assert task.refuses()


def test_the_family_of_a_class_is_what_self_may_be(tmp_path: Path) -> None:
    text = "class A(Model):\n    pass\nclass B(A):\n    pass\nclass C(B):\n    def get(self, name):\n        return 1\n"
    found = declared(text, tmp_path)
    assert [one.name for one in found["A"].family()] == ["A", "B", "C"]
    assert found["A"].overrides("get")
    assert not found["A"].overrides("set")


def test_a_prop_is_read_through_constants_spreads_unions_and_other_modules(tmp_path: Path) -> None:
    text = """
        from words import KIND, LEVELS, SHARED
        NOTE = {"type": "string", "allowNull": True}
        class Task(Model):
            props = {**SHARED, "note": NOTE, "level": {"type": KIND, "values": LEVELS}} | {"at": "time"}
    """
    words = 'KIND = "string"\nLEVELS = ["low", "high"]\nSHARED = {"title": KIND}\n'
    assert declared(text, tmp_path, words=words)["Task"].props == {
        "title": Prop("title", "string"),
        "note": Prop("note", "string", None, True),
        "level": Prop("level", "string", ("low", "high")),
        "at": Prop("at", "time"),
    }


@pytest.mark.parametrize(
    "body",
    [
        "props = make()",
        "props = dict(title='string')",
        "props = {name: 'string' for name in ['a']}",
        "props = {**make(), 'title': 'string'}",
        "props = TWICE",
        "props = GROWS",
    ],
)
def test_of_a_class_with_a_computed_declaration_nothing_is_certain(body: str, tmp_path: Path) -> None:
    text = (
        "def make():\n    return {}\nTWICE = {}\nTWICE = {'a': 'string'}\nGROWS = {}\nGROWS['b'] = 'string'\n"
        f"class Task(Model):\n    {body}\nclass Mine(Task):\n    props = {{'own': 'string'}}\n"
    )
    found = declared(text, tmp_path)
    assert (found["Task"].refuses(), found["Mine"].refuses()) == (False, False)


def test_declarations_that_the_program_changes_later_are_not_certain(tmp_path: Path) -> None:
    text = "class Task(Model):\n    props = {'a': 'string'}\nTask.props['b'] = 'string'\n"
    assert not declared(text, tmp_path)["Task"].certain


def test_without_props_anything_is_stored_and_nothing_refused(tmp_path: Path) -> None:
    assert not declared("class Task(Model):\n    pass\n", tmp_path)["Task"].refuses()


def test_nested_classes_are_found_by_name_through_imports(tmp_path: Path) -> None:
    text = """
        import parts
        from parts import Person
        class Task(Model):
            children = {"person": Person}
            collections = {"notes": parts.Notes, "odd": parts.nothing}
    """
    parts = IMPORTS + "class Person(Model):\n    pass\nclass Notes(Collection):\n    pass\n"
    task = declared(text, tmp_path, parts=parts)["Task"]
    names = {name: one.name if one else None for name, one in task.nested.items()}
    assert names == {"person": "Person", "notes": "Notes", "odd": None}
    assert task.children == {"person"}
