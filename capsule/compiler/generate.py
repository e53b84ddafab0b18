"""A module's JavaScript: its imports, its statements, and one list of what it exports."""

import ast

from capsule.compiler.generate_base import Frame
from capsule.compiler.generate_definitions import Definitions
from capsule.compiler.generate_expressions import Expressions
from capsule.compiler.generate_statements import Statements
from capsule.compiler.lowering import BUILTINS
from capsule.compiler.runtime_names import RUNTIME_NAMES, RUNTIME_PARTS


class ModuleEmitter(Definitions, Statements, Expressions):
    """To be mixed with Transcrypt's Generator, which walks the tree and collects what is emitted."""

    def visit_Module(self, node: ast.Module) -> None:
        self.frames = [Frame(set(), set())]
        self.labels = []
        self.caught = []
        self.instance = None
        self.runtime = set()
        self.numbers = 0
        # The core's own messages are texts; an app's may be of anything.
        self.pure = not getattr(node, "writes", True)
        self.writes = bool(getattr(node, "writes", False))
        self.own: set[str] = set(getattr(node, "names", []))
        self.adaptLineNrString()
        self.inscope(node)
        start = self.fragmentIndex
        self.import_all(node)
        body = [s for s in node.body if not isinstance(s, ast.Import | ast.ImportFrom)]
        self.declare(getattr(node, "declared", []))
        self.statements(body)
        self.export_all(node)
        end = self.fragmentIndex
        self.fragmentIndex = start
        self.adaptLineNrString()
        self.import_runtime()
        self.fragmentIndex = end + self.fragmentIndex - start
        self.descope()

    fragmentIndex: int

    def known(self, text: str) -> str:
        """A name as it is written; one of the runtime's is noted, to be imported."""
        python = text.startswith("$") or (text in BUILTINS and text not in self.own)
        if python and (text in RUNTIME_NAMES or (text.startswith("$") and text[1:] in RUNTIME_NAMES)):
            self.runtime.add(text)
        return text

    # -- imports and exports

    def import_all(self, node: ast.Module) -> None:
        for statement in node.body:
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    path = self.module.program.provide(alias.name).importRelPath
                    self.put(f"import * as {alias.asname} from '{path}'")
                    self.emit(";\n")
            elif isinstance(statement, ast.ImportFrom):
                assert statement.module is not None
                path = self.module.program.provide(statement.module).importRelPath
                names = [a.name if a.name == a.asname else f"{a.name} as {a.asname}" for a in statement.names]
                self.put(
                    f"import {{{', '.join(sorted(names))}}} from '{path}'" if names else f"import '{path}'"
                )
                self.emit(";\n")

    def export_all(self, node: ast.Module) -> None:
        names: list[tuple[str, str]] = getattr(node, "exports", [])
        if names:
            listed = [here if here == there else f"{here} as {there}" for here, there in names]
            self.put(f"export {{{', '.join(listed)}}}")
            self.emit(";\n")

    def import_runtime(self) -> None:
        """From each part of the runtime what this module uses; its own names keep Python's builtins out."""
        parts: dict[str, list[str]] = {}
        for text in self.runtime:
            source = text if text in RUNTIME_NAMES else text[1:]
            listed = text if source == text else f"{source} as {text}"
            parts.setdefault(RUNTIME_NAMES[source], []).append(listed)
        if self.writes and ("errors" in parts or "$class" in self.runtime):
            self.put("import './runtime.written.js'")
            self.emit(";\n")
        for part in RUNTIME_PARTS:
            if part in parts:
                self.put(f"import {{{', '.join(sorted(parts[part]))}}} from './runtime.{part}.js'")
                self.emit(";\n")
