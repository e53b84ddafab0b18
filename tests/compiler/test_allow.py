"""Exceptions to rules: which line they are about, what they silence, and what is wrong about them."""

import subprocess
from pathlib import Path

import pytest

from capsule.compiler.allow import ALLOWABLE, exemptions
from capsule.compiler.catalogue import RULES
from capsule.compiler.errors import Refused
from capsule.compiler.rebuild import Rebuild
from capsule.compiler.survey import survey

LOOP = "for x in {'b', 'a'}:"


def found(tmp_path: Path, text: str) -> list[tuple[str, int]]:
    (tmp_path / "models.py").write_text(text)
    return [(finding.code, finding.line) for finding in survey([tmp_path / "models.py"]).findings]


def test_on_the_line_it_silences_the_finding(tmp_path: Path) -> None:
    assert found(tmp_path, f"{LOOP}\n    print(x)\n") == [("CAP152", 1)]
    assert found(tmp_path, f"{LOOP}  # capsule: allow[CAP152] tests look at both\n    print(x)\n") == []


def test_alone_on_a_line_it_is_about_the_next_line_of_code(tmp_path: Path) -> None:
    above = "# capsule: allow[CAP152] tests look at both\n# (they sort)\n\n"
    assert found(tmp_path, f"def f():\n    {above}    {LOOP}\n        print(x)\n") == []


def test_it_reaches_no_other_line(tmp_path: Path) -> None:
    text = f"{LOOP}  # capsule: allow[CAP152] one\n    print(x)\n{LOOP}\n    print(x)\n"
    assert found(tmp_path, text) == [("CAP152", 3)]


def test_it_silences_only_the_codes_it_names(tmp_path: Path) -> None:
    text = "print(nothing, id(1))  # capsule: allow[CAP141] the page has it\n"
    assert found(tmp_path, text) == [("CAP140", 1)]
    assert found(tmp_path, text.replace("CAP141", "CAP141, CAP140")) == []


def test_without_a_reason_it_is_a_finding_itself(tmp_path: Path) -> None:
    assert found(tmp_path, f"{LOOP}  # capsule: allow[CAP152]\n    print(x)\n") == [("CAP190", 1)]


def test_unused_it_is_a_finding_itself(tmp_path: Path) -> None:
    assert found(tmp_path, "# capsule: allow[CAP152] once\nx = 1\n") == [("CAP191", 1)]
    assert found(tmp_path, "x = 1\n# capsule: allow[CAP152] at the end of the file\n") == [("CAP191", 2)]


def test_what_has_no_javascript_cannot_be_allowed_and_stays_refused(tmp_path: Path) -> None:
    text = "x = b'a'  # capsule: allow[CAP111] never read\n"
    assert found(tmp_path, text) == [("CAP111", 1), ("CAP192", 1)]


@pytest.mark.parametrize(
    "comment", ["allow CAP152 x", "allow[] x", "allow[152] x", "allow[CAP152 x", "allow[CAP152,] x"]
)
def test_what_is_not_understood_allows_nothing_and_says_so(tmp_path: Path, comment: str) -> None:
    assert found(tmp_path, f"{LOOP}  # capsule: {comment}\n    print(x)\n") == [("CAP152", 1), ("CAP193", 1)]


def test_a_text_that_looks_like_one_is_none() -> None:
    assert (
        exemptions("x = '# capsule: allow[CAP152] no'\n# capsule: allows nothing\n# see capsule: allow\n")
        == []
    )


def test_a_comment_behind_a_long_statement_is_about_its_last_line() -> None:
    [one] = exemptions("x = f(\n    1,\n)  # capsule: allow[CAP120] because\n")
    assert (one.line, one.target, one.codes, one.reason) == (3, 3, ("CAP120",), "because")


def test_the_problem_points_at_the_comment(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("é = 1  # capsule: allow[CAP152] once\n")
    [finding] = survey([tmp_path / "models.py"]).findings
    assert finding.source[finding.column - 1 : finding.end - 1] == "# capsule: allow[CAP152] once"


def test_a_build_takes_exceptions_and_refuses_their_problems(tmp_path: Path) -> None:
    entry = tmp_path / "models.py"
    entry.write_text(f"{LOOP}  # capsule: allow[CAP152] fine\n    print(x)\n")
    Rebuild(entry, tmp_path / "dist").run()
    entry.write_text("x = 1  # capsule: allow[CAP152] once\n")
    with pytest.raises(Refused) as refused:
        Rebuild(entry, tmp_path / "dist").run()
    assert [finding.code for finding in refused.value.findings] == ["CAP191"]


# A use of each code that may be allowed, and what JavaScript does when it comes to that line.
REACHED = {
    "CAP140": ("print(id(1))  # capsule: allow[CAP140] x", "ReferenceError"),
    "CAP141": ("print(nothing)  # capsule: allow[CAP141] x", "ReferenceError"),
    "CAP152": (f"{LOOP}  # capsule: allow[CAP152] x\n    print(len(x))", "TypeError: the order of a set"),
    "CAP160": ("import os  # capsule: allow[CAP160] x\nprint(os.sep)", "ReferenceError"),
}


@pytest.mark.parametrize("code", sorted(REACHED))
def test_an_allowed_line_that_javascript_comes_to_fails_aloud(code: str, tmp_path: Path) -> None:
    text, error = REACHED[code]
    (tmp_path / "models.py").write_text(text + "\n")
    Rebuild(tmp_path / "models.py", tmp_path / "dist").run()
    done = subprocess.run(
        ["node", "dist/main.js"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert error in done.stderr


def test_an_imported_name_that_changes_can_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "counter.py").write_text("n = 0\ndef up():\n    global n\n    n += 1\n")
    text = "from counter import n, up\nup()\nprint(n)\n"
    assert found(tmp_path, text) == [("CAP164", 1)]
    assert found(tmp_path, text.replace("up\n", "up  # capsule: allow[CAP164] x\n", 1)) == []


def test_every_code_that_may_be_allowed_is_a_rule_and_was_tried_here() -> None:
    assert {*REACHED, "CAP164"} == ALLOWABLE <= RULES.keys()
