"""Nesting: child models and collections below a model, up to one root that hears of everything.

Every change, addition, removal and move below a root is one `publish` event on the root, told before
any listener hears of it, silent or not, because replication is made of these events:

    {"event": "change", "model", "changed": {...}, "unset": [...], "previous": {...}}
    {"event": "add" | "remove", "model", "collection", "at"}
    {"event": "move", "model", "collection", "at", "from"}

It is told to those who listen to "publish", not to those who listen to "all".

A child model is part of the item that holds it: its changes are told as a change of that item, under
the child's name.
"""

from typing import Any

from capsule.shared.blueprint import Blueprint
from capsule.shared.errors import ModelError, PropError, raiseFirst
from capsule.shared.events import Handler
from capsule.shared.platform import (
    MISSING,
    after,
    construct,
    copyBag,
    copyInto,
    copyJSON,
    drop,
    emptyBag,
    fetch,
    holds,
    insertAll,
    keysOf,
    member,
    pair,
    put,
    raw,
    runHandlers,
    same,
    setMember,
    shallowCopy,
)
from capsule.shared.registry import Registry
from capsule.shared.snapshot import checkSnapshot
from capsule.shared.state import State
from capsule.shared.values import typeName
from capsule.shared.verdict import Operation

ROOT_FEED = "."


