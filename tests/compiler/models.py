"""Small programs of models, checked, for the tests of the rules about models."""

from functools import cache
from pathlib import Path
from textwrap import dedent, indent

from capsule.compiler.finding import Finding
from capsule.compiler.sources import Loader, Sources, load
from capsule.compiler.survey import check_program

IMPORTS = "from typing import Any\n\nfrom capsule import Collection, Model\n\n\n"


def found(text: str, folder: Path) -> list[Finding]:
    """The findings in a source that has `Model`, `Collection` and `Any`."""
    path = folder / "models.py"
    path.write_text(IMPORTS + dedent(text), encoding="utf-8")
    return check_program(with_core(path))


def with_core(path: Path) -> Sources:
    """What `load` gives for an entry that imports capsule, with the core read once for all tests: a check leaves it
    as it is.
    """
    loader = Loader(path.parent)
    loader.sources.modules.update(core().modules)
    loader.sources.seam = core().seam
    loader.sources.entry = path.stem
    loader.load(path.stem, path, entry=True)
    return loader.sources


@cache
def core() -> Sources:
    return load(None, core=True)


def told(text: str, folder: Path) -> list[str]:
    """Code and message of each."""
    return [f"{one.code}: {one.message}" for one in found(text, folder)]


def in_task(method: str, body: str = "") -> str:
    """A Task with props of many types, and a method."""
    head = """\
    class Person(Model):
        props = {"city": "string"}


    class Task(Model):
        type = "task"
        props = {
            "title": {"type": "string", "required": True},
            "done": "boolean",
            "stars": {"type": "integer", "default": 0},
            "at": "time",
            "level": {"type": "string", "values": ["low", "high"]},
            "note": {"type": "string", "allowNull": True},
            "owner": "ref",
            "tags": "list",
            "data": "object",
            "raw": "any",
        }
        session = {"open": "boolean"}
        derived = {"late": {"deps": ["at"], "fn": "isLate"}}
        children = {"person": Person}

        def isLate(self) -> bool:
            return False
    """
    return dedent(head) + indent(dedent(body), "    ") + "\n" + indent(dedent(method), "    ")
