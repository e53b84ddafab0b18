"""Headings and interfaces of models and collections."""

from pathlib import Path

from tests.compiler.typed import APP, block, declared


def test_extra_properties_are_typed_only_where_they_are_stored(tmp_path: Path) -> None:
    source = APP + "class T(Model):\n    props = {{}}\n    extraProperties = '{}'\n"
    assert "[extra: string]: any;" in block(declared(tmp_path, source.format("allow")), "TProps")
    assert block(declared(tmp_path, source.format("ignore")), "TProps") == ["id?: string;"]


def test_a_class_without_props_takes_anything(tmp_path: Path) -> None:
    text = declared(tmp_path, APP + "class Note(Model):\n    pass\n")
    assert "export class Note extends Model {}" in text
    assert "NoteProps" not in text


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


def test_classes_that_are_their_own_base_do_not_hang(tmp_path: Path) -> None:
    text = declared(tmp_path, APP + "class A(B):\n    props = {}\nclass B(A):\n    props = {}\n")
    assert "class A" in text
