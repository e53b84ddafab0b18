"""More of what programs are made of: decorators, functions as values, generators that are talked to, ways out of loops,
slices, views, deletion, patterns, operators of classes. Each part is small and prints what it did."""

from hypothesis import strategies as st

from tests.parity.definitions import Definitions
from tests.parity.statements import Lines, indented


class Variety(Definitions):
    """Draws definitions and statements of these kinds."""

    def __init__(self, draw: object) -> None:
        super().__init__(draw)
        self.callables: list[str] = []

    def varied(self) -> Lines:
        lines: Lines = self.pick(
            (
                self.decorated, self.passed_on, self.talked_to, self.ways_out, self.slices, self.views, self.deleted,
                self.patterns, self.operators, self.left, self.ordered, self.methods_as_values, self.raised, self.inner,
            )
        )()  # fmt: skip
        return lines

    def parameters_of(self) -> str:
        return str(
            self.pick(
                (
                    "a", "a, b=2", "a, b=2, *c", "a, *, b=2", "a, b=2, **more", "*c, b=2, **more", "a=1, b=2, /, c=3", "",  # noqa: E501
                    "**more", "a, *c, constructor=5, **more",
                )
            )
        )  # fmt: skip

    def shown(self, parameters: str) -> str:
        names = [one.strip(" */").split("=")[0] for one in parameters.split(",")]
        return "(" + "".join(f"{name}, " for name in names if name) + ")"

    def arguments(self) -> str:
        """Arguments that may or may not fit."""
        drawn = [self.expression("any", 1) for _ in range(self.draw(st.integers(0, 3)))]
        if self.chance(30):
            drawn.append(f"*{self.expression('list[int]', 1)}")
        if self.chance(40):
            drawn.append(
                "**{"
                + self.pick(("'b': 5", "'a': 1", "'c': 7, 'b': 1", "'10': 1, '9': 2", "'constructor': 1"))
                + "}"
            )
        return ", ".join(drawn)

    def decorated(self) -> Lines:
        wrapper, name, parameters = self.fresh("d"), self.fresh("f"), self.parameters_of()
        self.callables.append(name)
        return [
            f"def {wrapper}(function):",
            "    def inner(*args, **more):",
            "        print('inner', len(args), list(more), function.__name__)",
            "        return function(*args, **more)",
            "    return inner",
            f"@{wrapper}",
            f"def {name}({parameters}):",
            f"    return {self.shown(parameters)}",
            *self.guarded([f"print({name}({self.arguments()}))"]),
        ]

    def passed_on(self) -> Lines:
        name, runner, parameters = self.fresh("f"), self.fresh("r"), self.parameters_of()
        self.callables.append(name)
        called = self.pick(self.callables)
        function = self.pick((called, name, f"lambda {parameters}: {self.shown(parameters)}"))
        return [
            f"def {name}({parameters}):",
            f"    return {self.shown(parameters)}",
            f"def {runner}(g, *args, **more):",
            "    return g(*args, **more)",
            *self.guarded(
                [f"print({runner}({', '.join(one for one in (function, self.arguments()) if one)}))"]
            ),
        ]

    def talked_to(self) -> Lines:
        name, held = self.fresh("g"), self.fresh("v")
        return [
            f"def {name}(start):",
            "    total = start",
            "    while len(str(total)) < 40:",
            "        got = yield total",
            "        if got is None:",
            f"            {self.pick(('return total', 'break', 'total = (total, 1)'))}",
            "        else:",
            "            total = (total, got)",
            *self.guarded(
                [
                    f"{held} = {name}({self.expression('any', 1)})",
                    f"print(next({held}))",
                    f"print({held}.send({self.expression('any', 1)}))",
                    self.pick((f"print({held}.send(None))", f"print(list({held}))", f"{held}.close()")),
                    f"print(next({held}, 'end'))",
                ]
            ),
        ]

    def ways_out(self) -> Lines:
        name = self.fresh("f")
        out = ("continue", "break", "return 'body'", "pass", "raise ValueError(i)", "int('x')", "i / 0")
        return [
            f"def {name}(items):",
            "    for i in items:",
            "        try:",
            f"            if {self.pick(('i', 'not i', 'i == 1', 'True'))}:",
            f"                {self.pick(out)}",
            "            print('body', i)",
            f"        except {self.pick(('ValueError', 'ArithmeticError', 'TypeError'))} as e:",
            f"            {self.pick(out[:5])}",
            "        else:",
            f"            {self.pick(out[:4])}",
            "        finally:",
            f"            print('finally', i){self.pick(('', '', '', '; continue', '; break'))}",
            "    else:",
            "        print('else')",
            "    return 'end'",
            *self.guarded([f"print({name}({self.expression('list[int]', 2)}))"]),
        ]

    def slices(self) -> Lines:
        name = self.fresh("v")
        cut = self.pick(
            (
                "1:",
                ":2",
                "::2",
                "::-1",
                "1:1",
                "-2:",
                ":",
                "5:",
                "2:0:-1",
                "<small>:<small>",
                "<small>::<small>",
            )
        )
        cut = self.fill(cut, "any", 1)
        return [
            f"{name} = list({self.expression('list[int]', 2)})",
            *self.guarded([f"{name}[{cut}] = {self.expression('list[int]', 1)}", f"print({name})"]),
            *self.guarded([f"del {name}[{self.fill(self.pick((cut, '<small>')), 'any', 1)}]"]),
            f"print({name}, {name}[{cut}], tuple({name})[{cut}], ''.join(map(str, {name}))[{cut}])",
        ]

    def views(self) -> Lines:
        one, two = self.fresh("v"), self.fresh("v")
        view = self.pick(("keys", "items"))
        pair = f"{one}.{view}()", f"{two}.{view}()"
        return [
            f"{one}, {two} = {self.expression('dict[str]', 2)}, {self.expression('dict[str]', 2)}",
            *self.guarded(
                [
                    *(f"print(sorted({pair[0]} {operator} {pair[1]}))" for operator in "&|-^"),
                    *(
                        f"print({pair[0]} {operator} {pair[1]})"
                        for operator in ("<", "<=", "==", "!=", ">", ">=")
                    ),
                    f"print({pair[0]}.isdisjoint({pair[1]}), {self.expression('any', 1)} in {pair[0]}, {one}.values() == {one}.values())",  # noqa: E501
                ]
            ),
        ]

    def deleted(self) -> Lines:
        name = self.fresh("main")
        return [
            f"def {name}():",
            f"    held = {self.expression('any', 2)}",
            "    def read():",
            "        return held",
            "    print(read())",
            f"    {self.pick(('del held', 'held = 5', 'pass'))}",
            f"    {self.pick(('print(read())', 'del held', 'held = 6'))}",
            "    return read()",
            *self.guarded([f"print({name}())"]),
        ]

    def patterns(self) -> Lines:
        one, two = self.fresh("v"), self.fresh("v")
        lines = [
            f"{one}, *{two} = {self.expression('any', 2)}",
            f"print({one}, {two}, [*{two}, {one}], ({one}, *{two}))",
            f"print([{two} := {self.expression('any', 1)}, {two}], ({one} := {self.expression('int', 1)}) + 1, {one})",
            f"print({self.expression('int', 1)} < ({two} := {self.expression('int', 1)}) <= {self.expression('float', 1)}, {two})",  # noqa: E501
        ]
        return self.guarded(lines)

    def operators(self) -> Lines:
        """A class with the operators of a value, and what Python makes of their answers."""
        name, made = self.fresh("C"), self.fresh("c")
        answers = ("self.n", "self.n == other", "True", "None", "1", "'x'", "[self.n]", "self", "other")
        methods: Lines = []
        for method in (
            "__eq__",
            "__lt__",
            "__add__",
            "__radd__",
            "__contains__",
            "__getitem__",
            "__mul__",
            "__iadd__",
        ):
            if self.chance(60):
                # Python goes through anything with `__getitem__` until it raises.
                end = ["    if other > 2:", "        raise IndexError"] if method == "__getitem__" else []
                methods += [f"def {method}(self, other):", *end, f"    return {self.pick(answers)}"]
        # What else gives an iterator back shows an address.
        answers_of = {
            "__iter__": ("self.n", "2", "iter([1, 2])"),
            "__len__": ("self.n % 4", "2", "self.n", "-1"),
        }
        for method in ("__len__", "__bool__", "__str__", "__repr__", "__iter__", "__neg__", "__int__"):
            if self.chance(40):
                methods += [
                    f"def {method}(self):",
                    f"    return {self.pick((*answers_of.get(method, ('self.n', '2')), 'str(self.n)', 'True', 'None'))}",  # noqa: E501
                ]
        if "def __repr__(self):" not in methods:
            methods += ["def __repr__(self):", "    return 'C' + str(self.n)"]
        uses = ("{0} == {1}", "{0} != 1", "{0} < {1}", "{0} > 1", "{0} + 1", "1 + {0}", "1 in {0}", "{0}[0]", "{0} * 2", "len({0})", "bool({0})",  # noqa: E501
                "str({0})", "[{0}]", "list({0})", "-{0}", "int({0})", "f'{{{0}}}'", "[{0}] == [{1}]", "{0} in [1, {1}]", "sorted([{0}, {1}])",  # noqa: E501
                "{0} and 1", "not {0}", "max({0}, {1})", "[*{0}]", "sum([1], {0})", "{0} is {0}")  # fmt: skip
        lines: Lines = [
            f"class {name}:",
            "    def __init__(self, n):",
            "        self.n = n",
            *indented(methods),
        ]
        lines.append(f"{made} = {name}({self.expression('int', 1)})")
        for _ in range(4):
            use = self.pick(uses).format(made, f"{name}(2)")
            lines += self.guarded([f"print({use})"])
        return lines

    def left(self) -> Lines:
        """An iterator that is left in the middle goes on there."""
        name = self.fresh("v")
        source = self.pick(
            (
                "iter(<list[int]>)",
                "(one for one in <list[int]>)",
                "map(str, <list[int]>)",
                "enumerate(<str>)",
                "zip(<list[int]>, <str>)",
            )
        )
        return self.guarded(
            [
                f"{name} = {self.fill(source, 'any', 2)}",
                f"for one in {name}:",
                f"    if {self.pick(('one', 'True', 'not one'))}:",
                "        break",
                f"print({self.pick(('1 in', 'any(one for one in', 'next('))} {name}{self.pick(('', ''))}"
                .replace("any(one for one in " + name, f"any(one for one in {name})").replace(f"next( {name}", f"next({name}, 0)") + ")",  # noqa: E501
                f"print(list({name}))",
            ]
        )  # fmt: skip

    def ordered(self) -> Lines:
        """What is computed before what."""
        name, held = self.fresh("f"), self.fresh("v")
        line = self.pick(
            (
                "{1}[{0}(0)] = {0}(5)", "{1}[{0}(0)] += {0}(5)", "{0}(1), {1}[{0}(0)] = {0}(2), {0}(3)", "{1}[{0}(0):{0}(1)] = {0}([1])",  # noqa: E501
                "print({0}(1), end={0}('!\\n'), sep={0}(''))", "print({0}(1) < {0}(2) < {0}(0) < {0}(5))", "print({{{0}('k'): {0}(1), {0}('l'): {0}(2)}})",  # noqa: E501
                "print({0}([1, 2])[{0}(0)], {0}('ab')[{0}(0):{0}(1)])", "{1}.append({0}(1))", "print({0}(0) or {0}(1) and {0}(2))",  # noqa: E501
            )
        )  # fmt: skip
        return [
            f"def {name}(x):",
            "    print('now', x)",
            "    return x",
            f"{held} = [1, 2, 3]",
            *self.guarded(
                [
                    line.format(name, held).replace(f"{name}(1), {held}", f"{held}[1], {held}"),
                    f"print({held})",
                ]
            ),
        ]

    def methods_as_values(self) -> Lines:
        name = self.fresh("v")
        kind, methods = self.pick(
            (
                ("list[int]", ("append", "index", "count", "pop", "copy")),
                ("str", ("upper", "split", "join", "find", "startswith", "format")),
                ("dict[str]", ("get", "keys", "pop", "setdefault")),
                ("any", ("append", "get", "upper")),
            )
        )
        method = self.pick(methods)
        # A dict in JavaScript cannot take both a number and its text for keys: docs/compiler.md.
        given = ("", "<str>") if method == "setdefault" else ("", "<any>", "<str>", "<int>")
        return self.guarded(
            [
                f"{name} = {self.expression(kind, 2)}",
                f"print(hasattr({name}, '{method}'))",
                f"call = {name}.{method}",
                f"print(call({self.pick(given)}))".replace("<any>", self.expression("any", 1))
                .replace("<str>", self.expression("str", 1)).replace("<int>", self.expression("int", 1)),
                f"print({name})",
            ]
        )  # fmt: skip

    def raised(self) -> Lines:
        name = self.fresh("E")
        base = self.pick(("Exception", "ValueError", "KeyError", "LookupError", "Problem"))
        own = ["def __init__(self, name, message='m'):", f"    super().__init__({self.pick(('name', 'name, message', ''))})",  # noqa: E501
               "    self.name = name", "    self.message = message"] if self.chance(50) else ["kind = 'own'"]  # fmt: skip  # noqa: E501
        if self.chance(30):
            own += ["def __str__(self):", "    return 'text of ' + type(self).__name__"]
        return [
            f"class {name}({base}):",
            *indented(own),
            "try:",
            "    try:",
            f"        raise {name}({self.expression('str', 1)})",
            f"    except {self.pick((base, name, 'TypeError', 'Exception'))} as e:",
            "        print(type(e).__name__, e, e.args, repr(e), getattr(e, 'name', None), e.__cause__)",
            f"        raise {self.pick(('RuntimeError(1)', 'KeyError(2)', name + '(3)'))}{self.pick(('', ' from e', ' from None'))}",  # noqa: E501
            "except Exception as e:",
            "    print(type(e).__name__, e.args, repr(e.__cause__))",
        ]

    def inner(self) -> Lines:
        """Functions within functions, and what they see of each other."""
        name = self.fresh("f")
        return [
            f"def {name}(n, *args, **more):",
            "    seen = []",
            "    def a(m, k=n):",
            "        nonlocal n",
            f"        n {self.pick(('+=', '-=', '='))} {self.pick(('m', 'k', '1'))}",
            "        seen.append((m, k, n))",
            f"        return {self.pick(('n', 'later()', 'm'))}",
            f"    {self.pick(('a(1)', 'pass', 'a(*args)'))}",
            "    def later():",
            "        return len(seen) + n",
            "    a(2, **more)",
            "    return seen, later(), [f(3) for f in [lambda x, y=n: x + y + n, a]]",
            *self.guarded(
                [f"print({name}({self.expression('int', 1)}, {self.pick(('', '4', '*[5]', 'k=3', '1, 2'))}))"]
            ),
        ]
