"""Many programs on CPython and, compiled, in Node: what each printed, side by side."""

import io
import json
import subprocess
import tempfile
import warnings
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from capsule.compiler.build import write
from capsule.compiler.check import check_sources, lower_all
from capsule.compiler.index import Index
from capsule.compiler.sources import Sources, load

NODE = Path(__file__).with_name("programs.mjs")


@dataclass
class Twin:
    """One program's two outputs, line by line; `refused` holds the codes when there is no second."""

    program: str
    python: list[str]
    javascript: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def different(self) -> bool:
        return not self.refused and self.python != self.javascript

    def report(self) -> str:
        return "\n".join(["", self.program, "# CPython:", *self.python, "# JavaScript:", *self.javascript])


def run_python(program: str) -> list[str]:
    """What it prints; the name of an exception that nothing caught is the last line."""
    printed = io.StringIO()
    with redirect_stdout(printed), warnings.catch_warnings():
        # `'a' is 1`, `1[0]`: CPython warns of what the program does on purpose.
        warnings.simplefilter("ignore")
        try:
            exec(compile(program, "program.py", "exec"), {"__name__": "__main__"})
        except Exception as error:
            print("uncaught", type(error).__name__)
    return printed.getvalue().split("\n")


class Twins:
    """Compiles programs and runs them in one Node process for as long as the block lasts."""

    def __enter__(self) -> "Twins":
        self.node = subprocess.Popen(
            ["node", str(NODE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.node.communicate()

    def run(self, programs: Iterable[str]) -> list[Twin]:
        """All programs in one build, each compiled with no knowledge of the others."""
        twins = [Twin(program, run_python(program)) for program in programs]
        merged = Sources(None)
        trees = {}
        with tempfile.TemporaryDirectory(prefix="capsule-programs-") as folder:
            place = Path(folder)
            for number, twin in enumerate(twins):
                file = place / f"program{number:05}.py"
                file.write_text(twin.program, encoding="utf-8")
                sources = load(file, core=False)
                findings = check_sources(sources)
                if not findings:
                    lowered, findings = lower_all(sources, Index(sources))
                twin.refused = sorted({finding.code for finding in findings})
                if not findings:
                    merged.modules.update(sources.modules)
                    trees.update(lowered)
            accepted = [twin for twin in twins if not twin.refused]
            if accepted:
                write(merged, Index(merged), trees, place / "out", maps=False)
                printed = self.ask(place / "out" / "modules", [f"{name}.js" for name in merged.modules])
                for twin, lines in zip(accepted, printed, strict=True):
                    twin.javascript = lines
        return twins

    def ask(self, folder: Path, files: list[str]) -> list[list[str]]:
        """What each module prints when it is loaded, in the form of run_python."""
        assert self.node.stdin is not None
        assert self.node.stdout is not None
        self.node.stdin.write(json.dumps([str(folder), files]) + "\n")
        self.node.stdin.flush()
        answer = self.node.stdout.readline()
        assert answer, f"Node ended with {self.node.wait()}"
        printed: list[list[str]] = json.loads(answer)
        return printed
