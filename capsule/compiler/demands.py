"""What a program's calls ask of functions that are used as values: how many arguments there may be, and keywords.

JavaScript drops the arguments that are too many and knows no keywords. A call whose function only the run tells checks
both, by what is noted of the function: its most arguments, its parameters. Most programs need few such notes: none for
a function that is only called by its name, none where no call could have too many arguments.
"""

import ast
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from capsule.compiler.index import Index, Signature
from capsule.compiler.methods import METHODS

# As good as any number: the call has `*args`.
ANY = 1 << 30


@dataclass
class Demands:
    """`most`: the most arguments in a call of an unknown function. `methods`: the same for each method's name."""

    most: int = 0
    keywords: bool = False
    methods: dict[str, int] = field(default_factory=dict)
    # Names that are read other than to be called there and then.
    values: set[str] = field(default_factory=set)
    # Methods that are called with keywords, where the run tells which parameters these are.
    named: set[str] = field(default_factory=set)
    # Whether classes are called that nobody names: `cls(...)`, `type(x)(...)`.
    classes: bool = False
    # Whether the program asks for a `__name__`: JavaScript names a lambda after the variable that it is put into.
    names: bool = False

    def of_function(
        self, text: str, signature: Signature, decorated: bool = False
    ) -> tuple[int | None, bool]:
        """The most arguments, if they must be noted, and whether the parameters must be."""
        if not decorated and text not in self.values:
            return None, False
        return self.count(signature, self.most), self.keywords

    def of_method(self, text: str, signature: Signature) -> tuple[int | None, bool]:
        value = text in self.values or text == "__call__"
        asked = max(self.methods.get(text, 0), self.most if value else 0)
        return self.count(signature, asked), (self.keywords and value) or text in self.named

    def of_constructor(self, family: Iterable[str], signature: Signature) -> tuple[int | None, bool]:
        """`__init__` of a class; `family`: the names of all that inherit it."""
        value = self.classes or not self.values.isdisjoint(family)
        return (self.count(signature, self.most), self.keywords) if value else (None, False)

    def count(self, signature: Signature, asked: int) -> int | None:
        return len(signature.names) if signature.star is None and asked > len(signature.names) else None


def told_by_run(index: Index, text: str) -> bool:
    """Whether no one signature says where a keyword goes."""
    signatures = {function.signature for _, function in index.methods.get(text, [])}
    return len(signatures) > 1 or text in METHODS


# Of Python's own modules, those that call what they are given.
CALLERS = frozenset({"functools", "itertools", "operator", "collections"})

_known: WeakKeyDictionary[Index, Demands] = WeakKeyDictionary()


def demands(index: Index) -> Demands:
    """Read once from the whole program, before its trees are taken apart."""
    if index not in _known:
        result = _known[index] = Demands()
        decorated = {text for text, found in index.methods.items() if any(f.decorated for _, f in found)}
        for module in index.modules.values():
            if not module.source.core:
                collect(module.source.tree, result, index.sure | index.assigned | decorated)
        result.named = {text for text in result.named if told_by_run(index, text)}
    return _known[index]


def collect(tree: ast.Module, result: Demands, held: set[str]) -> None:
    """`held`: the attributes that may hold functions."""
    bound: Counter[str] = Counter()
    plain: set[str] = set()
    called: set[int] = set()
    types: set[int] = set()
    calls: list[ast.Call] = []
    methods = {id(one) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for one in node.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if id(node) not in methods:
                bound[node.name] += 1
                if not node.decorator_list:
                    plain.add(node.name)
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                types.update(id(one) for one in ast.walk(node.returns))
            if isinstance(node, ast.ClassDef):
                types.update(id(one) for base in node.bases for one in ast.walk(base))
        elif isinstance(node, ast.arg):
            bound[node.arg] += 1
            if node.annotation is not None:
                types.update(id(one) for one in ast.walk(node.annotation))
        elif isinstance(node, ast.AnnAssign):
            types.update(id(one) for one in ast.walk(node.annotation))
        elif isinstance(node, ast.ImportFrom) and node.module in CALLERS:
            result.most, result.keywords, result.classes = ANY, True, True
        elif isinstance(node, ast.alias):
            plain.add(node.asname or node.name)
            bound[node.asname or node.name] += 1
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound[node.id] += 1
        elif isinstance(node, ast.Call):
            called.add(id(node.func))
            calls.append(node)
            if isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass"):
                types.update(id(one) for argument in node.args[1:] for one in ast.walk(argument))
    for node in ast.walk(tree):
        if id(node) in called or id(node) in types:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            result.values.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            result.values.add(node.attr)
            result.names = result.names or node.attr == "__name__"
    for one in calls:
        function = one.func
        count = ANY if any(isinstance(argument, ast.Starred) for argument in one.args) else len(one.args)
        if isinstance(function, ast.Name):
            text = function.id
            if bound[text] == 0 or (bound[text] == 1 and text in plain):
                continue
        if isinstance(function, ast.Attribute):
            result.methods[function.attr] = max(result.methods.get(function.attr, 0), count)
            if one.keywords:
                result.named.add(function.attr)
            if function.attr not in held:
                continue
        result.most = max(result.most, count)
        result.keywords = result.keywords or bool(one.keywords)
        result.classes = result.classes or not isinstance(function, ast.Name) or function.id == "cls"
