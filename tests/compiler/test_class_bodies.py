"""What class bodies declare: CAP202 (props), CAP203 (lists of names), CAP204 (type), CAP205 (nesting)."""

from pathlib import Path

import pytest

from tests.compiler.models import found, in_task, told


def with_prop(declaration: str) -> str:
    return f'class Task(Model):\n    type = "task"\n    props = {{"x": {declaration}}}\n'


@pytest.mark.parametrize(
    ("declaration", "problem"),
    [
        ('"strng"', 'has no known type: "strng" (did you mean "string"?)'),
        ("str", 'has a Python class as its type, not "string"'),
        ('{"type": int}', 'has a Python class as its type, not "integer"'),
        ('{"type": "string", "requird": True}', 'has an unknown key "requird" (did you mean "required"?)'),
        ('{"type": "integer", "default": "0"}', 'must be an integer, but its default is "0"'),
        ('{"type": "boolean", "default": 0}', "must be a boolean, but its default is 0"),
        (
            '{"type": "list", "default": []}',
            "has a list or an object as its default; write a function that makes one",
        ),
        ('{"type": "integer", "values": [1, "2"]}', 'allows "2", which is not an integer'),
        (
            '{"type": "string", "values": ["a"], "default": "b"}',
            'has a default that is not one of its values: "b"',
        ),
    ],
)
def test_a_declaration_that_contradicts_itself_is_found(
    declaration: str, problem: str, tmp_path: Path
) -> None:
    assert told(with_prop(declaration), tmp_path) == [f"CAP202: The prop `x` of Task {problem}."]


@pytest.mark.parametrize(
    "declaration",
    [
        '"time"',
        '{"type": "number", "default": 1}',
        '{"type": "number", "default": -0.5, "min": -1}',
        '{"type": "list", "default": make}',
        '{"type": "string", "default": None}',
        '{"type": "string", "values": LEVELS, "default": LEVELS[0]}',
        '{"type": "ref", "to": "task"}',
        "KIND",
        "make()",
        '{"type": "any", "default": 3}',
    ],
)
def test_a_sound_or_computed_declaration_passes(declaration: str, tmp_path: Path) -> None:
    head = 'KIND = "string"\nLEVELS = ["a", "b"]\n\n\ndef make() -> Any:\n    return []\n\n\n'
    assert told(head + with_prop(declaration), tmp_path) == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('clientEditable = ["titel"]', "clientEditable names `titel`, but Task has no attribute"),
        ('private = {"staff": ["titel"]}', "private names `titel`, but Task has no attribute"),
        ('membership = ["peopel"]', "membership names `peopel`, but Task has no collection"),
        ('clientAddable = ["titel"]', "clientAddable names `titel`, but Task has no attribute"),
        ('exposedServerMethods = ["shipp"]', "exposedServerMethods names `shipp`, but Task has no method"),
        ('exposedServerMethods = ["size"]', "exposedServerMethods names `size`, but Task has no method"),
    ],
)
def test_a_list_that_names_what_is_not_there_is_found(line: str, sentence: str, tmp_path: Path) -> None:
    method = "def ship(self):\n    pass\n\n@property\ndef size(self):\n    return 1\n"
    (one,) = told(in_task(method, line + "\n"), tmp_path)
    assert one == "CAP203: " + sentence + " of that name."


def test_derived_functions_and_tests_that_are_named_must_be_methods(tmp_path: Path) -> None:
    text = """
    class Task(Model):
        type = "task"
        props = {"x": {"type": "string", "test": "chek"}}
        derived = {"y": {"deps": ["x"], "fn": "makeY"}}

        def check(self, value: str) -> Any:
            return None
    """
    assert told(text, tmp_path) == [
        "CAP203: the test of `x` names `chek`, but Task has no method of that name.",
        "CAP203: the function of `y` names `makeY`, but Task has no method of that name.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        'clientEditable = ["title", "open", "person"]',
        'clientAddable = ["tags"]',
        'exposedServerMethods = ["ship", "toggle"]',
        "clientEditable = FIELDS",
        'clientEditable = ["other"]\nextraProperties = "allow"',
    ],
)
def test_lists_of_what_is_there_pass(line: str, tmp_path: Path) -> None:
    head = 'FIELDS = ["nothing"]\n\n\n'
    assert told(head + in_task("def ship(self):\n    pass\n", line + "\n"), tmp_path) == []


