"""Imports: of the program's own modules, of the shared core, and of the few libraries that have a twin."""

import ast

from capsule.compiler.lowering import Lowering, js_name
from capsule.compiler.runtime_names import LIBRARY
from capsule.compiler.sources import SEAM, TYPING, core_name


class Imports(Lowering):
    def visit_Import(self, node: ast.Import) -> ast.stmt | None:
        if self.scope.kind != "module":
            self.refuse("CAP163", node)
            return None
        kept: list[ast.alias] = []
        for alias in node.names:
            module = core_name(alias.name)
            if module in TYPING:
                continue
            if self.importable(module, node):
                if "." in module and alias.asname is None:
                    self.refuse("CAP162", node, name=module)
                kept.append(ast.alias(name=module, asname=js_name(alias.asname or module)))
        return ast.Import(names=kept) if kept else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.stmt] | None:
        module = self.source.absolute(node)
        if module in TYPING:
            return None
        if any(alias.name == "*" for alias in node.names):
            self.refuse("CAP161", node)
            return None
        if self.scope.kind != "module":
            self.refuse("CAP163", node)
            return None
        result: list[ast.stmt] = []
        names: list[ast.alias] = []
        for alias in node.names:
            whole = f"{module}.{alias.name}"
            if whole in self.index.modules or whole == SEAM:
                result.append(
                    ast.Import(names=[ast.alias(name=whole, asname=js_name(alias.asname or alias.name))])
                )
            else:
                names.append(ast.alias(name=alias.name, asname=js_name(alias.asname or alias.name)))
        for alias in names:
            self.check_library(module, alias.name, node)
        if names and self.importable(module, node):
            self.check_rebound(module, node)
            result.append(ast.ImportFrom(module=module, names=names, level=0))
        return result

    def check_rebound(self, module: str, node: ast.ImportFrom) -> None:
        """Python copies the value at the import; a JavaScript import goes on to see the module's own variable."""
        there = self.index.modules.get(module)
        if there is None:
            return
        for alias in node.names:
            changed = any(
                isinstance(one, ast.Global) and alias.name in one.names for one in ast.walk(there.source.tree)
            )
            if changed:
                self.refuse("CAP164", node, name=alias.name)

    def importable(self, module: str, node: ast.stmt) -> bool:
        if module in self.index.modules or module == SEAM or module in LIBRARY:
            return True
        self.refuse("CAP160", node, name=module)
        return False
