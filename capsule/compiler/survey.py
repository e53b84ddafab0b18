"""A check of many files: which of them are programs of their own, each checked once, with its exceptions.

What a rule says depends on the whole program (is there a method of that name anywhere?), and so a file is checked as
part of the program that would be built. In a folder, the files that no other file imports are taken for entries.
"""

import ast
import os
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from capsule.compiler.allow import permitted
from capsule.compiler.check import check_sources, lower_all
from capsule.compiler.errors import EntryNotFound
from capsule.compiler.finding import Finding, shown
from capsule.compiler.index import Index
from capsule.compiler.lower import lower
from capsule.compiler.sources import PACKAGE, Kept, Source, Sources, imports, load, locate

# Folders that hold other people's code.
FOREIGN = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


@dataclass(frozen=True)
class Survey:
    """`files` counts the files checked; `skipped` are capsule's own that only CPython has: they have a JavaScript twin
    in their place, or none.
    """

    findings: list[Finding]
    files: int
    skipped: list[Path]


def survey(paths: Iterable[Path | str]) -> Survey:
    """The findings in these files and in what they import; folders are searched for .py files.

    A file named here is checked as an entry of its own. Raises EntryNotFound for a path that does not exist, and for a
    folder without Python files.
    """
    named: list[Path] = []
    searched: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            below = list(python_files(path))
            if not below:
                raise EntryNotFound(f"There is no Python file in {path}.")
            searched.extend(below)
        elif path.is_file():
            named.append(path.resolve())
        else:
            raise EntryNotFound(f"There is no file or folder {path}.")
    wanted = list(dict.fromkeys([*named, *searched]))
    own = [path for path in wanted if path.is_relative_to(PACKAGE / "shared")]
    compiled, core_findings = check_core() if own else (set(), [])
    found = {finding for finding in core_findings if finding.path in {shown(path) for path in own}}
    covered: set[Path] = set(own)
    kept: Kept = {}
    for path in [*named, *entries_first([path for path in searched if path not in covered])]:
        if path not in covered or (path in named and path not in own):
            sources = load(path, core=False, kept=kept)
            done = covered.difference(named)
            found.update(check_program(sources, done))
            for source in sources:
                if not source.core and source.path not in done:
                    kept.pop(source.path, None)
            covered.add(path)
            covered.update(source.path for source in sources)
    skipped = [path for path in own if path not in compiled]
    return Survey(sorted(found), len(wanted) - len(skipped), skipped)


def check_program(sources: Sources, done: Set[Path] = frozenset()) -> list[Finding]:
    """The findings in the app's modules of a program, which lowering takes apart: all but the `done` ones, which an
    earlier program had, too. The core's are left as they are.
    """
    findings = check_sources(sources)
    if findings:
        return findings
    app = [source for source in sources if not source.core and source.path not in done]
    index = Index(sources)
    for source in app:
        findings.extend(lower(source, index)[1])
    return permitted(app, findings)


def check_core() -> tuple[set[Path], list[Finding]]:
    """The files of the core that are compiled, and the findings in them."""
    sources = load(None, core=True)
    _, findings = lower_all(sources, Index(sources))
    return {source.path for source in sources}, permitted(sources, findings)


def python_files(folder: Path) -> Iterator[Path]:
    """The Python files below a folder, in order, without those of other people."""
    for here, folders, files in os.walk(folder.resolve()):
        folders[:] = sorted(name for name in folders if name not in FOREIGN and not name.startswith("."))
        yield from (Path(here, name) for name in sorted(files) if name.endswith(".py"))


def entries_first(files: Sequence[Path]) -> list[Path]:
    """The files, those first that none of the others imports."""
    known: dict[tuple[Path, str], Path] = {}
    scanned: list[Source] = []
    for path in files:
        name, _, root = locate(path)
        known[(root, name)] = path
        try:
            text = path.read_text(encoding="utf-8-sig")
            scanned.append(Source(name, path, text, ast.parse(text)))
        except (SyntaxError, ValueError):
            continue  # What is wrong with it is told when it is checked.
    imported: set[Path] = set()
    for source in scanned:
        root = source.path.parents[source.name.count(".") + source.package]
        found = {known.get((root, name)) for name in imports(source)} - {source.path, None}
        imported.update(path for path in found if path is not None)
    return sorted(files, key=lambda path: path in imported)
