"""A model's attributes: how they are made, typed and read. What changes them is in state.py."""

from typing import Any

from capsule.shared.blueprint import Blueprint, blueprintOf
from capsule.shared.errors import PropError
from capsule.shared.events import Events
from capsule.shared.platform import (
    MISSING,
    attribute,
    call,
    callMethod,
    classOf,
    copyBag,
    copyInto,
    copyJSON,
    drop,
    emptyBag,
    fetch,
    flag,
    holds,
    inward,
    keysOf,
    known,
    put,
    raw,
    result,
    same,
    settle,
    shallowCopy,
    takeQuickly,
    truth,
    uniqueId,
)
from capsule.shared.values import typeName

ESCAPES: list[list[str]] = [
    ["&", "&amp;"],
    ["<", "&lt;"],
    [">", "&gt;"],
    ['"', "&quot;"],
    ["'", "&#x27;"],
    ["`", "&#x60;"],
]


class Attributes(Events):
    """Attributes, their types, their changes and the events of their changes.

    In the class body: `props`, `session`, `derived` (see props.py and blueprint.py), `defaults`
    (Backbone's: a dict, or a method that makes one), `idAttribute`, and `extraProperties`: what a class
    with props does with a name that it does not declare, "reject" (raise), "ignore" or "allow".
    """

    props: dict[str, Any]
    session: dict[str, Any]
    derived: dict[str, Any]
    idAttribute: str = "id"
    extraProperties: str = "reject"
    cidPrefix: str = "c."

    # What most instances never have is kept on the class until they do.
    validationError: Any = None
    collection: Any = None
    _previous: Any = None
    _changing: bool = False
    _pending: Any = None
    _cache: Any = None
    _blueprint: Any = None
    _settled: bool = False

    # What a tree needs, in node.py.
    _open: Any
    _incoming: Any

    def __init__(self, attributes: Any = None, options: dict[str, Any] | None = None) -> None:
        # Events keeps nothing until somebody binds: there is nothing of its to make.
        blueprint = self._blueprint
        if blueprint is None or blueprint.cls is not classOf(self):
            blueprint = blueprintOf(classOf(self))
        self._special = blueprint.special
        self.id: Any = None
        self.changed: Any = blueprint.nothing
        if blueprint.hasPreinitialize:
            callMethod(self, "preinitialize", [attributes, options])
        self.attributes: Any = emptyBag()
        self.cid = uniqueId(self.cidPrefix)
        given: dict[str, Any] = {} if options is None else options
        if fetch(given, "collection") is not None:
            self.collection = given["collection"]
        if len(blueprint.nested) > 0:
            self._open(blueprint)
        if flag(given, "parse"):
            attributes = callMethod(self, "parse", [attributes, given])
        self._begin(blueprint, attributes, given)
        self.changed = blueprint.nothing
        self._settled = True
        if blueprint.hasInitialize:
            callMethod(self, "initialize", [attributes, options])

    def preinitialize(self, attributes: Any = None, options: Any = None) -> None:
        """Runs before anything else of an instance's making."""

    def initialize(self, attributes: Any = None, options: Any = None) -> None:
        """The place for an app's own set-up."""

    def parse(self, data: Any, options: Any = None) -> Any:
        """Turns what a server sent into attributes, when the option `parse` asks for it."""
        return data

    # -- reading

    def get(self, attr: str) -> Any:
        """The value, or None. Declared lists and objects come as copies."""
        if self._special is not None and holds(self._special, attr):
            return self._getSpecial(attr)
        return attribute(self.attributes, attr)

    def has(self, attr: str) -> bool:
        return self.get(attr) is not None

    def escape(self, attr: str) -> str:
        """The value as text that is safe inside HTML."""
        value = self.get(attr)
        if value is None:
            return ""
        text = value if isinstance(value, str) else str(value)
        for escape in ESCAPES:
            text = text.replace(escape[0], escape[1])
        return text

    def isNew(self) -> bool:
        return not self.has(self.idAttribute)

    def hasChanged(self, attr: str | None = None) -> bool:
        """Whether the last `set` changed an attribute, or anything."""
        if attr is None:
            return len(keysOf(self.changed)) > 0
        return holds(self.changed, attr)

    def changedAttributes(self, diff: Any = None) -> Any:
        """What the last `set` changed, or what setting `diff` would change; False if nothing."""
        if diff is None or diff is False:
            return shallowCopy(self.changed) if self.hasChanged() else False
        old = self._before() if self._changing else self.attributes
        changed = emptyBag()
        for attr in keysOf(diff):
            value = inward(fetch(diff, attr))
            if attr not in self._blueprint.nested and not same(raw(old, attr), value):
                put(changed, attr, value)
        return changed if len(keysOf(changed)) > 0 else False

    def previous(self, attr: str | None) -> Any:
        """The value before the last `set`."""
        if attr is None or self._previous is None:
            return None
        if holds(self._previous, attr):
            return known(raw(self._previous, attr))
        return fetch(self.attributes, attr)

    def previousAttributes(self) -> dict[str, Any]:
        return {} if self._previous is None else shallowCopy(self._before())

    def matches(self, attrs: Any) -> bool:
        """Whether all these attributes have these values; or what a function of the attributes says."""
        if callable(attrs):
            return truth(call(attrs, [self.attributes]))
        for key in keysOf(attrs):
            if not alike(self.get(key), raw(attrs, key)):
                return False
        return True

    # -- inside

    def _begin(self, blueprint: Blueprint, attributes: Any, options: Any) -> None:
        """The first attributes. Nobody listens yet, so there is no need for a `set`, unless a class has its own."""
        if blueprint.ownSet or self._events is not None or flag(options, "validate"):
            callMethod(self, "set", [self._withDefaults(attributes, options, blueprint), options])
            return
        if blueprint.typed and not blueprint.hasBackboneDefaults:
            incoming = takeQuickly(blueprint, attributes)
            if incoming is None:
                incoming = emptyBag() if attributes is None else self._incoming(attributes, options)
                for prop in blueprint.defaults:
                    if not holds(incoming, prop.name):
                        put(incoming, prop.name, prop.valueOfDefault())
                settle(incoming)
        else:
            incoming = settle(self._incoming(self._withDefaults(attributes, options, blueprint), options))
        self.attributes = incoming
        self.id = fetch(incoming, blueprint.idAttribute)

    def _withDefaults(self, attributes: Any, options: Any, blueprint: Blueprint) -> Any:
        attrs = emptyBag()
        if not flag(options, "remote"):
            copyInto(attrs, result(self, "defaults"))
        for prop in blueprint.defaults:
            put(attrs, prop.name, MISSING)
        if attributes is not None:
            self._refuseOthers(attributes)
            for key in keysOf(attributes):
                value = raw(attributes, key)
                # Only JavaScript has this: {a: undefined} takes the default of a.
                if value is not MISSING or not holds(attrs, key):
                    put(attrs, key, value)
        for prop in blueprint.defaults:
            if raw(attrs, prop.name) is MISSING:
                put(attrs, prop.name, prop.valueOfDefault())
        return attrs

    def _refuseOthers(self, attributes: Any) -> None:
        if isinstance(attributes, (str, list, bool, int, float)):
            raise PropError(f"Attributes are an object, but a {typeName(attributes)} was given.")

    def _typed(self, attrs: Any, options: Any) -> Any:
        props = self._blueprint.props
        remote = flag(options, "remote")
        accepted = emptyBag()
        for attr in keysOf(attrs):
            value = raw(attrs, attr)
            prop = fetch(props, attr)
            if value is MISSING and not self._settled:
                # Only JavaScript has this: new Task({title: undefined}).
                continue
            if prop is None:
                # What is stored may come from a newer class: it has to survive here.
                if remote or self._allowsExtra(attr):
                    put(accepted, attr, value)
            elif remote:
                put(accepted, attr, prop.receive(value))
            else:
                value = prop.accept(self, value)
                if prop.setOnce and self._settled:
                    self._checkOnce(prop, value)
                put(accepted, attr, value)
        return accepted

    def _allowsExtra(self, attr: str) -> bool:
        if holds(self._blueprint.derived, attr):
            raise PropError(f'"{attr}" of {self._blueprint.owner} is derived: it cannot be set.', attr)
        if self._blueprint.extra == "reject":
            raise PropError(f'{self._blueprint.owner} has no property "{attr}".', attr)
        return self._blueprint.extra == "allow"

    def _checkOnce(self, prop: Any, value: Any) -> None:
        old = raw(self.attributes, prop.name)
        if old is not MISSING and not same(old, value):
            prop.refuse("can be set only once")

    def _removable(self, names: list[str]) -> list[str]:
        return [name for name in names if name not in self._blueprint.nested]

    def _before(self) -> Any:
        """The attributes as they were before the outermost `set` that is under way, or the last one."""
        before = copyBag(self.attributes)
        for attr in keysOf(self._previous):
            old = raw(self._previous, attr)
            if old is MISSING:
                drop(before, attr)
            elif not holds(self._blueprint.derived, attr):
                put(before, attr, old)
        return before

    # -- derived

    def _getSpecial(self, attr: str) -> Any:
        derived = fetch(self._blueprint.derived, attr)
        if derived is None:
            return copyJSON(fetch(self.attributes, attr))
        if not derived.cache:
            return self._compute(derived)
        if self._cache is None:
            self._cache = emptyBag()
        if not holds(self._cache, attr):
            put(self._cache, attr, self._compute(derived))
        return fetch(self._cache, attr)

    def _compute(self, derived: Any) -> Any:
        if isinstance(derived.fn, str):
            return callMethod(self, derived.fn, [])
        return call(derived.fn, [self])

    def _invalidate(self, names: list[str]) -> list[Any]:
        """Forget what depends on these; [name, old value, ...] of what that is."""
        stale: list[Any] = []
        for name in self._blueprint.dependents(names):
            old = MISSING
            if self._cache is not None:
                old = raw(self._cache, name)
                drop(self._cache, name)
            stale.append(name)
            stale.append(old)
        return stale

    def _announceDerived(self, stale: list[Any], options: Any) -> None:
        """Tell of the derived values that differ; of those that are not cached, or were never asked for, always."""
        for index in range(0, len(stale), 2):
            name = stale[index]
            old = stale[index + 1]
            value = self.get(name)
            if old is MISSING or not same(old, value):
                if not holds(self._previous, name):
                    put(self._previous, name, old)
                put(self.changed, name, value)
                self._fire("change:" + name, [self, value, options])


def alike(a: Any, b: Any) -> bool:
    """Whether two values read from models are the same: one that is missing is None."""
    return b is None if a is None else same(a, b)
