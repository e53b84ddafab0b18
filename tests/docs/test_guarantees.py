"""Every promise of docs/guarantees.md names a test that exists, and no promise goes without one."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text()
PROMISES = re.findall(r"^\| ([A-Z].*?) \| `(tests/\S+?)::(\w+)` \|$", PAGE, re.MULTILINE)


def test_every_row_of_the_page_is_a_promise_with_its_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| promise ")]
    assert len(rows) == len(PROMISES) > 20


@pytest.mark.parametrize(("promise", "path", "name"), PROMISES, ids=[name for _, _, name in PROMISES])
def test_the_test_of_a_promise_exists(promise: str, path: str, name: str) -> None:
    functions = {
        node.name
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    assert name in functions, promise
