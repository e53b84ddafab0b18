"""What the core's annotations prove, and that places which disagree prove nothing."""

import ast
from pathlib import Path

import pytest

from capsule.compiler.index import Index
from capsule.compiler.sources import load
from capsule.compiler.trust import Trust, annotated, literal, parameter_kinds

TEXT = """
class A:
    limit = 1
    def __init__(self, n: int, o: "str | None"):
        self.n: int = n
        self.items = []
        self.text = "a"
        self.either = 1
        self.counted = 0
        self.pair, self.rest = n, o
    def change(self) -> str:
        self.either = "b"
        self.counted += 1
        for self.items in []:
            pass
        return self.text
    def same(self) -> int:
        return 1
class B:
    def change(self) -> int:
        return 1
    def same(self) -> int:
        return 2
"""


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    (tmp_path / "m.py").write_text(TEXT)
    return Trust(Index(load(tmp_path / "m.py", core=False)))


def test_an_attribute_has_the_kind_that_every_assignment_gives_it(trust: Trust) -> None:
    names = ("n", "text", "either", "counted", "items", "pair", "rest", "nowhere")
    found = {name: trust.attribute(name) for name in names}
    assert found == {"n": "int", "text": "str", **dict.fromkeys(names[2:], "any")}


def test_what_a_class_body_gives_and_what_is_a_method_is_anything(trust: Trust) -> None:
    assert (trust.attribute("limit"), trust.attribute("change")) == ("any", "any")


def test_a_method_has_a_kind_where_all_of_its_name_agree(trust: Trust) -> None:
    assert (trust.method("same"), trust.method("change"), trust.method("nowhere")) == ("int", "any", "any")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("str", "str"),
        ("list[int]", "list"),
        ("dict[str, Any]", "dict"),
        ("str | None", "any"),
        ("'str'", "any"),
    ],
)
def test_only_plain_annotations_say_a_kind(text: str, kind: str) -> None:
    assert annotated(ast.parse(text, mode="eval").body) == kind
    assert annotated(None) == "any"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("True", "bool"),
        ("1", "int"),
        ("'a'", "str"),
        ("[]", "list"),
        ("{}", "dict"),
        ("1.5", "any"),
        ("f()", "any"),
    ],
)
def test_literals_say_their_kind_and_floats_none(text: str, kind: str) -> None:
    assert literal(ast.parse(text, mode="eval").body) == kind


def test_parameters_have_the_kinds_of_their_annotations() -> None:
    node = ast.parse("def f(a: int, /, b: str, *, c: list[int], d): pass").body[0]
    assert parameter_kinds(node) == {"a": "int", "b": "str", "c": "list", "d": "any"}
    assert parameter_kinds(ast.Pass()) == {}
