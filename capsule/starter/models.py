"""A board of notes: whoever is logged in sees it and adds to it; only the author changes or deletes a note.

This file is the whole logic of the app. The worker imports it as it is; the browser gets it compiled.
"""

from typing import Any

from capsule import Collection, Model


class Note(Model):
    type = "note"
    props = {
        "text": {"type": "string", "required": True, "min": 1, "max": 280},
        "author": {"type": "string", "setOnce": True},
        "at": "time",
        "done": {"type": "boolean", "default": False},
    }
    clientEditable = ["text", "done"]
    clientAddable = ["text"]

    def stamp(self, user: str, now: int) -> None:
        """What the server owns: nobody can add a note in another's name."""
        self.set({"author": user, "at": now})

    def canEdit(self, user: str, attrs: dict[str, Any]) -> bool:
        if "text" in attrs and user != self.get("author"):
            return self.deny("Only the author may change the text.")
        return True

    def canDelete(self, user: str) -> bool:
        return user == self.get("author") or self.deny("Only the author may delete a note.")

    def canMove(self) -> bool:
        return True


class Notes(Collection):
    model = Note
    sorted = True  # notes can be moved

    def canAdd(self) -> bool:
        return True


class Board(Model):
    type = "board"
    props = {"title": {"type": "string", "required": True, "min": 1, "max": 80}}
    clientEditable = ["title"]
    collections = {"notes": Notes}
    notes: Notes

    def canRead(self) -> bool:
        return True

    def canEdit(self) -> bool:
        return True
