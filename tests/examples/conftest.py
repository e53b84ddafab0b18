"""A running &bang for the tests of its parts."""

from collections.abc import Iterator

import pytest

from tests.examples.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("bang"))
    yield stack
    stack.stop()
