"""Collections and models held against a plain list of dicts by Hypothesis."""

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from capsule.shared import Collection, Model

# 500 steps each time; CAPSULE_STEPS=10000 for a long look.
STEPS = int(os.environ.get("CAPSULE_STEPS", "500"))

keys = st.sampled_from(["a", "b", "c", "d", "__proto__", "7"])
names = st.sampled_from(["x", "y", "constructor"])
values = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.lists(st.integers(0, 1), max_size=2))
attributes = st.dictionaries(names, values, max_size=3)
places = st.integers(-6, 6)


class Item(Model):
    type = "item"


class Items(Collection):
    model = Item
    sorted = True


class Root(Model):
    collections = {"items": Items}
    items: Items


def strict(value: Any) -> Any:
    """Equal only if JSON is: 1 is not True."""
    return (
        [type(value).__name__, [strict(item) for item in value]] if isinstance(value, list) else repr(value)
    )


class Reference(RuleBasedStateMachine):
    """The list says what the collection must hold; a mirror is kept by `publish` alone, and must hold the same."""

    @initialize()
    def begin(self) -> None:
        self.root: Any = Root({"id": "root"})
        self.items = self.root.items
        self.plain: list[dict[str, Any]] = []
        self.mirror: list[dict[str, Any]] = []
        self.counts = {"add": 0, "remove": 0}
        self.root.on("publish", self.publish)
        self.items.on("add", lambda: self.count("add"))
        self.items.on("remove", lambda: self.count("remove"))
        self.expected = {"add": 0, "remove": 0}

    def count(self, name: str) -> None:
        self.counts[name] += 1

    def publish(self, event: dict[str, Any]) -> None:
        name, model = event["event"], event["model"]
        if name == "add":
            self.mirror.insert(event["at"], model.itemJSON())
        elif name == "remove":
            assert self.mirror.pop(event["at"])["id"] == model.id
        elif name == "move":
            self.mirror.insert(event["at"], self.mirror.pop(event["from"]))
        else:
            target = next(item for item in self.mirror if item["id"] == model.id)
            for key in [*event["changed"], *event["unset"]]:
                assert strict(event["previous"].get(key)) == strict(target.get(key))
            target.update(event["changed"])
            for key in event["unset"]:
                del target[key]

    def at(self, key: str) -> int:
        return next((index for index, item in enumerate(self.plain) if item["id"] == key), -1)

    @rule(key=keys, attrs=attributes, place=st.none() | places)
    def add(self, key: str, attrs: dict[str, Any], place: int | None) -> None:
        self.items.add({**attrs, "id": key}, {} if place is None else {"at": place})
        if self.at(key) < 0:
            size = len(self.plain)
            index = size if place is None else max(0, min(size, place if place >= 0 else place + size + 1))
            self.plain.insert(index, {**attrs, "id": key})
            self.expected["add"] += 1

    @rule(key=keys)
    def remove(self, key: str) -> None:
        index = self.at(key)
        gone = self.items.remove(key)
        assert (gone is not None) == (index >= 0)
        if index >= 0:
            assert gone.collection is None
            del self.plain[index]
            self.expected["remove"] += 1

    @rule(key=keys, attrs=attributes, silent=st.booleans())
    def change(self, key: str, attrs: dict[str, Any], silent: bool) -> None:
        index = self.at(key)
        if index < 0:
            return
        model = self.items.get(key)
        before = dict(self.plain[index])
        heard: list[str] = []
        model.on("all", lambda name, *rest: heard.append(name), self)
        model.set(attrs, {"silent": silent})
        model.off(None, None, self)
        self.plain[index].update(attrs)
        missing = object()
        changed = [name for name in attrs if strict(before.get(name, missing)) != strict(attrs[name])]
        assert sorted(heard) == (
            [] if silent or not changed else sorted(["change", *["change:" + n for n in changed]])
        )
        assert sorted(model.changed) == sorted(changed)
        for name in changed:
            assert model.previous(name) == before.get(name)

    @rule(key=keys, name=names)
    def unset(self, key: str, name: str) -> None:
        index = self.at(key)
        if index >= 0:
            self.items.get(key).unset(name)
            self.plain[index].pop(name, None)

    @rule(key=keys, place=places)
    def move(self, key: str, place: int) -> None:
        index = self.at(key)
        self.items.moveItem(key, place)
        if index >= 0:
            item = self.plain.pop(index)
            self.plain.insert(max(0, min(len(self.plain), place)), item)

    @rule(data=st.lists(st.tuples(keys, attributes), max_size=4, unique_by=lambda pair: pair[0]))
    def become(self, data: list[tuple[str, dict[str, Any]]]) -> None:
        """`set` without merging what is there: a diff."""
        given = [{**attrs, "id": key} for key, attrs in data]
        kept = [item["id"] for item in given]
        self.expected["add"] += sum(1 for item in given if self.at(item["id"]) < 0)
        self.expected["remove"] += sum(1 for item in self.plain if item["id"] not in kept)
        merged = [
            {**self.plain[self.at(item["id"])], **item} if self.at(item["id"]) >= 0 else item
            for item in given
        ]
        self.items.set([dict(item) for item in given])
        self.plain = merged

    @rule()
    def round_trip(self) -> None:
        data = self.items.xport()
        if all(item["id"] != "__proto__" for item in data):
            other = Items()
            other.mport(data)
            assert other.xport() == data

    @invariant()
    def same(self) -> None:
        wanted = [{name: strict(item[name]) for name in item} for item in self.plain]
        for shown in (self.items.xport(), self.mirror):
            assert [{name: strict(item[name]) for name in item} for item in shown] == wanted
        assert self.counts == self.expected
        for item in self.plain:
            model = self.items.get(item["id"])
            assert model is self.root.modelGetter("item", item["id"])
            assert model.collection is self.items


TestReference = Reference.TestCase
TestReference.settings = settings(max_examples=STEPS // 50, stateful_step_count=50, deadline=None)