class Node(State):
    """A model in a tree. In the class body: `type` (a literal: minifiers rename classes), `children`, `collections`."""

    type: str = ""
    children: dict[str, Any]
    collections: dict[str, Any]
    private: dict[str, list[str]]
    membership: list[str]

    # What a root has beside its attributes: the operation being done, and the way to the server.
    operation: Operation | None = None
    link: Any = None
    _registry: Registry | None = None

    # The model that this one is a child of, and under which name.
    _owner: Any = None
    _ownName: str = ""
    # Whether the collection has announced this model: before that, its changes are nobody's business.
    _joined: bool = False

    @property
    def parent(self) -> Any:
        """The model above: a child's owner, or the parent of the collection that holds this one."""
        if self._owner is not None:
            return self._owner
        return None if self.collection is None else self.collection.parent

    @property
    def root(self) -> Any:
        """The top of the tree; of a model that is in none, itself."""
        node: Any = self
        above = node.parent
        while above is not None:
            node = above
            above = node.parent
        return node

    @property
    def path(self) -> list[Any]:
        """[feed, id] of the item that this model is, or is a part of."""
        if self._owner is not None:
            path: list[Any] = self._owner.path
            return path
        if self.collection is None or self.collection.parent is None:
            return [ROOT_FEED, self.id]
        return [self.collection.path, self.id]

    def newId(self) -> str:
        """An id for a new model, the same wherever this operation is replayed. Raises RuntimeError outside one."""
        return self._operation("newId").newId()

    def now(self) -> int:
        """When the operation being done counts as done, in milliseconds. Raises RuntimeError outside one."""
        return self._operation("now").now

    def modelGetter(self, type: str, id: Any) -> Any:
        """The model of a type with an id, anywhere below this model's root, the root included; None if
        there is none.
        """
        root = self.root
        if root._registry is None:
            root._registry = Registry(root)
        return root._registry.find(type, id)

    def getRef(self, attr: str) -> Any:
        """The model that a prop of type ref names."""
        prop = fetch(self._blueprint.props, attr)
        if prop is None or prop.type != "ref" or prop.to is None:
            owner = self._blueprint.owner
            raise ModelError(f'"{attr}" of {owner} is not a ref with a type under "to".', attr)
        return self.modelGetter(prop.to, self.get(attr))

    def childModels(self) -> list[Any]:
        return [member(self, name) for name in self._blueprint.childNames]

    def ownCollections(self) -> list[Any]:
        """The collections that are declared on this model itself."""
        return [member(self, name) for name in self._blueprint.collectionNames]

    def childCollections(self) -> list[Any]:
        """The collections of this item, its child models' included."""
        found = self.ownCollections()
        for child in self.childModels():
            insertAll(found, child.childCollections(), len(found))
        return found

    def childCollection(self, name: str) -> Any:
        """The collection with a feed's name, or None: "tasks", or "profile-links" for one in a child model."""
        parts = name.split("-")
        if len(parts) > 1:
            owner = parts[0]
            return member(self, owner).childCollection("-".join(parts[1:])) if self._isChild(owner) else None
        return member(self, name) if name in self._blueprint.collectionNames else None

    # -- out and in

    def toJSON(self, key: Any = None) -> dict[str, Any]:
        """What `JSON.stringify` writes: the same as `xport`."""
        return self.xport()

    def xport(self) -> dict[str, Any]:
        """The whole subtree as data: attributes but session and derived ones, children and collections by name."""
        data = self.itemJSON()
        for name in self._blueprint.childNames:
            data[name] = member(self, name).xport()
        for name in self._blueprint.collectionNames:
            data[name] = member(self, name).xport()
        return data

    def itemJSON(self) -> dict[str, Any]:
        """What is stored as this model's item: its attributes and child models, no collections."""
        blueprint = self._blueprint
        if blueprint.plainItem:
            return shallowCopy(self.attributes)
        data = emptyBag()
        for attr in keysOf(self.attributes):
            prop = fetch(blueprint.props, attr)
            value = fetch(self.attributes, attr)
            if prop is None or not prop.session:
                put(data, attr, copyJSON(value) if prop is not None and prop.copies else value)
        for name in blueprint.childNames:
            data[name] = member(self, name).itemJSON()
        return data

    def mport(self, data: Any) -> Any:
        """Become what `xport` gave: what the data lacks goes away, order included; models that stay
        keep their identity.

        Raises InputError, with nothing changed, for data that is not a snapshot of this class.
        """
        checkSnapshot(self._blueprint, data)
        failures: list[Exception] = []
        self._become(data, failures)
        raiseFirst(failures)
        return self

    def patch(self, changes: dict[str, Any], unset: list[str]) -> Any:
        """Take over what the server says has changed; a child model named in it becomes exactly what is said."""
        options = {"remote": True}
        failures: list[Exception] = []
        own = emptyBag()
        for attr in keysOf(changes):
            if not self._isChild(attr):
                put(own, attr, raw(changes, attr))
        incoming = self._incoming(own, options)
        for name in self._blueprint.childNames:
            if holds(changes, name):
                member(self, name)._become(raw(changes, name), failures)
        try:
            self._change(incoming, self._removable(unset), False, options)
        except Exception as error:
            failures.append(error)
        raiseFirst(failures)
        return self

    def clone(self) -> Any:
        """A new model with the same attributes and nested content, in no collection."""
        data = copyBag(self.attributes)
        for name in self._blueprint.nested:
            put(data, name, member(self, name).xport())
        return construct(self._blueprint.cls, data, None)

    # -- inside

    def _operation(self, what: str) -> Operation:
        operation: Operation | None = self.root.operation
        if operation is None:
            raise RuntimeError(
                f"{what}() has a meaning only inside an operation: shared code has no clock and no random."
            )
        return operation

    def _idChanged(self, before: Any, options: Any) -> None:
        if self._joined or self.collection is None:
            self.root._registry = None
        super()._idChanged(before, options)

    def _isChild(self, name: str) -> bool:
        return name in self._blueprint.childNames

    def _open(self, blueprint: Blueprint) -> None:
        for name in blueprint.childNames:
            self._adopt(name, construct(fetch(blueprint.children, name), None, None))
        for name in blueprint.collectionNames:
            collection = construct(fetch(blueprint.collections, name), None, {"parent": self, "name": name})
            setMember(self, name, collection)

    def _adopt(self, name: str, child: Any) -> None:
        if not isinstance(child, Node):
            raise PropError(f'"{name}" of {self._blueprint.owner} must be a model.', name)
        if child.parent is not None:
            raise ModelError(
                f'The model given as "{name}" of {self._blueprint.owner} is already part of another.', name
            )
        setMember(self, name, child)
        child._owner = self
        child._ownName = name
        relay = Handler(lambda event, *args: self._relayChild(name, event, args), self, self)
        child._addHandler("all", relay)

    def _relayChild(self, name: str, event: str, args: Any) -> None:
        """A child's "change:x" is "change:child.x" here; its "change" is a change of this model."""
        changed = after(event, "change:")
        if event == "change":
            self._fire("change", [self, *args[1:]])
        elif changed is not None:
            attr = name + "." + changed
            if self._blueprint.hasDerived and self._settled:
                self._refreshFor([name, attr], {})
            self._fire("change:" + attr, args)

    def _refreshFor(self, names: list[str], options: Any) -> None:
        """Derived values that depend on a child's."""
        if self._previous is None:
            self._previous = emptyBag()
        self._announceDerived(self._invalidate(names), options)

    def _incoming(self, attrs: Any, options: Any) -> Any:
        self._refuseOthers(attrs)
        self._checkId(attrs)
        nested = self._blueprint.nested
        if len(nested) == 0:
            return self._typed(attrs, options) if self._blueprint.typed else attrs
        own = emptyBag()
        content = emptyBag()
        for attr in keysOf(attrs):
            put(content if attr in nested else own, attr, raw(attrs, attr))
        if self._blueprint.typed:
            own = self._typed(own, options)
        for name in keysOf(content):
            value = fetch(content, name)
            if value is not None:
                self._setNested(name, value, options)
        return own

    def _checkId(self, attrs: Any) -> None:
        """Feeds know an item by its id: within an operation it keeps the one that it has."""
        if not self._joined or self.id is None or not holds(attrs, self.idAttribute):
            return
        if self.root.operation is not None and not same(raw(attrs, self.idAttribute), self.id):
            owner = self._blueprint.owner
            raise PropError(f"A {owner} that is part of a tree keeps its id.", self.idAttribute)

    def _setNested(self, name: str, value: Any, options: Any) -> None:
        if self._isChild(name):
            if isinstance(value, Node):
                self._replaceChild(name, value, options)
                return
        elif not isinstance(value, list):
            problem = f"is a collection: it takes a list, not a {typeName(value)}"
            raise PropError(f'"{name}" of {self._blueprint.owner} {problem}.', name)
        member(self, name).set(value, options)

    def _replaceChild(self, name: str, child: Any, options: Any) -> None:
        old = member(self, name)
        if old is child:
            return
        before = old.itemJSON()
        old._owner = None
        old.off("all", None, self)
        self._adopt(name, child)
        self._publishItem(name, child.itemJSON(), before)
        self._fire("change:" + name, [self, child, options])
        self._fire("change", [self, options])

    def _become(self, data: Any, failures: list[Exception]) -> None:
        """`mport` of data that was looked through. A listener that throws must not leave the rest undone."""
        blueprint = self._blueprint
        gone: list[str] = []
        for attr in keysOf(self.attributes):
            prop = fetch(blueprint.props, attr)
            if not holds(data, attr) and (prop is None or not prop.session):
                gone.append(attr)
        attrs = emptyBag()
        for attr in keysOf(data):
            if attr not in blueprint.nested:
                put(attrs, attr, raw(data, attr))
        for name in blueprint.childNames:
            member(self, name)._become(raw(data, name) if holds(data, name) else {}, failures)
        options = {"remote": True}
        try:
            self._change(self._incoming(attrs, options), gone, False, options)
        except Exception as error:
            failures.append(error)
        for name in blueprint.collectionNames:
            member(self, name)._become(raw(data, name) if holds(data, name) else [], failures)

    # -- publish

    def _publisher(self) -> Any:
        """The root, if this model is part of its tree by now and somebody may be listening there."""
        node: Any = self
        while True:
            if node._owner is not None:
                node = node._owner
            elif node.collection is not None and node.collection.parent is not None:
                if not node._joined:
                    return None
                node = node.collection.parent
            else:
                if node._events is None or fetch(node._events, "publish") is None:
                    return None
                return node

    def _publishChange(self, root: Any, changes: list[str], olds: list[Any]) -> None:
        changed = emptyBag()
        unset: list[str] = []
        previous = emptyBag()
        for index in range(len(changes)):
            attr = changes[index]
            prop = fetch(self._blueprint.props, attr)
            if prop is not None and prop.session:
                continue
            if olds[index] is not MISSING:
                put(previous, attr, olds[index])
            if holds(self.attributes, attr):
                put(changed, attr, fetch(self.attributes, attr))
            else:
                unset.append(attr)
        if len(keysOf(changed)) == 0 and len(unset) == 0:
            return
        if self._owner is not None:
            before = self.itemJSON()
            for attr in [*unset, *keysOf(changed)]:
                drop(before, attr)
            copyInto(before, previous)
            self._owner._publishItem(self._ownName, self.itemJSON(), before)
            return
        event = {"event": "change", "model": self, "changed": changed, "unset": unset, "previous": previous}
        runHandlers(fetch(root._events, "publish"), [event])

    def _publishItem(self, name: str, now: dict[str, Any], before: dict[str, Any]) -> None:
        """A change of a child model, told as one of the item that holds it: the child whole, as it is stored."""
        if self._owner is not None:
            whole = self.itemJSON()
            previous = shallowCopy(whole)
            previous[name] = before
            self._owner._publishItem(self._ownName, whole, previous)
            return
        root = self._publisher()
        if root is not None:
            event = {
                "event": "change",
                "model": self,
                "changed": pair(name, now),
                "unset": [],
                "previous": pair(name, before),
            }
            runHandlers(fetch(root._events, "publish"), [event])
