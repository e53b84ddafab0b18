"""The TypeScript declarations that are made from Python classes. What tsc says of them: js_build/types/consumer.ts."""

import inspect
import re
import textwrap
from pathlib import Path

import pytest

from capsule import Collection, Events, Model, Operation, Verdict
from capsule.compiler.types import core_declarations, declarations
from capsule.compiler.types_program import core_members

BANG = Path(__file__).parents[2] / "examples/bang/models.py"
APP = "from capsule import Collection, Model\n"


def declared(folder: Path, source: str, **others: str) -> str:
    """The declarations of a module, and of others that belong to the same build."""
    paths = []
    for name, text in {"models": source, **others}.items():
        paths.append(folder / f"{name}.py")
        paths[-1].write_text(textwrap.dedent(text))
    return declarations(paths)


def block(text: str, name: str) -> list[str]:
    """The lines of an interface or class."""
    found = re.search(rf"(?:interface|class) {name}\b[^\n]*\{{\n(.*?)^\}}", text, re.M | re.S)
    assert found is not None, text
    return [line.strip() for line in found[1].splitlines()]


@pytest.mark.parametrize(
    ("declaration", "member"),
    [
        ('"string"', "x?: string;"),
        ('"number"', "x?: number;"),
        ('"boolean"', "x?: boolean;"),
        ('"list"', "x?: any[];"),
        ('"object"', "x?: Record<string, any>;"),
        ('"any"', "x?: any;"),
        ('"ref"', "x?: string;"),
        ('{"type": "string", "default": ""}', "x: string;"),
        ('{"type": "string", "required": True}', "x: string;"),
        ('{"type": "string", "required": False}', "x?: string;"),
        ('{"type": "string", "allowNull": True}', "x?: string | null;"),
        ('{"type": "string", "default": None}', "x: string | null;"),
        ('{"type": "string", "values": ["a", "b"]}', 'x?: "a" | "b";'),
        ('{"type": "number", "values": [1, 2], "default": 1}', "x: 1 | 2;"),
        ('{"type": "string", "values": LEVELS}', 'x?: "low" | "high";'),
        ('{"type": "string", "values": computed()}', "x?: string;"),
        ("SHARED", "x: boolean;"),
        ('{"type": KIND}', "x?: any;"),
    ],
)
def test_a_prop_becomes_a_member_that_may_be_missing_unless_it_has_a_default_or_is_required(
    tmp_path: Path, declaration: str, member: str
) -> None:
    text = declared(
        tmp_path,
        f"""
        from capsule import Model
        LEVELS = ["low", "high"]
        SHARED = {{"type": "boolean", "default": False}}
        class Task(Model):
            props = {{"x": {declaration}}}
        """,
    )
    assert block(text, "TaskProps") == ["id?: string;", member]


def test_times_integers_and_limits_are_told_to_the_editor(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        APP
        + "MOST = 9\nN = {'type': 'integer', 'min': 0, 'max': MOST, 'setOnce': True}\n"
        + "class T(Model):\n    props = {'at': 'time', 'n': N}\n",
    )
    assert block(text, "TProps") == [
        "id?: string;",
        "/** Integer milliseconds since 1970. */",
        "at?: number;",
        "/** An integer. Min 0, max 9, set once. */",
        "n?: number;",
    ]


def test_names_that_are_no_identifiers_are_quoted(tmp_path: Path) -> None:
    text = declared(
        tmp_path, APP + "class T(Model):\n    props = {'aria-label': 'string', 'ünïcode': 'string'}\n"
    )
    assert block(text, "TProps")[1:] == ['"aria-label"?: string;', '"\\u00fcn\\u00efcode"?: string;']


def test_session_props_and_a_spread_dict_count_and_an_own_id_attribute_replaces_id(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        """
        from capsule import Model
        COMMON = {"title": "string"}
        class Page(Model):
            idAttribute = "slug"
            props = {**COMMON, "body": "string"}
            session = {"open": {"type": "boolean", "default": False}}
        """,
    )
    assert block(text, "PageProps") == [
        "slug?: string;",
        "title?: string;",
        "body?: string;",
        "open: boolean;",
    ]


def test_extra_properties_are_typed_only_where_they_are_stored(tmp_path: Path) -> None:
    source = APP + "class T(Model):\n    props = {{}}\n    extraProperties = '{}'\n"
    assert "[extra: string]: any;" in block(declared(tmp_path, source.format("allow")), "TProps")
    assert block(declared(tmp_path, source.format("ignore")), "TProps") == ["id?: string;"]


