"""What the tests of the declarations share."""

import re
import textwrap
from pathlib import Path

from capsule.compiler.sources import Source, read
from capsule.compiler.types import declarations

APP = "from capsule import Collection, Model\n"


def declared(folder: Path, source: str, **others: str) -> str:
    """The declarations of a module, and of others that belong to the same build."""
    paths = []
    for name, text in {"models": source, **others}.items():
        paths.append(folder / f"{name}.py")
        paths[-1].write_text(textwrap.dedent(text))
    return declared_in(*paths)


def declared_in(*paths: Path) -> str:
    """The declarations of files that are there."""
    return declarations([Source(path.stem, path, *read(path)) for path in paths])


def block(text: str, name: str) -> list[str]:
    """The lines of an interface or class."""
    found = re.search(rf"(?:interface|class) {name}\b[^\n]*\{{\n(.*?)^\}}", text, re.M | re.S)
    assert found is not None, text
    return [line.strip() for line in found[1].splitlines()]
