"""The promise, held to corpora of small programs: what is accepted prints the same on CPython and in Node.

`cases.txt` is the measure that was given; `further.txt` is our own, of the same kind; `third.txt` and `fourth.txt` were
written without a look at what the compiler takes; `corrected.txt` holds what once differed, and its neighbours. The
numbers are a ratchet.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parity.semantics.corpus import HERE, Outcome, Program, programs, run

CORPORA = ["cases.txt", "further.txt", "third.txt", "fourth.txt", "corrected.txt"]

# What stops with an error in JavaScript alone; docs/compiler.md says so ("What stops with an error").
LOUD = {"str_format_method", "logic_game_of_life"}

Run = Callable[[str], tuple[list[Program], dict[str, Outcome]]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Run:
    known: dict[str, tuple[list[Program], dict[str, Outcome]]] = {}

    def of(name: str) -> tuple[list[Program], dict[str, Outcome]]:
        if name not in known:
            corpus = list(programs(HERE / name))
            known[name] = corpus, run(corpus, Path(tmp_path_factory.mktemp("corpus")))
        return known[name]

    return of


@pytest.mark.parametrize("name", CORPORA)
def test_no_program_is_different_without_an_error(name: str, outcomes: Run) -> None:
    _, found = outcomes(name)
    assert {n: o.detail for n, o in found.items() if o.kind == "silent"} == {}


@pytest.mark.parametrize("name", CORPORA)
def test_no_accepted_program_raises_where_cpython_does_not(name: str, outcomes: Run) -> None:
    _, found = outcomes(name)
    assert {n: o.detail for n, o in found.items() if o.kind == "loud" and n not in LOUD} == {}


@pytest.mark.parametrize(
    ("name", "equal"),
    [
        ("cases.txt", 326),
        ("further.txt", 205),
        ("third.txt", 500),
        ("fourth.txt", 524),
        ("corrected.txt", 199),
    ],
)
def test_as_many_programs_as_ever_are_equal(name: str, equal: int, outcomes: Run) -> None:
    corpus, found = outcomes(name)
    counts = Counter(outcome.kind for outcome in found.values())
    assert len(found) == len(corpus)
    assert counts["equal"] >= equal
    assert counts["equal"] >= 0.8 * len(corpus)


def test_what_is_refused_has_a_code(outcomes: Run) -> None:
    _, found = outcomes("cases.txt")
    refusals = {n: o.detail for n, o in found.items() if o.kind == "refused"}
    assert refusals["metaclass_"] == "CAP132"
    assert all(code.startswith("CAP1") for code in refusals.values())


def test_a_silent_difference_would_be_seen(tmp_path: Path) -> None:
    """The runner itself: two outputs that differ are never equal."""
    corpus = [Program("one", "runner", "print(1)\n")]
    assert run(corpus, tmp_path)["one"].kind == "equal"
    (tmp_path / "one" / "main.js").write_text("console.log(2);")
    (tmp_path / "one.py").write_text("print(1)\n")
    from tests.parity.semantics.corpus import compare

    assert compare(["", "1"], ["", "2"]).kind == "silent"
    assert compare(["", "1"], ["Error", "1"]).kind == "loud"
    assert compare(["ValueError", "1"], ["Error", "1"]).kind == "equal"
