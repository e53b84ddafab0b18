"""Random programs do the same on CPython and, compiled, in Node."""

import os
from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.parity.programs import programs
from tests.parity.twins import Twin, Twins

# 300 programs each time; CAPSULE_PROGRAMS=5000 for a long look, CAPSULE_SEED=1000000 for others.
COUNT = int(os.environ.get("CAPSULE_PROGRAMS", "300"))
SEED = int(os.environ.get("CAPSULE_SEED", "0"))
# So few that Hypothesis does not yet begin to vary what it has drawn: nearly every program is another one.
OF_A_SEED = 10
BATCH = 300
MOST_REFUSED = 0.25


def draw(number: int, see: Callable[[str], None], *phases: Phase) -> None:
    """Hand the programs of a seed to `see`."""

    def test(program: str) -> None:
        see(program)

    test = given(programs())(test)
    checks = list(HealthCheck)
    test = settings(
        max_examples=OF_A_SEED, database=None, deadline=None, phases=phases, suppress_health_check=checks
    )(test)
    seed(number)(test)()


def run_batch(laboratory: Twins, first: int, count: int) -> dict[int, dict[str, Twin]]:
    """Some seeds' programs, by seed: to build and start Node for each program would take minutes."""
    drawn: dict[int, dict[str, None]] = {}
    number = first
    while sum(len(found) for found in drawn.values()) < count:
        found: dict[str, None] = {}
        draw(number, lambda program, found=found: found.setdefault(program), Phase.generate)  # type: ignore[misc]
        drawn[number] = found
        number += 1
    twins = iter(laboratory.run([program for found in drawn.values() for program in found]))
    return {number: {program: next(twins) for program in found} for number, found in drawn.items()}


def judge(laboratory: Twins, number: int, known: dict[str, Twin]) -> None:
    """Draw the seed's programs once more, and let Hypothesis make a different one as small as it can."""

    def same(program: str) -> None:
        twin = known.get(program) or laboratory.run([program])[0]
        known[program] = twin
        assert not twin.different, twin.report()

    draw(number, same, Phase.generate, Phase.shrink)


def test_random_programs_print_the_same() -> None:
    refused: Counter[str] = Counter()
    total, number = 0, SEED
    with Twins() as laboratory:
        while total < COUNT:
            batch = run_batch(laboratory, number, min(COUNT - total, BATCH))
            number += len(batch)
            for drawn, twins in batch.items():
                total += len(twins)
                refused.update(code for twin in twins.values() for code in twin.refused[:1])
                if any(twin.different for twin in twins.values()):
                    judge(laboratory, drawn, twins)
    assert refused.total() <= MOST_REFUSED * total, f"too many refused to mean anything: {refused}"
