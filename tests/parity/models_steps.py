"""Random steps for the machine in models_trace.py."""

from random import Random
from typing import Any

TITLES: list[Any] = ["one", "two", "bad", "", "x" * 21, 5, None, "é\U0001f600", "<b>"]
VALUES: dict[str, list[Any]] = {
    "title": TITLES,
    "size": ["s", "m", "l", "xl", 1],
    "done": [True, False, 1, None],
    "rank": [0, 1, 2.0, 2.5, -1, None, "3"],
    "ratio": [0.1, 1, 1e-7, 3.0, "x", 2**53],
    "tags": [[], ["a"], [1, [True, {"b": None}]], {}, "x"],
    "more": [{}, {"b": 1, "10": 2, "2": [3.0]}, [], {"__proto__": 1}],
    "owner": ["ann", "bob", "a.b", ""],
    "selected": [True, False],
    "made": [1000, 1.5, 2.0],
    "zip": [1],
    "id": ["a", "z"],
    "label": ["x"],
}
FREE = ["text", "rank", "constructor", "__proto__", "10", "toString"]
PLACES = ["ann", "ann", "ann", "bob", "chat", "ranked", "members"]
IDS = ["a", "a", "b", "b", "c", "d"]
START = [{"id": "a", "owner": "ann", "title": "A"}, {"id": "b", "owner": "ann"}, {"id": "c", "owner": "bob"}]
USERS: list[Any] = ["ann", "bob", "", None]
POSITIONS: list[Any] = [{"first": True}, {"last": True}, {"before": "a"}, {"after": "b"}, {"at": 1}, {}, None]
WEIGHTS = {
    "add": 6,
    "set": 8,
    "put": 4,
    "safeSet": 6,
    "safeAdd": 5,
    "remove": 3,
    "set all": 2,
    "reset": 1,
    "unset": 2,
    "toggle": 2,
    "get": 3,
    "safeMove": 3,
    "safeDelete": 1,
    "safeCall": 2,
    "can": 1,
    "child": 2,
    "move": 3,
    "patch": 2,
    "pluck": 1,
    "sortBy": 1,
    "where": 1,
    "group": 1,
}


class Steps:
    """The same steps for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def take(self, count: int) -> list[list[Any]]:
        """`count` steps, after those that put something in every place to begin with."""
        start = [["add", place, None, START, None] for place in ("ann", "bob", "chat", "ranked")]
        names = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count)
        return [*start, *[self.step(name, self.random.choice(PLACES)) for name in names]]

    def step(self, name: str, place: str) -> list[Any]:
        random = self.random
        key: Any = random.choice(["ann", "bob"] if place == "members" else IDS)
        value: Any = None
        rest: Any = None
        if name == "add":
            value = (
                self.item(place)
                if random.random() < 0.6
                else [self.item(place) for _ in range(random.randrange(4))]
            )
            rest = random.choice(
                [None, {"at": 0}, {"at": -1}, {"merge": True}, {"silent": True}, {"remote": True}, {}]
            )
        elif name in ("set all", "reset"):
            value = [self.item(place) for _ in range(random.randrange(5))]
            rest = random.choice([None, {"add": False}, {"remove": False}, {"merge": False}])
        elif name in ("set", "safeSet", "can", "patch"):
            value = self.attributes(place)
            rest = random.choice(USERS)
            if name == "set":
                rest = random.choice([None, None, {"silent": True}, {"validate": True}])
            elif name == "patch":
                rest = random.choice([[], ["title"], ["rank", "size"]])
        elif name == "safeAdd":
            key = random.choice(
                [{"id": key}, {"id": key, "first": True}, {"id": key, "before": "a"}, {}, {"id": 5}]
            )
            value = self.attributes(place)
            rest = random.choice(USERS)
        elif name == "safeMove":
            value, rest = random.choice(POSITIONS), random.choice(USERS)
        elif name == "move":
            value = random.choice([*POSITIONS[:-2], 0, 99])
        elif name in ("safeDelete", "safeCall"):
            value = random.choice(
                [["finish", []], ["rename", ["new"]], ["rename", []], ["clear", []], ["rename", "x"]]
            )
            rest = random.choice(USERS)
        elif name == "put":
            attr = random.choice(FREE if place in ("chat", "ranked") else list(VALUES))
            value = [attr, random.choice(VALUES.get(attr, TITLES))]
        elif name == "child":
            value = {random.choice(["bio", "city"]): random.choice(["x", "y", 5])}
        elif name == "where":
            value = {random.choice(["done", "size", "text"]): random.choice([True, "m", "x", None])}
        else:
            value = random.choice([*VALUES, *FREE])
        return [name, place, key, value, rest]

    def attributes(self, place: str) -> dict[str, Any]:
        names = (
            FREE if place in ("chat", "ranked") else ["name", "zip"] if place == "members" else list(VALUES)
        )
        picked = self.random.sample(names, self.random.randrange(min(3, len(names)) + 1))
        return {name: self.random.choice(VALUES.get(name, TITLES)) for name in picked}

    def item(self, place: str) -> dict[str, Any]:
        item = self.attributes(place)
        item.pop("id", None)
        if self.random.random() < 0.85:
            item["id"] = self.random.choice([*IDS, "ann", "bob", "zip"])
        if place == "members" and self.random.random() < 0.4:
            item["tasks"] = [{"id": self.random.choice("abcd"), "title": "nested"}]
            item["profile"] = {"bio": "nested"}
        return item
