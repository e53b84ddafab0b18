"""Models as people write them: none of the rules about models may find anything in these."""

from pathlib import Path

import pytest

from capsule.compiler.survey import survey
from tests.compiler.models import told

ROOT = Path(__file__).parents[2]

PROGRAMS = {
    "board": """
    class Card(Model):
        type = "card"
        props = {"title": "string", "labels": "list", "column": {"type": "string", "values": ["todo", "done"]}}
        clientEditable = ["title", "column"]
        exposedServerMethods = ["label", "close"]

        def label(self, name: str) -> None:
            labels = self.get("labels") or []
            if name not in labels:
                labels.append(name)
                self.set({"labels": labels})

        def close(self) -> None:
            self.set("column", "done", {"silent": True})

        def canEdit(self, user: str) -> bool:
            if self.collection is None:
                self.deny("A card needs a board.")
                return False
            return self.collection.parent.can("read", user).allowed

    class Cards(Collection):
        model = Card
        sorted = True

    class Board(Model):
        type = "board"
        collections = {"cards": Cards}
        cards: Cards

        def canRead(self, user: str) -> bool:
            return user in (self.get("members") or [])
    """,
    "poll": """
    class Choice(Model):
        type = "choice"
        props = {"text": "string", "votes": {"type": "integer", "default": 0}, "chosen": "boolean"}

        def vote(self) -> None:
            self.set({"votes": self.get("votes") + 1})

    class Choices(Collection):
        model = Choice
        radioProperties = ["chosen"]

        def total(self) -> int:
            return sum([one.get("votes") for one in self.models])

    class Poll(Model):
        type = "poll"
        props = {"question": {"type": "string", "required": True, "test": "checkQuestion"}, "closedAt": "time"}
        derived = {"closed": {"deps": ["closedAt"], "fn": "isClosed", "cache": False}}
        collections = {"choices": Choices}
        choices: Choices

        def isClosed(self) -> bool:
            return self.has("closedAt")

        def checkQuestion(self, value: str) -> Any:
            return None if value.endswith("?") else "a question ends so"

        def reopen(self) -> None:
            self.unset("closedAt")
            self.choices.each(lambda choice: choice.set({"votes": 0, "chosen": False}))
    """,
    "shapes": """
    POINT = {"x": {"type": "number", "default": 0}, "y": {"type": "number", "default": 0.5}}

    class Shape(Model):
        props = {**POINT, "color": {"type": "string", "allowNull": True, "default": None}}
        clientEditable = ["x", "y"]

        def reset(self) -> None:
            self.set({"x": 0, "y": 0, "color": None})
            if self.get("kind") == "circle":
                self.set({"radius": 1})

    class Circle(Shape):
        type = "circle"
        props = {"radius": "number", "kind": {"type": "string", "default": "circle"}}
        clientEditable = ["x", "y", "radius"]

    class Square(Shape):
        type = "square"
        props = {"side": "number", "kind": {"type": "string", "default": "square"}}

    def shape(attributes: Any, options: Any) -> Any:
        return Circle(attributes, options) if attributes.get("kind") == "circle" else Square(attributes, options)

    class Shapes(Collection):
        model = shape

    class Drawing(Model):
        type = "drawing"
        collections = {"shapes": Shapes}
        shapes: Shapes
    """,
    "backbone": """
    class Draft(Model):
        defaults = {"title": "", "parts": None}

        def initialize(self, attributes: Any = None, options: Any = None) -> None:
            self.listenTo(self, "change:title", self.onTitle)
            self.count = 0

        def onTitle(self, model: Any, title: str, options: Any) -> None:
            self.count += 1
            self.get("parts").add({"title": title})

        def words(self) -> Any:
            words = self.get("title").split(" ")
            words.sort()
            return words
    """,
    "settings": """
    class Settings(Model):
        type = "settings"
        extraProperties = "allow"
        props = {"theme": {"type": "string", "values": ["light", "dark"], "default": "light"}, "extra": "object"}
        clientEditable = ["theme", "plugin"]

        def put(self, name: str, value: Any) -> None:
            extra = self.get("extra") or {}
            extra[name] = value
            self.set({"extra": extra, "plugin": name})
            self.toggle("theme")

        def canEdit(self, user: str, attrs: Any) -> Any:
            for name in attrs:
                if name not in self.clientEditable:
                    return self.deny(f"{name} is fixed.")
            return True
    """,
    "account": """
    class Address(Model):
        props = {"street": "string", "city": "string"}

    class Account(Model):
        type = "account"
        idAttribute = "login"
        props = {"login": "string", "roles": {"type": "list"}, "friend": {"type": "ref", "to": "account"}}
        session = {"editing": {"type": "boolean", "default": False}}
        children = {"address": Address}
        address: Address
        clientEditable = ["address", "friend"]

        def move(self, city: str) -> Any:
            verdict = self.address.safeSet({"city": city}, self.get("login"))
            if not verdict.allowed:
                return verdict.sentence
            self.address.set({"street": ""})
            self.set({"editing": False, "address": {"city": city}})
            return self.address.get("city")

        def demote(self) -> None:
            roles = [*self.get("roles")]
            roles.remove("admin")
            self.set("roles", roles)

        def last(self) -> Any:
            return self.get("roles").pop() if self.has("roles") else None
    """,
    "game": """
    class Player(Model):
        type = "player"
        props = {"name": "string", "hand": {"type": "list"}, "score": {"type": "integer", "default": -1}}

        def stamp(self, user: str, now: int) -> None:
            self.set({"name": user, "hand": [], "score": 0})

        def draw(self, card: str) -> Any:
            hand = self.get("hand")
            hand.append(card)
            self.set("hand", hand)
            return hand

        def canDelete(self, user: str) -> bool:
            allowed = user == self.get("name")
            if not allowed:
                return self.deny("Only the player may leave.")
            return allowed

    class Players(Collection):
        model = Player
        comparator = "score"

        def canAdd(self, user: str, model: Any) -> bool:
            full = self.length >= 4
            return self.deny("The table is full.") if full else True

    class Table(Model):
        type = "table"
        props = {"turn": "ref"}
        collections = {"players": Players}
        players: Players

        def turnOf(self) -> Any:
            return self.players.get(self.get("turn"))

        def next(self) -> None:
            found = self.players.find(lambda player: player.get("score") > 0)
            if found:
                self.set({"turn": found.id})
    """,
    "forward": """
    class Folder(Model):
        type = "folder"
        props = {"name": "string"}
        files: "Files"
        view: "Files"

        def initialize(self, attributes: Any = None, options: Any = None) -> None:
            self.files = Files()
            self.view = self.files

    class File(Model):
        type = "file"
        props = {"name": "string", "size": "integer"}
        can_open = True

        def rename(self, name: str, user: str) -> Any:
            verdict = self.safeSet({"name": name}, user)
            return verdict if verdict.code != 200 else None

    class Files(Collection):
        model = File
    """,
    "plain": """
    class Basket:
        def __init__(self) -> None:
            self.items: dict[str, list[str]] = {}

        def get(self, name: str) -> Any:
            return self.items[name]

        def fill(self) -> None:
            self.get("fruit").append("apple")
            self.get("fruit")[0] = "pear"

        def canEdit(self, user: str) -> str:
            return "whoever"
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_found_in_models_as_people_write_them(name: str, tmp_path: Path) -> None:
    assert told(PROGRAMS[name], tmp_path) == []


def test_nothing_is_found_in_the_models_of_the_example_and_of_the_benchmarks() -> None:
    files = [ROOT / "examples" / "bang" / "models.py", ROOT / "benchmarks" / "task_models.py"]
    assert [one for one in survey(files).findings if one.code >= "CAP2"] == []
