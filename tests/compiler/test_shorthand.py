"""What Python writes out itself is the same when it is written out here; what is not exact is left, and refused."""

from pathlib import Path

import pytest

from tests.compiler.compiled import codes, same

IMPORTS = "from dataclasses import dataclass, field\n"


def test_a_dataclass_has_the_methods_that_python_gives_it(tmp_path: Path) -> None:
    text = (
        f"{IMPORTS}@dataclass(order=True)\nclass A:\n    x: int\n"
        "    y: list = field(default_factory=list, repr=False)\n"
        "    def __post_init__(self):\n        self.z = self.x + 1\n"
        "a, b = A(1), A(x=2, y=[3])\na.y.append(1)\nprint(a, b, a == A(1, [1]), a < b, a.z, A(1).y)\n"
    )
    assert same(text, tmp_path) == "A(x=1) A(x=2) True True 2 []\n"


def test_a_frozen_dataclass_is_a_key_and_does_not_change(tmp_path: Path) -> None:
    text = (
        "from dataclasses import dataclass, FrozenInstanceError\n@dataclass(frozen=True)\nclass K:\n    a: int\n"
        "print({K(1): 2}[K(1)])\ntry:\n    K(1).a = 2\nexcept FrozenInstanceError as error:\n    print(error)\n"
    )
    assert same(text, tmp_path) == "2\ncannot assign to field 'a'\n"


@pytest.mark.parametrize(
    "text",
    [
        "@dataclass(slots=True)\nclass A:\n    x: int\n",
        "@dataclass\nclass A:\n    x: int = field(hash=False)\n",
        "def f():\n    @dataclass\n    class A:\n        x: int\n",
    ],
)
def test_a_dataclass_beyond_that_is_refused(text: str, tmp_path: Path) -> None:
    assert "CAP140" in codes(IMPORTS + text, tmp_path)


@pytest.mark.parametrize("name", ["__lt__", "__le__", "__gt__", "__ge__"])
def test_total_ordering_derives_the_others_from_one(name: str, tmp_path: Path) -> None:
    symbol = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}[name]
    text = (
        "from functools import total_ordering\n@total_ordering\nclass A:\n"
        "    def __init__(self, n):\n        self.n = n\n"
        f"    def __eq__(self, o):\n        return self.n == o.n\n"
        f"    def {name}(self, o):\n        return self.n {symbol} o.n\n"
        "for x, y in ((1, 1), (1, 2), (2, 1)):\n    a, b = A(x), A(y)\n    print(a < b, a <= b, a > b, a >= b)\n"
    )
    assert same(text, tmp_path).splitlines()[0] == "False True False True"


def test_a_lambda_in_a_class_body_is_a_method(tmp_path: Path) -> None:
    text = (
        "class A:\n    n, m = 2, 3\n    f = lambda self, k=1: self.n * self.m * k\nprint(A().f(), A().f(2))\n"
    )
    assert same(text, tmp_path) == "6 12\n"
