"""What models and collections must do, written down plainly: dicts in lists, no classes of ours.

Attributes are told in the order in which they were given; a collection's own listener hears of a change after the
model's. Nothing here knows how capsule does it.
"""

from typing import Any

Attrs = dict[str, Any]
TYPES = {"title": str, "rank": int, "done": bool, "note": str, "owner": str, "open": bool, "id": str}
DEFAULTS: Attrs = {"rank": 0, "done": False}


class Refused(Exception):
    pass


def strict(value: Any) -> tuple[type, Any]:
    return type(value), value


def refusal(attrs: Attrs) -> str | None:
    """The first attribute that its prop does not take."""
    for name, value in attrs.items():
        if name not in TYPES or type(value) is not TYPES[name] or (name == "title" and len(str(value)) > 5):
            return name
    return None


class Thing:
    """One item: what it holds, what it held before the change under way, and who watches it."""

    def __init__(self, attrs: Attrs) -> None:
        self.attrs = {**DEFAULTS, **attrs}
        for name in DEFAULTS:
            if name not in attrs:
                self.attrs[name] = DEFAULTS[name]
        self.before: Attrs | None = None
        self.changed: Attrs = {}
        self.watchers = 0

    @property
    def id(self) -> Any:
        return self.attrs["id"]

    @property
    def label(self) -> str:
        return f"{self.attrs.get('title')}/{self.attrs.get('rank')}"

    def told(self) -> list[Any]:
        return [[name, self.changed[name]] for name in sorted(self.changed)]

    def shown(self) -> list[Any]:
        stored = {name: value for name, value in self.attrs.items() if name != "open"}
        return [stored, self.attrs.get("open"), self.label, self.told()]


class Reference:
    """The two collections, and what is heard of them."""

    def __init__(self) -> None:
        self.places: dict[str, list[Thing]] = {"items": [], "ranked": []}
        self.lines: list[Any] = []

    def find(self, place: str, key: Any) -> Thing | None:
        return next((thing for thing in self.places[place] if thing.id == key), None)

    # -- one item

    def change(self, place: str, thing: Thing, attrs: Attrs, gone: list[str], silent: bool = False) -> None:
        outermost = thing.before is None
        if outermost:
            thing.before, thing.changed = dict(thing.attrs), {}
        label, names = thing.label, []
        new = {**attrs, **{name: DEFAULTS[name] for name in gone if name in DEFAULTS}}
        for name, value in new.items():
            if name not in thing.attrs or strict(thing.attrs[name]) != strict(value):
                thing.attrs[name] = value
                names.append(name)
        for name in gone:
            if name not in DEFAULTS and name in thing.attrs:
                del thing.attrs[name]
                names.append(name)
        for name in names:
            self.note(thing, name)
        if not silent:
            for name in names:
                self.tell(place, thing, f"change:{name}")
            if thing.label != label:
                thing.changed["label"] = thing.label
                self.tell(place, thing, "change:label")
        if outermost:
            if names and not silent:
                self.tell(place, thing, "change")
            thing.before = None

    def note(self, thing: Thing, name: str) -> None:
        assert thing.before is not None
        now, then = thing.attrs.get(name), thing.before.get(name)
        if (name in thing.attrs) == (name in thing.before) and strict(now) == strict(then):
            thing.changed.pop(name, None)
        else:
            thing.changed[name] = now

    def tell(self, place: str, thing: Thing, event: str) -> None:
        """The item's own handler, who watches it, and then its collection."""
        if event == "change:done":
            self.change(place, thing, {"note": "done" if thing.attrs.get("done") else "open"}, [])
        if event in ("change:title", "change:done"):
            self.lines.extend([["watch", thing.id, thing.told()]] * thing.watchers)
        self.lines.append([place, event, thing.id, thing.told()])

    # -- collections

    def add(
        self, place: str, data: list[Attrs], at: int | None, merge: bool, silent: bool, remove: bool
    ) -> None:
        things = self.places[place]
        ranked, added, merged, kept, sort = place == "ranked" and at is None, [], [], [], False
        bad = next(
            (
                field
                for one in data
                if (field := refusal(one)) and (merge or self.find(place, one["id"]) is None)
            ),
            None,
        )
        if bad is not None:
            raise Refused(bad)
        known = {thing.id: thing for thing in things}
        for one in data:
            thing = known.get(one["id"])
            if thing is None:
                thing = known[one["id"]] = Thing(one)
                added.append(thing)
            elif merge:
                self.change(place, thing, one, [], silent)
                merged.append(thing)
                sort = sort or (ranked and "rank" in thing.changed)
            if thing not in kept:
                kept.append(thing)
        removed = [thing for thing in things if thing not in kept] if remove else []
        for thing in removed:
            self.take(place, thing)
        before = list(things)
        if remove and kept and not ranked:
            things[:] = kept
        elif added:
            sort = sort or ranked
            index = (
                len(things)
                if at is None
                else max(0, min(len(things), at + len(things) + 1 if at < 0 else at))
            )
            things[index:index] = added
        if sort:
            things.sort(key=lambda thing: thing.attrs["rank"])
        if silent:
            return
        self.lines.extend([place, "add", thing.id] for thing in added)
        if sort or (remove and not ranked and before != things):
            self.lines.append([place, "sort", [thing.id for thing in things]])
        if added or removed or merged:
            ids = [[thing.id for thing in group] for group in (added, removed, merged)]
            self.lines.append([place, "update", ids])

    def take(self, place: str, thing: Thing) -> None:
        self.places[place].remove(thing)
        self.lines.append([place, "remove", thing.id])

    def remove(self, place: str, thing: Thing) -> None:
        self.take(place, thing)
        self.lines.append([place, "update", [[], [thing.id], []]])

    def move(self, thing: Thing, at: int) -> None:
        things = self.places["items"]
        start, end = things.index(thing), max(0, min(len(things) - 1, at))
        if start != end:
            things.insert(end, things.pop(start))
            self.lines.append(["items", "move", thing.id, start, end])

    def reset(self, place: str, data: list[Attrs]) -> None:
        bad = next((field for one in data if (field := refusal(one))), None)
        assert bad is None
        self.places[place] = []
        self.add(place, data, None, False, True, False)
        self.lines.append([place, "reset", [thing.id for thing in self.places[place]]])
