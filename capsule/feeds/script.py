"""The Lua files beside this module: their text, their SHA1, and their headers as data.

A line `-- include: names` in a script stands for the file `_names.lua`: what several scripts share, and what
would make one too long to read. Other languages get the whole text, in contract.json.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

HEADINGS = ("Purpose", "KEYS", "ARGV", "Returns", "Events", "Errors")


@dataclass(frozen=True, slots=True)
class Script:
    """A script of the contract. The SHA1 names exactly this text, so two releases can share a server while
    one replaces the other.
    """

    name: str
    source: str
    sha1: str

    def header(self) -> dict[str, str]:
        """The comment at the head of the file, by heading. Raises ValueError when a heading is missing."""
        found: dict[str, list[str]] = {}
        current: list[str] = []
        for line in self.source.splitlines():
            if not line.startswith("--"):
                break
            text = line[2:].strip()
            if match := re.match(rf"({'|'.join(HEADINGS)}):\s*(.*)", text):
                current = found.setdefault(match[1].lower(), [])
                text = match[2]
            current.append(text)
        missing = [heading for heading in HEADINGS if heading.lower() not in found]
        if missing:
            raise ValueError(f"{self.name}.lua says nothing about {', '.join(missing)}.")
        return {heading: " ".join(lines) for heading, lines in found.items()}


@cache
def load(name: str) -> Script:
    """The script `scripts/<name>.lua`, with what it includes."""
    source = re.sub(
        r"^-- include: (\w+)\n", lambda found: _text(f"_{found[1]}"), _text(name), flags=re.MULTILINE
    )
    return Script(name, source, hashlib.sha1(source.encode()).hexdigest())


def names() -> list[str]:
    """The names of all scripts, sorted."""
    found = (entry.name for entry in (files(__package__) / "scripts").iterdir())
    return sorted(
        name.removesuffix(".lua") for name in found if name.endswith(".lua") and not name.startswith("_")
    )


def _text(name: str) -> str:
    return (files(__package__) / "scripts" / f"{name}.lua").read_text(encoding="utf-8")
