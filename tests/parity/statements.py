"""Random statements: each prints what it did. Loops are bounded, and a set is never printed unsorted."""

from hypothesis import strategies as st

from tests.parity.expressions import Draw, Names, Writer
from tests.parity.grammar import ELEMENTS
from tests.parity.known import LEFT_OUT

KINDS = ("int", "str", "list[int]", "dict[str]", "bool", "float", "tuple", "list[str]", "any", "list[list]")
Lines = list[str]


def indented(lines: Lines) -> Lines:
    return [f"    {line}" for line in lines]


def shown(name: str, kind: str) -> str:
    """How a value is printed: a set has no order of its own."""
    return f"sorted({name})" if kind == "set" else name


class Statements(Writer):
    """Draws statements. Each method returns the lines of one."""

    def __init__(self, draw: Draw) -> None:
        super().__init__(draw)
        self.nested = 0

    def guarded(self, lines: Lines) -> Lines:
        return [
            "try:",
            *indented(lines),
            "except Exception as error:",
            "    print('caught', type(error).__name__)",
        ]

    def block(self, most: int) -> Lines:
        """Statements of a suite. What they assign may be unbound after it; now and then somebody looks all the same."""
        names, self.names = self.names, Names(self.names)
        lines: Lines = []
        for _ in range(self.draw(st.integers(1, most))):
            lines += self.statement()
        if self.chance(10):
            names.variables = self.names.variables
        self.names = names
        return lines

    def statement(self) -> Lines:
        simple = (
            self.assign,
            self.show,
            self.augment,
            self.change_list,
            self.change_dict,
            self.unpack,
            self.change_set,
        )
        compound = (self.branch, self.loop, self.attempt, self.count_down, self.with_guard)
        if self.nested >= 2 or self.chance(60):
            lines: Lines = self.pick(simple)()
            return lines
        self.nested += 1
        try:
            lines = self.pick(compound)()
            return lines
        finally:
            self.nested -= 1

    # -- simple statements

    def assign(self) -> Lines:
        kind = self.pick((*KINDS, "set", "list[float]"))
        value = self.expression(kind)
        if self.chance(10):
            name = self.fresh("v")
            self.names.variable(name, kind)
            return [f"if ({name} := {value}):", f"    print('true', {shown(name, kind)})"]
        known = self.names.of(kind)
        name = self.pick(known) if known and self.chance(20) and "." not in known[0] else self.fresh("v")
        if "." in name:
            return [f"print({shown(value, kind)})"]
        self.names.variable(name, kind)
        return [f"{name} = {value}", f"print({shown(name, kind)})"]

    def show(self) -> Lines:
        kinds = [self.pick(KINDS) for _ in range(self.draw(st.integers(1, 3)))]
        values = ", ".join(shown(self.expression(kind), kind) for kind in kinds)
        return [f"print({values}{self.pick(('', '', ', sep=' + repr('|')))})"]

    def augment(self) -> Lines:
        kind = self.pick(("int", "str", "list[int]", "float", "set", "dict[str]"))
        name, lines = self.target(kind)
        operators = {
            "int": "+= -= *= //= %= |= &= ^=",
            "float": "+= -= *= /=",
            "set": "|= &= -= ^=",
            "dict[str]": "|=",
        }
        operator = self.pick(operators.get(kind, "+=").split())
        value = self.expression("small" if operator == "*=" else kind, 1)
        return [*lines, f"{name} {operator} {value}", f"print({shown(name, kind)})"]

    def target(self, kind: str) -> tuple[str, Lines]:
        """A variable of the kind, and what makes one if there is none."""
        known = self.names.of(kind)
        if known:
            return self.pick(known), []
        name = self.fresh("v")
        value = self.expression(kind, 1)
        self.names.variable(name, kind)
        return name, [f"{name} = {value}"]

    def change_list(self) -> Lines:
        element = self.pick(("int", "str"))
        name, lines = self.target(f"list[{element}]")
        template = self.pick(
            (
                "{0}.append(<T>)", "{0}.extend(<list[T]>)", "{0}.insert(<small>, <T>)", "print({0}.pop())",
                "print({0}.pop(<small>))", "{0}.remove(<T>)", "{0}.sort()", "{0}.sort(reverse=True)", "{0}.reverse()",
                "del {0}[<small>]", "del {0}[<slice>]", "{0}[<small>] = <T>", "{0}[<slice>] = <list[T]>", "{0}.clear()",
                "{0}[<small>] += <T>", "{0}.sort(key=lambda one: <int>)", "{0}[:] = [<T>, <T>]",
            )
        )  # fmt: skip
        return [*lines, self.filled(template, name, element), f"print({name}, len({name}))"]

    def filled(self, template: str, name: str, element: str = "int") -> str:
        return self.fill(template.replace("{0}", name), f"list[{element}]", 2)

    def change_dict(self) -> Lines:
        name, lines = self.target("dict[str]")
        template = self.pick(
            (
                "{0}[<name>] = <int>", "del {0}[<name>]", "print({0}.pop(<name>))", "print({0}.pop(<name>, <any>))",
                "print({0}.setdefault(<name>, <int>))", "{0}.update(<dict[str]>)", "{0}.update(a=<int>)", "{0}.clear()",
                "print({0}.popitem())", "{0}[<name>] += <int>", "print(list({0}.items()))", "{0}[<str>] = <int>",
                "print([(k, v) for k, v in sorted({0}.items())])", "print(<name> in {0}, {0}.get(<name>))",
            )
        )  # fmt: skip
        return [*lines, self.filled(template, name), f"print({name}, len({name}))"]

    def change_set(self) -> Lines:
        name, lines = self.target("set")
        templates = (
                "{0}.add(<int>)", "{0}.discard(<int>)", "{0}.remove(<int>)", "{0}.update(<list[int]>)", "{0}.clear()",
                "print(<int> in {0}, len({0}))", "{0}.add(<any>)", "print({0} > <set>)",
        )  # fmt: skip
        template = self.pick([one for one in templates if one not in LEFT_OUT])
        return [*lines, self.filled(template, name), f"print(len({name}), sorted({name}))"]

    def unpack(self) -> Lines:
        a, b, c = self.fresh("v"), self.fresh("v"), self.fresh("v")
        pattern, source, kinds = self.pick(
            (
                (f"{a}, {b}", "<int>, <str>", {a: "int", b: "str"}),
                (f"{a}, *{b}", "<list[int]>", {a: "int", b: "list[int]"}),
                (f"*{a}, {b}", "<list[str]>", {a: "list[str]", b: "str"}),
                (f"{a}, {b}", "list(<tuple>)", {a: "any", b: "any"}),
                (f"({a}, {b}), {c}", "(<int>, <str>), <float>", {a: "int", b: "str", c: "float"}),
                (f"{a}, {b}, *{c}", "<str>", {a: "str", b: "str", c: "list[str]"}),
                (f"{a} = {b}", "<list[int]>", {a: "list[int]", b: "list[int]"}),
                (f"[{a}, {b}]", "list(<list[list]>)", {a: "any", b: "any"}),
            )
        )
        line = f"{pattern} = {self.fill(source, 'any', 2)}"
        lines = [line, f"print({', '.join(kinds)})"]
        for name, kind in kinds.items():
            self.names.variable(name, kind)
        return lines

    # -- compound statements

    def branch(self) -> Lines:
        lines = [f"if {self.expression('any', 2)}:", *indented(self.block(2))]
        if self.chance(40):
            lines += [f"elif {self.expression('bool', 2)}:", *indented(self.block(2))]
        if self.chance(50):
            lines += ["else:", *indented(self.block(2))]
        return lines

    def loop(self) -> Lines:
        one, other = self.fresh("v"), self.fresh("v")
        element = self.pick(ELEMENTS)
        element_kind = "list[int]" if element == "list" else element
        head, source, kinds = self.pick(
            (
                (one, f"<list[{element}]>", {one: element_kind}),
                (one, "range(<count>)", {one: "int"}),
                (one, "<str>", {one: "str"}),
                (one, "<dict[str]>", {one: "str"}),
                (f"{one}, {other}", "enumerate(<list[str]>)", {one: "int", other: "str"}),
                (f"{one}, {other}", "list(<dict[str]>.items())", {one: "str", other: "int"}),
                (f"{one}, {other}", "zip(<list[int]>, <list[str]>)", {one: "int", other: "str"}),
                (one, "<any>", {one: "any"}),
                (one, "reversed(<list[int]>)", {one: "int"}),
                (one, "range(<small>, <small>, <small>)", {one: "int"}),
            )
        )
        iterated = self.fill(source, "any", 2)
        names, self.names = self.names, Names(self.names)
        for name, kind in kinds.items():
            self.names.variable(name, kind)
        # A list that grows while it is looped over would never end.
        self.names.variables = [
            v for v in self.names.variables if v[1] not in ("list[int]", "list[str]") or v[0] in kinds
        ]
        body = self.block(2)
        if self.chance(30):
            body += [
                f"if {self.expression('bool', 2)}:",
                f"    {self.pick(('continue', 'break'))}",
                "print('on')",
            ]
        self.names = names
        lines = [f"for {head} in {iterated}:", *indented([f"print({', '.join(kinds)})", *body])]
        return [*lines, "else:", *indented(self.block(1))] if self.chance(20) else lines

    def count_down(self) -> Lines:
        name = self.fresh("n")
        body = [f"{name} -= 1", *self.block(2)]
        if self.chance(30):
            body += [f"if {self.expression('bool', 2)}:", f"    {self.pick(('continue', 'break'))}"]
        lines = [f"{name} = 3", f"while {name} > 0:", *indented([*body, f"print({name})"])]
        return [*lines, "else:", "    print('done')"] if self.chance(30) else lines

    def attempt(self) -> Lines:
        body = self.block(2)
        if self.chance(50):
            raised = self.pick(
                (
                    "Problem(<any>)",
                    "Worse(<str>, <int>)",
                    "Worse(<str>)",
                    "ValueError(<str>)",
                    "KeyError(<str>)",
                    "RuntimeError(<any>, <int>)",
                )
            )
            body += [f"raise {self.fill(raised, 'any', 2)}"]
        lines = ["try:", *indented(body)]
        for _ in range(self.draw(st.integers(1, 2))):
            caught = self.pick(
                (
                    "Exception",
                    "Problem",
                    "Worse",
                    "ValueError",
                    "(KeyError, TypeError)",
                    "LookupError",
                    "(ZeroDivisionError, IndexError)",
                    "ArithmeticError",
                )
            )
            error = self.fresh("e")
            handler = [f"print('handler', type({error}).__name__, isinstance({error}, Problem))"]
            if caught in ("Problem", "Worse", "ValueError"):
                handler += [f"print({error}, {error}.args)"] if caught != "ValueError" else []
            if self.chance(20):
                handler += [
                    self.pick(("raise", f"raise Worse('again', 2) from {error}", "raise Problem('other')"))
                ]
            lines += [
                f"except {caught} as {error}:",
                *indented([*handler, *(self.block(1) if self.chance(20) else [])]),
            ]
        if self.chance(30):
            lines += ["else:", *indented(self.block(1))]
        if self.chance(40):
            lines += ["finally:", *indented(self.block(1))]
        return lines

    def with_guard(self) -> Lines:
        name = self.pick(("loud", "quiet"))
        bound = self.fresh("g")
        return [f"with Guard('{name}') as {bound}:", *indented([f"print({bound}.name)", *self.block(2)])]
