"""Every hostile value in every place where it can arrive: refused with the same code on both sides, nothing changed, no
event, no entry in the registry, arguments untouched, and no more work or memory than the value itself asks for.
"""

import sys
import tracemalloc
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.parity.hostile import FIRST_MET, HARMLESS, PLACES, VALUES, cases
from tests.parity.models_trace import attack, expand
from tests.parity.node import run_node

CASES = cases()
METHODS = {"safeSet", "safeAdd", "safeMove", "safeDelete", "safeCall", "mport"}
COSTLY = [
    f"{place}: {name}"
    for name in ("100,001 keys", "100,000 levels")
    for place in ("attributes of a set", "snapshot")
]


def test_every_hostile_value_is_refused_alike_on_both_sides(
    models_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Node dies if it needs more: the largest of the values takes a few of these 96 MB.
    monkeypatch.setenv("NODE_OPTIONS", "--max-old-space-size=96")
    theirs = run_node("models_trace.mjs", models_bundle, ["attack", list(CASES.values())], tmp_path)
    for (name, case), there in zip(CASES.items(), theirs, strict=True):
        code, as_before, heard = attack(case)
        assert [code in (403, 409, 422), as_before, heard] == [True, True, []], name
        assert there == [code, as_before, heard], name


def test_every_method_is_tried_and_what_is_harmless_is_named_rightly() -> None:
    for places in (list(PLACES), FIRST_MET):
        assert {PLACES[place][0] for place in places} >= METHODS
    assert set(HARMLESS) <= set(PLACES)
    assert {name for names in HARMLESS.values() for name in names} <= set(VALUES)


@pytest.mark.parametrize("name", COSTLY)
def test_a_hostile_value_costs_a_few_calls_for_each_of_its_parts(name: str) -> None:
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        expand(CASES[name][1])
        attack(["safeDelete", [None]])
        calls, building = 0, calls
        attack(CASES[name])
    finally:
        sys.setprofile(None)
    # `attack` builds the value twice and compares.
    assert calls < 3 * building + 12 * 100_000


@pytest.mark.parametrize("name", COSTLY)
def test_a_hostile_value_takes_a_few_times_the_memory_that_it_has(name: str) -> None:
    tracemalloc.start()
    try:
        kept = expand(CASES[name][1])
        own, _ = tracemalloc.get_traced_memory()
        attack(CASES[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept
    # Three of them are alive: the one above, and the two that `attack` builds. The text of an error is cut to size.
    assert peak < 12 * own + 10_000_000
