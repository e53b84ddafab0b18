"""What Python writes out itself: the methods of dataclasses, total_ordering, lambdas in class bodies.

Classes are rewritten to plain ones before anything is read from the tree, with the methods that CPython generates, so
that no later step knows of these. What cannot be rewritten exactly stays, and its import is refused (CAP140).
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

COMPARISONS = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}

# total_ordering: what the answer of the one method that there is says about the others. As in functools.py.
NOT_AND = "not found and self != other"
AND = "found and self != other"
OR = "found or self == other"
NOT_OR = "not found or self == other"
DERIVED = {
    "__lt__": {"__gt__": NOT_AND, "__le__": OR, "__ge__": "not found"},
    "__le__": {"__ge__": NOT_OR, "__lt__": AND, "__gt__": "not found"},
    "__gt__": {"__lt__": NOT_AND, "__ge__": OR, "__le__": "not found"},
    "__ge__": {"__le__": NOT_OR, "__gt__": AND, "__lt__": "not found"},
}

REWRITTEN = frozenset({"dataclasses.dataclass", "dataclasses.field", "functools.total_ordering"})


@dataclass(frozen=True)
class Field:
    """One field of a dataclass. `default` and `factory` are what it is given when the caller gives nothing."""

    name: str
    annotation: ast.expr
    default: bool = False
    factory: ast.expr | None = None
    init: bool = True
    shown: bool = True
    compared: bool = True


@dataclass(frozen=True)
class Options:
    init: bool = True
    repr: bool = True
    eq: bool = True
    order: bool = False
    frozen: bool = False


class NotExactError(Exception):
    """This class is beyond what can be rewritten."""


class Shorthand:
    """One module's classes."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.imported: dict[str, str] = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        # The fields of the module's classes so far, and which of them have a __post_init__.
        self.fields: dict[str, dict[str, Field]] = {}
        self.posts: set[str] = set()

    def run(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                node.body = [lambda_method(one) for statement in node.body for one in apart(statement)]
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                self.known(node)
                node.decorator_list = [d for d in node.decorator_list if not self.rewritten(node, d)]
        self.drop_imports()

    def meaning(self, node: ast.expr | None) -> str:
        """The full name of what an expression was imported as; of a call, what is called."""
        function = node.func if isinstance(node, ast.Call) else node
        return self.imported.get(function.id, "") if isinstance(function, ast.Name) else ""

    def drop_imports(self) -> None:
        """The names that nothing uses any more."""
        used = {one.id for one in ast.walk(self.tree) if isinstance(one, ast.Name)}
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom):
                node.names = [
                    alias
                    for alias in node.names
                    if f"{node.module}.{alias.name}" not in REWRITTEN or (alias.asname or alias.name) in used
                ]
        self.tree.body = [s for s in self.tree.body if not isinstance(s, ast.ImportFrom) or s.names]

    def rewritten(self, node: ast.ClassDef, decorator: ast.expr) -> bool:
        meaning = self.meaning(decorator)
        try:
            if meaning == "functools.total_ordering":
                ordered(node)
                return True
            if meaning == "dataclasses.dataclass" and len(node.decorator_list) == 1:
                self.dataclass(node, options_of(decorator))
                return True
        except NotExactError:
            pass
        return False

    # -- dataclasses

    def known(self, node: ast.ClassDef) -> None:
        """What a class has from its bases."""
        inherited: dict[str, Field] = {}
        for base in reversed(node.bases):
            if isinstance(base, ast.Name):
                inherited.update(self.fields.get(base.id, {}))
                if base.id in self.posts:
                    self.posts.add(node.name)
        self.fields[node.name] = inherited
        if any(isinstance(one, ast.FunctionDef) and one.name == "__post_init__" for one in node.body):
            self.posts.add(node.name)

    def dataclass(self, node: ast.ClassDef, options: Options) -> None:
        if any(not isinstance(base, ast.Name) or base.id in self.imported for base in node.bases):
            raise NotExactError
        fields = dict(self.fields[node.name])
        body: list[ast.stmt] = []
        for one in node.body:
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                found = self.field(one)
                if found is not None:
                    fields[found.name] = found
            body.append(one)
        own = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
        if options.order and not own.isdisjoint(COMPARISONS):
            raise NotExactError
        given = list(fields.values())
        makes = initializer(given, options, node.name in self.posts)
        texts = {"__init__": makes, **methods(given, options)}
        wanted = {"__init__": options.init, "__repr__": options.repr, "__eq__": options.eq}
        for name, text in texts.items():
            if name not in own and wanted.get(name, True):
                body.append(method(text, node))
        self.fields[node.name] = fields
        node.body = body

    def field(self, node: ast.AnnAssign) -> Field | None:
        """A field, with its default left in the class body; None for what is annotated as no field."""
        assert isinstance(node.target, ast.Name)
        written = ast.dump(node.annotation)
        if "ClassVar" in written:
            return None
        if "InitVar" in written or "KW_ONLY" in written:
            raise NotExactError
        name, value = node.target.id, node.value
        if isinstance(value, ast.List | ast.Dict | ast.Set):
            # CPython refuses the class.
            raise NotExactError
        if not isinstance(value, ast.Call) or self.meaning(value) != "dataclasses.field":
            return Field(name, node.annotation, default=value is not None)
        given = {keyword.arg: keyword.value for keyword in value.keywords}
        if not given.keys() <= {"default", "default_factory", "init", "repr", "compare"} or value.args:
            raise NotExactError
        node.value = given.get("default")
        factory = given.get("default_factory")
        return Field(
            name,
            node.annotation,
            node.value is not None,
            None if factory is None else called(factory),
            *(flag(given.get(key)) for key in ("init", "repr", "compare")),
        )


