"""Watching: what counts as a change, and that nothing but Ctrl-C ends it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capsule.compiler.errors import CompilerError, EntryNotFound
from capsule.compiler.rebuild import Rebuild
from capsule.compiler.transcrypt_driver import generate
from capsule.compiler.watch import Changes, attempt, changed, look, watch

GOOD = "x = 1\n"


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    path = tmp_path / "models.py"
    path.write_text(GOOD)
    return path


def test_a_look_sees_files_written_new_and_gone(entry: Path) -> None:
    other = entry.with_name("other.py")
    entry.with_name("notes.txt").write_text("")
    before = look([entry.parent])
    assert list(before) == [entry]
    other.write_text("")
    assert changed(before, look([entry.parent])) == [other]
    other.unlink()
    entry.write_text("x = 12\n")
    assert changed(before, look([entry.parent])) == [entry]
    entry.unlink()
    assert changed(before, look([entry.parent])) == [entry]


def test_a_folder_that_is_gone_is_not_an_error(tmp_path: Path) -> None:
    assert look([tmp_path / "gone"]) == {}


def test_writes_that_follow_each_other_are_one_change(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor empties a file before it writes it: the empty one is not built."""
    found = Changes([entry])
    coming = ["y" * count for count in range(10)]

    def write(seconds: float) -> None:
        if coming:
            entry.write_text(coming.pop(0))

    monkeypatch.setattr("capsule.compiler.watch.time.sleep", write)  # between any two looks, one write
    assert found.wait() == [entry]
    assert coming == []
    assert found.seen[entry] == look([entry.parent])[entry]


def test_what_changes_while_nobody_waits_is_the_next_change(entry: Path) -> None:
    found = Changes([entry], interval=0.01)
    entry.write_text("x = 10\n")
    assert found.wait() == [entry]
    entry.write_text("x = 1000\n")
    assert found.wait() == [entry]


def test_a_folder_that_joins_is_no_change(entry: Path) -> None:
    joined = entry.parent / "more" / "b.py"
    joined.parent.mkdir()
    joined.write_text("")
    found = Changes([entry], interval=0.01)
    found.include([entry, joined])
    assert found.seen == look([entry.parent, joined.parent])
    joined.write_text("y = 1\n")
    assert found.wait() == [joined]


class Ended(Exception):
    """Stands for Ctrl-C in a test's own thread."""


def session(entry: Path, *texts: str) -> list[str]:
    """What is said while these texts follow each other in the entry; None of them at the start."""
    said: list[str] = []
    coming: Iterator[str] = iter(texts)

    def say(message: str) -> None:
        said.append(message)
        if "changed" in message:
            return
        text = next(coming, None)
        if text is None:
            raise Ended
        if text == "":
            entry.unlink()
        else:
            entry.write_text(text)

    rebuild = Rebuild(entry, entry.parent / "dist")
    with pytest.raises(Ended):
        watch(rebuild, lambda: "sizes", say)
    return said


def test_each_change_is_built_and_timed(entry: Path) -> None:
    first, change, second = session(entry, "x = 22\n")
    assert first.startswith("sizes\nbuilt in ")
    assert change.endswith("models.py changed")
    assert second.startswith("sizes\nrebuilt in ")
    assert "22" in (entry.parent / "dist/modules/models.js").read_text()


def test_findings_are_shown_and_the_watch_goes_on(entry: Path) -> None:
    said = session(entry, "x = b'no'\n", "x = (\n", "x = 333\n")
    assert "CAP111" in said[2]
    assert "1 found; the last good build is kept." in said[2]
    assert "CAP100" in said[4]
    assert "rebuilt in" in said[6]


def test_an_entry_that_goes_away_is_waited_for(entry: Path) -> None:
    said = session(entry, "", GOOD)[2:]
    assert "There is no file" in said[0]


def test_a_first_build_that_is_refused_is_watched_as_well(entry: Path) -> None:
    entry.write_text("x = b'no'\n")
    said = session(entry, GOOD)
    assert "CAP111" in said[0]
    assert "rebuilt in" in said[2]


def test_a_bundle_that_fails_does_not_end_the_watch(entry: Path) -> None:
    def failing() -> str:
        raise CompilerError("A bundle needs esbuild.")

    said: list[str] = []
    attempt(Rebuild(entry, entry.parent / "dist"), failing, said.append, "text", "built")
    assert said == ["A bundle needs esbuild.\nThe last good build is kept."]


def test_an_entry_that_was_never_there_ends_it_at_once(tmp_path: Path) -> None:
    with pytest.raises(EntryNotFound):
        watch(Rebuild(tmp_path / "nowhere.py", tmp_path / "dist"), str, print)


def test_a_file_that_changes_while_it_is_built_does_not_end_the_watch(
    entry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One build sees one state of each file: its JavaScript and its types are made of the text that was checked."""
    entry.write_text("from capsule import Model\nclass Old(Model):\n    pass\n")
    rebuild = Rebuild(entry, entry.parent / "dist")
    for broken in (entry.write_text, lambda text: entry.unlink()):
        with monkeypatch.context() as patch:

            def saved(*given: object, write: Callable[[str], object] = broken) -> None:
                write("class Young(\n")
                generate(*given)  # type: ignore[arg-type]

            patch.setattr("capsule.compiler.build.generate", saved)
            patch.setattr("capsule.compiler.rebuild.generate", saved)
            entry.write_text("from capsule import Model\nclass Old(Model):\n    pass\n")
            said: list[str] = []
            attempt(rebuild, str, said.append, "text", "built")
        assert "built in" in said[0]
        assert "class Old" in (entry.parent / "dist" / "main.d.ts").read_text()
