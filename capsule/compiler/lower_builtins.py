"""Calls of Python's builtin functions, types and the methods of builtin types."""

import ast

from capsule.compiler.index import Class
from capsule.compiler.lower_names import Names
from capsule.compiler.lower_operators import Operators, union_parts
from capsule.compiler.methods import ABILITIES, ARGUMENTS, METHODS, UNSHARED_MEMBERS
from capsule.compiler.nodes import NONE, Raw, array, call, constant, name, note
from capsule.compiler.runtime_names import PLAIN_KEYWORDS
from capsule.compiler.sources import is_core

# Builtins with keywords: the names of the parameters, in the runtime's order.
KEYWORDS: dict[str, tuple[str, ...]] = {
    "sorted": ("iterable", "key", "reverse"), "enumerate": ("iterable", "start"), "sum": ("iterable", "start"),
    "int": ("x", "base"), "round": ("number", "ndigits"), "pow": ("base", "exp", "mod"),
}  # fmt: skip

# Builtins whose keywords go into an object, before the values: name of the variant, keywords.
OPTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "print": ("$print", frozenset({"sep", "end", "flush"})),
    "min": ("$min", frozenset({"key", "default"})),
    "max": ("$max", frozenset({"key", "default"})),
    "zip": ("$zip", frozenset({"strict"})),
}

# How many arguments these take: least, most.
COUNTS: dict[str, tuple[int, int]] = {
    "len": (1, 1), "abs": (1, 1), "all": (1, 1), "any": (1, 1), "bin": (1, 1), "bool": (0, 1), "callable": (1, 1),
    "chr": (1, 1), "divmod": (2, 2), "enumerate": (1, 2), "filter": (2, 2), "float": (0, 1), "format": (1, 2),
    "frozenset": (0, 1), "getattr": (2, 3), "hasattr": (2, 2), "hex": (1, 1), "int": (0, 2), "isinstance": (2, 2),
    "issubclass": (2, 2), "iter": (1, 2), "list": (0, 1), "next": (1, 2), "oct": (1, 1), "ord": (1, 1),
    "pow": (2, 3), "range": (1, 3), "repr": (1, 1), "reversed": (1, 1), "round": (1, 2), "set": (0, 1),
    "setattr": (3, 3), "delattr": (2, 2), "sorted": (1, 3), "str": (0, 1), "sum": (1, 2), "tuple": (0, 1),
    "type": (1, 1), "dict": (0, 1), "object": (0, 0), "hash": (1, 1), "ascii": (1, 1), "slice": (1, 3),
}  # fmt: skip


# Builtins in whose result the order of their argument's elements shows.
ORDERED = frozenset(
    {"print", "str", "repr", "list", "tuple", "enumerate", "zip", "map", "filter", "iter", "next"}
)

# Builtins in whose result no order of the elements shows.
UNORDERED = frozenset({"sorted", "sum", "any", "all", "min", "max", "len", "set", "frozenset"})

# What a kind is in Python.
OWNERS: dict[str, type] = {
    "list": list, "dict": dict, "tuple": tuple, "str": str, "int": int, "count": int, "bool": bool, "float": float,
    "range": range, "none": type(None),
}  # fmt: skip

NATIVE_TYPES = {"str": "string", "bool": "boolean"}
TESTS = {"list": "$isList", "dict": "$isPlain", "int": "$isInt", "float": "$isFloat"}


