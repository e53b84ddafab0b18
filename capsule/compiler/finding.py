"""One thing that `check` found: what, where, why it would differ, and the fix."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

STYLES = ("text", "json", "github")


@dataclass(frozen=True, order=True)
class Finding:
    """Ordered by place. `column` counts from 1, `end` is the column after the last character on the same line."""

    path: str
    line: int
    column: int
    code: str
    message: str
    fix: str
    why: str
    end: int = 0
    source: str = ""

    def text(self) -> str:
        """As rustc and ruff write it: the sentence, the place, the line with a caret, the reason and the fix."""
        width = max(self.end - self.column, 1)
        gutter = " " * len(str(self.line))
        return "\n".join(
            [
                f"{self.code}: {self.message}",
                f"{gutter}--> {self.path}:{self.line}:{self.column}",
                f"{gutter} |",
                f"{self.line} | {self.source}",
                f"{gutter} | {_under(self.source, self.column)}{'^' * width}",
                f"{gutter} = why: {self.why}",
                f"{gutter} = fix: {self.fix}",
            ]
        )

    def github(self) -> str:
        """A workflow command: GitHub shows it beside the line."""
        place = f"file={self.path},line={self.line},col={self.column},title={self.code}"
        return f"::error {place}::{_escaped(f'{self.message} Fix: {self.fix}')}"


def _under(source: str, column: int) -> str:
    return "".join("\t" if character == "\t" else " " for character in source[: column - 1])


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def render(findings: Iterable[Finding], style: str = "text") -> str:
    """All findings as "text", "json" (a list of objects with the fields of `Finding`) or "github" commands."""
    ordered: Sequence[Finding] = sorted(findings)
    if style == "json":
        return json.dumps([asdict(finding) for finding in ordered], indent=2)
    if style == "github":
        return "\n".join(finding.github() for finding in ordered)
    if style != "text":
        raise ValueError(f"Unknown format {style!r}: {', '.join(STYLES)}.")
    return "\n\n".join(finding.text() for finding in ordered)


def shown(path: Path) -> str:
    """A path as a reader of the terminal wants it: relative where that is shorter."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
