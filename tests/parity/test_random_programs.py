"""Random programs do the same on CPython and, compiled, in Node."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.parity.known import ACCEPTED, OPEN, Known
from tests.parity.programs import programs
from tests.parity.smaller import smallest
from tests.parity.twins import Twins

# 300 programs each time; CAPSULE_PROGRAMS=5000 for a long look, CAPSULE_SEED=1000000 for others.
COUNT = int(os.environ.get("CAPSULE_PROGRAMS", "300"))
SEED = int(os.environ.get("CAPSULE_SEED", "0"))
# So few that Hypothesis does not yet begin to vary what it has drawn: nearly every program is another one.
OF_A_SEED = 10
# As many as are built at once, and shown when they differ.
BATCH = 300
MOST_SHOWN = 5
MOST_REFUSED = 0.25


def draw(number: int) -> list[str]:
    """The programs of a seed."""
    drawn: dict[str, None] = {}

    def keep(program: str) -> None:
        drawn[program] = None

    test = settings(
        max_examples=OF_A_SEED,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )(given(programs())(keep))
    seed(number)(test)()
    return list(drawn)


def draw_batch(number: int, count: int) -> tuple[list[str], int]:
    """So many programs of the seeds from `number` on, and the next seed."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        drawn.update(dict.fromkeys(draw(number)))
        number += 1
    return list(drawn)[:count], number


def test_random_programs_print_the_same() -> None:
    refused: Counter[str] = Counter()
    different: list[str] = []
    total, number = 0, SEED
    with Twins() as laboratory:
        while total < COUNT:
            drawn, number = draw_batch(number, min(COUNT - total, BATCH))
            for twin in laboratory.run(drawn):
                total += 1
                refused.update(twin.refused[:1])
                if twin.different and len(different) < MOST_SHOWN:
                    different.append(smallest(laboratory, twin).report())
    assert not different, "\n".join(different)
    assert refused.total() <= MOST_REFUSED * total, f"too many refused to mean anything: {refused}"


@pytest.mark.parametrize("known", [*OPEN, *ACCEPTED], ids=lambda known: known.name)
def test_what_is_left_out_does_differ(known: Known) -> None:
    with Twins() as laboratory:
        (twin,) = laboratory.run([known.program])
    assert twin.refused or twin.different, "it can be drawn again: take it out of known.py"
