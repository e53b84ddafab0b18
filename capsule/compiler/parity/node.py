"""The compiled models in a Node process that answers one sequence of steps after the other."""

import json
import subprocess
from pathlib import Path
from types import TracebackType

from capsule.compiler.parity.machine import Entry, Step
from capsule.compiler.sources import JS


class NodeError(Exception):
    """Node is missing, or ended. What it said is on stderr."""


class NodeMachine:
    """`main` is the main.js of a build; `root` the name of the root class that it exports."""

    def __init__(self, main: Path, root: str) -> None:
        self.main = main
        self.root = root

    def __enter__(self) -> "NodeMachine":
        script = (JS / "parity.js").read_text(encoding="utf-8")
        command = ["node", "--input-type=module", "--eval", script]
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        except FileNotFoundError:
            raise NodeError(
                "The parity kit runs the compiled models in Node, and there is no `node` on PATH."
            ) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.process.communicate()

    def run(self, steps: list[Step]) -> list[Entry]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(self.main), self.root, steps]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise NodeError(f"Node ended with {self.process.wait()}.")
        result: list[Entry] = json.loads(line)
        return result
