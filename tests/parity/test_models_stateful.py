"""Models and collections held against a plain reference by Hypothesis, and step for step the compiled ones in Node."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from capsule.compiler.build import build
from tests.parity.models_machine import Machine
from tests.parity.models_reference import Reference, Refused, Thing, refusal

# 500 steps each time; CAPSULE_STEPS=10000 for a long look.
STEPS = int(os.environ.get("CAPSULE_STEPS", "500"))
LENGTH = 50

keys = st.sampled_from(["a", "b", "c", "d"])
places = st.sampled_from(["items", "items", "ranked"])
good: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(["x", "y", "", "\U0001f600"]),
    "rank": st.integers(0, 3),
    "done": st.booleans(),
    "open": st.booleans(),
}
attributes = st.fixed_dictionaries({}, optional=good)
wrong = st.sampled_from(
    [{"title": 5}, {"title": "too long"}, {"rank": "1"}, {"done": 1}, {"zip": 1}, {"title": None}]
)
lists = st.lists(st.tuples(keys, attributes), max_size=4)
users = st.sampled_from(["ann", "ann", "bob", "", None])

Do = Callable[[list[Any]], Any]


class Stateful(RuleBasedStateMachine):
    """`do` and `anew` drive Node; a mirror of both collections is kept from the publish events alone."""

    do: Do
    anew: Callable[[], None]

    @initialize()
    def begin(self) -> None:
        self.machine = Machine()
        self.reference = Reference()
        self.mirror: dict[str, list[dict[str, Any]]] = {"items": [], "ranked": []}
        type(self).anew()

    def step(self, what: str, place: str, key: Any = None, value: Any = None, options: Any = None) -> Any:
        """One step everywhere; what the reference heard is in its lines by now."""
        step = [what, place, key, value, options]
        here = json.loads(json.dumps(self.machine.do(json.loads(json.dumps(step)))))
        assert type(self).do(step) == here
        answer, lines, state = here
        told = [line for line in lines if line[0] != "publish"]
        assert told == json.loads(json.dumps(self.reference.lines))
        self.reference.lines = []
        expected = [[thing.shown() for thing in self.reference.places[name]] for name in ("items", "ranked")]
        assert state == json.loads(json.dumps(expected))
        for line in lines:
            if line[0] == "publish":
                self.publish(line)
        for index, name in enumerate(("items", "ranked")):
            stored = [row[0] for row in state[index]]
            mine = (
                self.mirror[name]
                if name == "items"
                else sorted(self.mirror[name], key=lambda item: item["id"])
            )
            assert mine == (stored if name == "items" else sorted(stored, key=lambda item: item["id"]))
        return answer

    def publish(self, line: list[Any]) -> None:
        _, event, key, place, *rest = line
        items = self.mirror[place]
        if event == "change":
            changed, unset, previous = rest
            item = next(item for item in items if item["id"] == key)
            assert {name: item.get(name) for name in previous} == previous
            item.update(changed)
            for name in unset:
                del item[name]
        elif event == "add":
            items.insert(rest[0], rest[1])
        elif event == "remove" and place == "items":
            assert items.pop(rest[0])["id"] == key
        elif event == "remove":
            # A comparator's order is worked out by each, and not told.
            items.remove(next(item for item in items if item["id"] == key))
        else:
            items.insert(rest[0], items.pop(rest[1]))

    def thing(self, place: str, key: str) -> Thing | None:
        return self.reference.find(place, key)

    # -- one item

    @rule(place=places, key=keys, attrs=attributes, silent=st.booleans())
    def set(self, place: str, key: str, attrs: dict[str, Any], silent: bool) -> None:
        thing = self.thing(place, key)
        if thing is not None:
            self.reference.change(place, thing, attrs, [], silent)
        answer = self.step("set", place, key, attrs, {"silent": True} if silent else None)
        assert answer is (None if thing is None else True)

    @rule(place=places, key=keys, pair=st.one_of([st.tuples(st.just(name), good[name]) for name in good]))
    def put(self, place: str, key: str, pair: tuple[str, Any]) -> None:
        """One attribute by its name: the form that has a short cut."""
        thing = self.thing(place, key)
        if thing is not None:
            self.reference.change(place, thing, dict([pair]), [])
        self.step("put", place, key, list(pair))

    @rule(place=places, key=keys, attrs=wrong)
    def set_wrong(self, place: str, key: str, attrs: dict[str, Any]) -> None:
        if self.thing(place, key) is not None:
            assert self.step("set", place, key, attrs)[:2] == ["raised", 422]

    @rule(place=places, key=keys, name=st.sampled_from(["title", "rank", "done", "note", "open", "zip"]))
    def unset(self, place: str, key: str, name: str) -> None:
        thing = self.thing(place, key)
        if thing is not None:
            self.reference.change(place, thing, {}, [name])
        self.step("unset", place, key, name)

    @rule(place=places, key=keys)
    def watch(self, place: str, key: str) -> None:
        thing = self.thing(place, key)
        if thing is not None:
            thing.watchers += 1
        self.step("watch", place, key)

    @rule(place=places, key=keys)
    def unwatch(self, place: str, key: str) -> None:
        """Nothing of the watcher's is left on the model."""
        thing = self.thing(place, key)
        if thing is not None:
            thing.watchers = 0
            assert self.step("unwatch", place, key) is True

    @rule()
    def silence(self) -> None:
        """Nor on any other, those that were removed included."""
        for things in self.reference.places.values():
            for thing in things:
                thing.watchers = 0
        assert self.step("silence", "items") is True

    # -- collections

    @rule(
        place=places, data=lists, at=st.none() | st.integers(-5, 5), merge=st.booleans(), silent=st.booleans()
    )
    def add(self, place: str, data: list[Any], at: int | None, merge: bool, silent: bool) -> None:
        given = [{"id": key, **attrs} for key, attrs in data]
        self.reference.add(place, given, at, merge, silent, False)
        options: dict[str, Any] = {"merge": merge, "silent": silent}
        self.step("add", place, None, given, options if at is None else {**options, "at": at})

    @rule(place=places, key=keys, attrs=wrong, merge=st.booleans())
    def add_wrong(self, place: str, key: str, attrs: dict[str, Any], merge: bool) -> None:
        given = {"id": key, **attrs}
        try:
            self.reference.add(place, [given], None, merge, False, False)
            assert self.step("add", place, None, given, {"merge": merge}) == "added"
        except Refused:
            assert self.step("add", place, None, given, {"merge": merge})[:2] == ["raised", 422]

    @rule(place=places, data=lists)
    def become(self, place: str, data: list[Any]) -> None:
        given = [{"id": key, **attrs} for key, attrs in data]
        self.reference.add(place, given, None, True, False, True)
        self.step("become", place, None, given)

    @rule(place=places, data=lists)
    def reset(self, place: str, data: list[Any]) -> None:
        given = [{"id": key, **attrs} for key, attrs in data]
        self.reference.reset(place, given)
        self.step("reset", place, None, given)

    @rule(place=places, key=keys)
    def remove(self, place: str, key: str) -> None:
        thing = self.thing(place, key)
        if thing is not None:
            self.reference.remove(place, thing)
        self.step("remove", place, key)

    @rule(key=keys, at=st.integers(-1, 5))
    def move(self, key: str, at: int) -> None:
        thing = self.thing("items", key)
        if thing is not None:
            self.reference.move(thing, at)
        self.step("move", "items", key, at)

    # -- under rules

    @rule(place=places, key=keys, attrs=attributes | wrong, user=users)
    def safe_set(self, place: str, key: str, attrs: dict[str, Any], user: str | None) -> None:
        thing = self.thing(place, key)
        if thing is None:
            return
        if not user:
            expected = [403, "user", None]
        elif name := next((name for name in attrs if name not in ("title", "done")), None):
            expected = [422, "clientEditable", name] if name == "zip" else [403, "clientEditable", name]
        elif field := refusal(attrs):
            expected = [422, "props", field]
        elif user != thing.attrs.get("owner"):
            expected = [403, "canEdit", None]
        else:
            expected = [200, None, None]
            self.reference.change(place, thing, attrs, [])
        assert self.step("safeSet", place, key, attrs, user) == expected

    @rule(place=places, key=keys, title=good["title"] | st.just(5), user=users)
    def safe_add(self, place: str, key: str, title: Any, user: str | None) -> None:
        if not user:
            expected = [403, "user", None]
        elif self.thing(place, key) is not None:
            expected = [409, "id", "id"]
        elif title == 5:
            expected = [422, "props", "title"]
        elif place == "items" and user != "ann":
            expected = [403, "canAdd", None]
        else:
            expected = [200, None, None]
            thing = Thing({"title": title, "id": key, "owner": user})
            thing.changed = {"owner": user}
            things = self.reference.places[place]
            things.append(thing)
            self.reference.lines.append([place, "add", key])
            if place == "ranked":
                things.sort(key=lambda one: one.attrs["rank"])
                self.reference.lines.append([place, "sort", [one.id for one in things]])
            self.reference.lines.append([place, "update", [[key], [], []]])
        assert self.step("safeAdd", place, {"id": key}, {"title": title}, user) == expected

    @rule(place=places, key=keys, user=users)
    def safe_delete(self, place: str, key: str, user: str | None) -> None:
        thing = self.thing(place, key)
        if thing is None:
            return
        allowed = bool(user) and user == thing.attrs.get("owner")
        if allowed:
            self.reference.remove(place, thing)
        expected = [200, None, None] if allowed else [403, "canDelete" if user else "user", None]
        assert self.step("safeDelete", place, key, None, user) == expected

    @rule(key=keys, before=keys, user=users)
    def safe_move(self, key: str, before: str, user: str | None) -> None:
        thing, neighbour = self.thing("items", key), self.thing("items", before)
        if thing is None:
            return
        if not user:
            expected = [403, "user", None]
        elif neighbour is None or neighbour is thing:
            expected = [422, "position", "position"]
        elif user != "ann":
            expected = [403, "canMove", None]
        else:
            expected = [200, None, None]
            things = [one for one in self.reference.places["items"] if one is not thing]
            self.reference.move(thing, things.index(neighbour))
        assert self.step("safeMove", "items", key, {"before": before}, user) == expected

    # -- the whole

    @rule()
    def again(self) -> None:
        """A comparator orders what is taken in, though attributes have changed since the last sort."""
        data, kept, labels = self.step("again", "items")
        ranked = sorted(self.reference.places["ranked"], key=lambda thing: thing.attrs["rank"])
        places = {"items": self.reference.places["items"], "ranked": ranked}
        stored = {name: [thing.shown()[0] for thing in things] for name, things in places.items()}
        assert data == {"id": "root", **json.loads(json.dumps(stored))}
        assert kept is True
        assert labels == [thing.label for thing in ranked]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[tuple[Do, Callable[[], None]]]:
    """The compiled machine in a Node process."""
    build(Path(__file__).with_name("models_machine.py"), tmp_path)
    command = ["node", str(Path(__file__).with_name("models_live.mjs")), str(tmp_path / "main.js")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdin is not None
        assert node.stdout is not None

        def ask(step: Any) -> Any:
            print(json.dumps(step), file=node.stdin, flush=True)
            assert node.stdout is not None
            return json.loads(node.stdout.readline())

        yield ask, lambda: ask(None)
        node.stdin.close()


def test_python_node_and_the_reference_agree_step_for_step(live: tuple[Do, Callable[[], None]]) -> None:
    class Driven(Stateful):
        do = staticmethod(live[0])
        anew = staticmethod(live[1])

    run_state_machine_as_test(
        Driven,
        settings=settings(
            max_examples=STEPS // LENGTH,
            stateful_step_count=LENGTH,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
