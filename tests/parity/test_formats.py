"""Format specs, `str.format` and `%`: thousands drawn at random give the same text or the same error on both sides."""

import random
import struct
from collections.abc import Callable

import pytest

from tests.parity.twins import Twins

COUNT = 1500
VALUES = """
    float('inf') float('-inf') float('nan') -0.0 0.0 1.5 -2.675 1234567.891 1e-7 1e16 1e22 0.5 2.5 99.995 1e100 100.0
    123456789.0 0.00001234 -1e300 -1000.0 0 1 -1 5 -13 255 1234567 -9007199254740993 12345678901234567890 True False
    'abc' '😀x' None
""".split()
FIELDS = """
    { } {{ }} {} {0} {1} {a} {0[0]} {0[a]} {a.b} {!r} {0!s} {!x} {:>5} {0:{1}} {:{}} {a:{w}} x 😀 {0!r:>8} {a[0]}
    {1:{a}} {[0]} {:}} {!} {0!} {0.} {0[} {0[]} {-1} {é} {0:{1:{2}}} {0[0]x} {! {0!r
""".split()
DIRECTIVES = "% %% %s %d %(a)s %(b)d %-5d| %*d %.*f %q %é %(a %((a))s %5 %c x %(a)% %ld".split()
GIVEN = (
    "1",
    "(1,)",
    "(1, 2)",
    "(5, 2.5)",
    "'a'",
    "{'a': 1, 'b': 2}",
    "[1]",
    "()",
    "(3, 'x')",
    "None",
    "2.7",
    "True",
)
# What is shown of each call: the text, or the error's type and words.
SHOWN = """\
def show(call):
    try:
        print('[' + call() + ']')
    except Exception as e:
        print(type(e).__name__, e)
"""


def value(draw: random.Random) -> str:
    if draw.random() < 0.5:
        return draw.choice(VALUES)
    if draw.random() < 0.4:
        (number,) = struct.unpack("d", draw.randbytes(8))
        return f"float('{number!r}')"
    if draw.random() < 0.5:
        return repr(round(draw.uniform(-1000, 1000), draw.randint(0, 4)))
    return repr(draw.randint(-1000, 1000) / 2 ** draw.randint(0, 12))


def spec(draw: random.Random) -> str:
    if draw.random() < 0.2:
        return f".{draw.choice((0, 1, 2, 3, 15, 16, 17, 18, 20, 99, 100, 101, 340))}{draw.choice('efg%G')}"
    parts = (
        draw.choice(("", "", draw.choice("<>=^"), draw.choice("*0 x<😀") + draw.choice("<>=^"))),
        draw.choice(("", "", "+", "-", " ")),
        draw.choice(("", "", "", "z")),
        draw.choice(("", "", "#")),
        draw.choice(("", "", "0")),
        draw.choice(("", "", "5", "10", "12", "1", "00", "20")),
        draw.choice(("", "", "", ",", "_", ",_", ",,")),
        draw.choice(("", "", ".0", ".2", ".5", ".1", ".")),
        draw.choice(("", "", *"fFeEgG%dnxXbocsq")),
    )
    return "".join(parts)


def formatted(draw: random.Random) -> str:
    return f"format({value(draw)}, {spec(draw)!r})"


def templated(draw: random.Random) -> str:
    """`str.format` with fields that may be none."""
    text = "".join(draw.choices(FIELDS, k=draw.randint(1, 4)))
    one, two = draw.choice(("1", "[1, 2]", "'ab'", "1.5", "None")), draw.choice(("5", "'>8'", "3"))
    return f"{text!r}.format({one}, {two}, a={draw.choice(('5', '[1]', repr('z')))}, w=9)"


def percent(draw: random.Random) -> str:
    if draw.random() < 0.6:
        flags = "".join(draw.sample("-+ #0", draw.randint(0, 3)))
        precision = draw.choice(("", ".0", ".2", "."))
        directive = f"%{flags}{draw.choice(('', '5', '10'))}{precision}{draw.choice('diuxXoeEfFgGcrsa%')}"
        return f"{directive!r} % ({value(draw)},)"
    text = "".join(draw.choices(DIRECTIVES, k=draw.randint(1, 3)))
    return f"{text!r} % {draw.choice(GIVEN)}"


@pytest.mark.parametrize("make", [formatted, templated, percent])
def test_random_formats_are_the_same(make: Callable[[random.Random], str]) -> None:
    draw = random.Random(make.__name__)
    calls = [make(draw) for _ in range(COUNT)]
    with Twins() as laboratory:
        (twin,) = laboratory.run([SHOWN + "\n".join(f"show(lambda: {call})" for call in calls) + "\n"])
    assert twin.refused == []
    pairs = zip(calls, twin.python, twin.javascript, strict=False)
    assert [(call, python, javascript) for call, python, javascript in pairs if python != javascript] == []
    assert len(twin.python) == len(twin.javascript) == COUNT + 1
