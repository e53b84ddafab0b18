import pytest

from capsule.worker.roots import NoRootsError, load_roots
from examples.bang.models import Team


def test_roots_are_the_models_that_no_other_nests() -> None:
    assert load_roots("examples.bang.models") == [Team]


def test_a_module_without_models_says_what_is_missing() -> None:
    with pytest.raises(NoRootsError, match='a Model with a "type"'):
        load_roots("json")


def test_a_missing_module_is_named() -> None:
    with pytest.raises(NoRootsError, match=r"no module examples\.bang\.nothing"):
        load_roots("examples.bang.nothing")
