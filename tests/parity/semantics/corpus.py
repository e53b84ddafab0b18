"""Runs small programs on CPython and, compiled, in Node, and says for each: equal, refused, loud or silent.

Equal: both print the same and end the same. Refused: the compiler says no, with a code. Loud: JavaScript raises where
CPython does not (or both raise, and printed different things before). Silent: anything else. One is too many.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from capsule.compiler.build import build
from capsule.compiler.errors import Refused

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Program:
    name: str
    topic: str
    code: str


@dataclass(frozen=True)
class Outcome:
    """`detail` is the code of the refusal, or what both sides printed."""

    kind: str
    detail: str


def programs(path: Path) -> Iterator[Program]:
    """The programs of a corpus file: each under a line `### name | topic`."""
    for block in re.split(r"(?m)^### ", path.read_text(encoding="utf-8"))[1:]:
        head, _, code = block.partition("\n")
        name, topic = (part.strip() for part in head.split("|"))
        yield Program(name, topic, code)


def run(corpus: Sequence[Program], folder: Path) -> dict[str, Outcome]:
    """Every program's outcome, by name. Two processes in all: one of each language."""
    outcomes: dict[str, Outcome] = {}
    built: list[Program] = []
    for program in corpus:
        source = folder / f"{program.name}.py"
        source.write_text(program.code, encoding="utf-8")
        try:
            build(source, folder / program.name, maps=False)
            built.append(program)
        except Refused as refusal:
            outcomes[program.name] = Outcome("refused", refusal.findings[0].code)
    python = in_one_process([sys.executable, "-W", "ignore", str(HERE / "run.py")], folder, built, ".py")
    javascript = in_one_process(["node", str(HERE / "run.mjs")], folder, built, "/main.js")
    for program in built:
        outcomes[program.name] = compare(python[program.name], javascript[program.name])
    return outcomes


def compare(python: list[str], javascript: list[str]) -> Outcome:
    (failed, wanted), (raised, got) = python, javascript
    detail = f"CPython {wanted.strip()[:200]!r}, JavaScript {got.strip()[:200]!r} {raised}"
    if bool(failed) == bool(raised) and wanted.rstrip() == got.rstrip():
        return Outcome("equal", detail)
    return Outcome("loud" if raised else "silent", detail)


def in_one_process(
    command: list[str], folder: Path, built: Sequence[Program], ending: str
) -> dict[str, list[str]]:
    """[error or empty, what was printed] of each program."""
    paths = {str(folder / program.name) + ending: program.name for program in built}
    done = subprocess.run(
        command, input=json.dumps(list(paths)), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {paths[path]: found for path, found in json.loads(done.stdout).items()}
