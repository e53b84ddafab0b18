"""How a model's attributes change: Backbone 1.6's `set` and what belongs to it, with typed properties.

Unlike Backbone, a `set` does not clone the attributes: only the old values of touched keys are
remembered. And a listener that throws leaves the model ready for the next `set`.
"""

from typing import Any

from capsule.shared.attributes import Attributes
from capsule.shared.errors import PropError
from capsule.shared.platform import (
    SAME,
    callMethod,
    copyBag,
    copyInto,
    emptyBag,
    erase,
    fetch,
    fire,
    flag,
    keysOf,
    member,
    pair,
    put,
    raw,
    same,
    setQuickly,
    shallowCopy,
    write,
)


class State(Attributes):
    """Attributes that change, and say so."""

    # What replication needs, in node.py.
    _publisher: Any
    _publishChange: Any

    # -- writing

    def set(self, key: Any, val: Any = None, options: Any = None) -> Any:
        """Set one attribute, or a dict of them; fires "change:<name>" for each that changed, then "change".

        Options: silent, unset, validate. Answers the model, or False when validation refused. Raises
        PropError, with nothing changed, for a value that a prop does not take.
        """
        if key is None:
            return self
        if isinstance(key, str):
            if options is None and setQuickly(self, key, val) is True:
                return self
            attrs: Any = pair(key, val)
        else:
            attrs = key
            options = val
        if options is None:
            return self._change(self._incoming(attrs, {}), None, False, {})
        if not self._validate(attrs, options):
            return False
        silent = flag(options, "silent")
        if flag(options, "unset"):
            return self._change(emptyBag(), self._removable(keysOf(attrs)), silent, options)
        return self._change(self._incoming(attrs, options), None, silent, options)

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
        return self._validate({}, self._withOption(options, "validate"))

    # -- inside

    def _withOption(self, options: Any, name: str) -> dict[str, Any]:
        return copyInto(pair(name, True), options) if options is not None else pair(name, True)

    def _change(self, attrs: Any, removed: list[str] | None, silent: bool, options: Any) -> Any:
        """The heart: write, publish, then tell. Nothing here refuses."""
        changing = self._changing
        if not changing:
            self._changing = True
            self._previous = emptyBag()
            self.changed = emptyBag()
        try:
            changes: list[str] = []
            olds: list[Any] = []
            for attr in keysOf(attrs):
                old = write(self.attributes, self._previous, self.changed, attr, raw(attrs, attr))
                if old is not SAME:
                    changes.append(attr)
                    olds.append(old)
            if removed is not None:
                self._erase(removed, changes, olds)
            if len(changes) > 0:
                self._announce(changes, olds, silent, options)
            if changing or silent:
                return self
            while self._pending is not None:
                # A handler of "change" may set again: as long as one does, there is one more "change".
                pending = self._pending
                self._pending = None
                if self._events is not None:
                    fire(self._events, "change", [self, pending])
        finally:
            if not changing:
                self._pending = None
                self._changing = False
        return self

    def _erase(self, names: list[str], changes: list[str], olds: list[Any]) -> None:
        """Remove attributes; one with a default goes back to it."""
        for attr in names:
            prop = fetch(self._blueprint.props, attr)
            if prop is not None and prop.hasDefault:
                value = prop.valueOfDefault()
                old = write(self.attributes, self._previous, self.changed, attr, value)
            else:
                old = erase(self.attributes, self._previous, self.changed, attr)
            if old is not SAME:
                changes.append(attr)
                olds.append(old)

    def _announce(self, changes: list[str], olds: list[Any], silent: bool, options: Any) -> None:
        """Indexes and replication first, so that they hold whatever a listener does; then the listeners."""
        blueprint = self._blueprint
        if blueprint.idAttribute in changes:
            before = self.id
            self.id = fetch(self.attributes, blueprint.idAttribute)
            self._idChanged(before, options)
        stale = self._invalidate(changes) if blueprint.hasDerived else None
        root = self._publisher()
        if root is not None:
            self._publishChange(root, changes, olds)
        if silent:
            return
        self._pending = options
        if self._events is None:
            return
        for attr in changes:
            fire(self._events, "change:" + attr, [self, self.get(attr), options])
            if self._events is None:
                return
        if stale is not None:
            self._announceDerived(stale, options)

    def _idChanged(self, before: Any, options: Any) -> None:
        """Collections look models up by id: they hear of it before anybody else."""
        self._fire("changeId", [self, before, options])

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
        if not flag(options, "validate"):
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
        if member(self, "validate") is None:
            return None
        error = callMethod(self, "validate", [whole, options])
        return None if error is False or error == "" else error
