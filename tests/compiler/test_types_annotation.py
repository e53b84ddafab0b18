"""Python annotations as TypeScript types."""

import ast

import pytest

from capsule.compiler.types_annotation import Annotations

KNOWN = {"Task": "Task", "T": "Task"}
ALIASES = {"User": "str", "Ids": "list[User]", "Circle": "Circle", "Limit": "'str'", "Either": "Task | None"}


@pytest.fixture
def annotations() -> Annotations:
    return Annotations(KNOWN, {name: ast.parse(text, mode="eval").body for name, text in ALIASES.items()})


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        ("str", "string"),
        ("int", "number"),
        ("float", "number"),
        ("bool", "boolean"),
        ("None", "null | undefined"),
        ("Any", "any"),
        ("object", "unknown"),
        ("Unheard", "any"),
        ("typing.Any", "any"),
        ("'Task'", "Task"),
        ("'not an annotation ('", "any"),
        ("T", "Task"),
        ("User", "string"),
        ("Ids", "string[]"),
        ("Circle", "any"),
        ("Limit", "any"),
        ("Either", "Task | null | undefined"),
        ("list", "any[]"),
        ("list[Task | None]", "(Task | null | undefined)[]"),
        ("dict[str, list[int]]", "Record<string, number[]>"),
        ("Mapping[str, Task]", "Record<string, Task>"),
        ("tuple[int, str]", "[number, string]"),
        ("tuple[int, ...]", "number[]"),
        ("Iterator[int]", "Iterable<number>"),
        ("Optional[int]", "number | null | undefined"),
        ("Union[int, str, int]", "number | string"),
        ("None | int | None | str", "number | string | null | undefined"),
        ("int | Any", "any"),
        ("ClassVar[int]", "number"),
        ("Literal['a', 2, None, False]", '"a" | 2 | null | false'),
        ("Literal['\\u2028\\'\"']", '"\\u2028\'\\""'),
        ("type[Task]", "typeof Task"),
        ("type[Unheard]", "any"),
        ("Callable", "(...args: any[]) => any"),
        ("Callable[..., int]", "(...args: any[]) => number"),
        ("Callable[[int, Task], None] | None", "((arg0: number, arg1: Task) => void) | null | undefined"),
        ("list[Callable[[], int]]", "(() => number)[]"),
        ("Awaitable[None]", "Promise<void>"),
    ],
)
def test_an_annotation_has_a_type(annotations: Annotations, annotation: str, shown: str) -> None:
    assert annotations.type(ast.parse(annotation, mode="eval").body) == shown


def test_what_returns_none_alone_is_void_and_no_annotation_is_any(annotations: Annotations) -> None:
    assert annotations.returned(ast.Constant(None)) == "void"
    assert annotations.returned(ast.parse("int | None", mode="eval").body) == "number | null | undefined"
    assert annotations.type(None) == "any"


def test_an_alias_that_leads_to_itself_is_any_and_can_be_asked_again(annotations: Annotations) -> None:
    circle = ast.parse("list[Circle]", mode="eval").body
    assert [annotations.type(circle), annotations.type(circle)] == ["any[]", "any[]"]