def test_a_class_without_props_takes_anything(tmp_path: Path) -> None:
    text = declared(tmp_path, APP + "class Note(Model):\n    pass\n")
    assert "export class Note extends Model {}" in text
    assert "NoteProps" not in text


def test_derived_properties_have_the_type_that_their_function_returns_and_are_read_only(
    tmp_path: Path,
) -> None:
    text = declared(
        tmp_path,
        """
        from capsule import Model
        def size(model: Model) -> int:
            return 1
        class Task(Model):
            derived = {
                "late": {"deps": [], "fn": "isLate"},
                "size": {"deps": [], "fn": size},
                "other": {"deps": [], "fn": lambda model: 1},
            }
            def isLate(self) -> bool:
                return True
        """,
    )
    assert block(text, "TaskDerived") == [
        "readonly late: boolean;",
        "readonly size: number;",
        "readonly other: any;",
    ]
    assert "class Task extends Model<Record<string, any>, TaskDerived> {" in text


def test_children_and_collections_are_members_and_input(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        APP
        + """
class Task(Model):
    props = {}

class Tasks(Collection):
    model = Task

class Member(Model):
    children = {"first": Task, "strange": unknown}
    collections = {"tasks": Tasks}
    tasks: Tasks
""",
    )
    assert "export class Tasks extends Collection<Task> {}" in text
    assert block(text, "MemberNested") == ["first: Task;", "strange: any;", "tasks: Tasks;"]
    assert block(text, "Member") == [
        "readonly first: Task;",
        "readonly strange: any;",
        "readonly tasks: Tasks;",
    ]


def test_a_class_whose_subclass_adds_props_has_a_generic_twin_that_is_not_exported(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        APP
        + """
class Task(Model):
    props = {"level": "string", "title": "string"}
    def open(self) -> bool:
        return True

class Plain(Task):
    def more(self) -> int:
        return 1

class Urgent(Plain):
    props = {"level": {"type": "string", "values": ["high"]}}
""",
    )
    assert (
        "declare class TaskOf<P extends TaskProps, D extends {}, N extends {}> extends Model<P, D, N> {"
        in text
    )
    assert "export class Task extends TaskOf<TaskProps, {}, {}> {}" in text
    assert (
        "declare class PlainOf<P extends TaskProps, D extends {}, N extends {}> extends TaskOf<P, D, N> {"
        in text
    )
    assert "export class Urgent extends PlainOf<UrgentProps, {}, {}> {}" in text
    assert 'export interface UrgentProps extends Omit<TaskProps, "level"> {' in text


@pytest.mark.parametrize(
    ("signature", "shown"),
    [
        ("(self)", "f(): void;"),
        ("(self, a: int, b: str = '') -> bool", "f(a: number, b?: string): boolean;"),
        ("(self, *, loud: bool = False) -> None", "f(options?: { loud?: boolean }): void;"),
        ("(self, a, *, n: int)", "f(a: any, options: { n: number }): void;"),
        ("(self, *names: str) -> list[str]", "f(...names: Array<string>): string[];"),
        (
            "(self, a: 'Task | None') -> 'Task | None'",
            "f(a: Task | null | undefined): Task | null | undefined;",
        ),
        ("(self, default: int, new: int)", "f(default_: number, new_: number): void;"),
        ("(self, a: dict[str, int]) -> tuple[int, str]", "f(a: Record<string, number>): [number, string];"),
        ("(self, a: list[int | str])", "f(a: (number | string)[]): void;"),
        (
            "(self, f: Callable[[int], None] | None)",
            "f(f: ((arg0: number) => void) | null | undefined): void;",
        ),
        ("(self, a: Literal['x', 1, True, None])", 'f(a: "x" | 1 | true | null): void;'),
        ("(self, a: Unknown, b: list[Unknown]) -> type[Task]", "f(a: any, b: any[]): typeof Task;"),
        ("(self, user: User, loop: Loop)", "f(user: string, loop: any[]): void;"),
        ("(self, v: Verdict, options: Options)", "f(v: Verdict, options: any): void;"),
        (
            "(self, a: Iterable[int], *, b: tuple[int, ...] = ())",
            "f(a: Iterable<number>, options?: { b?: number[] }): void;",
        ),
    ],
)
def test_a_method_is_called_from_javascript_as_its_signature_says(
    tmp_path: Path, signature: str, shown: str
) -> None:
    text = declared(
        tmp_path,
        f"""
        from capsule import Model, Verdict
        User = str
        Loop = list[Loop]
        class Task(Model):
            def f{signature}:
                pass
        """,
    )
    assert block(text, "Task") == [shown]


