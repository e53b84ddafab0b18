"""Imports: of the program's own modules, of the shared core, and of the few libraries that have a twin."""

import ast

from capsule.compiler.lowering import Lowering, js_name
from capsule.compiler.runtime_names import LIBRARY
from capsule.compiler.scopes import rebindings
from capsule.compiler.sources import SEAM, TYPING, core_name


class Imports(Lowering):
    def check_imported(self, tree: ast.Module) -> None:
        """JavaScript's imports are constant: each name stands for what it was imported as."""
        imported: dict[str, tuple[str, str]] = {}
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for local, target in self.targets(node):
                    if imported.setdefault(local, target) != target:
                        self.refuse("CAP165", node, name=local)
        for text, place in rebindings(tree, imported):
            self.refuse("CAP165", place, name=text)

    def targets(self, node: ast.Import | ast.ImportFrom) -> list[tuple[str, tuple[str, str]]]:
        """The names that an import binds, and to what: a module and a name in it, which is empty for the module."""
        if isinstance(node, ast.ImportFrom):
            module = self.source.absolute(node)
            return [(alias.asname or alias.name, (module, alias.name)) for alias in node.names]
        return [(alias.asname or alias.name.split(".")[0], (alias.name, "")) for alias in node.names]

    def is_first(self, alias: ast.alias) -> bool:
        """Whether the name is not imported already: once is enough."""
        local = alias.asname or alias.name
        first = local not in self.imported
        self.imported.add(local)
        return first

    def is_at_top(self, node: ast.stmt) -> bool:
        if self.scope.kind == "module" and node in self.source.tree.body:
            return True
        self.refuse("CAP163", node)
        return False

    def visit_Import(self, node: ast.Import) -> ast.stmt | None:
        if not self.is_at_top(node):
            return None
        kept: list[ast.alias] = []
        for alias in filter(self.is_first, node.names):
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
        if not self.is_at_top(node):
            return None
        result: list[ast.stmt] = []
        names: list[ast.alias] = []
        for alias in filter(self.is_first, node.names):
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
