"""What a build raises, and what its messages say."""

from pathlib import Path

import pytest

from capsule.compiler import errors
from capsule.compiler.build import build
from capsule.compiler.errors import CompilerError, EntryNotFound, Refused


def test_every_error_is_a_compiler_error() -> None:
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert len(found) > 4
    assert all(issubclass(one, CompilerError) for one in found)


def test_a_refusal_holds_its_findings_and_says_them(tmp_path: Path) -> None:
    path = tmp_path / "models.py"
    path.write_text("x = b'one'\ny = b'two'\n")
    with pytest.raises(Refused) as refused:
        build(path, tmp_path / "dist")
    assert [(one.code, one.line) for one in refused.value.findings] == [("CAP111", 1), ("CAP111", 2)]
    assert str(refused.value).count("CAP111") == 2
    assert "models.py" in str(refused.value)


def test_an_entry_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(EntryNotFound, match=r"There is no file .*nowhere\.py"):
        build(tmp_path / "nowhere.py", tmp_path / "dist")
