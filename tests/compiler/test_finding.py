import json

import pytest

from capsule.compiler.finding import Finding, render

ONE = Finding(
    "m.py", 3, 5, "CAP122", "Too many.", "Leave some out.", "Python raises.", end=9, source="x = f(1, 2)"
)
TWO = Finding("m.py", 1, 1, "CAP141", "100% new\nline", "Fix: it.", "Why.", source="\tx")


def test_the_caret_stands_under_what_was_found() -> None:
    lines = ONE.text().splitlines()
    assert lines[0] == "CAP122: Too many."
    assert lines[1] == " --> m.py:3:5"
    assert lines[3] == "3 | x = f(1, 2)"
    assert lines[4] == "  |     ^^^^"
    assert "fix: Leave some out." in lines[6]


def test_findings_are_told_in_the_order_of_the_file() -> None:
    text = render([ONE, TWO])
    assert text.index("CAP141") < text.index("CAP122")


def test_json_has_every_field() -> None:
    assert json.loads(render([ONE], "json")) == [
        {
            "path": "m.py",
            "line": 3,
            "column": 5,
            "code": "CAP122",
            "message": "Too many.",
            "fix": "Leave some out.",
            "why": "Python raises.",
            "end": 9,
            "source": "x = f(1, 2)",
        }
    ]


def test_a_github_command_is_one_escaped_line() -> None:
    line = render([TWO], "github")
    assert line == "::error file=m.py,line=1,col=1,title=CAP141::100%25 new%0Aline Fix: Fix: it."


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(ValueError, match="xml"):
        render([ONE], "xml")
