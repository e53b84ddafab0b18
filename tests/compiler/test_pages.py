"""The pages of the rules are those of the catalogue. That their examples are right is checked by tests/docs."""

from pathlib import Path

import pytest

from capsule.compiler.catalogue import RULES
from capsule.compiler.pages import GROUPS, nearest, page, pages, sentence, write

FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def test_the_folder_holds_exactly_the_pages_of_the_catalogue() -> None:
    """If not: python -m capsule.compiler.pages docs/rules"""
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == pages()


def test_every_rule_is_in_a_group_of_the_index() -> None:
    assert {code[:5] for code in RULES} <= GROUPS.keys()


@pytest.mark.parametrize("code", RULES)
def test_a_page_has_the_code_both_examples_the_reason_and_the_fix(code: str) -> None:
    text = page(RULES[code])
    assert text.startswith(f"# {code}: ")
    for part in ("```python bad\n", "```python good\n", "**Why.** ", "**Fix.** "):
        assert text.count(part) == 1
    assert "{" not in sentence(RULES[code])


def test_what_a_finding_fills_in_is_left_open_on_the_page() -> None:
    assert sentence(RULES["CAP123"]) == "`…` has no keyword `…`."


def test_the_exception_is_offered_only_where_it_is_taken() -> None:
    assert "allow[CAP152]" in page(RULES["CAP152"])
    assert "capsule: allow" not in page(RULES["CAP111"])


def test_writing_removes_the_page_of_a_rule_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "CAP999.md").write_text("gone")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == pages().keys()


def test_the_nearest_codes_of_a_mistyped_one() -> None:
    assert nearest("cap12") == ["CAP120", "CAP122", "CAP123"]
    assert nearest("CAP12O") == ["CAP120", "CAP122", "CAP123"]
    assert nearest("E501") == nearest("") == []
