"""Declarations of `props`, `session` and `derived`."""

from pathlib import Path

import pytest

from tests.compiler.typed import APP, block, declared


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
