"""A finding points at characters, not at the bytes that ast counts, and never outside its line."""

import ast
from pathlib import Path

import pytest

from capsule.compiler.refusal import Refusals, finding
from capsule.compiler.sources import Source


def source(text: str) -> Source:
    return Source("m", Path("m.py"), text, ast.parse(text))


def pointed(text: str) -> str:
    """The characters under the carets for the last statement's value."""
    one = source(text)
    last = one.tree.body[-1]
    assert isinstance(last, ast.Expr)
    found = finding(one, "CAP140", last.value, name="x")
    assert found.source == one.lines[found.line - 1]
    return found.source[found.column - 1 : found.end - 1]


@pytest.mark.parametrize(
    ("text", "under"),
    [
        ("a = 1\nid(a)\n", "id(a)"),
        ("'é😀'; id(1)\n", "id(1)"),
        ("é; (id)\n", "id"),
        ("a = 1\nf(1,\n  2)\n", "f(1,"),
        ("\tx\n".lstrip() + "y\n", "y"),
    ],
)
def test_the_carets_stand_under_the_node(text: str, under: str) -> None:
    assert pointed(text) == under


def test_the_words_fill_the_sentence_and_the_fix() -> None:
    found = finding(source("id(1)\n"), "CAP140", ast.parse("1").body[0], name="id")
    assert "`id`" in found.message
    assert "{" not in found.message + found.fix
    assert (found.code, found.path) == ("CAP140", "m.py")


def test_a_node_without_a_place_is_told_at_the_start_of_the_file() -> None:
    found = finding(source(""), "CAP140", ast.Pass(), name="id")
    assert (found.line, found.column, found.source) == (1, 1, "")


def test_refusals_are_kept_in_the_order_they_are_made() -> None:
    one = source("a\nb\n")
    refusals = Refusals(one)
    for node in reversed(one.tree.body):
        refusals.refuse("CAP140", node, name="x")
    assert [found.line for found in refusals.findings] == [2, 1]