def flag(node: ast.expr | None) -> bool:
    if node is None:
        return True
    if not isinstance(node, ast.Constant):
        raise NotExactError
    return bool(node.value)


def options_of(decorator: ast.expr) -> Options:
    if not isinstance(decorator, ast.Call):
        return Options()
    given = {str(keyword.arg): flag(keyword.value) for keyword in decorator.keywords}
    if decorator.args or not given.keys() <= {"init", "repr", "eq", "order", "frozen"}:
        raise NotExactError
    return Options(**given)


def called(factory: ast.expr) -> ast.expr:
    """What a default_factory makes, where it can be written into `__init__`."""
    if isinstance(factory, ast.Lambda):
        if any(isinstance(one, ast.Name) for one in ast.walk(factory.body)):
            raise NotExactError
        return factory.body
    if isinstance(factory, ast.Name):
        return ast.Call(func=factory, args=[], keywords=[])
    raise NotExactError


def initializer(fields: list[Field], options: Options, post: bool) -> str:
    """`__init__`. No caller has NotImplemented to pass: it stands for what is not given."""
    parameters, lines = ["self"], []
    late = False
    for one in fields:
        left_out = one.default or one.factory is not None
        if not one.init:
            if one.factory is not None:
                lines.append(f"self.{one.name} = {ast.unparse(one.factory)}")
            elif one.default:
                lines.append(f"self.{one.name} = type(self).{one.name}")
            continue
        if late and not left_out:
            raise NotExactError
        late = late or left_out
        value = f"{one.name}: {ast.unparse(one.annotation)}"
        parameters.append(value + (" = NotImplemented" if left_out else ""))
        other = ast.unparse(one.factory) if one.factory is not None else f"type(self).{one.name}"
        rest = f" if {one.name} is not NotImplemented else {other}" if left_out else ""
        lines.append(f"self.{one.name} = {one.name}{rest}")
    if post:
        lines.append("self.__post_init__()")
    if options.frozen:
        lines.append("_0freeze(self)")
    return "def __init__({}):\n    {}".format(", ".join(parameters), "\n    ".join(lines or ["pass"]))


def methods(fields: list[Field], options: Options) -> dict[str, str]:
    shown = ", ".join(f"{one.name}={{self.{one.name}!r}}" for one in fields if one.shown)
    names = [one.name for one in fields if one.compared]
    own, others = (tuple_of(f"{holder}.{name}" for name in names) for holder in ("self", "other"))
    result = {"__repr__": f"def __repr__(self):\n    return f'{{type(self).__name__}}({shown})'"}
    compared = {"__eq__": "=="} | (COMPARISONS if options.order else {})
    for name, symbol in compared.items():
        result[name] = (
            f"def {name}(self, other):\n    if type(other) is not type(self):\n        return NotImplemented\n"
            f"    return {own} {symbol} {others}"
        )
    if options.eq and options.frozen:
        result["__hash__"] = f"def __hash__(self):\n    return hash({own})"
    listed = tuple_of(repr(one.name) for one in fields)
    made = tuple_of(repr(one.name) for one in fields if one.init)
    result["_0fields"] = f"def _0fields(self):\n    return {listed}, {made}"
    return result


def tuple_of(parts: Iterable[str]) -> str:
    return "(" + "".join(f"{part}, " for part in parts) + ")"


class Hidden(ast.NodeTransformer):
    """`_0name`, which is no name of Python's, becomes `$name`."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = hidden(node.id)
        return node


def hidden(text: str) -> str:
    return "$" + text[2:] if text.startswith("_0") else text


def method(text: str, holder: ast.ClassDef) -> ast.FunctionDef:
    """A method from its text, said to stand where its class stands."""
    [made] = ast.parse(text).body
    assert isinstance(made, ast.FunctionDef)
    made.name = hidden(made.name)
    Hidden().visit(made)
    for one in ast.walk(made):
        if hasattr(one, "lineno"):
            one.lineno = one.end_lineno = holder.lineno  # type: ignore[attr-defined]
            one.col_offset = one.end_col_offset = holder.col_offset  # type: ignore[attr-defined]
    return made


def ordered(node: ast.ClassDef) -> None:
    """functools.total_ordering."""
    own = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
    roots = own & COMPARISONS.keys()
    if not roots:
        raise NotExactError
    root = max(roots)
    for name, answer in DERIVED[root].items():
        if name not in own:
            text = (
                f"def {name}(self, other):\n    found = self.{root}(other)\n"
                f"    return found if found is NotImplemented else {answer}"
            )
            node.body.append(method(text, node))


def apart(node: ast.stmt) -> list[ast.stmt]:
    """`A, B = "a", "b"` in a class body, as two assignments."""
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    if not isinstance(node, ast.Assign) or not isinstance(target, ast.Tuple):
        return [node]
    if not isinstance(node.value, ast.Tuple) or len(node.value.elts) != len(target.elts):
        return [node]
    if not all(isinstance(one, ast.Constant) for one in node.value.elts):
        return [node]
    pairs = zip(target.elts, node.value.elts, strict=True)
    return [ast.copy_location(ast.Assign([name], value), node) for name, value in pairs]


def lambda_method(node: ast.stmt) -> ast.stmt:
    """`f = lambda self: ...` in a class body is a method."""
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    if not isinstance(node, ast.Assign) or not isinstance(target, ast.Name):
        return node
    if not isinstance(node.value, ast.Lambda):
        return node
    returned = ast.copy_location(ast.Return(node.value.body), node.value)
    made = ast.FunctionDef(target.id, node.value.args, [returned], [], lineno=node.lineno)
    return ast.copy_location(made, node)
