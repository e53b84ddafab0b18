"""Random programs in the accepted subset, for Hypothesis to draw and to shrink.

A program prints what it computes and catches what it raises, so that its output tells everything. Functions never call
themselves and everything is bounded, so that every program ends.
"""

from typing import Any

from hypothesis import strategies as st

from tests.parity.expressions import Names
from tests.parity.habits import Habits
from tests.parity.statements import Lines, indented

HEADER = """\
import json
import math
from typing import Any


class Problem(Exception):
    pass


class Worse(Problem):
    def __init__(self, text, code=1):
        super().__init__(text)
        self.code = code


class Guard:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        print('enter', self.name)
        return self

    def __exit__(self, kind, error, trace):
        print('exit', self.name, error is not None)
        return self.name == 'quiet'

"""


class Program(Habits):
    """Draws whole programs."""

    def write(self) -> str:
        lines: Lines = []
        for _ in range(self.draw(st.integers(2, 12))):
            if self.chance(20):
                lines += self.habit()
            elif self.chance(30):
                lines += self.varied()
            else:
                lines += self.definition() if self.chance(35) else self.part()
        return HEADER + "\n".join(lines) + "\nprint('end')\n"

    def part(self) -> Lines:
        """One statement at the top: mostly guarded, so that the program goes on after an error."""
        if self.chance(20):
            return self.in_function()
        lines = self.statement()
        return lines if self.chance(15) else self.guarded(lines)

    def in_function(self) -> Lines:
        """The same statements with local variables."""
        name = self.fresh("main")
        outer, self.names = self.names, Names(self.names)
        # What a function assigns is its own: it cannot augment the module's variables.
        outer_variables, self.names.variables = self.names.variables, []
        body = self.block(4)
        self.names = outer
        self.names.variables = outer_variables
        return [f"def {name}():", *indented(body), *self.guarded([f"{name}()"])]


@st.composite
def programs(draw: Any) -> str:
    """The text of a program."""
    return Program(draw).write()
