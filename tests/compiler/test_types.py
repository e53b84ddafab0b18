"""The TypeScript declarations as a whole. What tsc says of them: js_build/types/consumer.ts."""

import re
from pathlib import Path

from capsule.compiler.types import core_declarations
from tests.compiler.typed import APP, block, declared, declared_in

BANG = Path(__file__).parents[2] / "examples/bang/models.py"


def test_properties_static_methods_and_class_attributes(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        APP
        + """
class Task(Model):
    type = "task"
    colour = "red"
    _secret = 1
    tint: "str | None" = None
    @property
    def size(self) -> int:
        return 1
    @staticmethod
    def make(title: str) -> "Task":
        return Task()
    @classmethod
    def other(cls, title: str) -> None:
        pass
    def __init__(self, attributes: dict[str, str]) -> None:
        super().__init__(attributes)
""",
    )
    assert block(text, "Task") == [
        "tint: string | null | undefined;",
        "colour: string;",
        "get size(): number;",
        "static make(title: string): Task;",
        "static other(title: string): void;",
        "constructor(attributes: Record<string, string>);",
    ]


def test_a_method_of_the_core_that_an_app_overrides_keeps_the_core_s_types(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        APP
        + "class T(Model):\n    def canEdit(self, user):\n        pass\n    def get(self, a):\n        return 1\n",
    )
    assert "export class T extends Model {}" in text


def test_typed_dicts_are_interfaces(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        """
        from typing import NotRequired, Required, TypedDict
        class Base(TypedDict):
            a: int
            b: NotRequired[str]
        class Rest(Base, total=False):
            c: Required[int]
            d: "list[int] | None"
        """,
    )
    assert block(text, "Base") == ["a: number;", "b?: string;"]
    assert block(text, "Rest") == ["c: number;", "d?: number[] | null | undefined;"]
    assert "interface Rest extends Base {" in text


def test_exceptions_are_errors_and_plain_classes_are_classes(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        "class Refused(ValueError):\n    pass\nclass Point:\n    def __init__(self, x: int) -> None:\n        pass\n",
    )
    assert "export class Refused extends Error {}" in text
    assert block(text, "Point") == ["constructor(x: number);"]


def test_the_same_sources_give_the_same_bytes_and_no_path_of_this_machine() -> None:
    text = declared_in(BANG)
    assert text == declared_in(BANG)
    assert str(BANG.parent) not in text
    assert (
        "export class Tasks extends Collection<Task> {" in text
        or "export class Tasks extends Collection<Task> {}" in text
    )


def test_the_core_s_declarations_are_one_module_without_imports() -> None:
    text = core_declarations()
    assert "import " not in re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for name in ("Model", "Collection", "connect", "bind", "each", "Replica", "Verdict"):
        assert re.search(rf"^export (class|function) {name}\b", text, re.M), name
