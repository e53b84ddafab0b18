"""What random programs leave out, because it is known to differ, and why. Each is run by itself, expected to fail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """`leaves_out`: the templates and literals of grammar.py, or the habits of definitions.py, that are not drawn."""

    name: str
    why: str
    program: str
    leaves_out: tuple[str, ...] = ()


# Defects, open: an entry goes when the compiler is corrected (its test says XPASS).
OPEN: tuple[Known, ...] = (
    Known(
        "which of two errors",
        "CPython looks for a method before it computes the arguments; where the value is of no known type, has no such "
        "method, and an argument that calls nothing of the program raises too, JavaScript raises the argument's error.",
        "def f(v):\n    v.add('a'['b'])\ntry:\n    f(None)\nexcept Exception as e:\n    print(type(e).__name__)",
    ),
    Known(
        "a method of the instance called on a class in a variable",
        "With an argument less, CPython raises TypeError, JavaScript AttributeError where the builtin types have a "
        "method of that name.",
        "class A:\n    def get(self, x):\n        return x\nfor o in [A]:\n    try:\n        o.get(1)\n"
        "    except Exception as e:\n        print(type(e).__name__)",
    ),
    Known(
        "list() asks for the length",
        "CPython's list(x), tuple(x) and [*x] call `__len__` to make room: what it raises, prints or is shows.",
        "class A:\n    def __len__(self):\n        return -1\n    def __iter__(self):\n        return iter('a')\n"
        "try:\n    print(list(A()))\nexcept ValueError:\n    print('ValueError')",
    ),
    Known(
        "an imported name that is bound again",
        "JavaScript's imports are constant: the module does not load. To be refused, like `del` of one.",
        "import math\nmath = 1\nprint(math)",
    ),
)

# Not to be corrected: no program in shared code should depend on it.
ACCEPTED = (
    Known(
        "a generator that is left",
        "CPython runs its `finally` when nobody can see the generator any more, JavaScript never.",
        "def g():\n    try:\n        yield 1\n    finally:\n        print('closed')\nprint(next(g()))",
        ("next() of a generator with finally",),
    ),
    Known(
        "a set in text",
        "Its order is another one in each process of CPython; the runtime refuses it.",
        "def f(x):\n    return [one for one in x]\nprint(f({'a', 'b', 'c'}))",
    ),
    Known(
        "an address in text",
        "`<function f at 0x7f...>` is another text in each process.",
        "def f():\n    pass\nprint(f)",
    ),
)

LEFT_OUT = frozenset(one for known in (*OPEN, *ACCEPTED) for one in known.leaves_out)
