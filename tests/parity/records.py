"""Classes as models are written: records with rules and listeners, private names, members by name, lines of classes."""
# ruff: noqa: E501, a line of a program stands as it will be.

from hypothesis import strategies as st

from tests.parity.statements import Lines
from tests.parity.variety import Variety


class Records(Variety):
    """Draws classes and functions with a state, and what is done with them."""

    def some(self, kind: str, most: int = 4) -> str:
        return ", ".join(self.expression(kind, 1) for _ in range(self.draw(st.integers(0, most))))

    def record(self) -> Lines:
        """A model as somebody might write it by hand: attributes, rules, listeners."""
        name, made = self.fresh("R"), self.fresh("r")
        rule = self.pick(("user == self.get('owner')", "value is not None", "user in self.get('members', [])",
                          "isinstance(value, str) and len(value) < 5", "bool(user) or self.deny(name)"))  # fmt: skip
        return [
            f"class {name}:",
            f"    defaults = {{'title': {self.leaf('str')}, 'n': {self.leaf('int')}}}",
            "    def __init__(self, attributes=None, **more):",
            "        self.attributes = {**self.defaults, **(attributes or {}), **more}",
            "        self.listeners = {}",
            "        self.denied = []",
            "    def get(self, name, default=None):",
            "        return self.attributes.get(name, default)",
            "    def deny(self, text):",
            "        self.denied.append(text)",
            "        return False",
            "    def can(self, name, value, user):",
            f"        return {rule}",
            "    def on(self, event, call, *args):",
            "        self.listeners.setdefault(event, []).append((call, args))",
            "    def set(self, name, value, user='ann'):",
            "        if not self.can(name, value, user):",
            "            return False",
            "        old = self.attributes.get(name)",
            f"        if old {self.pick(('==', '!=', 'is', 'is not'))} value:",
            "            return None",
            "        self.attributes[name] = value",
            "        for call, args in self.listeners.get('change:' + name, []) + self.listeners.get('change', []):",
            "            call(self, value, *args)",
            "        return True",
            f"{made} = {name}({self.pick(('', '{<name>: <any>}', 'owner=<str>', '<dict[str]>', 'None, members=[<str>]'))})".replace("<name>", self.expression("name"))
            .replace("<any>", self.expression("any", 1)).replace("<str>", self.expression("str", 1)).replace("<dict[str]>", self.expression("dict[str]", 1)),
            f"{made}.on('change', lambda model, value: print('changed', value))",
            f"{made}.on('change:title', lambda model, value, mark: print(mark, value, model.get('n')), '>')",
            *self.guarded([f"print({made}.set({self.expression('name')}, {self.expression('any', 2)}))"]),
            *self.guarded([f"print({made}.set('title', {self.expression('any', 1)}, {self.expression('any', 1)}))"]),
            f"print({made}.attributes, {made}.denied, {name}.defaults)",
        ]  # fmt: skip

    def hidden(self) -> Lines:
        """Private names, classes in classes, class attributes that are changed."""
        name, made = self.fresh("C"), self.fresh("c")
        return [
            f"class {name}:",
            f"    __limit = {self.leaf('int')}",
            "    made = 0",
            "    class Part:",
            f"        size = {self.leaf('int')}",
            "        def __init__(self, of):",
            "            self.of = of",
            "    def __init__(self, *parts):",
            f"        {self.pick((name + '.made', 'self.made', 'type(self).made'))} += 1",
            "        self.__parts = [self.Part(one) for one in parts]",
            "    def __first(self):",
            "        return self.__parts[0].of",
            "    @property",
            "    def first(self):",
            "        return self.__first()",
            "    @first.setter",
            "    def first(self, value):",
            "        self.__parts[0].of = (value, self.__limit)",
            f"{made} = {name}({self.some('any', 2)})",
            f"print({name}.made, {made}.made, {name}.Part.size, {made}.Part('x').of)",
            *self.guarded([f"{made}.first = {self.expression('any', 1)}"]),
            *self.guarded([f"print({made}.first)"]),
            *self.guarded(
                [f"print({made}.{self.pick(('__parts', '_' + name + '__parts', '__first', 'made'))} is None)"]
            ),
        ]

    def ranked(self) -> Lines:
        """Sorting records by several keys."""
        name, rows = self.fresh("C"), self.fresh("v")
        key = self.pick(("lambda r: (r.n, r.t)", "lambda r: -r.n", "lambda r: r.t.lower()", "lambda r: (len(r.t), -r.n)", "lambda r: r.n % 3",
                         "lambda r: [r.t, r.n]", "str", "lambda r: None", "lambda r: r.missing"))  # fmt: skip
        used = self.pick(("sorted({0}, key=<k>)", "sorted({0}, key=<k>, reverse=True)", "[min({0}, key=<k>), max({0}, key=<k>)]",
                          "sorted({0})", "sorted(({0}), key=<k>)[::-1]", "[r for r in {0} if r.n > 0]"))  # fmt: skip
        less = ["    def __lt__(self, other):", "        return self.n < other.n"] if self.chance(50) else []
        return [
            f"class {name}:",
            "    def __init__(self, n, t):",
            "        self.n, self.t = n, t",
            "    def __repr__(self):",
            "        return f'{self.n}{self.t}'",
            *less,
            f"{rows} = [{name}(n, t) for n, t in zip({self.expression('list[int]', 2)}, {self.expression('list[str]', 2)})]",
            *self.guarded([f"print({used.format(rows).replace('<k>', key)})"]),
            *self.guarded([f"{rows}.sort(key={key})", f"print({rows})"]),
        ]

    def members_by_name(self) -> Lines:
        name, made = self.fresh("C"), self.fresh("c")
        asked = self.pick(
            ("'onStart'", "'on' + 'Stop'", "'name'", "'missing'", "'count'", "'label'", "'items'")
        )
        return [
            f"class {name}:",
            f"    count = {self.leaf('int')}",
            "    def __init__(self, name):",
            "        self.name = name",
            "        self.items = [name]",
            "    def onStart(self, *args):",
            "        return ('start', self.name, args)",
            "    onStop = onStart",
            "    @property",
            "    def label(self):",
            f"        return {self.pick(('self.name', 'self.missing', '1 / 0', 'self.count'))}",
            f"{made} = {name}({self.expression('any', 1)})",
            *self.guarded(
                [f"found = getattr({made}, {asked}, None)", "print(found() if callable(found) else found)"]
            ),
            *self.guarded([f"print(hasattr({made}, {asked}))"]),
            *self.guarded(
                [f"setattr({made}, {asked}, {self.expression('any', 1)})", f"print(getattr({made}, {asked}))"]
            ),
            *self.guarded(
                [
                    f"del {made}.{self.pick(('name', 'count', 'missing', 'items'))}",
                    f"print({made}.count, hasattr({made}, 'name'))",
                ]
            ),
        ]

    def line_of_classes(self) -> Lines:
        """Three classes, and which of them answers."""
        a, b, c = self.fresh("C"), self.fresh("C"), self.fresh("C")
        answers = (
            "'a'",
            "super().say() + 'b'",
            "self.word",
            "type(self).__name__",
            "self.__class__.word",
            "str(isinstance(self, " + a + "))",
        )
        body = [
            ["    def say(self):", f"        return {self.pick((answers[0], *answers[2:]))}"],
            ["    def say(self):", f"        return {self.pick(answers)}"],
            ["    pass"],
            ["    @classmethod", "    def make(cls, *args):", "        return cls(*args)"],
            ["    def __init__(self, x=0):", "        super().__init__()", "        self.word = str(x)"],
            ["    @staticmethod", "    def kind():", "        return 'static'"],
            ["    @property", "    def word(self):", "        return 'property'"],
        ]
        second, third = self.pick(body[1:]), self.pick(body[1:])
        given = self.expression("int", 1) if "    def __init__(self, x=0):" in second + third else ""
        own = [
            use
            for use, part in ((f"{c}.make().say()", body[3]), (f"{c}().kind()", body[5]))
            if part in (second, third)
        ]
        equal = self.pick(("self is other", "isinstance(other, type(self))", "self.say() == other.say()"))
        return [
            f"class {a}:",
            f"    word = {self.leaf('str')}",
            *body[0],
            "    def __eq__(self, other):",
            f"        return {equal}",
            f"class {b}({a}):",
            *second,
            f"class {c}({b}):",
            *third,
            *self.guarded([f"print({c}().say(), {b}().say(), {a}().say())"]),
            *self.guarded([f"print({c}().word, {a}.word, {c}({given}).word)"]),
            *self.guarded(
                [f"print({a}() == {b}(), {c}() == {a}(), {c}() != {c}(), {b}() in [{a}(), {c}()])"]
            ),
            *self.guarded([f"print({', '.join([*own, f'issubclass({c}, {a})', f'{b}.__name__'])})"]),
        ]

    def remembered(self) -> Lines:
        """A function that keeps what it found, by keys of its arguments."""
        name = self.fresh("f")
        key = self.pick(("(a, b)", "str(a) + ':' + str(b)", "a", "(a, (b, 1))", "frozenset([a, b])"))
        given = f"{self.expression('any', 1)}, {self.expression('int', 1)}"
        return [
            f"def {name}(a, b, known={{}}):",
            f"    key = {key}",
            "    if key not in known:",
            "        print('new')",
            "        known[key] = len(known)",
            "    return known[key]",
            *self.guarded([f"print({name}({given}), {name}({given}))"]),
            *self.guarded(
                [
                    f"print({name}(1, {self.expression('int', 1)}), {name}({self.pick(('1.0', 'True', '2', 'None'))}, 2))"
                ]
            ),
        ]

    def counted(self) -> Lines:
        """A variable of the module that functions change."""
        held, name = self.fresh("v"), self.fresh("f")
        step = self.pick(("+= by", "= by", "-= by", "*= 2", "= (" + held + ", by)"))
        return [
            f"{held} = {self.leaf('int')}",
            f"def {name}(by={self.leaf('int')}, seen=[]):",
            f"    global {held}",
            f"    {held} {step}",
            "    seen.append(by)",
            f"    return {self.pick((held, 'seen', 'len(seen)', 'by'))}",
            *self.guarded([f"print({name}(), {name}({self.expression('any', 1)}), {held})"]),
            *self.guarded([f"print([{name}(i) for i in range(3)], {held})"]),
        ]
