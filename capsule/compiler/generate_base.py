"""What Transcrypt's generator gives to ours, and the little that all parts of ours share.

The parts are mixed into a subclass of `compiler.Generator` by the driver, which alone imports Transcrypt.
"""

import ast
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")


def js_string(text: str) -> str:
    """A JavaScript literal. Lone surrogates and the two odd line ends are escaped, all else stays readable."""
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub("[\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found.group()):04x}", quoted)


class Frame:
    """One JavaScript function: which names it has declared so far, and which belong to a function around."""

    def __init__(self, declared: set[str], outer: set[str]) -> None:
        self.declared = declared
        self.outer = outer


class Emitter:
    """`emit` formats its text, adds the source's line number at each line end, and indents."""

    if TYPE_CHECKING:
        module: Any
        allOwnNames: set[str]

        def emit(self, fragment: str, *formatter: object) -> None: ...
        def visit(self, node: ast.AST) -> None: ...
        def indent(self) -> None: ...
        def dedent(self) -> None: ...
        def adaptLineNrString(self, node: ast.AST | None = None, offset: int = 0) -> None: ...
        def inscope(self, node: ast.AST) -> None: ...
        def descope(self) -> None: ...

    frames: list[Frame]
    labels: list[str | None]
    caught: list[str]
    runtime: set[str]
    numbers: int
    # Whether the module does nothing when it is loaded: what is not used of it can go.
    pure: bool
    # The method's first parameter, where JavaScript's `this` stands for it.
    instance: str | None

    def put(self, text: str) -> None:
        if text:
            self.emit("{}", text)

    def fresh(self, hint: str) -> str:
        self.numbers += 1
        return f"${hint}_{self.numbers}"

    def use(self, name: str) -> str:
        """A name of the runtime, to be imported."""
        self.runtime.add(name)
        return name

    def commas(self, nodes: list[ast.expr]) -> None:
        for index, node in enumerate(nodes):
            if index:
                self.emit(", ")
            self.visit(node)

    def open(self) -> None:
        self.emit("{{\n")
        self.indent()

    def close(self) -> None:
        self.dedent()
        self.emit("}}")

    def block(self, body: list[ast.stmt]) -> None:
        """Statements between braces."""
        self.open()
        self.statements(body)
        self.close()

    def guarded(self, body: Callable[[], None]) -> None:
        """A generator's body: a StopIteration that leaves it is a RuntimeError, as PEP 479 has it."""
        error = self.fresh("e")
        self.emit("try ")
        self.open()
        body()
        self.close()
        self.put(f" catch ({error}) {{ throw {self.use('$stopped')}({error}); }}")
        self.emit("\n")

    def statements(self, body: list[ast.stmt]) -> None:
        for node in body:
            self.adaptLineNrString(node)
            self.visit(node)
            self.emit("\n" if isinstance(node, BLOCKS) else ";\n")

    def declare(self, names: list[str]) -> None:
        """The temporaries of a function, at its top."""
        fresh = [name for name in names if name not in self.frames[-1].declared]
        if fresh:
            self.put("var " + ", ".join(fresh))
            self.emit(";\n")
        self.frames[-1].declared.update(names)


BLOCKS = (ast.If, ast.For, ast.While, ast.Try)
