"""docs/protocol.md as data: its tables and its examples are what the tests are made from."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def table(heading: str) -> list[dict[str, str]]:
    """The rows of the first table under a heading, each by column name."""
    section = re.split(rf"^## {re.escape(heading)}$", PAGE.read_text(), flags=re.MULTILINE)[1]
    section = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    names, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [dict(zip(names, row, strict=True)) for row in rows[1:]]


def examples() -> list[str]:
    """The lines of the page's JSON fences."""
    fences = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [line for fence in fences for line in fence.splitlines()]
