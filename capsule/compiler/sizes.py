"""What a page downloads: the size of each entry of a build with all that it imports."""

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

IMPORT = re.compile(r"""^(?:import|export)\b[^'"\n]*['"](\.[^'"]+)['"]""", re.MULTILINE)


@dataclass(frozen=True)
class Size:
    """One entry. `raw` and `gzip` are bytes over all of its `files`, each compressed alone, as servers send them."""

    entry: str
    files: int
    raw: int
    gzip: int

    def __str__(self) -> str:
        files = f"{self.files} file{'s' if self.files > 1 else ''}"
        return f"{self.entry:<28}{files:>10}{self.raw:>12,} B{self.gzip:>11,} B gzip"


def sizes(out: Path, entries: Iterable[str]) -> list[Size]:
    """The sizes of those entries that are in `out`, without source maps: only developer tools load them."""
    return [measured(out, out / name) for name in entries if (out / name).is_file()]


def measured(out: Path, entry: Path) -> Size:
    loaded = closure(entry)
    contents = [path.read_bytes() for path in loaded]
    return Size(
        entry=(out / entry.name).as_posix(),
        files=len(contents),
        raw=sum(len(content) for content in contents),
        gzip=sum(len(gzip.compress(content, 9, mtime=0)) for content in contents),
    )


def closure(entry: Path) -> list[Path]:
    """The entry and every file that it imports, directly or not."""
    found: dict[Path, None] = {}
    pending = [entry.resolve()]
    while pending:
        path = pending.pop()
        if path not in found:
            found[path] = None
            pending.extend((path.parent / name).resolve() for name in IMPORT.findall(path.read_text("utf-8")))
    return list(found)
