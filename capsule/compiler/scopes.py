"""Whose a name is: of a function, a comprehension, the module, or Python itself."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from capsule.compiler.index import Signature, nested_statements, stored_names

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False)
class Scope:
    """`kind` is "module", "class", "method", "function", "lambda" or "comprehension"."""

    kind: str
    node: ast.AST
    parent: "Scope | None" = None
    names: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    # What this function must declare at its top: temporaries, and names a walrus binds.
    declared: list[str] = field(default_factory=list)
    temporaries: int = 0
    # How many statements around this place have something to do when a generator is left for good.
    guards: int = 0
    kinds: dict[str, str] = field(default_factory=dict)
    # Names whose kinds are being inferred: nothing is known of them yet.
    pending: set[str] = field(default_factory=set)
    # What a call of a local function's name means; known after the first such call.
    signatures: dict[str, Signature] | None = None

    def find(self, name: str) -> "Scope | None":
        """The scope that a name read here belongs to; a class body is seen from itself alone."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            if name in scope.names and (first or scope.kind != "class"):
                return scope
            first = False
            scope = scope.parent
        return None

    @property
    def function(self) -> "Scope":
        """The nearest scope that holds JavaScript `var`s."""
        scope = self
        while scope.kind in ("comprehension", "class") and scope.parent is not None:
            scope = scope.parent
        return scope

    def temporary(self, hint: str = "t") -> str:
        """A new name that Python code cannot have, declared at the top of the function."""
        holder = self.function
        holder.temporaries += 1
        name = f"${hint}{holder.temporaries}"
        holder.declared.append(name)
        return name


def body_names(body: Iterable[ast.stmt]) -> set[str]:
    """Every name that these statements bind, without what nested functions bind."""
    result: set[str] = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            result.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            result.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        else:
            result.update(stored_names(node))
            result.update(body_names(nested_statements(node)))
    return result


def declared_outer(body: Iterable[ast.stmt]) -> set[str]:
    """The names that `global` and `nonlocal` give away."""
    result: set[str] = set()
    for node in body:
        if isinstance(node, ast.Global | ast.Nonlocal):
            result.update(node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            result.update(declared_outer(nested_statements(node)))
    return result


def rebindings(tree: ast.Module, names: Iterable[str]) -> Iterator[tuple[str, ast.AST]]:
    """Where the module, or a function that says `global`, binds or deletes one of these names without an import."""
    module = frozenset(names)
    pending: list[tuple[ast.AST, frozenset[str]]] = [(tree, module)]
    while pending:
        node, seen = pending.pop()
        inside = seen
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name in seen:
                yield node.name, node
            inside = module & declared_outer(node.body)
        elif isinstance(node, ast.Lambda):
            inside = frozenset()
        elif isinstance(node, ast.comprehension):
            pending.append((node.target, frozenset()))
            pending.extend((one, seen) for one in (node.iter, *node.ifs))
            continue
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id in seen:
            yield node.id, node
        elif isinstance(node, ast.ExceptHandler) and node.name in seen:
            yield str(node.name), node
        pending.extend((child, inside) for child in ast.iter_child_nodes(node))


def parameters(arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    names = [a.arg for a in every]
    names.extend(a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None)
    return names


def function_scope(node: FunctionNode, parent: Scope) -> Scope:
    if isinstance(node, ast.Lambda):
        return Scope("lambda", node, parent, set(parameters(node.args)))
    outer = declared_outer(node.body)
    names = (body_names(node.body) - outer) | set(parameters(node.args))
    return Scope("method" if parent.kind == "class" else "function", node, parent, names, outer)