def test_without_annotation_a_function_that_returns_something_gives_any(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        """
        def some():
            if 1:
                return 2
        def none():
            def inner():
                return 2
            return
        def many():
            yield 1
        async def later() -> int:
            return 1
        """,
    )
    assert re.findall(r"function .*", text) == [
        "function some(): any;",
        "function none(): void;",
        "function many(): any;",
        "function later(): Promise<number>;",
    ]


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


def test_docstrings_are_comments_and_cannot_end_them(tmp_path: Path) -> None:
    text = declared(
        tmp_path, 'def f():\n    """One */ two."""\n\ndef g():\n    """First.\n\n    Second.\n    """\n'
    )
    assert "/** One *\\/ two. */\nexport function f(): void;" in text
    assert "/**\n * First.\n *\n * Second.\n */\nexport function g(): void;" in text


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


def test_only_the_entry_s_public_names_are_exported(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        "from tasks import Task\nclass Big(Task):\n    pass\nLIMIT = 3\n_PRIVATE = 4\ndef _hidden():\n    pass\n",
        tasks="from capsule import Model\nclass Task(Model):\n    pass\nclass Other(Model):\n    pass\n",
    )
    assert "declare class Task extends Model {}" in text
    assert "export class Big extends Task {}" in text
    assert "declare class Other extends Model {}" in text
    assert "export const LIMIT: number;" in text
    assert "_PRIVATE" not in text
    assert "_hidden" not in text


def test_a_package_exports_what_it_imports_and_all_says_exactly_what(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("class Task:\n    pass\nclass Other:\n    pass\n")
    entry = tmp_path / "__init__.py"
    entry.write_text("from tasks import Task\n")
    assert "export class Task {}\n\ndeclare class Other {}" in declarations([entry, tmp_path / "tasks.py"])
    entry.write_text("from tasks import Task, Other\n__all__ = ['Other']\n")
    assert "declare class Task {}\n\nexport class Other {}" in declarations([entry, tmp_path / "tasks.py"])


def test_what_imports_the_core_exports_its_names_too(tmp_path: Path) -> None:
    assert 'export * from "./capsule.js";' in declared(tmp_path, APP)
    assert "capsule.js" not in declared(tmp_path, "LIMIT = 1\n")


def test_an_import_under_another_name_is_still_that_class(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        "from capsule import Model as Base, Verdict as V\nclass T(Base):\n    def f(self) -> V:\n        ...\n",
    )
    assert 'import { Model, Verdict } from "./capsule.js";' in text
    assert "export class T extends Model {" in text
    assert block(text, "T") == ["f(): Verdict;"]


def test_classes_that_are_their_own_base_do_not_hang(tmp_path: Path) -> None:
    text = declared(tmp_path, APP + "class A(B):\n    props = {}\nclass B(A):\n    props = {}\n")
    assert "class A" in text


def test_a_class_of_the_app_with_a_core_name_is_the_app_s(tmp_path: Path) -> None:
    text = declared(
        tmp_path, APP + "class Session(Model):\n    def again(self) -> 'Session':\n        return self\n"
    )
    assert 'import { Model } from "./capsule.js";' in text
    assert block(text, "Session") == ["again(): Session;"]


def test_the_same_sources_give_the_same_bytes_and_no_path_of_this_machine() -> None:
    text = declarations([BANG])
    assert text == declarations([BANG])
    assert str(BANG.parent) not in text
    assert (
        "export class Tasks extends Collection<Task> {" in text
        or "export class Tasks extends Collection<Task> {}" in text
    )


@pytest.mark.parametrize("cls", [Events, Model, Collection, Verdict, Operation])
def test_every_public_member_of_the_core_has_a_type(cls: type) -> None:
    public = {
        name
        for name in dir(cls)
        if not name.startswith("_")
        and (callable(getattr(cls, name)) or isinstance(inspect.getattr_static(cls, name), property))
    }
    assert public - core_members(cls.__name__) == set()


def test_the_core_s_declarations_are_one_module_without_imports() -> None:
    text = core_declarations()
    assert "import " not in re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for name in ("Model", "Collection", "connect", "bind", "each", "Replica", "Verdict"):
        assert re.search(rf"^export (class|function) {name}\b", text, re.M), name
