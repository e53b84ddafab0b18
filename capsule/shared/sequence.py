"""An ordered set of models: Backbone 1.6's Collection without Ajax.

The difference to Backbone: replication hears of every addition, removal and move before any listener
does (the hooks at the end, which collection.py fills in).
"""

from collections.abc import Iterator
from typing import Any

from capsule.shared.errors import ModelError, raiseFirst
from capsule.shared.events import Handler
from capsule.shared.model import Model
from capsule.shared.platform import (
    MISSING,
    bound,
    callMethod,
    classMember,
    classOf,
    construct,
    copyInto,
    drop,
    fetch,
    flag,
    indexOf,
    insertAll,
    known,
    look,
    overrides,
    parameterCount,
    prepareClass,
    put,
    raw,
    removeAt,
    replaceAll,
    shallowCopy,
    sortByKey,
    sortByOrder,
    table,
    whole,
)
from capsule.shared.selection import Selection
from capsule.shared.update import Update


class Sequence(Selection):
    """In the class body: `model` (a class, or a function (attributes, options) that makes one) and
    `comparator` (an attribute's name, a method of one model that gives its key, or of two that gives
    their order).
    """

    model: Any = Model
    comparator: Any = None

    # What place.py adds: before the first model; when the added models are in, and in their order (`before`: what it
    # was, if it was replaced); when a model was taken out of its place; when everybody was told of a `set`.
    _open: Any
    _onAdded: Any
    _onRemoved: Any
    _onSet: Any

    def __init__(self, models: Any = None, options: dict[str, Any] | None = None) -> None:
        super().__init__()
        given: dict[str, Any] = {} if options is None else options
        callMethod(self, "preinitialize", [models, options])
        if fetch(given, "model") is not None:
            self.model = given["model"]
        if raw(given, "comparator") is not MISSING:
            self.comparator = given["comparator"]
        prepareClass(classOf(self))
        self._plainIds = not overrides(classOf(self), "modelId", Sequence)
        # All models share one handler: what they fire, this collection fires.
        self._relay = Handler(bound(self, "_onModelEvent"), self, self)
        self._open(given)
        self._reset()
        callMethod(self, "initialize", [models, options])
        if models is not None and models is not False:
            self.reset(models, copyInto({"silent": True}, options))

    def preinitialize(self, models: Any = None, options: Any = None) -> None:
        """Runs before anything else of an instance's making."""

    def initialize(self, models: Any = None, options: Any = None) -> None:
        """The place for an app's own set-up."""

    def parse(self, data: Any, options: Any = None) -> Any:
        """Turns what a server sent into a list of attributes, when the option `parse` asks for it."""
        return data

    # -- reading

    @property
    def length(self) -> int:
        return len(self.models)

    def __len__(self) -> int:
        return len(self.models)

    def __bool__(self) -> bool:
        # An empty collection is a collection: it is true in JavaScript too.
        return True

    def __iter__(self) -> Iterator[Any]:
        return iter(self.models)

    def get(self, key: Any) -> Any:
        """The model with an id, a cid, the id of these attributes, or this model itself; None if it is not here."""
        if isinstance(key, str):
            return look(self._byId, key)
        if key is None:
            return known(MISSING)
        if isinstance(key, Model):
            found = self._find(self._idOf(key))
            return look(self._byId, key.cid) if found is None else found
        if isinstance(key, dict):
            found = self._find(self._idIn(key))
            cid = fetch(key, "cid")
            return self._find(cid) if found is None else found
        return self._find(key)

    def has(self, key: Any) -> bool:
        return self.get(key) is not None

    def at(self, index: int) -> Any:
        """The model at a place; negative ones count from the end."""
        if index < 0:
            index += len(self.models)
        return self.models[index] if 0 <= index and index < len(self.models) else None

    def modelId(self, attrs: Any, idAttribute: Any = None) -> Any:
        """What identifies a model with these attributes."""
        name = idAttribute or classMember(self.model, "idAttribute") or "id"
        return known(raw(attrs, name))

    def values(self) -> Iterator[Any]:
        return iter(self.models)

    def keys(self) -> Iterator[Any]:
        return iter([self._idOf(model) for model in self.models])

    def entries(self) -> Iterator[Any]:
        return iter([[self._idOf(model), model] for model in self.models])

    def toJSON(self, key: Any = None) -> list[Any]:
        return [model.toJSON(key) for model in self.models]

    def clone(self) -> Any:
        """A new collection of the same models."""
        return construct(classOf(self), self.models[:], {"model": self.model, "comparator": self.comparator})

    # -- writing

    def add(self, models: Any, options: Any = None) -> Any:
        """Add a model, attributes, or a list of them; "add" for each, then "update". Options: at,
        merge, silent, sort, parse, validate.
        """
        merged = copyInto({"merge": False}, options)
        return self.set(models, copyInto(merged, {"add": True, "remove": False}))

    def remove(self, models: Any, options: Any = None) -> Any:
        """Remove a model or a list of them, given in any of `get`'s ways; answers what was removed."""
        options = copyInto({}, options)
        singular = not isinstance(models, list)
        failures: list[Exception] = []
        removed = self._removeModels([models] if singular else models[:], options, failures)
        if not flag(options, "silent") and len(removed) > 0:
            options["changes"] = {"added": [], "merged": [], "removed": removed}
            self._fire("update", [self, options])
        raiseFirst(failures)
        if singular:
            return removed[0] if len(removed) > 0 else known(MISSING)
        return removed

    def set(self, models: Any, options: Any = None) -> Any:
        """Become this list: add what is new, merge what is there, remove what is missing (options add,
        merge, remove).
        """
        if models is None:
            return None
        options = copyInto({"add": True, "remove": True, "merge": True}, options)
        if flag(options, "parse") and not isinstance(models, Model):
            models = callMethod(self, "parse", [models, options])
            if models is None or models is False or models == "":
                models = []
        singular = not isinstance(models, list)
        items: list[Any] = [models] if singular else models[:]
        at = self._clamped(fetch(options, "at"))
        sortable = self._isSorted() and at is None and fetch(options, "sort") is not False
        step = Update(self, sortable)
        try:
            for index in range(len(items)):
                items[index] = step.take(items[index], options)
        except Exception:
            # One that a prop refuses takes the others of the same call with it.
            for model in step.added:
                self._removeReference(model, options)
            raise
        failures: list[Exception] = []
        if flag(options, "remove"):
            step.findRemoved()
            if len(step.removed) > 0:
                self._removeModels(step.removed, options, failures)
        before: Any = None
        if len(step.kept) > 0 and not sortable and flag(options, "add") and flag(options, "remove"):
            before = self.models[:]
            replaceAll(self.models, step.kept)
        elif len(step.added) > 0:
            step.sort = step.sort or sortable
            insertAll(self.models, step.added, len(self.models) if at is None else at)
        if step.sort:
            self.sort({"silent": True})
        self._onAdded(step, at, before, options)
        if not flag(options, "silent"):
            self._tell(step, at, before is not None and not sameOrder(before, self.models), options)
        self._onSet(step.added, options)
        raiseFirst(failures)
        return items[0] if singular else items

    def reset(self, models: Any = None, options: Any = None) -> Any:
        """Replace everything with one "reset" event; option `previousModels` in it."""
        options = copyInto({}, options)
        previous = self.models
        for index in range(len(previous) - 1, -1, -1):
            self._onRemoved(previous[index], index, options)
            self._removeReference(previous[index], options)
        options["previousModels"] = previous
        self._reset()
        added = self.add([] if models is None else models, copyInto({"silent": True}, options))
        if not flag(options, "silent"):
            self._fire("reset", [self, options])
        return added

    def push(self, model: Any, options: Any = None) -> Any:
        return self.add(model, copyInto({"at": len(self.models)}, options))

    def pop(self, options: Any = None) -> Any:
        return self.remove(self.at(-1), options)

    def unshift(self, model: Any, options: Any = None) -> Any:
        return self.add(model, copyInto({"at": 0}, options))

    def shift(self, options: Any = None) -> Any:
        return self.remove(self.at(0), options)

    def sort(self, options: Any = None) -> Any:
        """Put the models in the comparator's order. Only needed when attributes changed: adding keeps the order."""
        if not self._isSorted():
            raise ModelError("Cannot sort a collection without a comparator.")
        comparator = self.comparator
        if isinstance(comparator, str):
            replaceAll(self.models, sortByKey(self.models, lambda model: model.get(comparator)))
        elif parameterCount(comparator) == 1:
            replaceAll(
                self.models, sortByKey(self.models, lambda model: callMethod(self, "comparator", [model]))
            )
        else:
            sortByOrder(self.models, lambda a, b: callMethod(self, "comparator", [a, b]))
        if not flag(options, "silent"):
            self._fire("sort", [self, {} if options is None else options])
        return self

    # -- inside

    def _reset(self) -> None:
        self.models: list[Any] = []
        self._byId: Any = table()

    def _isSorted(self) -> bool:
        return self.comparator is not None and self.comparator is not False and self.comparator != ""

    def _find(self, key: Any) -> Any:
        return None if key is None else look(self._byId, str(key))

    def _idOf(self, model: Any) -> Any:
        if self._plainIds:
            return model.id
        return callMethod(self, "modelId", [model.attributes, model.idAttribute])

    def _idIn(self, attrs: Any) -> Any:
        if self._plainIds:
            return self.modelId(attrs)
        return callMethod(self, "modelId", [attrs, None])

    def _clamped(self, at: Any) -> Any:
        """The option `at` as an index of this collection; negative ones count from the end."""
        if at is None:
            return None
        place = whole(at)
        if place < 0:
            place += len(self.models) + 1
        return min(max(place, 0), len(self.models))

    def _prepareModel(self, attrs: Any, options: Any) -> Any:
        """A model from attributes; False if it did not pass validation."""
        if isinstance(attrs, Model):
            if attrs.collection is None:
                attrs.collection = self
            return attrs
        given = shallowCopy(options)
        given["collection"] = self
        model = construct(self.model, attrs, given)
        if model.validationError is None:
            return model
        self._fire("invalid", [self, model.validationError, given])
        return False

    def _addReference(self, model: Any, options: Any = None) -> None:
        put(self._byId, model.cid, model)
        key = self._idOf(model)
        if key is not None:
            put(self._byId, str(key), model)
        model._addHandler("all", self._relay)

    def _removeReference(self, model: Any, options: Any = None) -> None:
        self._forget(model)
        if model.collection is self:
            model.collection = None
        model._dropHandler("all", self._relay)

    def _forget(self, model: Any) -> None:
        drop(self._byId, model.cid)
        key = self._idOf(model)
        if key is not None and look(self._byId, str(key)) is model:
            drop(self._byId, str(key))

    def _removeModels(self, models: list[Any], options: Any, failures: list[Exception]) -> list[Any]:
        """Take these out, whatever listeners do; what they raise is added to `failures`."""
        removed: list[Any] = []
        for item in models:
            model = self.get(item)
            if model is None:
                continue
            index = indexOf(self.models, model)
            removeAt(self.models, index)
            # Forgotten before "remove" is told: a handler that removes again must not find it.
            self._forget(model)
            self._onRemoved(model, index, options)
            removed.append(model)
            try:
                if not flag(options, "silent"):
                    options["index"] = index
                    model._fire("remove", [model, self, options])
            except Exception as error:
                failures.append(error)
            self._removeReference(model, options)
        drop(options, "index")
        return removed

    def _onModelEvent(self, event: str, model: Any = None, other: Any = None, *rest: Any) -> None:
        """What a model fires, its collections fire; but "add", "remove" and "move" concern one of them only."""
        if (event == "add" or event == "remove" or event == "move") and other is not self:
            return
        if event == "destroy":
            self.remove(model, rest[0] if len(rest) > 0 else None)
        elif event == "changeId":
            self._rekey(model, other)
        self._fire(event, [model, other, *rest])

    def _rekey(self, model: Any, before: Any) -> None:
        if not self._plainIds:
            before = callMethod(self, "modelId", [model.previousAttributes(), model.idAttribute])
        if before is not None and look(self._byId, str(before)) is model:
            drop(self._byId, str(before))
        key = self._idOf(model)
        if key is not None:
            put(self._byId, str(key), model)

    def _tell(self, step: Update, at: Any, orderChanged: bool, options: Any) -> None:
        for index in range(len(step.added)):
            if at is not None:
                options["index"] = at + index
            model = step.added[index]
            model._fire("add", [model, self, options])
        if step.sort or orderChanged:
            self._fire("sort", [self, options])
        if len(step.added) + len(step.removed) + len(step.merged) > 0:
            options["changes"] = {"added": step.added, "removed": step.removed, "merged": step.merged}
            self._fire("update", [self, options])


def sameOrder(before: list[Any], after: list[Any]) -> bool:
    if len(before) != len(after):
        return False
    for index in range(len(before)):
        if before[index] is not after[index]:
            return False
    return True
