"""What the model and collection classes of a program declare, as far as their class bodies say it outright.

A declaration that is computed (a call, a name that is bound twice, a dict that is changed later) is not known, and a
class with one is `certain` of nothing: the rules about models leave it alone.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from capsule.compiler.index import Class, Index
from capsule.compiler.sources import is_core

Pairs = dict[str, ast.expr]
MERGED = ("props", "session", "derived", "children", "collections")
CHANGING = frozenset({"update", "pop", "popitem", "clear", "setdefault"})


@dataclass(frozen=True)
class Prop:
    """One property. `type` is None and `null` True where they are not known; `values` only if all are constants."""

    name: str
    type: str | None
    values: tuple[object, ...] | None = None
    null: bool = False


@dataclass(eq=False)
class Declared:
    """One class with its bases: what instances have. Names that only a subclass declares are not here."""

    found: Class
    model: bool
    body: Pairs
    annotations: Pairs
    above: "Declared | None"
    certain: bool = True
    typed: bool = False
    extra: str | None = "reject"
    key: str | None = "id"
    props: dict[str, Prop] = field(default_factory=dict)
    derived: set[str] = field(default_factory=set)
    nested: dict[str, Class | None] = field(default_factory=dict)
    children: set[str] = field(default_factory=set)
    below: "list[Declared]" = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.found.name

    def line(self) -> "Iterator[Declared]":
        """The class and its bases, the nearest first, without those of capsule."""
        one: Declared | None = self
        while one is not None:
            yield one
            one = one.above

    def family(self) -> "Iterator[Declared]":
        """The class and all its subclasses in the program: what `self` may be."""
        yield self
        for one in self.below:
            yield from one.family()

    def value(self, name: str) -> ast.expr | None:
        """What a class attribute is given, here or in the nearest base."""
        return next((one.body[name] for one in self.line() if name in one.body), None)

    def refuses(self) -> bool:
        """Whether a name that is not declared is surely a mistake."""
        return self.certain and self.typed and self.extra == "reject" and self.key is not None

    def attributes(self) -> set[str]:
        """Every name that `get` knows."""
        return {*self.props, *self.derived, *([self.key] if self.key else [])}

    def overrides(self, method: str) -> bool:
        """Whether the app gives a method of the core another meaning."""
        return any(
            method in one.found.functions or method in one.body
            for member in self.family()
            for one in member.line()
        )


class Declarations:
    """Read before lowering, which takes the trees apart."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.known: dict[Class, Declared] = {}
        self.dynamic = changed_outside(index)
        for module in index.modules.values():
            if not is_core(module.source.name):
                for one in module.classes.values():
                    self.of(one)
        for declared in self.known.values():
            if declared.above is not None:
                declared.above.below.append(declared)

    def of(self, found: Class) -> Declared | None:
        """The declarations of a class of the app that descends from Model or Collection."""
        if found in self.known:
            return self.known[found]
        chain = self.index.ancestry(found)
        core = next((one.name for one in chain if is_core(one.module)), None)
        if is_core(found.module) or core not in ("Model", "Collection"):
            return None
        above = self.of(chain[1])
        declared = Declared(found, core == "Model", *class_body(found.node), above)
        self.known[found] = declared
        self._inherit(declared)
        self._read(declared)
        return declared

    def class_of(self, node: ast.expr | None, module: str) -> Class | None:
        """The class that an expression at the top of a module, or an annotation, surely names."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            node = ast.Name(id=node.value, ctx=ast.Load())
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            target = self.index.modules[module].imports.get(node.value.id)
            found = self.index.resolve(target[0], node.attr) if target and target[1] is None else None
        else:
            found = self.index.resolve(module, node.id) if isinstance(node, ast.Name) else None
        return found if isinstance(found, Class) else None

    def entries(self, node: ast.expr | None, module: str, depth: int = 0) -> Pairs | None:
        """The pairs of a dict that is written out, also through constants, `**` and `|`; None if it is computed."""
        node, module = self.constant(node, module)
        if depth > 20:
            return None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            left = self.entries(node.left, module, depth + 1)
            right = self.entries(node.right, module, depth + 1)
            return None if left is None or right is None else {**left, **right}
        if isinstance(node, ast.Attribute):
            owner = self.class_of(node.value, module)
            own = class_body(owner.node)[0].get(node.attr) if owner is not None else None
            return self.entries(own, owner.module, depth + 1) if owner is not None else None
        if not isinstance(node, ast.Dict):
            return None
        pairs: Pairs = {}
        for key, value in zip(node.keys, node.values, strict=True):
            name = self.constant(key, module)[0]
            if key is None:
                more = self.entries(value, module, depth + 1)
                if more is None:
                    return None
                pairs.update(more)
            elif isinstance(name, ast.Constant) and isinstance(name.value, str):
                # A constant of another module is meant as it is there.
                pairs[name.value] = self.constant(value, module)[0] or value
            else:
                return None
        return pairs

    def constant(self, node: ast.expr | None, module: str) -> tuple[ast.expr | None, str]:
        """What a constant stands for, and the module where that is written; anything else is itself."""
        for _ in range(20):
            here = self.index.modules.get(module)
            if here is None or not isinstance(node, ast.Name):
                break
            if node.id in here.rebound or node.id in self.dynamic:
                break
            target = here.imports.get(node.id)
            if target is None:
                value = top_values(here.source.tree).get(node.id)
                if value is None:
                    break
                node = value
            elif target[1] is None:
                break
            else:
                module, node = target[0], ast.Name(id=target[1], ctx=ast.Load())
        return node, module

    def _inherit(self, declared: Declared) -> None:
        above = declared.above
        if above is not None:
            declared.certain, declared.typed = above.certain, above.typed
            declared.extra, declared.key = above.extra, above.key
            declared.props, declared.derived = {**above.props}, {*above.derived}
            declared.nested, declared.children = {**above.nested}, {*above.children}

    def _read(self, declared: Declared) -> None:
        found, body = declared.found, declared.body
        if self.dynamic.intersection(MERGED) or found.node.decorator_list or found.node.keywords:
            declared.certain = False
        if found.name in self.index.modules[found.module].rebound:
            declared.certain = False
        for name, fallback in (("extraProperties", "extra"), ("idAttribute", "key")):
            if name in body:
                value = self.constant(body[name], found.module)[0]
                literal = value.value if isinstance(value, ast.Constant) else None
                setattr(declared, fallback, literal if isinstance(literal, str) else None)
        for name in MERGED:
            pairs = self.entries(body[name], found.module) if name in body else {}
            if pairs is None:
                declared.certain = False
            elif name in ("props", "session"):
                declared.typed = declared.typed or name in body
                declared.props.update(
                    {one: self.prop(one, node, found.module) for one, node in pairs.items()}
                )
            elif name == "derived":
                declared.derived.update(pairs)
            else:
                classes = {one: self.class_of(node, found.module) for one, node in pairs.items()}
                declared.nested.update(classes)
                declared.children.update(pairs if name == "children" else ())

    def prop(self, name: str, node: ast.expr, module: str) -> Prop:
        node = self.constant(node, module)[0] or node
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return Prop(name, node.value)
        pairs = self.entries(node, module)
        kind = self.constant((pairs or {}).get("type"), module)[0]
        if pairs is None or not isinstance(kind, ast.Constant) or not isinstance(kind.value, str):
            return Prop(name, None, None, True)
        null = pairs.get("allowNull")
        return Prop(
            name,
            kind.value,
            constants(self.constant(pairs.get("values"), module)[0]),
            null is not None and not (isinstance(null, ast.Constant) and null.value is not True),
        )


def class_body(node: ast.ClassDef) -> tuple[Pairs, Pairs]:
    """What a class body assigns, and what it annotates without a value."""
    values: Pairs = {}
    annotations: Pairs = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            if statement.value is None:
                annotations[statement.target.id] = statement.annotation
            else:
                values[statement.target.id] = statement.value
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    values[target.id] = statement.value
    return values, annotations


def top_values(tree: ast.Module) -> Pairs:
    """The constants of a module: what its own statements assign."""
    found: Pairs = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            found.update({t.id: statement.value for t in statement.targets if isinstance(t, ast.Name)})
        elif (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.value
        ):
            found[statement.target.id] = statement.value
    return found


def constants(node: ast.expr | None) -> tuple[object, ...] | None:
    """A list of constants that is written out."""
    if not isinstance(node, ast.List | ast.Tuple) or not node.elts:
        return None
    found = tuple(item.value for item in node.elts if isinstance(item, ast.Constant))
    return found if len(found) == len(node.elts) else None


def changed_outside(index: Index) -> set[str]:
    """Names and attributes that the program changes in place: `PROPS["late"] = ...`, `Task.props.update(...)`."""
    found: set[str] = set()
    for module in index.modules.values():
        if is_core(module.source.name):
            continue
        for node in ast.walk(module.source.tree):
            value: ast.expr | None = None
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                value = node
            elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                value = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                value = node.func.value if node.func.attr in CHANGING else None
            elif isinstance(node, ast.AugAssign):
                value = node.target
            if isinstance(value, ast.Name | ast.Attribute):
                found.add(value.id if isinstance(value, ast.Name) else value.attr)
    return found
