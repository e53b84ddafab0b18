"""Signatures, annotations and docstrings in the declarations."""

import re
from pathlib import Path

import pytest

from tests.compiler.typed import block, declared


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


def test_docstrings_are_comments_and_cannot_end_them(tmp_path: Path) -> None:
    text = declared(
        tmp_path, 'def f():\n    """One */ two."""\n\ndef g():\n    """First.\n\n    Second.\n    """\n'
    )
    assert "/** One *\\/ two. */\nexport function f(): void;" in text
    assert "/**\n * First.\n *\n * Second.\n */\nexport function g(): void;" in text
