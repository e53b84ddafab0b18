"""A model's attributes and how they change: Backbone 1.6's Model without Ajax, with typed properties.

Unlike Backbone, a `set` does not clone the attributes: only the old values of touched keys are
remembered. And a listener that throws leaves the model ready for the next `set`.
"""

from typing import Any

from capsule.shared.blueprint import Blueprint, blueprintOf
from capsule.shared.errors import PropError
from capsule.shared.events import Events
from capsule.shared.platform import (
    MISSING,
    call,
    classOf,
    copyBag,
    copyInto,
    copyJSON,
    drop,
    emptyBag,
    fetch,
    holds,
    inward,
    isCallable,
    keysOf,
    member,
    pair,
    put,
    raw,
    result,
    same,
    shallowCopy,
    typeName,
    uniqueId,
)

ESCAPES: list[list[str]] = [
    ["&", "&amp;"],
    ["<", "&lt;"],
    [">", "&gt;"],
    ['"', "&quot;"],
    ["'", "&#x27;"],
    ["`", "&#x60;"],
]


def known(value: Any) -> Any:
    """None for MISSING."""
    return None if value is MISSING else value


class State(Events):
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

    def __init__(self, attributes: Any = None, options: dict[str, Any] | None = None) -> None:
        super().__init__()
        blueprint = blueprintOf(classOf(self))
        self._blueprint = blueprint
        self._special = blueprint.special
        self.attributes: Any = emptyBag()
        self.changed: Any = emptyBag()
        self.validationError: Any = None
        self.collection: Any = None
        self.id: Any = None
        self._previous: Any = None
        self._changing = False
        self._pending: Any = None
        self._cache: Any = None
        self._settled = False
        if blueprint.hasPreinitialize:
            call(self.preinitialize, [attributes, options])
        self.cid = uniqueId(self.cidPrefix)
        given = {} if options is None else options
        if given.get("collection") is not None:
            self.collection = given["collection"]
        self._open(blueprint)
        if given.get("parse"):
            attributes = call(self.parse, [attributes, given])
        self.set(self._withDefaults(attributes, given, blueprint), given)
        self.changed = emptyBag()
        self._settled = True
        if blueprint.hasInitialize:
            call(self.initialize, [attributes, options])

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
        return fetch(self.attributes, attr)

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
        changed: dict[str, Any] = {}
        for attr in keysOf(diff):
            value = inward(diff[attr])
            if attr not in self._blueprint.nested and not same(raw(old, attr), value):
                changed[attr] = value
        return changed if len(changed) > 0 else False

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
        if isCallable(attrs):
            return bool(call(attrs, [self.attributes]))
        for key in keysOf(attrs):
            if not same(self.get(key), attrs[key]):
                return False
        return True

    # -- writing

    def set(self, key: Any, val: Any = None, options: Any = None) -> Any:
        """Set one attribute, or a dict of them; fires "change:<name>" for each that changed, then "change".

        Options: silent, unset, validate. Answers the model, or False when validation refused. Raises
        PropError, with nothing changed, for a value that a prop does not take.
        """
        if key is None:
            return self
        if isinstance(key, str):
            attrs: Any = pair(key, val)
        else:
            attrs = key
            options = val
        if options is None:
            options = {}
        unset = bool(options.get("unset"))
        silent = bool(options.get("silent"))
        if not self._validate(attrs, options):
            return False
        if unset:
            return self._change({}, self._removable(keysOf(attrs)), silent, options)
        return self._change(self._incoming(attrs, options), [], silent, options)

    def unset(self, attr: Any, options: Any = None) -> Any:
        """Remove an attribute, or several; one with a default goes back to it."""
        attrs = emptyBag()
        for name in [attr] if isinstance(attr, str) else attr:
            put(attrs, name, None)
        return self.set(attrs, self._withOption(options, "unset"))

    def clear(self, options: Any = None) -> Any:
        """Remove all attributes."""
        attrs = emptyBag()
        for name in keysOf(self.attributes):
            put(attrs, name, None)
        return self.set(attrs, self._withOption(options, "unset"))

    def toggle(self, attr: str, options: Any = None) -> Any:
        """Flip a boolean; go to the next of a prop's `values`."""
        return self.set(attr, self._toggled(attr), options)

    def isValid(self, options: Any = None) -> bool:
        """Whether `validate` has no complaint and every required prop is there."""
        return bool(self._validate({}, self._withOption(options, "validate")))

    # -- inside

    def _open(self, blueprint: Blueprint) -> None:
        """For what a subclass needs before the first `set`."""

    def _withOption(self, options: Any, name: str) -> dict[str, Any]:
        return copyInto(pair(name, True), options) if options is not None else pair(name, True)

    def _withDefaults(self, attributes: Any, options: Any, blueprint: Blueprint) -> Any:
        attrs = emptyBag()
        if not options.get("remote"):
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

    def _incoming(self, attrs: Any, options: Any) -> Any:
        """The attributes as they will be kept. Raises before anything changed."""
        self._refuseOthers(attrs)
        return self._typed(attrs, options) if self._blueprint.typed else attrs

    def _typed(self, attrs: Any, options: Any) -> Any:
        props = self._blueprint.props
        remote = bool(options.get("remote"))
        accepted = emptyBag()
        for attr in keysOf(attrs):
            value = raw(attrs, attr)
            prop = fetch(props, attr)
            if prop is None:
                # What is stored may come from a newer class: it has to survive here.
                if remote or self._allowsExtra(attr):
                    put(accepted, attr, value)
            elif remote:
                put(accepted, attr, prop.receive(value))
            else:
                value = prop.accept(self, value)
                if prop.setOnce:
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
        if old is not MISSING and not same(old, value) and (not prop.hasDefault or self._settled):
            prop.refuse("can be set only once")

    def _removable(self, names: list[str]) -> list[str]:
        return [name for name in names if name not in self._blueprint.nested]

    def _change(self, attrs: Any, removed: list[str], silent: bool, options: Any) -> Any:
        """The heart: write, publish, then tell. Nothing here refuses."""
        changing = self._changing
        self._changing = True
        if not changing:
            self._previous = emptyBag()
            self.changed = emptyBag()
        try:
            changes: list[str] = []
            olds: list[Any] = []
            for attr in keysOf(attrs):
                self._write(attr, inward(raw(attrs, attr)), changes, olds)
            for attr in removed:
                self._write(attr, self._unsetValue(attr), changes, olds)
            if len(changes) > 0:
                self._announce(changes, olds, silent, options)
            if changing or silent:
                return self
            while self._pending is not None:
                # A handler of "change" may set again: as long as one does, there is one more "change".
                pending = self._pending
                self._pending = None
                self._fire("change", [self, pending])
        finally:
            if not changing:
                self._pending = None
                self._changing = False
        return self

    def _write(self, attr: str, value: Any, changes: list[str], olds: list[Any]) -> None:
        old = raw(self.attributes, attr)
        if not holds(self._previous, attr):
            put(self._previous, attr, old)
        if not same(old, value):
            changes.append(attr)
            olds.append(old)
        if same(raw(self._previous, attr), value):
            drop(self.changed, attr)
        else:
            put(self.changed, attr, known(value))
        if value is MISSING:
            drop(self.attributes, attr)
        else:
            put(self.attributes, attr, value)

    def _unsetValue(self, attr: str) -> Any:
        """What an attribute is after `unset`: gone, or back to the default of its prop."""
        prop = fetch(self._blueprint.props, attr)
        if prop is None or not prop.hasDefault:
            return MISSING
        return prop.valueOfDefault()

    def _announce(self, changes: list[str], olds: list[Any], silent: bool, options: Any) -> None:
        """Indexes and replication first, so that they hold whatever a listener does; then the listeners."""
        if self.idAttribute in changes:
            before = self.id
            self.id = fetch(self.attributes, self.idAttribute)
            self._idChanged(before, options)
        stale = self._invalidate(changes) if self._blueprint.hasDerived else None
        self._publishChange(changes, olds)
        if silent:
            return
        self._pending = options
        if self._events is None:
            return
        for attr in changes:
            self._fire("change:" + attr, [self, self.get(attr), options])
        if stale is not None:
            self._announceDerived(stale, options)

    def _idChanged(self, before: Any, options: Any) -> None:
        """Collections look models up by id: they hear of it before anybody else."""
        self._fire("changeId", [self, before, options])

    def _publishChange(self, changes: list[str], olds: list[Any]) -> None:
        """For replication: see node.py."""

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

    def _toggled(self, attr: str) -> Any:
        value = self.get(attr)
        prop = fetch(self._blueprint.props, attr)
        if prop is not None and prop.values is not None:
            for index in range(len(prop.values)):
                if same(prop.values[index], value):
                    return prop.values[(index + 1) % len(prop.values)]
            return prop.values[0]
        otherKind = prop is not None and prop.type != "boolean"
        if otherKind or (value is not None and not isinstance(value, bool)):
            raise PropError(
                f'"{attr}" of {self._blueprint.owner} is not a boolean: it cannot be toggled.', attr
            )
        return value is not True

    def _validate(self, attrs: Any, options: Any) -> bool:
        """Backbone's: ask `validate` about the attributes to be, if the option asks for it."""
        if not options.get("validate"):
            return True
        whole = copyInto(copyBag(self.attributes), attrs)
        error = self._complaint(whole, options)
        self.validationError = error
        if error is None:
            return True
        told = shallowCopy(options)
        told["validationError"] = error
        self._fire("invalid", [self, error, told])
        return False

    def _complaint(self, whole: Any, options: Any) -> Any:
        """What is wrong with a whole set of attributes: a required prop that is not there, or what
        `validate` says.
        """
        for prop in self._blueprint.required:
            if fetch(whole, prop.name) is None:
                return f'Property "{prop.name}" of {self._blueprint.owner} is required.'
        validate = member(self, "validate")
        if validate is None:
            return None
        error = call(validate, [whole, options])
        return None if error is False or error == "" else error

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
            return call(member(self, derived.fn), [])
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
        """Tell of the derived values that differ; of those that are not cached, or were never asked
        for, always.
        """
        for index in range(0, len(stale), 2):
            name = stale[index]
            old = stale[index + 1]
            value = self.get(name)
            if old is MISSING or not same(old, value):
                if not holds(self._previous, name):
                    put(self._previous, name, old)
                put(self.changed, name, value)
                self._fire("change:" + name, [self, value, options])
