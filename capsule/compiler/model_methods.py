"""The rules about how the methods of a model use its attributes: names, literal values, and what `get` gives."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from capsule.compiler.class_bodies import display
from capsule.compiler.declarations import Declarations, Declared, Prop
from capsule.compiler.finding import Finding
from capsule.compiler.index import method_role
from capsule.compiler.literals import TYPES, accepts, article, hint, kind_of, shown_value
from capsule.compiler.refusal import Refusals
from capsule.compiler.sources import Source

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
READING = frozenset({"get", "has", "previous", "hasChanged", "escape"})
WRITING = frozenset({"set", "unset", "toggle", "setServer", "toggleServer"})
MUTATING = frozenset(
    "append extend insert remove pop popitem clear sort reverse update setdefault add discard".split()
)


@dataclass(frozen=True)
class Receiver:
    """A model that an expression surely is. `exact`: of that class itself and of no subclass."""

    declared: Declared
    exact: bool

    def candidates(self) -> list[Declared]:
        return [self.declared] if self.exact else list(self.declared.family())


class ModelMethods(Refusals):
    """All rules for the methods of one module's models."""

    def __init__(self, source: Source, declarations: Declarations) -> None:
        super().__init__(source)
        self.declarations = declarations

    def check(self) -> list[Finding]:
        for declared in self.declarations.known.values():
            if declared.found.module == self.source.name and declared.model:
                for function in methods(declared):
                    self.method(declared, function)
        return self.findings

    def method(self, declared: Declared, function: FunctionNode) -> None:
        myself = function.args.args[0].arg
        for node in within(function, myself):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                receiver = self.receiver(node.func.value, declared, myself)
                if receiver is not None and not receiver.declared.overrides(node.func.attr):
                    self.names(node, node.func.attr, receiver)
        if not declared.overrides("get"):
            self.mutations(declared, function, myself)

    def receiver(self, node: ast.expr, declared: Declared, myself: str) -> Receiver | None:
        if isinstance(node, ast.Name):
            return Receiver(declared, False) if node.id == myself else None
        if isinstance(node, ast.Attribute):
            above = self.receiver(node.value, declared, myself)
            if above is None or node.attr not in above.declared.children:
                return None
            classes = {one.nested.get(node.attr) for one in above.candidates()}
            found = classes.pop()
            child = self.declarations.known.get(found) if found is not None else None
            return Receiver(child, True) if child is not None and not classes else None
        return None

    # -- names and values

    def names(self, node: ast.Call, method: str, receiver: Receiver) -> None:
        if not node.args or isinstance(node.args[0], ast.Starred):
            return
        first = node.args[0]
        if method in READING or method in WRITING:
            named = first.elts if method == "unset" and isinstance(first, ast.List) else [first]
            for one in named:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    self.name(one, one.value, method, receiver)
        if method not in ("set", "setServer"):
            return
        if isinstance(first, ast.Dict):
            checked = all(plain_options(one) for one in node.args[1:])
            for key, value in zip(first.keys, first.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    self.name(key, key.value, method, receiver)
                    if checked:
                        self.value(value, key.value, receiver)
        elif (
            isinstance(first, ast.Constant) and len(node.args) > 1 and all(map(plain_options, node.args[2:]))
        ):
            self.value(node.args[1], str(first.value), receiver)

    def name(self, node: ast.AST, name: str, method: str, receiver: Receiver) -> None:
        candidates = receiver.candidates()
        if not all(one.refuses() for one in candidates):
            return
        known = {name for one in candidates for name in one.attributes()}
        nested = {name for one in candidates for name in one.nested}
        if method in WRITING:
            if name in known and not any(name in one.derived for one in candidates):
                return
            if name in nested and method in ("set", "setServer"):
                return
            if name in known:
                if all(name in one.derived for one in candidates) and method != "unset":
                    self.undeclared(node, name, receiver, "is derived: it cannot be set", "")
                return
        elif name in known:
            return
        if name in nested:
            problem = f"is nested: `{method}` does not reach it, the attribute `.{name}` does"
            self.undeclared(node, name, receiver, problem, "")
        else:
            self.undeclared(node, name, receiver, "is not declared", hint(name, known))

    def undeclared(self, node: ast.AST, name: str, receiver: Receiver, problem: str, near: str) -> None:
        owner = receiver.declared.name
        self.refuse("CAP200", node, name=name, owner=owner, problem=problem, near=near)

    def value(self, node: ast.expr, name: str, receiver: Receiver) -> None:
        props = [one.props.get(name) if one.certain else None for one in receiver.candidates()]
        problems = {problem(prop, node) for prop in props}
        if len(problems) == 1 and None not in problems:
            self.refuse("CAP201", node, name=name, owner=receiver.declared.name, problem=str(problems.pop()))

    # -- what `get` gives

    def mutations(self, declared: Declared, function: FunctionNode, myself: str) -> None:
        nodes = list(within(function, myself))
        names = names_of_values(function, nodes, myself)
        for node in nodes:
            target, changing = mutated(node)
            if target is None:
                continue
            only = True
            attribute = got(target, myself)
            if isinstance(target, ast.Name):
                attribute = names.get(target.id)
                only = not escapes(target.id, function)
            if attribute is not None and self.is_lost(declared, attribute, changing, only):
                self.refuse("CAP207", node, name=attribute)

    def is_lost(self, declared: Declared, attribute: str, changing: str, only: bool) -> bool:
        """Whether the change surely never reaches the model, or reaches it without an event.

        Of a declared list or object `get` gives a copy: to change it is right when it is used further (`only` is
        False). Anything else that has a method of the name may be an object of the app's own.
        """
        index = self.declarations.index
        for one in declared.family():
            prop = one.props.get(attribute)
            if not one.certain or attribute in one.derived:
                return False
            if prop is not None and prop.type in TYPES:
                if prop.type not in ("list", "object", "any") or not only:
                    return False
            elif prop is not None or one.refuses() or changing == "+=" or index.is_method(changing):
                return False
            if changing == "+=" and (prop is None or prop.type != "list"):
                return False
        return True


def methods(declared: Declared) -> Iterator[FunctionNode]:
    """The methods whose first parameter is the instance."""
    for statement in declared.found.node.body:
        if not isinstance(statement, FunctionNode) or method_role(statement) not in ("method", "property"):
            continue
        if statement.args.args and not statement.args.posonlyargs:
            yield statement


def within(function: FunctionNode, myself: str) -> Iterator[ast.AST]:
    """What is inside a method where the name of its instance means the instance."""
    inside = list(ast.walk(function))
    if any(
        isinstance(one, ast.Name) and one.id == myself and not isinstance(one.ctx, ast.Load) for one in inside
    ):
        return
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.ClassDef):
            continue
        if isinstance(node, FunctionNode | ast.Lambda):
            arguments = node.args
            own = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            if any(one.arg == myself for one in own):
                continue
        yield node
        pending.extend(ast.iter_child_nodes(node))


