"""An app with one of everything that the declarations and the Node tests look at."""

from typing import Any, Literal, TypedDict

from capsule import Collection, Model

LIMIT = 80
LEVELS = ["low", "high"]

User = str


class ShipOptions(TypedDict, total=False):
    """How to ship."""

    note: str
    to: "Literal['team', 'self'] | None"


class Task(Model):
    """A thing to do."""

    type = "task"
    props = {
        "title": {"type": "string", "required": True, "max": LIMIT},
        "owner": "ref",
        "done": {"type": "boolean", "default": False},
        "due": {"type": "time", "allowNull": True},
        "level": {"type": "string", "values": LEVELS, "default": "low"},
        "tags": "list",
    }
    session = {"selected": "boolean"}
    derived = {"late": {"deps": ["due"], "fn": "isLate"}}
    clientEditable = ["title", "done"]

    def canEdit(self, user: User) -> bool:
        return user == self.get("owner") or self.deny("Only the owner may edit a task.")

    def isLate(self) -> bool:
        due = self.get("due")
        return due is not None and due < 1000

    def label(self, prefix: str = "", *, loud: bool = False) -> str:
        """What a list shows."""
        text = prefix + self.get("title")
        return text.upper() if loud else text

    def describe(self) -> str:
        """Calls `label`, which a subclass may override in either language."""
        return "<" + self.label() + ">"

    def fail(self) -> None:
        raise ValueError("no such luck")

    def next(self, other: "Task | None" = None) -> "Task | None":
        return other

    def _hidden(self) -> int:
        return 1


class Urgent(Task):
    props = {
        "hours": {"type": "integer", "default": 1},
        "level": {"type": "string", "values": ["high"], "default": "high"},
    }


class Tasks(Collection):
    """What somebody means to do, in order."""

    model = Task
    sorted = True

    def open(self) -> list[Task]:
        return [task for task in self if not task.get("done")]

    def canAdd(self, user: User) -> bool:
        return user == "ann"


class UrgentTasks(Tasks):
    model = Urgent


class Profile(Model):
    type = "profile"
    props = {"name": "string"}


class Member(Model):
    type = "member"
    props = {"name": "string"}
    children = {"profile": Profile}
    collections = {"tasks": Tasks}
    profile: Profile
    tasks: Tasks


class Note(Model):
    """Backbone mode: anything is stored."""

    def words(self) -> int:
        return len(self.get("text").split())


def ship(task: Task, options: ShipOptions | None = None) -> dict[str, Any]:
    """A function that the app shares."""
    return {"title": task.get("title"), "note": None if options is None else options.get("note")}