class Builtins(Names, Operators):
    def builtin_call(self, node: ast.Call, text: str) -> ast.expr:
        special = getattr(self, f"call_{text}", None)
        if special is not None:
            result: ast.expr = special(node)
            return result
        if text.endswith(("Error", "Exception", "Interrupt", "Exit", "Iteration", "Warning")):
            made = ast.Call(func=name(text), args=self.values(node, text), keywords=[])
            note(made, new=True)
            return made
        if text == "sorted" and len(node.args) > 1:
            self.refuse("CAP122", node, name=text, most=1, given=len(node.args))
        if text in OPTIONS and node.keywords:
            return self.with_options(node, text)
        if text in ORDERED:
            self.check_order(node.args)
        if text in UNORDERED and not any(k.arg == "key" for k in node.keywords):
            node.args[:1] = [self.spelled_out(one) for one in node.args[:1]]
            self.loose.update(id(argument) for argument in node.args[:1])
        args = [self.lower(argument) for argument in node.args]
        unplaced = self.by_place(node, KEYWORDS.get(text, ()), args)
        if unplaced:
            self.refuse("CAP123", node, name=text, keyword=unplaced[0].arg or "**")
        self.check_count(node, text, len(args))
        made = call(text, *args)
        note(made, new=text == "object")
        return made

    def spelled_out(self, node: ast.expr) -> ast.expr:
        """`map(str, x)` as the generator expression that it is, where no order shows in what becomes of it."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "map"):
            return node
        function = node.args[0] if len(node.args) == 2 else None
        if not isinstance(function, ast.Name) or not all(map(self.is_builtin, ("map", function.id))):
            return node
        target = ast.Name(id="$x", ctx=ast.Store())
        each = ast.Call(func=function, args=[ast.Name(id="$x", ctx=ast.Load())], keywords=[])
        loop = ast.comprehension(target=target, iter=node.args[1], ifs=[], is_async=0)
        return ast.fix_missing_locations(
            ast.copy_location(ast.GeneratorExp(elt=each, generators=[loop]), node)
        )

    def call_iter(self, node: ast.Call) -> ast.expr:
        self.check_count(node, "iter", len(node.args))
        if len(node.args) == 2:
            return call("$until", self.function_value(node.args[0]), self.lower(node.args[1]))
        self.check_order(node.args)
        return call("iter", *self.values(node, "iter"))

    def check_order(self, arguments: list[ast.expr]) -> None:
        """The order of a set would show in the result."""
        for argument in arguments:
            if self.kind(argument) == "set":
                self.refuse("CAP152", argument)

    def values(self, node: ast.Call, text: str) -> list[ast.expr]:
        if node.keywords:
            self.refuse("CAP123", node, name=text, keyword=node.keywords[0].arg or "**")
        return [self.lower(argument) for argument in node.args]

    def check_count(self, node: ast.Call, text: str, given: int) -> None:
        least, most = COUNTS.get(text, (0, 1000))
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            return
        if given > most:
            self.refuse("CAP122", node, name=text, most=most, given=given)
        elif given < least:
            self.refuse("CAP125", node, name=text, missing=f"{least - given} argument(s)")

    def with_options(self, node: ast.Call, text: str) -> ast.expr:
        variant, allowed = OPTIONS[text]
        for keyword in node.keywords:
            if keyword.arg not in allowed:
                self.refuse("CAP123", node, name=text, keyword=keyword.arg or "**")
        options = ast.Dict(
            keys=[constant(k.arg) for k in node.keywords], values=[self.keyword(k) for k in node.keywords]
        )
        return call(variant, array([self.lower(argument) for argument in node.args]), options)

    def call_dict(self, node: ast.Call) -> ast.expr:
        self.check_count(node, "dict", len(node.args))
        args = [self.lower(argument) for argument in node.args]
        if not node.keywords:
            return call("dict", *args)
        display = ast.Dict(
            keys=[None if k.arg is None else constant(k.arg) for k in node.keywords],
            values=[k.value for k in node.keywords],
        )
        more = self.lower(ast.copy_location(display, node))
        return call("dict", *args, more) if args else more

    def call_type(self, node: ast.Call) -> ast.expr:
        if len(node.args) != 1 or node.keywords:
            self.refuse("CAP129", node)
            return name("undefined")
        return call("$type", self.lower(node.args[0]))

    def call_super(self, node: ast.Call) -> ast.expr:
        self.refuse("CAP128", node, name="super()")
        return name("undefined")

    def call_hasattr(self, node: ast.Call) -> ast.expr:
        """Of builtin types only their methods are known, and what they can do."""
        self.check_count(node, "hasattr", len(node.args))
        text = self.member_named(node)
        table = text is None or text in METHODS or text in ABILITIES
        return call("$hasattr" if table else "hasattr", *self.values(node, "hasattr"))

    def call_getattr(self, node: ast.Call) -> ast.expr:
        self.check_count(node, "getattr", len(node.args))
        text = self.member_named(node)
        values = self.values(node, "getattr")
        if text in METHODS:
            called = self.counted(str(text), "$m_formatting" if text == "format" else f"$m_{text}")
            return call("$method", *values[:2], called, *values[2:])
        return call("getattr" if text is not None else "$getattr", *values)

    def member_named(self, node: ast.Call) -> str | None:
        """The attribute that a call asks for, where it is written out."""
        given = node.args[1] if len(node.args) > 1 else None
        if not isinstance(given, ast.Constant) or not isinstance(given.value, str):
            return None
        text = given.value
        missing = text not in self.index.sure | self.index.assigned and text not in self.index.methods
        special = text.startswith("__") and text.endswith("__") and text not in ABILITIES
        if (text in UNSHARED_MEMBERS and missing) or special:
            self.refuse("CAP143", given, name=text)
        return text

    def call_isinstance(self, node: ast.Call) -> ast.expr:
        """Of the usual types by JavaScript's own test."""
        self.check_count(node, "isinstance", len(node.args))
        if len(node.args) == 2 and not node.keywords:
            value, kind = node.args
            kinds = kind.elts if isinstance(kind, ast.Tuple) else union_parts(kind)
            if all(self.has_test(one) for one in kinds):
                first, again = self.keep(self.lower(value)) if len(kinds) > 1 else (self.lower(value), NONE)
                tests = [self.type_test(one, again if index else first) for index, one in enumerate(kinds)]
                return tests[0] if len(tests) == 1 else ast.BoolOp(op=ast.Or(), values=tests)
        return call("isinstance", *self.values(node, "isinstance"))

    def has_test(self, kind: ast.expr) -> bool:
        if isinstance(kind, ast.Name) and self.is_builtin(kind.id):
            return kind.id in NATIVE_TYPES or kind.id in TESTS
        return isinstance(self.resolve(kind), Class)

    def type_test(self, kind: ast.expr, value: ast.expr) -> ast.expr:
        if isinstance(kind, ast.Name) and self.is_builtin(kind.id):
            if kind.id in NATIVE_TYPES:
                return Raw(f"typeof {{}} === '{NATIVE_TYPES[kind.id]}'", value, precedence=9)
            return call(TESTS[kind.id], value)
        return Raw("{} instanceof {}", value, self.lower(kind), precedence=10)

    def call_map(self, node: ast.Call) -> ast.expr:
        return self.applied(node, "map")

    def call_filter(self, node: ast.Call) -> ast.expr:
        self.check_count(node, "filter", len(node.args))
        return self.applied(node, "filter")

    def applied(self, node: ast.Call, text: str) -> ast.expr:
        """A builtin whose first argument is called with the elements of the others."""
        if not node.args or isinstance(node.args[0], ast.Starred):
            return call(text, *self.values(node, text))
        self.check_order(node.args)
        values = self.values(ast.copy_location(ast.Call(node.func, node.args[1:], node.keywords), node), text)
        return call(text, self.function_value(node.args[0]), *values)

    # -- methods of builtin types

    def method_call(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        """A method that builtin types have: straight to the proven type's, else decided by the run."""
        attribute = function.attr
        kind = self.kind(function.value)
        value = self.lower(function.value)
        if attribute == "is_integer" and kind in ("int", "count", "bool"):
            self.refuse("CAP148", function)
        if self.looked_up_first(node, kind, attribute):
            value = call("$having", value, constant(attribute))
        if attribute == "append" and kind == "list" and len(node.args) == 1 and not node.keywords:
            return call("$push", value, self.lower(node.args[0]))
        self.check_given(node, attribute)
        if self.own_keywords(node, attribute):
            return self.unknown_call(node, call("$bind", value, constant(attribute)))
        if attribute == "format" and not node.keywords:
            return call("$m_formatting", value, *self.method_arguments(node, attribute))
        if attribute == "format" and not self.index.is_method("format"):
            args: list[ast.expr] = [self.lower(argument) for argument in node.args]
            named = ast.Dict(
                keys=[None if k.arg is None else constant(k.arg) for k in node.keywords],
                values=[k.value for k in node.keywords],
            )
            return call("$m_format", value, array(args), self.lower(ast.copy_location(named, node)))
        return call(f"$m_{attribute}", value, *self.method_arguments(node, attribute))

    def own_keywords(self, node: ast.Call, attribute: str) -> bool:
        """Keywords that no builtin type's method of this name takes, but one of the program's own."""
        plain = not METHODS[attribute] and attribute not in ("sort", "update", "format")
        found = self.index.methods.get(attribute, [])
        of_core = any(is_core(owner.module) for owner, _ in found)
        return bool(node.keywords and found) and plain and not of_core

    def unknown_call(self, node: ast.Call, callee: ast.expr) -> ast.expr:
        """A call whose function only the run tells."""
        raise NotImplementedError

    def method_arguments(self, node: ast.Call, attribute: str) -> list[ast.expr]:
        args: list[ast.expr] = [self.lower(argument) for argument in node.args]
        if not node.keywords:
            return args
        if self.ambiguous(node, attribute):
            self.refuse("CAP120", node, name=ast.unparse(node.func))
            return args
        if attribute == "sort":
            unplaced = node.keywords if node.args else self.by_place(node, ("key", "reverse"), args)
            if unplaced:
                self.refuse("CAP123", node, name="sort", keyword=unplaced[0].arg or "**")
            return args
        if attribute == "update":
            display = ast.Dict(
                keys=[None if k.arg is None else constant(k.arg) for k in node.keywords],
                values=[k.value for k in node.keywords],
            )
            return [call("dict", *args, self.lower(ast.copy_location(display, node)))]
        unplaced = self.by_place(node, METHODS[attribute], args)
        if unplaced:
            self.refuse("CAP123", node, name=attribute, keyword=unplaced[0].arg or "**")
        return args

    def looked_up_first(self, node: ast.Call, kind: str, attribute: str) -> bool:
        """Whether it shows that Python looks for the method before it computes the arguments."""
        if self.trust is not None:
            return False
        known = OWNERS.get(kind)
        if known is not None:
            return not hasattr(known, attribute)
        return self.given_acts(node)

    def given_acts(self, node: ast.Call) -> bool:
        """Whether an argument may raise, or do anything else that shows."""
        return not all(map(self.is_quiet, [*node.args, *(keyword.value for keyword in node.keywords)]))

    def is_quiet(self, node: ast.expr) -> bool:
        """Whether computing it can neither raise nor do anything else that shows."""
        if isinstance(node, ast.Name):
            holder = self.scope.find(node.id)
            return holder is not None and holder.kind != "class" and self.check_of(node, holder) is None
        if isinstance(node, ast.Tuple | ast.List):
            return all(map(self.is_quiet, node.elts))
        if isinstance(node, ast.Attribute):
            return node.attr not in self.index.methods and self.has_attribute(node.value, node.attr)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
            parts = node.left, node.right
            return all(self.kind(one) in ("int", "count", "float") and self.is_quiet(one) for one in parts)
        if isinstance(node, ast.Dict):
            return all(isinstance(key, ast.Constant) for key in node.keys) and all(
                map(self.is_quiet, node.values)
            )
        return isinstance(node, ast.Constant | ast.Lambda)

    def check_given(self, node: ast.Call, attribute: str) -> None:
        """How many arguments a method of builtin types takes, where no class of the program has one of its name."""
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        if attribute not in ARGUMENTS or starred or node.keywords or attribute in self.index.methods:
            return
        least, most = ARGUMENTS[attribute]
        if len(node.args) > most:
            self.refuse("CAP122", node, name=attribute, most=most, given=len(node.args))
        elif len(node.args) < least:
            missing = f"{least - len(node.args)} argument(s)"
            self.refuse("CAP125", node, name=attribute, missing=missing)

    def ambiguous(self, node: ast.Call, attribute: str) -> bool:
        """Whether a class of the program has a method of this name that takes one of these keywords."""
        given = {k.arg for k in node.keywords}
        for _, function in self.index.methods.get(attribute, []):
            signature = function.signature
            if signature.rest is not None or given & {*signature.names, *signature.keywords, None}:
                return True
        return False

    def type_method(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        """`str.upper(x)`, `dict.fromkeys(keys)`."""
        assert isinstance(function.value, ast.Name)
        if function.value.id == "dict" and function.attr == "fromkeys":
            return call("$fromkeys", *self.values(node, "dict.fromkeys"))
        if function.attr not in METHODS or function.attr == "format":
            self.refuse("CAP140", node, name=ast.unparse(function))
            return name("undefined")
        return call(f"$m_{function.attr}", *self.values(node, function.attr))

    def call_into_module(self, node: ast.Call, attribute: str, callee: ast.expr, module: str) -> ast.expr:
        """A function of one of our twins of the standard library: its keywords go into a trailing object."""
        args = [self.lower(argument) for argument in node.args]
        if any(k.arg is None for k in node.keywords):
            self.refuse("CAP120", node, name=attribute)
        elif node.keywords:
            given = ast.Dict(
                keys=[constant(k.arg) for k in node.keywords], values=[self.keyword(k) for k in node.keywords]
            )
            args.append(given if module in PLAIN_KEYWORDS else call("$keywords", given))
        return ast.Call(func=callee, args=args, keywords=[])