def plain_options(node: ast.expr) -> bool:
    """Options that leave the values checked: neither an `unset`, nor what the server has said."""
    return (
        isinstance(node, ast.Dict)
        and None not in node.keys
        and not {"unset", "remote"} & display(node).keys()
    )


def problem(prop: Prop | None, node: ast.expr) -> str | None:
    """What a prop says to a literal, if it surely refuses it."""
    if prop is None or prop.type not in TYPES:
        return None
    literal = kind_of(node)
    if literal == "null":
        return None if prop.null or prop.type == "any" else f"must be {article(prop.type)}, but null is given"
    if not accepts(prop.type, node):
        return f"must be {article(prop.type)}, but {shown_value(node)} is given"
    if prop.values and isinstance(node, ast.Constant) and node.value not in prop.values:
        return f"has no value {shown_value(node)}{hint(str(node.value), [str(one) for one in prop.values])}"
    return None


def got(node: ast.AST, myself: str) -> str | None:
    """The name in `self.get("name")`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "get":
        return None
    if not (isinstance(node.func.value, ast.Name) and node.func.value.id == myself):
        return None
    if len(node.args) != 1 or not isinstance(node.args[0], ast.Constant):
        return None
    return node.args[0].value if isinstance(node.args[0].value, str) else None


def mutated(node: ast.AST) -> tuple[ast.expr | None, str]:
    """What a statement changes in place, and by which method. A call whose answer is used may be all about that:
    `last = self.get("tags").pop()`.
    """
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in MUTATING:
        return call.func.value, call.func.attr
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return node.value, "__delitem__" if isinstance(node.ctx, ast.Del) else "__setitem__"
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return node.target, "+="
    return None, ""


def names_of_values(function: FunctionNode, nodes: list[ast.AST], myself: str) -> dict[str, str]:
    """The local names that stand for the result of one `get`, and nothing else, in the whole method."""
    found: dict[str, str] = {}
    spoiled = {one.arg for one in ast.walk(function) if isinstance(one, ast.arg)}
    plain: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            target, value = node.targets[0], got(node.value, myself)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            target, value = node.target, got(node.value, myself)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            plain.add(id(node.target))
            continue
        else:
            continue
        plain.add(id(target))
        if value is None or found.setdefault(target.id, value) != value:
            spoiled.add(target.id)
    for one in ast.walk(function):
        if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load) and id(one) not in plain:
            spoiled.add(one.id)
        elif isinstance(one, ast.Global | ast.Nonlocal):
            spoiled.update(one.names)
    return {name: value for name, value in found.items() if name not in spoiled}


def escapes(name: str, function: FunctionNode) -> bool:
    """Whether a name is used for more than being changed."""
    targets = [mutated(node)[0] for node in ast.walk(function)]
    changed = {id(target) for target in targets if target is not None}
    return any(
        isinstance(one, ast.Name)
        and one.id == name
        and isinstance(one.ctx, ast.Load)
        and id(one) not in changed
        for one in ast.walk(function)
    )
