"""What models do: tallies and groups, trees, texts that are read and built, annotations, aliases, loops over what they change."""
# ruff: noqa: E501, a line of a program stands as it will be.

from hypothesis import strategies as st

from tests.parity.records import Records
from tests.parity.statements import Lines

# What is annotated need not be so: Python does not look.
ANNOTATIONS = (
    "int",
    "str",
    "list[int]",
    "dict[str, int]",
    "bool",
    "float",
    "int | None",
    "'str'",
    "Any",
    "list[Any]",
)
ROUNDED = ("floor", "ceil", "trunc")


class Habits(Records):
    """Draws definitions and statements of these kinds."""

    def habit(self) -> Lines:
        lines: Lines = self.pick(
            (
                self.record, self.tally, self.tree, self.aliases, self.counted, self.annotated, self.hidden, self.looped_over,
                self.text_read, self.text_built, self.ranked, self.numbers, self.asserted, self.paired, self.remembered,
                self.machine, self.nested_data, self.pipeline, self.members_by_name, self.line_of_classes,
            )
        )()  # fmt: skip
        return lines

    def tally(self) -> Lines:
        counts, groups = self.fresh("v"), self.fresh("v")
        source = self.expression(self.pick(("list[str]", "list[int]", "str", "list[list]")), 2)
        key = self.pick(
            ("str(one)", "str(one)[:1]", "'even' if len(str(one)) % 2 == 0 else 'odd'", "repr(one)")
        )
        return self.guarded(
            [
                f"{counts}, {groups} = {{}}, {{}}",
                f"for one in {source}:",
                f"    key = {key}",
                f"    {counts}[key] = {counts}.get(key, 0) + 1",
                f"    {groups}.setdefault(key, []).append(one)",
                f"for key in sorted({counts}, key=lambda k: (-{counts}[k], k)):",
                f"    print(key, {counts}[key], {groups}[key])",
                f"print(max({counts}.values(), default=None), sum({counts}.values()), len({groups}))",
                f"print({{k: len(v) for k, v in {groups}.items() if v}}, list({groups}.values())[:1])",
            ]
        )

    def tree(self) -> Lines:
        """Functions that call themselves, over what is nested."""
        name, data = self.fresh("f"), self.fresh("v")
        leaf = self.pick(("1", "node", "[node]", "str(node)", "len(node)"))
        joined = self.pick(("sum", "list", "max", "tuple", "sorted"))
        return [
            f"def {name}(node, depth=0):",
            "    if isinstance(node, dict):",
            f"        return {{key: {name}(value, depth + 1) for key, value in node.items()}}",
            "    if isinstance(node, (list, tuple)) and depth < 4:",
            f"        return {joined}({name}(one, depth + 1) for one in node)",
            f"    return {leaf}",
            f"{data} = {{'a': [{self.some('int')}], 'b': {{'c': ({self.some('str')},) if 0 else [], 'd': {self.expression('data', 2)}}}}}".replace(
                "(,)", "()"
            ),
            *self.guarded([f"print({name}({data}))"]),
            *self.guarded([f"print({name}({self.expression('list[list]', 2)}))"]),
        ]

    def aliases(self) -> Lines:
        one, two, three = self.fresh("v"), self.fresh("v"), self.fresh("v")
        copied = self.pick(
            ("{0}", "{0}[:]", "list({0})", "{0}.copy()", "[*{0}]", "{0} + []", "[x for x in {0}]")
        )
        change = self.pick(("{0}.append(<int>)", "{0} += [<int>]", "{0} = {0} + [<int>]", "{0}[0] = <int>", "{0}.clear()",
                            "{0}[:] = [<int>]", "{0} *= 2", "{0}[1:] = {0}", "{0}.extend({0})", "{0}.insert(0, {0})"))  # fmt: skip
        return self.guarded(
            [
                f"{one} = {two} = {self.expression('list[int]', 1)}",
                f"{three} = {copied.format(one)}",
                self.filled(change.format(self.pick((one, two, three))), one),
                f"print({one} == {two}, {one} is {two}, {three} is {one}, len({one}), len({two}), len({three}))",
                f"{one}, {two} = {two}, {three}",
                f"print({one}, {two})",
            ]
        )

    def annotated(self) -> Lines:
        name, held = self.fresh("f"), self.fresh("v")
        kinds = [self.pick(ANNOTATIONS) for _ in range(4)]
        use = self.pick(
            (
                "a + b",
                "a == b",
                "(a, b)",
                "a or b",
                "f'{a}{b}'",
                "[a] * 2",
                "a < b",
                "a if b else None",
                "b[a]",
                "len(a)",
            )
        )
        return [
            f"def {name}(a: {kinds[0]}, b: {kinds[1]} = {self.leaf('int')}, *rest: {kinds[2]}) -> {kinds[3]}:",
            "    '''What it does.'''",
            f"    made: {kinds[2]} = {use}",
            "    return made",
            f"{held}: {kinds[0]} = {self.expression('any', 1)}",
            *self.guarded([f"print({name}({held}, {self.expression('any', 1)}))"]),
            *self.guarded([f"print({name}({self.expression('any', 1)}))"]),
        ]  # fmt: skip

    def looped_over(self) -> Lines:
        """What a loop does to what it goes through."""
        name = self.fresh("v")
        kind, change = self.pick(
            (
                ("list[int]", "{0}.pop()"), ("list[int]", "{0}.remove(one)"), ("list[int]", "{0}.clear()"), ("list[int]", "{0}.reverse()"),
                ("list[int]", "del {0}[0]"), ("list[int]", "{0}[0] = 7"), ("dict[str]", "del {0}[one]"), ("dict[str]", "{0}[one] = 0"),
                ("dict[str]", "{0}[one + 'x'] = 0"), ("dict[str]", "{0}.clear()"), ("dict[str]", "{0}.pop(one); {0}['zz'] = 1"),
                ("list[int]", "{0}.append(one) if len({0}) < 9 else None"), ("list[int]", "{0}.sort()"),
            )
        )  # fmt: skip
        way = self.pick(
            (
                "{0}",
                "{0}",
                "list({0})",
                "reversed({0})",
                "enumerate({0})",
                "zip({0}, {0})",
                "iter({0})",
                "sorted({0}, key=str)",
            )
        )
        head = (
            f"for one in {way.format(name)}:"
            if "(" not in way or way[:4] not in ("enum", "zip(")
            else f"for _, one in {way.format(name)}:"
        )
        return self.guarded(
            [
                f"{name} = {self.expression(kind, 2)}",
                "try:",
                f"    {head}",
                "        print('at', one)",
                f"        {change.format(name)}",
                "finally:",
                f"    print({name})",
            ]
        )  # fmt: skip

    def text_read(self) -> Lines:
        """A text taken apart, with what may be wrong about it."""
        name = self.fresh("f")
        part = self.pick(("text.split(',')", "text.split()", "text.partition('=')", "text.splitlines(True)", "text.rsplit(None, 1)",
                          "text.strip().split(' ', 1)", "list(text)", "text.split('=', maxsplit=1)", "text.rpartition(' ')"))  # fmt: skip
        test = self.pick(
            ("isdecimal", "isnumeric", "islower", "isascii", "istitle", "isdigit", "isalnum", "isspace")
        )
        texts = (
            "'a=1, b=22 ,c'",
            "'12 -3 x 4.5'",
            "'key = value'",
            "'  '",
            "'1\\n2\\r\\n3'",
            "'é=ß'",
            "'٣,4,½'",
        )
        return [
            f"def {name}(text):",
            "    found = []",
            f"    for part in {part}:",
            "        try:",
            f"            found.append({self.pick(('int(part)', 'float(part)', 'int(part, 16)', 'part.strip()', 'part.index(chr(61))'))})",
            "        except ValueError as e:",
            f"            found.append(({self.pick(('str(e)', 'part', 'type(e).__name__'))}, part.{test}()))",
            "    return found",
            *self.guarded([f"print({name}({self.pick(texts)}), {name}({self.expression('str', 2)}))"]),
        ]  # fmt: skip

    def text_built(self) -> Lines:
        one, two = self.fresh("v"), self.fresh("v")
        line = self.pick(
            (
                "'; '.join(f'{k}={v!r}' for k, v in {0}.items())", "'{a}-{b:>4}'.format(**{0})", "'%(a)s|%(b)05d' % {0}", "str({0}) + repr({1})",
                "f'{ {0}[\"a\"]:{1}}'", "'{0[a]}/{1}'.format({0}, {1})", "'{:{}}|'.format({1}, 5)", "f'{ {1}!a:*^12}'", "f'{ {1}=}'",
                "'-' * len({0}) + '>'", "''.join([str({1}), '\\n', 'é'.ljust(3, '.')])", "f'{ {1}!r:>8.3}'", "'{}{}'.format(*{0})",
            )
        )  # fmt: skip
        line = line.replace("{ {0}", "{ " + one).replace("{ {1}", "{ " + two)
        for mark, used in (("{0}", one), ("{1}", two)):
            if not line.startswith("'{0[a]}") or mark == "{1}":
                line = (
                    line.replace(f"({mark}", f"({used}")
                    .replace(f", {mark}", f", {used}")
                    .replace(f" {mark}", f" {used}")
                )
                line = (
                    line.replace(f":{mark}", f":{{{used}}}")
                    .replace(f"*{mark}", f"*{used}")
                    .replace(f"in {mark}", f"in {used}")
                )
        return self.guarded(
            [
                f"{one} = {{'a': {self.expression('any', 1)}, 'b': {self.expression('int', 1)}, **{self.expression('dict[str]', 1)}}}",
                f"{two} = {self.expression('any', 1)}",
                f"print({line})",
            ]
        )

    def numbers(self) -> Lines:
        a, b = self.expression("float", 2), self.expression("float", 1)
        one, two = self.fresh("v"), self.fresh("v")
        use = self.pick(
            (
                "math.isclose({0}, {1})", "math.copysign({0}, {1})", "math.fmod({0}, {1})", "math.hypot({0}, {1})", "math.isnan({0})",
                "math.isinf({0} - {1})", "divmod({0}, {1})", "{0} // 1, {0} % 1", "round({0}, 2), round({0}), round({1}, -1)", "int({0}) == {0}",
                "{0} == {1}, {0} < {1}, {0} is {0}", "str({0}), repr({1}), float(str({0}))", "abs({0} - {1}) < 1e-9", "({0} + {1}) / 2",
                "max({0}, {1}), min({0}, {1})", "f'{ {0}:.1f} { {1}:,.2f}'", "math.gcd(12, 18), math.inf", "sum([{0}, {1}, 0.1])",
                "{0} and {1}, not {0}", "math.pow(2, 3), 2 ** 0.5", "json.dumps([{0}, {1}])", "float(int({1})), bool({0})", "hash is None",
            )
        )  # fmt: skip
        rounded = self.pick(ROUNDED)
        return [
            *self.guarded(
                [
                    f"{one}, {two} = {a}, {b}",
                    f"print({use.replace('{ {', '{{').replace('{0}', one).replace('{1}', two)})",
                ]
            ),
            *self.guarded([f"print(math.{rounded}({self.expression('float', 1)}))"]),
        ]

    def asserted(self) -> Lines:
        message = self.pick(("", ", 'no'", ", " + self.expression("any", 1)))
        return [
            "try:",
            f"    assert {self.expression('any', 2)}{message}",
            "    print('fine')",
            "except AssertionError as e:",
            "    print('assertion', e.args)",
        ]

    def paired(self) -> Lines:
        """Patterns in loops and comprehensions."""
        source = self.pick(("list(enumerate(zip(<list[int]>, <list[str]>)))", "[(1, (<int>, <str>)), (2, <tuple>)]",
                            "[(k, (v, k)) for k, v in <dict[str]>.items()]", "[[<int>, [<int>, <int>]]]", "zip(<list[int]>, <list[list]>)"))  # fmt: skip
        lines = [f"for i, (a, b) in {self.fill(source, 'any', 2)}:", "    print(i, a, b)"]
        lines += [f"print([(i, b) for i, (a, *b) in {self.fill(source, 'any', 2)} if i])"]
        lines += [f"print({{str(i): a for i, (a, b) in {self.fill(source, 'any', 1)}}})"]
        return [
            line for part in ([lines[0], lines[1]], [lines[2]], [lines[3]]) for line in self.guarded(part)
        ]

    def machine(self) -> Lines:
        """A loop without an end of its own."""
        name = self.fresh("f")
        return [
            f"def {name}(items):",
            "    state, out = 'start', []",
            "    while True:",
            "        if not items:",
            f"            {self.pick(('break', 'return out', 'state = None; break'))}",
            "        one, *items = items",
            "        if state == 'start':",
            f"            state = {self.pick(('one', 'str(one)', repr('on'), 'state'))}",
            f"        elif one {self.pick(('==', 'in', '!=', '<', 'is'))} {self.pick(('state', '[state, 1]', 'out', 'None', '2'))}:",
            "            out.append((state, one))",
            f"            {self.pick(('continue', 'pass', 'break'))}",
            "        else:",
            "            out.append(one)",
            "    return state, out",
            *self.guarded(
                [
                    f"print({name}({self.expression(self.pick(('list[int]', 'list[str]', 'str', 'tuple')), 2)}))"
                ]
            ),
        ]

    def nested_data(self) -> Lines:
        name = self.fresh("v")
        path = self.pick(
            (
                "['a']['b']",
                "['a']['c'][0]",
                "['l'][-1]",
                "['l'][1:]",
                ".get('x', {}).get('y')",
                "['a'].get('b', 0)",
                "['l'][0]['id']",
            )
        )
        change = self.pick(("['a']['b'] = <any>", "['l'].append(<any>)", "['a'] = {**{0}['a'], 'b': <int>}", "['l'][0]['id'] += 1", ".update(a=<any>)",
                            "['a'].pop('b')", ".setdefault('z', []).append(<int>)", "['l'][:] = reversed({0}['l'])", "['a']['c'][0], {0}['n'] = <int>, <int>"))  # fmt: skip
        filled = self.filled("<>" + change.replace("{0}", "<>"), name).replace("<>", name)
        return [
            f"{name} = {{'a': {{'b': {self.expression('int', 1)}, 'c': [{self.expression('any', 1)}]}}, 'l': [{{'id': 1}}, {{'id': {self.leaf('str')}}}]}}",
            f"other = json.loads(json.dumps({{'k': {self.expression('data', 1)}}}, sort_keys={self.pick(('True', 'False'))}))",
            *self.guarded([f"print({name}{path}, other)"]),
            *self.guarded([filled, f"print({name}, {name} == other, other['k'] in ({name}, None))"]),
            *self.guarded([f"print(json.dumps({name}, indent={self.pick(('2', 'None', '1'))}))"]),
        ]

    def pipeline(self) -> Lines:
        """Generators and iterators one behind another."""
        name = self.fresh("g")
        steps = ("map(str, {0})", "filter(None, {0})", "(x for x in {0} if x)", "enumerate({0})", "zip({0}, 'abc')", "reversed(list({0}))",
                 "sorted({0}, key=str)", "iter(list({0}))", "[[x] for x in {0}]", "(y for x in {0} for y in str(x))", "map(lambda x: (x, x), {0})")  # fmt: skip
        flow = f"{name}({self.expression('list[int]', 2)})"
        for _ in range(self.draw(st.integers(1, 3))):
            flow = self.pick(steps).format(flow)
        end = self.pick(("list({0})", "next(iter({0}), 'none')", "tuple({0})[:2]", "any({0})", "dict(enumerate({0}))", "[*{0}]", "len(list({0}))",
                         "max({0}, key=str, default=0)", "str(list({0}))", "sum(1 for _ in {0})", "'-'.join(map(repr, {0}))"))  # fmt: skip
        return [
            f"def {name}(items):",
            "    for one in items:",
            "        print('takes', one)",
            "        yield one",
            f"        {self.pick(('pass', 'yield -one', 'if one == 2: return', 'yield from [one, one]'))}",
            *self.guarded([f"print({end.format(flow)})"]),
        ]
