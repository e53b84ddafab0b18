"""The rules, tested where they are written: no server, no browser."""

from models import Board

from capsule.shared import Operation


def board(user: str = "ann") -> Board:
    root = Board({"id": "main", "title": "Test", "notes": [{"id": "n1", "text": "Hello", "author": "ann"}]})
    root.operation = Operation(
        f"{user}.client01.1", user, 1_700_000_000_000
    )  # as a worker does for each action
    return root


def test_a_note_is_stamped_with_its_author() -> None:
    root = board("bob")
    assert root.notes.safeAdd({"text": "Hi"}, "bob", {"id": "n2"}).allowed
    assert root.notes.get("n2").get("author") == "bob"
    assert not root.notes.safeAdd({"text": "Hi", "author": "ann"}, "bob", {"id": "n3"}).allowed


def test_everybody_ticks_only_the_author_rewrites() -> None:
    note = board().notes.get("n1")
    assert note.safeSet({"done": True}, "bob").allowed
    assert note.safeSet({"text": "Mine"}, "bob").sentence == "Only the author may change the text."
    assert note.safeSet({"text": "Better"}, "ann").allowed


def test_only_the_author_deletes() -> None:
    note = board().notes.get("n1")
    assert note.can("delete", "bob").code == 403
    assert note.safeDelete("ann").allowed
