"""What a model's class declares, read once for each class and kept on it.

`props`, `session`, `derived`, `private`, `children` and `collections` merge over the bases; the rest is inherited
as usual.
"""

from typing import Any

from capsule.shared.errors import DeclarationError
from capsule.shared.platform import (
    classMember,
    className,
    copyInto,
    declared,
    emptyBag,
    fetch,
    holds,
    isId,
    isIndex,
    keep,
    kept,
    keysOf,
    prepareClass,
    put,
    sizeOf,
)
from capsule.shared.props import Prop
from capsule.shared.values import show

# Instance attributes of a model: a child or a collection cannot have their names.
RESERVED: list[str] = [
    "attributes",
    "changed",
    "cid",
    "collection",
    "id",
    "link",
    "operation",
    "parent",
    "validationError",
]


class Derived:
    """A value computed from others: {"deps": ["first", "child.prop", ...], "fn": function or method
    name, "cache": True}.
    """

    def __init__(self, owner: str, name: str, declaration: dict[str, Any]) -> None:
        self.name = name
        self.deps: list[str] = fetch(declaration, "deps") or []
        self.fn: Any = fetch(declaration, "fn")
        self.cache = fetch(declaration, "cache") is not False
        if self.fn is None:
            raise DeclarationError(f'Derived property "{name}" of {owner} needs a function under "fn".', name)


