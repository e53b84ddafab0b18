"""Rewrites a module's syntax tree so that what is left of Python's operators and names means the same in JavaScript."""

import ast

from capsule.compiler.finding import Finding
from capsule.compiler.flow import made_by_functions, module_flow
from capsule.compiler.index import Index
from capsule.compiler.lower_calls import Calls
from capsule.compiler.lower_definitions import Definitions, without_docstring
from capsule.compiler.lower_imports import Imports
from capsule.compiler.lower_loops import Loops
from capsule.compiler.lower_statements import Statements
from capsule.compiler.lowering import js_name
from capsule.compiler.model_rules import keyword_options, model_findings, with_options
from capsule.compiler.nodes import note, walk
from capsule.compiler.scopes import Scope, body_names
from capsule.compiler.sources import Source, is_core
from capsule.compiler.trust import Trust


class ModuleLowering(Calls, Loops, Definitions, Imports, Statements):
    """All parts together. What shared code does not have is refused by kind of node."""

    def run(self) -> ast.Module:
        tree = self.source.tree
        given = made_by_functions(tree)
        self.scope = Scope(
            "module", tree, None, body_names(tree.body) | given, declared=sorted(map(js_name, given))
        )
        self.flows.append(module_flow(tree))
        self.kinds.bind(self.scope, tree.body)
        for rebound in self.module.rebound:
            if globally(tree, rebound):
                self.scope.kinds.pop(rebound, None)
        self.check_imported(tree)
        body = self.lower_body(without_docstring(tree.body))
        lowered = ast.Module(body=self.needed_imports(body), type_ignores=[])
        note(lowered, declared=self.scope.declared)
        note(lowered, names=sorted(self.scope.names))
        bound = bindings(lowered.body)
        self.source.exports = [(js_name(n), n) for n in sorted(self.scope.names) if js_name(n) in bound]
        note(lowered, exports=self.source.exports, writes=not self.source.core)
        return ast.fix_missing_locations(lowered)

    def needed_imports(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Without the names that only annotations used; a module that is left without any is still run."""
        used = {one.id for statement in body for one in walk(statement) if isinstance(one, ast.Name)}
        for statement in body:
            if isinstance(statement, ast.ImportFrom):
                statement.names = [
                    alias
                    for alias in statement.names
                    if alias.asname in used
                    or self.source.package
                    or (self.source.name, alias.asname) in self.index.wanted
                ]
        return [s for s in body if not self.idle(s)]

    def idle(self, node: ast.stmt) -> bool:
        """An import of a core module for types alone: the core's modules do nothing when they are loaded."""
        return isinstance(node, ast.ImportFrom) and not node.names and is_core(node.module or "")

    def visit_Match(self, node: ast.Match) -> None:
        self.refuse("CAP101", node)

    def visit_TryStar(self, node: ast.stmt) -> None:
        self.refuse("CAP102", node)

    def refuse_async(self, node: ast.AST) -> None:
        self.refuse("CAP103", node)

    visit_AsyncFor = refuse_async
    visit_AsyncWith = refuse_async

    def visit_Await(self, node: ast.Await) -> ast.expr:
        self.refuse("CAP103", node)
        return node

    def visit_TypeAlias(self, node: ast.stmt) -> None:
        """`type X = ...` is for the type checker alone."""
        return None


def bindings(body: list[ast.stmt]) -> set[str]:
    """The names that lowered statements bind in their own JavaScript scope."""
    result: set[str] = set()
    pending: list[ast.AST] = list(body)
    while pending:
        one = pending.pop()
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            result.add(one.name)
            continue
        if isinstance(one, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            result.add(one.id)
        elif isinstance(one, ast.alias) and one.asname:
            result.add(one.asname)
        elif isinstance(one, ast.ExceptHandler) and one.name:
            result.add(one.name)
        pending.extend(ast.iter_child_nodes(one))
    return result


def globally(tree: ast.Module, text: str) -> bool:
    return any(isinstance(node, ast.Global) and text in node.names for node in ast.walk(tree))


def lower(
    source: Source, index: Index, trust: Trust | None = None, how: type[ModuleLowering] = ModuleLowering
) -> tuple[ast.Module, list[Finding]]:
    """The lowered module, and what was refused on the way."""
    # Before the tree is taken apart.
    found = [] if source.core else model_findings(source, index)
    options = [] if source.core else keyword_options(source, index)
    lowering = how(source, index, trust)
    tree = lowering.run()
    return tree, [*found, *with_options(options, lowering.findings)]
