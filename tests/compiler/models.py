"""Small programs of models, checked, for the tests of the rules about models."""

from pathlib import Path
from textwrap import dedent, indent

from capsule.compiler.finding import Finding
from capsule.compiler.survey import survey

IMPORTS = "from typing import Any\n\nfrom capsule import Collection, Model\n\n\n"


def found(text: str, folder: Path) -> list[Finding]:
    """The findings in a source that has `Model`, `Collection` and `Any`."""
    path = folder / "models.py"
    path.write_text(IMPORTS + dedent(text), encoding="utf-8")
    return survey([path]).findings


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