class Blueprint:
    """The tables of one class. All are bags by name; `special` is None when `get` needs to look at nothing."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.owner = className(cls)
        self.idAttribute: str = classMember(cls, "idAttribute")
        self.props = emptyBag()
        # The props that `set` can take one at a time without looking further.
        self.simple = emptyBag()
        self.nothing = emptyBag()
        self.children = self._merged(cls, "children")
        self.collections = self._merged(cls, "collections")
        self.derived = emptyBag()
        self.affected = emptyBag()
        self.special: Any = None
        self.defaults: list[Prop] = []
        self.required: list[Prop] = []
        self.typed = len(declared(cls, "props")) + len(declared(cls, "session")) > 0
        self.extra: str = classMember(cls, "extraProperties")
        if self.extra not in ["reject", "ignore", "allow"]:
            raise DeclarationError(
                f"extraProperties of {self.owner} must be reject, ignore or allow, not {show(self.extra)}."
            )
        if self.typed:
            self._addProps(cls)
        self._addDerived(cls)
        # The attributes that only some readers see, by audience (audiences.py).
        self.private = self._merged(cls, "private")
        self._checkPrivate()
        self._checkNested(cls)
        self.childNames = keysOf(self.children)
        self.collectionNames = keysOf(self.collections)
        self.nested = [*self.childNames, *self.collectionNames]
        # Whether an item is its attributes as they are.
        self.plainItem = len(self.childNames) == 0
        for name in keysOf(self.props):
            prop = fetch(self.props, name)
            self.plainItem = self.plainItem and not prop.session and not prop.copies
        self.hasDerived = len(self.derivedNames) > 0
        self.hasPreinitialize = isOverridden(cls, "preinitialize")
        self.ownSet = isOverridden(cls, "set")
        self.hasBackboneDefaults = len(declared(cls, "defaults")) > 0
        self.hasInitialize = isOverridden(cls, "initialize")

    def _merged(self, cls: Any, name: str) -> Any:
        merged = emptyBag()
        for part in declared(cls, name):
            copyInto(merged, part)
        return merged

    def _addProps(self, cls: Any) -> None:
        session = self._merged(cls, "session")
        declarations = self._merged(cls, "props")
        for name in keysOf(declarations):
            if holds(session, name):
                raise self._clash(name, "both a prop and a session prop")
            self._addProp(Prop(self.owner, name, fetch(declarations, name), False))
        for name in keysOf(session):
            self._addProp(Prop(self.owner, name, fetch(session, name), True))
        if not holds(self.props, self.idAttribute):
            self._addProp(Prop(self.owner, self.idAttribute, "string", False))

    def _addProp(self, prop: Prop) -> None:
        put(self.props, prop.name, prop)
        if not prop.setOnce and prop.name != self.idAttribute:
            put(self.simple, prop.name, prop)
        if prop.hasDefault:
            self.defaults.append(prop)
        if prop.required:
            self.required.append(prop)
        if prop.copies:
            self._markSpecial(prop.name)

    def _addDerived(self, cls: Any) -> None:
        declarations = self._merged(cls, "derived")
        for name in keysOf(declarations):
            if holds(self.props, name):
                raise self._clash(name, "both a prop and derived")
            put(self.derived, name, Derived(self.owner, name, fetch(declarations, name)))
            self._markSpecial(name)
        self.derivedNames = keysOf(self.derived)
        for name in self.derivedNames:
            for dep in fetch(self.derived, name).deps:
                if fetch(self.affected, dep) is None:
                    put(self.affected, dep, [])
                fetch(self.affected, dep).append(name)
        for name in self.derivedNames:
            # Raises for a circle, here and not at the first change.
            self.dependents([name])

    def _markSpecial(self, name: str) -> None:
        if self.special is None:
            self.special = emptyBag()
        put(self.special, name, True)

    def _checkPrivate(self) -> None:
        for audience in keysOf(self.private):
            if not isAudience(audience):
                raise DeclarationError(f'"{audience}" of {self.owner} cannot name an audience.', audience)
            for name in fetch(self.private, audience):
                prop = fetch(self.props, name)
                if prop is None or prop.session or name == self.idAttribute:
                    raise DeclarationError(f'Private "{name}" of {self.owner} is not one of its props.', name)
                if prop.required:
                    # Those who may not see it would hold a model that is never valid.
                    raise DeclarationError(f'Private "{name}" of {self.owner} cannot be required.', name)

    def _checkNested(self, cls: Any) -> None:
        for name in [*keysOf(self.children), *keysOf(self.collections)]:
            if isIndex(name) or name.startswith("_") or "." in name or " " in name or name == "":
                raise DeclarationError(f'"{name}" of {self.owner} cannot name a child or a collection.', name)
            if holds(self.children, name) and holds(self.collections, name):
                raise self._clash(name, "both a child and a collection")
            if holds(self.props, name) or holds(self.derived, name):
                raise self._clash(name, "both a property and a child or collection")
            if name in RESERVED or classMember(cls, name) is not None:
                raise self._clash(name, "a child or collection, but it is already a member of the class")
        for name in keysOf(self.children):
            if len(declared(fetch(self.children, name), "private")) > 0:
                raise DeclarationError(
                    f'The child "{name}" of {self.owner} cannot have private attributes.', name
                )
        for name in keysOf(self.collections):
            checkWindow(fetch(self.collections, name))
        for name in classMember(cls, "membership") or []:
            if not holds(self.collections, name):
                raise DeclarationError(
                    f'The membership "{name}" of {self.owner} is not one of its collections.', name
                )
            if classMember(fetch(self.collections, name), "window") is not None:
                # Read rules ask whether somebody is in it.
                raise DeclarationError(f'The membership "{name}" of {self.owner} cannot have a window.', name)

    def _clash(self, name: str, what: str) -> DeclarationError:
        return DeclarationError(f'"{name}" of {self.owner} is declared as {what}.', name)

    def dependents(self, names: list[str]) -> list[str]:
        """The derived properties to look at again when these change, each after those that it depends on."""
        found: list[str] = []
        queue = names
        rounds = 0
        while len(queue) > 0:
            rounds += 1
            following: list[str] = []
            for name in queue:
                for derived in fetch(self.affected, name) or []:
                    found = [*[other for other in found if other != derived], derived]
                    following.append(derived)
            if rounds > len(self.derivedNames) + 1:
                raise DeclarationError(f"Derived properties of {self.owner} depend on each other.")
            queue = following
        return found


def checkWindow(collection: Any) -> None:
    """Raises DeclarationError unless a collection's `window`, if it has one, can be kept."""
    window = classMember(collection, "window")
    if window is None:
        return
    owner = className(collection)
    if not isCount(window):
        raise DeclarationError(
            f"The window of {owner} is a number of items from 1 to 1000, not {show(window)}.", "window"
        )
    comparator = classMember(collection, "comparator")
    if comparator is not None and comparator is not False and comparator != "":
        # The items that are held are the feed's last; sorted otherwise, nobody could say which are older.
        raise DeclarationError(f"{owner} cannot have both a window and a comparator.", "window")


def isCount(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1 and value <= 1000


def isAudience(name: str) -> bool:
    """Letters and digits: the name is part of a feed's."""
    plain = "_" not in name and "-" not in name and sizeOf(name) <= 32
    # Feeds may not be called begin or end; an audience may.
    return plain and name != "" and isId("x" + name)


def isOverridden(cls: Any, name: str) -> bool:
    """Whether anything but the first base, which does nothing, has the method."""
    return len(declared(cls, name)) > 1


def blueprintOf(cls: Any) -> Blueprint:
    """The blueprint of a class, made when it is first asked for."""
    prepareClass(cls)
    known: Blueprint | None = kept(cls, "_blueprint")
    if known is None:
        known = Blueprint(cls)
        keep(cls, "_blueprint", known)
    return known
