"""The parity kit: are your models the same on CPython and in JavaScript?

    pytest --capsule-parity path/to/models.py[:Root]

or, in a test of your own,

    from capsule.compiler.parity import check_parity

    def test_the_models_are_the_same_in_the_browser():
        check_parity("path/to/models.py:Root", examples=500)

Hypothesis draws operations on the models, good and hostile ones; each is done on CPython and to the compiled models in
Node, and after each the answers, events, stored operations and states are compared. The shortest sequence that differs
is printed as a test to keep.

This module is a pytest plugin, loaded by every run of pytest: what it needs is imported when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from capsule.compiler.parity.comparison import Difference, check_parity, check_steps

__all__ = ["Difference", "check_parity", "check_steps"]

OPTION = "capsule_parity"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("capsule.compiler.parity.comparison"), name)


def pytest_addoption(parser: "pytest.Parser") -> None:
    group = parser.getgroup("capsule", "capsule: models that are the same in Python and JavaScript")
    group.addoption(
        "--capsule-parity",
        dest=OPTION,
        action="append",
        default=[],
        metavar="FILE[:ROOT]",
        help="compare these models on CPython and, compiled, in Node, by random operations; may be repeated",
    )
    group.addoption(
        "--capsule-parity-examples",
        type=int,
        default=100,
        metavar="N",
        help="how many sequences of operations to try (default: %(default)s)",
    )


def pytest_ignore_collect(collection_path: "Path", config: "pytest.Config") -> bool | None:
    """With --capsule-parity and no tests named, only the models are looked at."""
    named = config.args_source is config.ArgsSource.ARGS
    return True if config.getoption(OPTION) and not named else None


def pytest_collection_modifyitems(
    session: "pytest.Session", config: "pytest.Config", items: "list[pytest.Item]"
) -> None:
    wanted = config.getoption(OPTION)
    if wanted:
        from capsule.compiler.parity.item import ParityItem

        items.extend(
            ParityItem.from_parent(session, name=f"parity[{models}]", models=models) for models in wanted
        )
