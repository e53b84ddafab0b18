"""`check` answers every Python file with findings, never with a traceback: people point it at whatever they have.

The normal run takes files of the standard library, each as a program of its own. For other code, name folders:

    CAPSULE_FOREIGN=../wagtail:../netbox python -m pytest tests/compiler/test_foreign_code.py -s
"""

import os
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from capsule.compiler.catalogue import RULES
from capsule.compiler.sources import Source, Sources, read
from capsule.compiler.survey import check_program, python_files

LIBRARY = Path(sysconfig.get_path("stdlib"))
# Many classes, many operators, many kinds of statement; small enough for every run.
SAMPLE = (
    "collections",
    "email",
    "json",
    "logging",
    "argparse.py",
    "ast.py",
    "fractions.py",
    "enum.py",
    "statistics.py",
)
NAMED = [Path(name) for name in os.environ.get("CAPSULE_FOREIGN", "").split(os.pathsep) if name]


def files() -> Iterator[Path]:
    for place in NAMED or [LIBRARY / name for name in SAMPLE]:
        yield from python_files(place) if place.is_dir() else [place]


def alone(path: Path) -> Sources:
    """A file without what it imports."""
    sources = Sources(path.stem)
    try:
        text, tree = read(path)
    except SyntaxError as error:
        sources.broken.append((path, error))
    else:
        sources.modules[path.stem] = Source(path.stem, path, text, tree, entry=True)
    return sources


def test_every_file_is_answered_with_findings_of_known_rules() -> None:
    counts: Counter[str] = Counter()
    crashed = []
    started, number = time.perf_counter(), 0
    for path in files():
        number += 1
        try:
            found = check_program(alone(path))
        except Exception as error:
            crashed.append(f"{path}: {error!r}")
        else:
            counts.update(finding.code for finding in found)
            assert all(one.line >= 1 and 1 <= one.column <= one.end and one.fix for one in found), path
    seconds = time.perf_counter() - started
    print(f"\n{number} files, {seconds:.0f} s, {sum(counts.values())} findings: {dict(counts.most_common())}")
    assert crashed == []
    assert counts.keys() <= RULES.keys()
    # One that looked at nothing would pass all this.
    assert number >= 40
    assert NAMED or {"CAP130", "CAP131", "CAP141", "CAP160", "CAP163"} <= counts.keys()
