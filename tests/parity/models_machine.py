"""A small team of models, and a machine that does one step to it and says what happened.

This file runs on CPython and, compiled, in Node: test_models_stateful.py holds both to a plain reference.
"""

from typing import Any

from capsule import Collection, Events, Model, ModelError, Operation


class Item(Model):
    type = "item"
    props = {
        "title": {"type": "string", "max": 5},
        "rank": {"type": "integer", "default": 0},
        "done": {"type": "boolean", "default": False},
        "note": "string",
        "owner": {"type": "string", "setOnce": True},
    }
    session = {"open": "boolean"}
    derived = {"label": {"deps": ["title", "rank"], "fn": "makeLabel"}}
    clientEditable = ["title", "done"]
    clientAddable = ["title"]

    def initialize(self) -> None:
        self.on("change:done", self.onDone)

    def onDone(self, item: Any, done: Any) -> None:
        self.set("note", "done" if done else "open")

    def makeLabel(self) -> str:
        return f"{self.get('title')}/{self.get('rank')}"

    def stamp(self, user: str, now: int) -> None:
        self.set("owner", user)

    def canEdit(self, user: str) -> Any:
        return user == self.get("owner") or self.deny("Not yours.")

    def canDelete(self, user: str) -> Any:
        return user == self.get("owner")

    def canMove(self, user: str) -> Any:
        return user == "ann"


class Items(Collection):
    model = Item
    sorted = True

    def canAdd(self, user: str, item: Any) -> Any:
        return item.get("owner") == "ann"


class Ranked(Collection):
    model = Item
    comparator = "rank"

    def canAdd(self) -> Any:
        return True


class Root(Model):
    type = "root"
    collections = {"items": Items, "ranked": Ranked}
    items: Items
    ranked: Ranked


def changes(model: Any) -> Any:
    """What has changed, by name; JavaScript's undefined, for what is gone, is null in a list."""
    changed = model.changedAttributes()
    return [[name, changed.get(name)] for name in sorted(changed)] if changed else []


class Machine:
    """Lines of what was heard: [place, event, ...], ["watch", ...] of who listens to one model, ["publish", ...]."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.root: Any = Root({"id": "root"})
        self.watcher: Any = Events()
        self.root.on("publish", self.published)
        for collection in [self.root.items, self.root.ranked]:
            self.follow(collection)

    def follow(self, collection: Any) -> None:
        collection.on("all", lambda name, *rest: self.heard(collection.name, name, rest))

    def heard(self, place: str, name: str, rest: Any) -> None:
        if name == "update":
            parts = [
                [model.id for model in rest[1]["changes"][kind]] for kind in ["added", "removed", "merged"]
            ]
            self.lines.append([place, name, parts])
        elif name == "sort" or name == "reset":
            self.lines.append([place, name, rest[0].pluck("id")])
        elif name == "move":
            self.lines.append([place, name, rest[0].id, rest[2]["from"], rest[2]["at"]])
        elif name.startswith("change"):
            self.lines.append([place, name, rest[0].id, changes(rest[0])])
        else:
            self.lines.append([place, name, rest[0].id])

    def published(self, event: Any) -> None:
        line: Any = ["publish", event["event"], event["model"].id]
        if event["event"] == "change":
            line.extend([event["model"].collection.name, event["changed"], event["unset"], event["previous"]])
        else:
            line.extend([event["collection"].name, event["at"]])
            line.append(event["from"] if event["event"] == "move" else event["model"].itemJSON())
        self.lines.append(line)

    def do(self, step: list[Any]) -> Any:
        """[answer, lines, the state] after [what, place, key, value, options]."""
        self.lines = []
        place: Any = self.root.ranked if step[1] == "ranked" else self.root.items
        try:
            answer = self.act(step[0], place, step[2], step[3], step[4])
        except ModelError as error:
            answer = ["raised", error.code, error.field]
        return [answer, self.lines, [self.shown(self.root.items), self.shown(self.root.ranked)]]

    def act(self, what: str, place: Any, key: Any, value: Any, options: Any) -> Any:
        if what == "add":
            place.add(value, options)
            return "added"
        if what == "become":
            place.set(value, options)
            return "become"
        if what == "reset":
            place.reset(value)
            return "reset"
        if what == "safeAdd":
            self.root.operation = Operation("ann.client01.1", "ann", 5)
            verdict = place.safeAdd(value, options, key)
            self.root.operation = None
            return [verdict.code, verdict.rule, verdict.field]
        if what == "silence":
            self.watcher.stopListening()
            return self.watcher._listeningTo is None
        if what == "again":
            return self.again()
        model = place.get(key)
        return None if model is None else self.actOn(place, model, what, value, options)

    def actOn(self, place: Any, model: Any, what: str, value: Any, options: Any) -> Any:
        if what == "set":
            return model.set(value, options) is model
        if what == "put":
            return model.set(value[0], value[1]) is model
        if what == "unset":
            return model.unset(value) is model
        if what == "remove":
            return place.remove(model) is model
        if what == "move":
            return place.moveItem(model.id, value) is model
        if what == "watch":
            self.watcher.listenTo(model, "change:title change:done", lambda item: self.watched(item))
            return True
        if what == "unwatch":
            self.watcher.stopListening(model)
            return model._listeners is None or len(model._listeners) == 0
        if what == "safeSet":
            verdict = model.safeSet(value, options)
        elif what == "safeMove":
            verdict = model.safeMove(value, options)
        else:
            verdict = model.safeDelete(options)
        return [verdict.code, verdict.rule, verdict.field]

    def watched(self, item: Any) -> None:
        self.lines.append(["watch", item.id, changes(item)])

    def shown(self, place: Any) -> Any:
        """What each model holds and remembers; its derived value is asked for, so that the next change is told."""
        rows: list[Any] = []
        for model in place:
            rows.append([model.xport(), model.get("open"), model.get("label"), changes(model)])
        return rows

    def again(self) -> Any:
        """The whole, exported and imported, twice into one that held other things."""
        data = self.root.xport()
        other: Any = Root({"id": "other", "items": [{"id": "a", "title": "old"}, {"id": "z"}]})
        other.mport(data)
        kept = other.items.get("a")
        other.mport(data)
        return [other.xport(), kept is other.items.get("a"), other.ranked.pluck("label")]
