"""Looking a snapshot through before `mport` takes any of it."""

from typing import Any

from capsule.shared.blueprint import Blueprint, blueprintOf
from capsule.shared.errors import InputError
from capsule.shared.platform import (
    classMember,
    className,
    emptyBag,
    fetch,
    holds,
    isClass,
    keysOf,
    put,
    raw,
)
from capsule.shared.untrusted import idProblem, jsonProblem, keyProblem
from capsule.shared.values import show, typeName


def checkSnapshot(blueprint: Blueprint, data: Any) -> None:
    """Raises InputError (`field` says where) unless the data could be `xport`'s of a model of this class."""
    problem = jsonProblem(data)
    if problem is not None:
        raise InputError(f"The snapshot {problem}.")
    checkModel(blueprint, data, blueprint.owner)


def checkCollection(collection: Any, data: Any) -> None:
    """The same for what a collection's `xport` gives."""
    problem = jsonProblem(data)
    if problem is not None:
        raise InputError(f"The snapshot {problem}.")
    checkItems(collection, data, className(collection))


def checkModel(blueprint: Blueprint, data: Any, place: str) -> None:
    if not isinstance(data, dict):
        raise InputError(f"{place} must be an object, but a {typeName(data)} was given.", place)
    for key in keysOf(data):
        value = raw(data, key)
        where = place + "." + key[:64]
        if holds(blueprint.children, key):
            checkModel(blueprintOf(fetch(blueprint.children, key)), value, where)
        elif holds(blueprint.collections, key):
            checkItems(fetch(blueprint.collections, key), value, where)
        elif blueprint.typed:
            checkValue(blueprint, key, value, where)


def checkValue(blueprint: Blueprint, key: str, value: Any, where: str) -> None:
    prop = fetch(blueprint.props, key)
    if prop is not None:
        prop.receive(value)
        return
    problem = keyProblem(key)
    if problem is None and classMember(blueprint.cls, key) is not None:
        problem = "names a member of the class"
    if problem is not None:
        raise InputError(f"{where} {problem}.", where)


def checkItems(collection: Any, data: Any, place: str) -> None:
    """Every item of a feed has an id of its own."""
    if not isinstance(data, list):
        raise InputError(f"{place} must be a list, but a {typeName(data)} was given.", place)
    seen = emptyBag()
    model = classMember(collection, "model")
    idAttribute = classMember(model, "idAttribute") or "id"
    for index in range(len(data)):
        item = data[index]
        where = f"{place}[{index}]"
        if not isinstance(item, dict):
            raise InputError(f"{where} must be an object, but a {typeName(item)} was given.", where)
        key: Any = fetch(item, idAttribute) if holds(item, idAttribute) else None
        problem = idProblem(key)
        if problem is not None:
            raise InputError(f"The id of {where} {problem}.", where)
        if holds(seen, key):
            raise InputError(f"{where} has an id that was there before: {show(key)}.", where)
        put(seen, key, True)
        if isClass(model):
            checkModel(blueprintOf(model), item, where)
