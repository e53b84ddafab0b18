"""Each rule catches its own example, and lets the corrected one pass."""

from pathlib import Path

import pytest

from capsule.compiler.catalogue import RULES, Rule, explain
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


def test_a_page_has_reason_fix_and_both_examples() -> None:
    page = explain("cap122")
    rule = RULES["CAP122"]
    assert page.startswith("CAP122: ")
    for part in (rule.why, rule.fix, "f(1, 2)", "f(1)"):
        assert part in page


def test_an_unknown_code_has_no_page() -> None:
    with pytest.raises(KeyError):
        explain("CAP999")


def test_codes_are_their_keys_and_in_order() -> None:
    assert [rule.code for rule in RULES.values()] == list(RULES) == sorted(RULES)
