"""A collection's place in a tree: its parent, its feed's name, positions, and what replication hears of it."""

from typing import Any

from capsule.shared.errors import ModelError, raiseFirst
from capsule.shared.model import Model
from capsule.shared.platform import (
    after,
    callMethod,
    classOf,
    copyInto,
    emptyBag,
    fetch,
    flag,
    holds,
    indexOf,
    insertAll,
    keysOf,
    put,
    removeAt,
    runHandlers,
    sizeOf,
)
from capsule.shared.sequence import Sequence
from capsule.shared.snapshot import checkCollection
from capsule.shared.untrusted import idProblem
from capsule.shared.update import Update
from capsule.shared.values import show

POSITIONS: list[str] = ["before", "after", "first", "last"]


class Place(Sequence):
    """In the class body:

    sorted           True: a sorted feed, whose items can be moved
    maxLength        when an operation makes it longer, the first ones go, with ordinary remove events
    window           so many of the last items are sent at first, older ones on demand (docs/protocol.md, "Long feeds")
    radioProperties  attributes that at most one model has true: the last to get it, by a change or by being added
    """

    sorted: bool = False
    maxLength: int | None = None
    window: int | None = None
    radioProperties: list[str] = []

    # How many items the feed has before those that are held here.
    _older: int = 0

    def _open(self, options: dict[str, Any]) -> None:
        self.parent: Any = fetch(options, "parent")
        self.name: str = fetch(options, "name") or ""

    @property
    def root(self) -> Any:
        """The tree's top, or None for a collection that is in no tree."""
        return None if self.parent is None else self.parent.root

    @property
    def path(self) -> str:
        """The feed's name within its scope: "members", "members.42.tasks", "members.42.profile-links"."""
        name = self.name
        owner = self.parent
        if owner is None:
            return name
        while owner._owner is not None:
            name = owner._ownName + "-" + name
            owner = owner._owner
        place = owner.path
        if owner.parent is None:
            return name
        return f"{place[0]}.{place[1]!s}.{name}"

    def newId(self) -> str:
        """As on models: an id from the operation being done."""
        made: str = self._tree("newId").newId()
        return made

    def now(self) -> int:
        now: int = self._tree("now").now()
        return now

    def xport(self) -> list[Any]:
        return [model.xport() for model in self.models]

    def mport(self, data: Any) -> Any:
        """Become what `xport` gave; see Model.mport."""
        checkCollection(classOf(self), data)
        failures: list[Exception] = []
        self._become(data, failures)
        raiseFirst(failures)
        return self

    def setAll(self, attrs: dict[str, Any], options: Any = None) -> Any:
        """Set the same attributes on every model."""
        for model in self.models[:]:
            model.set(attrs, options)
        return self

    # -- positions

    def indexAt(self, position: Any, moving: Any) -> int:
        """The index that a position means, counted without the model whose id is `moving`.

        A position is a dict: before or after an id, first, last, or at a (clamped) index. None, or a
        neighbour that is not here, means the end.
        """
        own = self.get(moving)
        rest = self.models if own is None else [model for model in self.models if model is not own]
        if position is None or holds(position, "last"):
            return len(rest)
        if holds(position, "first"):
            return 0
        if holds(position, "at"):
            at: int = position["at"]
            return min(max(at, 0), len(rest))
        before = holds(position, "before")
        neighbour = indexOf(rest, self.get(fetch(position, "before" if before else "after")))
        if neighbour < 0:
            return len(rest)
        return neighbour if before else neighbour + 1

    def positionProblem(self, position: Any, moving: Any) -> str | None:
        """Why a position from outside makes no sense here, as a sentence, or None."""
        if not isinstance(position, dict) or sizeOf(position) > 1:
            return 'A position is one of {"before": id}, {"after": id}, {"first": true} and {"last": true}.'
        for key in keysOf(position):
            value = fetch(position, key)
            if key == "first" or key == "last":
                return None if value is True else f"{show(key)} of a position is true."
            if key != "before" and key != "after":
                return f"A position has no {show(key)}."
            problem = idProblem(value)
            if problem is not None:
                return f"{show(key)} of a position {problem}."
            if self.get(value) is None:
                return f"There is no {show(value)} here to be {key}."
            if value == moving:
                return "A model cannot be moved next to itself."
        return None

    def moveItem(self, key: Any, position: Any, options: Any = None) -> Any:
        """Move a model to a position (a dict, or an index), with one "move" event (model, collection,
        {from, at}).

        Answers the model, or None for one that is not here.
        """
        model = self.get(key)
        if model is None:
            return None
        if self._isBeforeAll(position):
            self.remove(model, options)
            return model
        start = indexOf(self.models, model)
        end = self.indexAt({"at": position} if isinstance(position, int) else position, model)
        if start == end:
            return model
        removeAt(self.models, start)
        insertAll(self.models, [model], end)
        self._publish({"event": "move", "model": model, "collection": self, "at": end, "from": start})
        told = copyInto({}, options)
        if not flag(told, "silent"):
            told["from"] = start
            told["at"] = end
            model._fire("move", [model, self, told])
        return model

    # -- inside

    def _isBeforeAll(self, position: Any) -> bool:
        """Whether a position lies before everything that is held of a long feed, so that what is there is not."""
        return self._older > 0 and isinstance(position, dict) and holds(position, "first")

    def _tree(self, what: str) -> Any:
        root = self.root
        if root is None:
            raise RuntimeError(f"{what}() has a meaning only in a tree, inside an operation.")
        return root

    def _prepareModel(self, attrs: Any, options: Any) -> Any:
        if isinstance(attrs, Model):
            self._checkFree(attrs)
        model = super()._prepareModel(attrs, options)
        if model is not False and self.parent is not None:
            root = self.parent.root
            if root.operation is not None and model.isNew():
                model.set(model.idAttribute, root.operation.newId(), {"silent": True})
        return model

    def _checkFree(self, model: Any) -> None:
        """A model has one place in one tree. Collections that are in no tree may share it."""
        if self.parent is None:
            return
        if model._owner is not None:
            raise ModelError("A child model cannot be in a collection as well.")
        if model is self.parent.root:
            raise ModelError("A model cannot be added to what it holds itself.")
        other = model.collection
        if other is not None and other is not self and other.parent is not None:
            raise ModelError(
                f'A model can be in one place: it is in "{other.path!s}" already. Remove it there first.'
            )

    def _become(self, data: list[Any], failures: list[Exception]) -> None:
        """`mport` of data that was looked through: known models change, new ones are made, the rest goes."""
        models: list[Any] = []
        for item in data:
            existing = self._find(callMethod(self, "modelId", [item, None]))
            if existing is None:
                models.append(item)
            else:
                existing._become(item, failures)
                models.append(existing)
        try:
            self.set(models, {"remote": True, "merge": False})
        except Exception as error:
            failures.append(error)

    def _onAdded(self, step: Update, at: Any, before: Any, options: Any) -> None:
        if self.parent is None:
            return
        for model in step.added:
            model.collection = self
            model._joined = True
        root = self.parent.root
        if root._registry is not None:
            for model in step.added:
                root._registry.add(model)
        if self.parent._publisher() is None:
            return
        if before is not None:
            self._publishOrder([model for model in before if step.keeps(model)])
        elif step.sort:
            added = byCid(step.added)
            for index in range(len(self.models)):
                if holds(added, self.models[index].cid):
                    self._publishAdd(self.models[index], index)
        else:
            start = len(self.models) - len(step.added) if at is None else at
            for index in range(len(step.added)):
                self._publishAdd(step.added[index], start + index)

    def _publishOrder(self, shown: list[Any]) -> None:
        """From the order of what was shown and stays, one add or move at a time, from the front: each can be
        replayed when it is told.
        """
        for index in range(len(self.models)):
            model = self.models[index]
            if index < len(shown) and shown[index] is model:
                continue
            start = indexOf(shown, model, index)
            if start < 0:
                self._publishAdd(model, index)
            else:
                removeAt(shown, start)
                if self.sorted:
                    self._publish(
                        {"event": "move", "model": model, "collection": self, "at": index, "from": start}
                    )
            insertAll(shown, [model], index)

    def _publishAdd(self, model: Any, at: int) -> None:
        self._publish({"event": "add", "model": model, "collection": self, "at": at})

    def _onRemoved(self, model: Any, index: int, options: Any) -> None:
        if self.parent is None or not model._joined or model.collection is not self:
            return
        model._joined = False
        root = self.parent.root
        if root._registry is not None:
            root._registry.remove(model)
            if root._registry.doubled:
                root._registry = None
        self._publish({"event": "remove", "model": model, "collection": self, "at": index})

    def _publish(self, event: dict[str, Any]) -> None:
        root = None if self.parent is None else self.parent._publisher()
        if root is not None:
            runHandlers(fetch(root._events, "publish"), [event])

    def _onSet(self, added: list[Any], options: Any) -> None:
        if len(added) == 0 or flag(options, "remote"):
            return
        for attr in self.radioProperties:
            for model in added:
                if model.get(attr) is True:
                    self._demoteOthers(attr, model)
        if self.maxLength is not None and len(self.models) > self.maxLength:
            root = self.root
            if root is not None and root.operation is not None:
                self.remove(self.models[: len(self.models) - self.maxLength])

    def _onModelEvent(self, event: str, model: Any = None, other: Any = None, *rest: Any) -> None:
        super()._onModelEvent(event, model, other, *rest)
        attr = after(event, "change:") if len(self.radioProperties) > 0 and other is True else None
        if attr is not None and attr in self.radioProperties:
            if not flag(rest[0] if len(rest) > 0 else None, "remote"):
                self._demoteOthers(attr, model)

    def _demoteOthers(self, attr: str, chosen: Any) -> None:
        for model in self.models[:]:
            if model is not chosen and model.get(attr) is True:
                model.set(attr, False)


def byCid(models: list[Any]) -> dict[str, Any]:
    found = emptyBag()
    for model in models:
        put(found, model.cid, model)
    return found
