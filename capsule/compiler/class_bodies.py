"""The rules about what the class body of a model or collection declares."""

import ast
from collections.abc import Iterable, Iterator

from capsule.compiler.declarations import Declarations, Declared, Pairs
from capsule.compiler.finding import Finding
from capsule.compiler.index import Class
from capsule.compiler.literals import TYPES, accepts, article, hint, shown_value
from capsule.compiler.refusal import Refusals
from capsule.compiler.sources import Source, is_core
from capsule.shared.props import KEYS

PYTHON = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "list",
    "dict": "object",
}


class ClassBodies(Refusals):
    """All rules for the classes of one module."""

    def __init__(self, source: Source, declarations: Declarations) -> None:
        super().__init__(source)
        self.declarations = declarations

    def check(self) -> list[Finding]:
        for declared in self.declarations.known.values():
            if declared.found.module == self.source.name:
                self.type(declared)
                self.nested(declared)
                if declared.model:
                    for name in ("props", "session"):
                        self.props(declared, declared.body.get(name))
                    self.derived(declared)
                    self.lists(declared)
                else:
                    self.radio(declared)
        return self.findings

    # -- props

    def props(self, declared: Declared, node: ast.expr | None) -> None:
        if not isinstance(node, ast.Dict):
            return
        for key, value in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                continue
            for place, problem in self.problems(value):
                self.refuse("CAP202", place, name=key.value, owner=declared.name, problem=problem)
            if isinstance(value, ast.Dict):
                self.method(declared, display(value).get("test"), f"the test of `{key.value}`")

    def problems(self, node: ast.expr) -> Iterator[tuple[ast.AST, str]]:
        """What is wrong with one declaration, and where."""
        pairs = display(node) if isinstance(node, ast.Dict) else {"type": node}
        kind = pairs.get("type")
        if isinstance(kind, ast.Name) and kind.id in PYTHON and kind.id not in self.names():
            yield kind, f'has a Python class as its type, not "{PYTHON[kind.id]}"'
        if isinstance(kind, ast.Constant) and kind.value not in TYPES:
            yield kind, f"has no known type: {shown_value(kind)}{hint(str(kind.value), TYPES)}"
        for key in node.keys if isinstance(node, ast.Dict) else []:
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value not in KEYS:
                yield key, f"has an unknown key {shown_value(key)}{hint(key.value, KEYS)}"
        prop = self.declarations.prop("", node, self.source.name)
        if prop.type not in TYPES:
            return
        values, default = pairs.get("values"), pairs.get("default")
        for value in values.elts if isinstance(values, ast.List) else []:
            if not accepts(prop.type, value):
                yield value, f"allows {shown_value(value)}, which is not {article(prop.type)}"
        if isinstance(default, ast.List | ast.Dict):
            yield default, "has a list or an object as its default; write a function that makes one"
        elif default is not None and not none(default):
            if not accepts(prop.type, default):
                yield default, f"must be {article(prop.type)}, but its default is {shown_value(default)}"
            elif prop.values and isinstance(default, ast.Constant) and default.value not in prop.values:
                yield default, f"has a default that is not one of its values: {shown_value(default)}"

    def names(self) -> set[str]:
        return self.declarations.index.modules[self.source.name].names

    def derived(self, declared: Declared) -> None:
        for name, value in display(declared.body.get("derived")).items():
            self.method(declared, display(value).get("fn"), f"the function of `{name}`")

    # -- lists of names

    def lists(self, declared: Declared) -> None:
        family = list(declared.family())
        known = {name for one in family for name in [*one.attributes(), *one.nested]}
        if all(one.refuses() for one in family):
            for name in ("clientEditable", "clientAddable"):
                self.named(declared, name, declared.body.get(name), known, "attribute")
            for audience in display(declared.body.get("private")).values():
                self.named(declared, "private", audience, known, "attribute")
        collections = {name for one in family for name in one.nested}
        self.named(declared, "membership", declared.body.get("membership"), collections, "collection")
        for item in strings(declared.body.get("exposedServerMethods")):
            self.method(declared, item, "exposedServerMethods")

    def radio(self, declared: Declared) -> None:
        node = declared.value("model")
        found = self.declarations.class_of(node, declared.found.module)
        model = self.declarations.known.get(found) if found is not None else None
        if model is not None and all(one.refuses() for one in model.family()):
            known = {name for one in model.family() for name in one.attributes()}
            radio = declared.body.get("radioProperties")
            self.named(model, "radioProperties", radio, known, "attribute")

    def named(self, owner: Declared, name: str, node: ast.expr | None, known: set[str], what: str) -> None:
        for item in strings(node):
            if item.value not in known:
                near = hint(str(item.value), known)
                self.refuse(
                    "CAP203", item, list=name, name=str(item.value), owner=owner.name, what=what, near=near
                )

    def method(self, declared: Declared, node: ast.expr | None, where: str) -> None:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            return
        methods: set[str] = set()
        for member in declared.family():
            for one in self.declarations.index.ancestry(member.found):
                if node.value in one.attributes or node.value in one.held:
                    return
                methods.update(name for name, f in one.functions.items() if f.role != "property")
        if node.value not in methods:
            own = {name for name in methods if name in declared.found.functions}
            near = hint(node.value, own)
            words = {"list": where, "name": node.value, "owner": declared.name, "what": "method"}
            self.refuse("CAP203", node, **words, near=near)

    # -- type

    def type(self, declared: Declared) -> None:
        if not declared.model:
            return
        node = declared.body.get("type")
        if node is not None:
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value):
                self.refuse("CAP204", node, owner=declared.name)
        elif declared.value("type") is None and self.is_stored(declared):
            self.refuse("CAP204", class_line(declared.found), owner=declared.name)

    def is_stored(self, declared: Declared) -> bool:
        """Of a class with props and no subclass; or of one that fills a collection in a tree. A child is a part of
        its owner's item.
        """
        everyone = self.declarations.known.values()
        nested = {of for one in everyone for of in one.nested.values() if of is not None}
        if declared.found in nested:
            return False
        for one in everyone:
            if not one.model and one.found in nested:
                model = self.declarations.class_of(one.value("model"), one.found.module)
                if model is declared.found:
                    return True
        return declared.typed and not declared.below

    # -- nesting

    def nested(self, declared: Declared) -> None:
        if not declared.model:
            return
        for name in ("children", "collections"):
            for key, value in display(declared.body.get(name)).items():
                of = self.declarations.class_of(value, declared.found.module)
                if of is not None and self.is_model(of) not in (None, name == "children"):
                    kind = "a model" if name == "collections" else "a collection"
                    self.disagree(value, declared, key, f"is in `{name}`, but {of.name} is {kind}")
        for name, annotation in declared.annotations.items():
            said = self.declarations.class_of(annotation, declared.found.module)
            if said is None or self.is_model(said) is None:
                continue
            real = declared.nested.get(name)
            if name not in declared.nested:
                assigned = self.declarations.index.assigned
                if self.is_model(said) is False and name not in assigned and self.lacks(declared, name):
                    self.disagree(
                        annotation, declared, name, f"is annotated as {said.name}, but is nowhere made"
                    )
            elif real is not None and said not in self.declarations.index.ancestry(real):
                self.disagree(
                    annotation, declared, name, f"is annotated as {said.name}, but holds a {real.name}"
                )

    def lacks(self, declared: Declared, name: str) -> bool:
        """Whether nothing else in the class or around it can be what has the name."""
        return all(
            one.certain
            and name not in one.nested
            and name not in one.body
            and name not in one.found.functions
            for one in declared.family()
        )

    def is_model(self, found: Class) -> bool | None:
        """True for a model's class, False for a collection's, None for any other."""
        declared = self.declarations.known.get(found)
        if declared is not None:
            return declared.model
        kind = next((one.name for one in self.declarations.index.ancestry(found) if is_core(one.module)), "")
        return {"Model": True, "Collection": False}.get(kind)

    def disagree(self, node: ast.AST, declared: Declared, name: str, problem: str) -> None:
        self.refuse("CAP205", node, name=name, owner=declared.name, problem=problem)


def display(node: ast.expr | None) -> Pairs:
    """The pairs of a dict that stands here, without those that it takes from elsewhere."""
    if not isinstance(node, ast.Dict):
        return {}
    return {
        key.value: value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def strings(node: ast.expr | None) -> Iterable[ast.Constant]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    return [item for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def class_line(found: Class) -> ast.AST:
    """The heading of a class alone, for a caret that does not run over its body."""
    node = found.node
    end = node.col_offset + len(f"class {node.name}")
    return ast.Pass(
        lineno=node.lineno, col_offset=node.col_offset, end_lineno=node.lineno, end_col_offset=end
    )
