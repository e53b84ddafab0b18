"""Each rule catches its own example, and lets the corrected one pass."""

from pathlib import Path

import pytest

from capsule.compiler.catalogue import RULES, Rule
from tests.compiler.compiled import codes

# These need a second file: tests/docs/test_fences.py runs their pages.
SEVERAL_FILES = {"CAP164"}
EVERY = [rule for rule in RULES.values() if rule.code not in SEVERAL_FILES]


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.code)
def test_the_bad_example_is_caught(rule: Rule, tmp_path: Path) -> None:
    assert rule.code in codes(rule.bad, tmp_path)


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.code)
def test_the_good_example_passes(rule: Rule, tmp_path: Path) -> None:
    assert codes(rule.good, tmp_path) == []


def test_codes_are_their_keys_and_in_order() -> None:
    assert [rule.code for rule in RULES.values()] == list(RULES) == sorted(RULES)
