"""Looking a snapshot through before `mport` takes any of it."""

from typing import Any

from capsule.shared.blueprint import Blueprint, blueprintOf
from capsule.shared.errors import InputError
from capsule.shared.platform import (
    classMember,
    className,
    cut,
    emptyBag,
    fetch,
    hasTextKeys,
    holds,
    isClass,
    keysOf,
    put,
    raw,
    sizeOf,
)
from capsule.shared.untrusted import MOST_DEPTH, MOST_VALUES, idProblem, jsonProblem, keyProblem, textProblem
from capsule.shared.values import show, typeName


def checkSnapshot(blueprint: Blueprint, data: Any) -> None:
    """Raises InputError (`field` says where) unless the data could be `xport`'s of a model of this class."""
    checkModel(blueprint, data, blueprint.owner, 0)


def checkCollection(collection: Any, data: Any) -> None:
    """The same for what a collection's `xport` gives."""
    checkItems(collection, data, className(collection), 0)


def checkModel(blueprint: Blueprint, data: Any, place: str, depth: int) -> None:
    if not isinstance(data, dict):
        raise InputError(f"{place} must be an object, but a {typeName(data)} was given.", place)
    if depth > MOST_DEPTH or sizeOf(data) > MOST_VALUES:
        raise InputError(f"{place} is too deep or too large.", place)
    if not hasTextKeys(data):
        raise InputError(f"{place} has a key that is not a string.", place)
    for key in keysOf(data):
        value = raw(data, key)
        where = place + "." + cut(key, 64)
        if holds(blueprint.children, key):
            checkModel(blueprintOf(fetch(blueprint.children, key)), value, where, depth + 1)
        elif holds(blueprint.collections, key):
            checkItems(fetch(blueprint.collections, key), value, where, depth + 1)
        else:
            checkValue(blueprint, key, value, where)


def checkValue(blueprint: Blueprint, key: str, value: Any, where: str) -> None:
    problem = textProblem(key)
    if problem is None:
        problem = jsonProblem(value)
    prop = fetch(blueprint.props, key)
    if problem is None and prop is not None:
        prop.receive(value)
    elif problem is None and blueprint.typed:
        problem = keyProblem(key)
        if problem is None and classMember(blueprint.cls, key) is not None:
            problem = "names a member of the class"
    if problem is not None:
        raise InputError(f"{where} {problem}.", where)


def checkItems(collection: Any, data: Any, place: str, depth: int) -> None:
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
            checkModel(blueprintOf(model), item, where, depth)
        elif jsonProblem(item) is not None:
            raise InputError(f"{where} {jsonProblem(item)}.", where)
