"""Small programs, compiled and run, for the tests here."""

import contextlib
import io
import subprocess
from pathlib import Path

from capsule.compiler.build import build
from capsule.compiler.survey import survey


def codes(text: str, folder: Path) -> list[str]:
    """The codes that `check` finds in a source."""
    path = folder / "source.py"
    path.write_text(text, encoding="utf-8")
    return [finding.code for finding in survey([path]).findings]


def javascript(text: str, folder: Path) -> str:
    """What the compiled module of a source looks like."""
    path = folder / "source.py"
    path.write_text(text, encoding="utf-8")
    build(path, folder / "out")
    return (folder / "out" / "modules" / "source.js").read_text(encoding="utf-8")


def node(script: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a script as an ES module in the folder."""
    path = folder / "script.mjs"
    path.write_text(script, encoding="utf-8")
    command = ["node", *options, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def printed(text: str, folder: Path) -> str:
    """What a source prints in Node."""
    javascript(text, folder)
    done = node("await import('./out/main.js');", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def same(text: str, folder: Path) -> str:
    """What a source prints in Node, where that is what it prints here."""
    here = io.StringIO()
    with contextlib.redirect_stdout(here):
        exec(compile(text, "source.py", "exec"), {"__name__": "__main__"})
    assert printed(text, folder) == here.getvalue()
    return here.getvalue()
