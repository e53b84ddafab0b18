"""CAP209: options as keywords. And what is said where the rules about models meet the other rules."""

from pathlib import Path

import pytest

from tests.compiler.models import found, told

NOTE = "class Note(Model):\n    def do(self, other: Any) -> Any:\n        {}\n"


@pytest.mark.parametrize(
    ("call", "options"),
    [
        ('self.set({"a": 1}, silent=True)', '{"silent": True}'),
        ('self.set("a", 1, silent=True, unset=False)', '{"silent": True, "unset": False}'),
        ('self.unset("a", silent=True)', '{"silent": True}'),
        ("other.add({}, at=0)", '{"at": 0}'),
        ("other.reset([], silent=other)", '{"silent": other}'),
    ],
)
def test_options_as_keywords_are_found_with_the_dict_to_write(
    call: str, options: str, tmp_path: Path
) -> None:
    (one,) = found(NOTE.format(call), tmp_path)
    assert one.code == "CAP209"
    assert f"`{options}`" in one.fix


@pytest.mark.parametrize("call", ['self.set({"a": 1}, {"silent": True})', "other.add({}, {'at': 0})"])
def test_options_as_a_dict_pass(call: str, tmp_path: Path) -> None:
    assert told(NOTE.format(call), tmp_path) == []


def test_keywords_of_an_app_s_own_method_pass(tmp_path: Path) -> None:
    own = "class Box:\n    def put(self, *, loud: bool = False) -> None:\n        pass\n\n\n"
    assert told(own + NOTE.format("other.put(loud=True)"), tmp_path) == []


@pytest.mark.parametrize("module", ["time", "random", "uuid", "datetime"])
def test_clock_and_chance_are_refused_by_their_import(module: str, tmp_path: Path) -> None:
    assert [one.code for one in found(f"import {module}\nx = {module}\n", tmp_path)] == ["CAP160"]


def test_a_model_of_another_module_is_known(tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text(
        'from capsule import Model\n\nCOMMON = {"title": "string"}\n\n\nclass Base(Model):\n    props = {**COMMON}\n'
    )
    text = """
    from base import COMMON, Base

    class Task(Base):
        type = "task"
        props = {**COMMON, "done": "boolean"}

        def do(self) -> Any:
            return [self.get("title"), self.get("dome")]
    """
    (one,) = found(text, tmp_path)
    assert (one.code, one.message) == ("CAP200", "`dome` of Task is not declared.")
    assert 'did you mean "done"?' in one.fix
