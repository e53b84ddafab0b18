"""What random programs leave out, because it is known to differ, and why. Each is run by itself: it still differs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """`leaves_out`: the templates and literals of grammar.py, or the habits of definitions.py, that are not drawn."""

    name: str
    why: str
    program: str
    leaves_out: tuple[str, ...] = ()


# Defects, open: an entry goes when the compiler is corrected.
OPEN: tuple[Known, ...] = ()

# Not to be corrected: no program in shared code should depend on it.
ACCEPTED: tuple[Known, ...] = (
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
