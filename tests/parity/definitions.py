"""Random functions, generators, closures and classes. What they define becomes templates for later expressions."""

from hypothesis import strategies as st

from tests.parity.expressions import Names
from tests.parity.known import LEFT_OUT
from tests.parity.statements import Lines, Statements, indented

PARAMETERS = ("int", "str", "list[int]", "bool", "dict[str]", "any")
RESULTS = ("int", "str", "list[int]", "bool", "dict[str]", "tuple", "any", "float")


class Definitions(Statements):
    """Draws definitions."""

    def __init__(self, draw: object) -> None:
        super().__init__(draw)  # type: ignore[arg-type]
        self.classes: list[tuple[str, dict[str, str]]] = []

    def definition(self) -> Lines:
        lines: Lines = self.pick(
            (self.function, self.generator, self.closure, self.class_, self.class_, self.gather)
        )()
        return lines

    # -- functions

    def parameters(self) -> list[tuple[str, str]]:
        return [(self.fresh("p"), self.pick(PARAMETERS)) for _ in range(self.draw(st.integers(0, 3)))]

    def function(self) -> Lines:
        name, result, parameters = self.fresh("f"), self.pick(RESULTS), self.parameters()
        optional = self.draw(st.integers(0, len(parameters)))
        keyword_only = bool(optional) and self.chance(40)
        required = parameters[: len(parameters) - optional]
        defaults = [(one, kind, self.leaf(kind)) for one, kind in parameters[len(required) :]]
        written = [one for one, _ in required] + (["*"] if keyword_only else [])
        written += [f"{one}={default}" for one, _, default in defaults]
        body = self.body(parameters, result)
        holes = [f"<{kind}>" for _, kind in required]
        by_name = [f"{one}=<{kind}>" for one, kind, _ in defaults]
        self.names.template(f"{name}({', '.join(holes)})", result)
        self.names.template(f"{name}({', '.join(holes + by_name)})", result)
        self.names.template(f"{name}({', '.join(holes + by_name[::-1])})", result)
        if not keyword_only:
            self.names.template(
                f"{name}({', '.join(holes + [f'<{kind}>' for _, kind, _ in defaults])})", result
            )
            given = [f"{one}=<{kind}>" for one, kind in parameters]
            self.names.template(f"{name}({', '.join(given[::-1])})", result)
        return [f"def {name}({', '.join(written)}):", *indented(body)]

    def body(self, parameters: list[tuple[str, str]], result: str, most: int = 2) -> Lines:
        """The suite of a function: it sees its parameters and what is defined, and assigns no outer name."""
        outer, self.names = self.names, Names(self.names)
        self.names.variables = []
        for name, kind in parameters:
            self.names.variable(name, kind)
        lines: Lines = []
        for _ in range(self.draw(st.integers(0, most))):
            lines += self.statement()
        if self.chance(20):
            lines += [f"if {self.expression('any', 2)}:", f"    return {self.expression(result, 2)}"]
        lines.append(f"return {self.expression(result)}")
        self.names = outer
        return lines

    def gather(self) -> Lines:
        """`*args` and `**kwargs`."""
        name = self.fresh("f")
        self.names.template(f"{name}(<int>, <int>, <any>)", "tuple")
        self.names.template(f"{name}(*<list[int]>)", "tuple")
        self.names.template(f"{name}(<int>, *<list[str]>, extra=<any>)", "tuple")
        self.names.template(f"{name}(<str>, flag=<bool>, other=<int>)", "tuple")
        spread = "{0}(<str>, **<dict[str]>)"
        if spread not in LEFT_OUT:
            self.names.template(spread.replace("{0}", name), "tuple")
        return [
            f"def {name}(first, *rest, flag=False, **more):",
            f"    return (first, rest, flag, {self.pick(('more', 'sorted(more)', 'len(more)'))})",
        ]

    def generator(self) -> Lines:
        name, parameter = self.fresh("g"), self.fresh("p")
        outer, self.names = self.names, Names(self.names)
        self.names.variables = [(parameter, "list[int]")]
        one = self.fresh("v")
        before = self.expression("int", 2)
        self.names.variable(one, "int")
        body = [f"yield {before}", f"for {one} in {parameter}:", f"    if {self.expression('bool', 2)}:"]
        body += [
            f"        {self.pick(('continue', 'return', 'break'))}",
            f"    yield {self.expression('int', 2)}",
        ]
        if self.chance(40):
            body += ["yield from " + self.expression("list[int]", 2)]
        closing = self.chance(30)
        if closing:
            body = ["try:", *indented(body), "finally:", f"    print('closed {name}')"]
        self.names = outer
        self.names.template(f"list({name}(<list[int]>))", "list[int]")
        self.names.template(f"sum({name}(<list[int]>))", "int")
        if not closing or "next() of a generator with finally" not in LEFT_OUT:
            self.names.template(f"next({name}(<list[int]>))", "int")
        self.names.template(f"[one for one in {name}(<list[int]>) if one]", "list[int]")
        return [f"def {name}({parameter}):", *indented(body)]

    def closure(self) -> Lines:
        """A counter with state of its own, and functions made in a loop."""
        name, held = self.fresh("f"), self.fresh("v")
        step = self.expression("small", 1)
        self.names.template(f"{held}(<int>)", "int")
        self.names.template("[one(<small>) for one in " + name + "s]", "list[int]")
        start = self.leaf("int")
        late = self.pick(("number", "kept"))
        return [
            f"def {name}(total):",
            "    calls = []",
            "    def add(amount):",
            "        nonlocal total",
            f"        total += amount + {step}",
            "        calls.append(amount)",
            "        return total * 10 + len(calls)",
            "    return add",
            f"{held} = {name}({start})",
            f"{name}s = []",
            "for number in range(3):",
            f"    {name}s.append(lambda given, kept=number: given + {late})",
        ]

    # -- classes

    def class_(self) -> Lines:
        name = self.fresh("C")
        base, fields = self.pick([("", {}), *self.classes]) if self.classes else ("", {})
        fields = dict(fields)
        inherited = list(fields)
        own = {
            self.fresh("a"): self.pick(("int", "str", "list[int]"))
            for _ in range(self.draw(st.integers(0, 2)))
        }
        fields.update(own)
        lines: Lines = []
        if self.chance(50) or not base:
            lines += [f"kind = {self.leaf('str')}", "shared = []"]
        if own or not base:
            given = [f"{field}={self.leaf(kind)}" for field, kind in fields.items()]
            lines += [f"def __init__(self{''.join(', ' + one for one in given)}):"]
            if base:
                lines.append(f"    super().__init__({', '.join(inherited)})")
            lines += [f"    self.{field} = {field}" for field in own] or ["    pass"]
        receivers = [(f"self.{field}", kind) for field, kind in fields.items()]
        lines += self.members(bool(base), receivers, list(fields))
        self.classes.append((name, fields))
        self.offer(name, fields)
        made = self.fresh("c")
        maker = f"{name}({', '.join(self.leaf(kind) for kind in fields.values())})"
        self.instance(made, fields)
        head = f"class {name}({base}):" if base else f"class {name}:"
        return [
            head,
            *indented(lines),
            f"{made} = {maker}",
            f"print({made}, {made}.total, {made}.kind, str({made}), [{made}])",
        ]

    def members(self, derived: bool, receivers: list[tuple[str, str]], fields: list[str]) -> Lines:
        """Methods that every class of ours has, each written anew or inherited."""
        first = f"self.{fields[0]}" if fields else "1"
        outer, self.names = self.names, Names(self.names)
        self.names.variables = receivers
        tuple_of = "(" + "".join(f"self.{field}, " for field in fields) + ")"
        choices: list[Lines] = [
            ["def label(self, more=''):", f"    return f'{{self.kind}}:{{{first}}}' + str(more)"],
            ["@property", "def total(self):", f"    return {self.expression('int', 2)}"],
            ["@staticmethod", "def twice(value):", "    return value + value"],
            ["@classmethod", "def make(cls):", "    return cls()"],
            [
                "def __eq__(self, other):",
                f"    return isinstance(other, type(self)) and {tuple_of} == {tuple_of.replace('self', 'other')}",
            ],
            ["def __lt__(self, other):", f"    return str({first}) < str(other.label())"],
            ["def __repr__(self):", f"    return '<' + self.label() + repr({tuple_of}) + '>'"],
            ["def __len__(self):", f"    return {self.pick(('2', '0', 'len(self.kind)'))}"],
            ["def __iter__(self):", f"    yield from {tuple_of}"],
            ["def __getitem__(self, key):", f"    return {tuple_of}[key]"],
            ["def __contains__(self, one):", f"    return one == {first}"],
            ["def __add__(self, other):", f"    return ({first}, other)"],
            ["def note(self, text):", "    self.shared.append(text)", "    return len(self.shared)"],
        ]
        lines: Lines = []
        for choice in choices:
            if not derived or self.chance(25):
                lines += choice
        if derived and self.chance(50):
            lines += ["def label(self, more=''):", "    return super().label(more) + '!'"]
        if self.chance(40):
            setter = ["@property", "def extra(self):", "    return getattr(self, 'hidden', None)"]
            lines += [
                *setter,
                "@extra.setter",
                "def extra(self, value):",
                "    print('set', value)",
                "    self.hidden = value",
            ]
            lines += ["def fill(self, value):", "    self.extra = value", "    return self.extra"]
        self.names = outer
        return lines

    def offer(self, name: str, fields: dict[str, str]) -> None:
        holes = ", ".join(f"<{kind}>" for kind in fields.values())
        keywords = ", ".join(f"{field}=<{kind}>" for field, kind in reversed(fields.items()))
        for made in (f"{name}({holes})", f"{name}({keywords})", f"{name}.make()"):
            self.names.template(made, "any")
            self.names.template(f"{made}.label()", "str")
        self.names.template(f"{name}.twice(<int>)", "int")
        self.names.template(f"{name}.kind", "str")
        self.names.template(f"isinstance(<any>, {name})", "bool")
        self.names.template(f"sorted([{name}(), {name}({holes})])", "list[any]")
        self.names.template(f"issubclass({name}, {self.pick(self.classes)[0]})", "bool")

    def instance(self, made: str, fields: dict[str, str]) -> None:
        for field, kind in fields.items():
            self.names.variable(f"{made}.{field}", kind)
        self.names.variable(made, "any")
        for text, kind in (
            ("{0}.label()", "str"), ("{0}.label(more=<str>)", "str"), ("{0}.total", "int"), ("len({0})", "int"),
            ("list({0})", "list[any]"), ("{0}[<small>]", "any"), ("(<any> in {0})", "bool"), ("({0} == {0})", "bool"),
            ("({0} + <any>)", "tuple"),
            ("{0}.note(<str>)", "int"), ("{0}.twice(<str>)", "str"), ("({0} < {0})", "bool"),
            ("getattr({0}, <name>, <any>)", "any"), ("hasattr({0}, 'kind')", "bool"), ("{0}.missing", "any"),
        ):  # fmt: skip
            self.names.template(text.replace("{0}", made), kind)