def test_radio_properties_are_attributes_of_the_collection_s_model(tmp_path: Path) -> None:
    text = (
        in_task("def ship(self):\n    pass\n")
        + '\n\nclass Tasks(Collection):\n    model = Task\n    radioProperties = ["RADIO"]\n'
    )
    assert told(text.replace("RADIO", "done"), tmp_path) == []
    (one,) = found(text.replace("RADIO", "dune"), tmp_path)
    assert one.code == "CAP203"
    assert 'did you mean "done"?' in one.fix


STORED = 'class Task(Model):\n    props = {"x": "string"}\n'


@pytest.mark.parametrize(
    "text",
    [
        STORED,
        STORED + '    type = "ta" + "sk"\n',
        STORED + '    type = ""\n',
        'NAME = "task"\n\n\n' + STORED + "    type = NAME\n",
        "class Line(Model):\n    pass\n\n\nclass Lines(Collection):\n    model = Line\n\n\n"
        'class Page(Model):\n    type = "page"\n    collections = {"lines": Lines}\n',
    ],
)
def test_what_is_stored_needs_a_literal_type(text: str, tmp_path: Path) -> None:
    (one,) = told(text, tmp_path)
    assert one.startswith("CAP204: ")


@pytest.mark.parametrize(
    "text",
    [
        STORED + '    type = "task"\n',
        STORED + '    type: str = "task"\n',
        STORED + '\n\nclass Chore(Task):\n    type = "chore"\n',
        'class Base(Model):\n    type = "base"\n\n\n' + STORED.replace("Model", "Base"),
        "class Draft(Model):\n    pass\n",
        "class Line(Model):\n    pass\n\n\nclass Lines(Collection):\n    model = Line\n",
        STORED + '\n\nclass Page(Model):\n    type = "page"\n    children = {"task": Task}\n',
        STORED.replace("(Model)", ""),
    ],
)
def test_a_base_a_part_and_what_is_not_stored_need_no_type(text: str, tmp_path: Path) -> None:
    assert told(text, tmp_path) == []


NESTED = """\
class Task(Model):
    type = "task"


class Tasks(Collection):
    model = Task


class Others(Collection):
    model = Task


class Team(Model):
    type = "team"
"""


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('collections = {"tasks": Tasks}\n    tasks: Others', "is annotated as Others, but holds a Tasks"),
        ('collections = {"tasks": Tasks}\n    tasks: "Others"', "is annotated as Others, but holds a Tasks"),
        ('children = {"tasks": Task}\n    tasks: Tasks', "is annotated as Tasks, but holds a Task"),
        ("tasks: Tasks", "is annotated as Tasks, but is nowhere made"),
        ('collections = {"tasks": Task}', "is in `collections`, but Task is a model"),
        ('children = {"tasks": Tasks}', "is in `children`, but Tasks is a collection"),
    ],
)
def test_entries_and_annotations_agree(body: str, problem: str, tmp_path: Path) -> None:
    assert told(f"{NESTED}    {body}\n", tmp_path) == [f"CAP205: `tasks` of Team {problem}."]


@pytest.mark.parametrize(
    "body",
    [
        'collections = {"tasks": Tasks}\n    tasks: Tasks',
        'collections = {"tasks": Tasks}\n    tasks: "Tasks"',
        'collections = {"tasks": Tasks}\n    tasks: Collection',
        'collections = {"tasks": Tasks}\n    tasks: Any',
        'collections = {"tasks": Tasks}',
        'children = {"tasks": Task}\n    tasks: Task',
        "tasks: Tasks\n\n    def initialize(self, attributes=None, options=None):\n        self.tasks = Tasks()",
        "favourite: Task",
        "tasks: Tasks | None",
    ],
)
def test_what_agrees_or_is_made_otherwise_passes(body: str, tmp_path: Path) -> None:
    assert told(f"{NESTED}    {body}\n", tmp_path) == []


def test_an_entry_may_be_inherited(tmp_path: Path) -> None:
    text = (
        NESTED
        + '    collections = {"tasks": Tasks}\n\n\nclass Club(Team):\n    type = "club"\n    tasks: Tasks\n'
    )
    assert told(text, tmp_path) == []
