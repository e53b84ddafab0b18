"""What the models did, in the form that the contract writes: private attributes apart from the rest."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from capsule.feeds.operation import Edit, Kind, Move, Operation, Publish, Retract
from capsule.shared.audiences import audienceOf, modelOf, privateFeed
from capsule.shared.blueprint import blueprintOf
from capsule.shared.scope import Scope


def stored(scope: Scope, operations: Iterable[dict[str, Any]]) -> tuple[Operation, ...]:
    """The operations of a shared transaction (shared/transaction.py), for `commit`.

    `scope` notes which items have something private in the store from now on; see `withdraw`.
    """
    return tuple(written for operation in operations for written in _parts(scope, operation))


def withdraw(scope: Scope, operations: Iterable[Operation]) -> None:
    """These operations of `stored` will not be committed."""
    for operation in operations:
        if audienceOf(operation.feed) is None:
            continue
        if isinstance(operation, Publish):
            scope.private.pop(f"{operation.feed}/{operation.id}", None)
        elif isinstance(operation, Retract):
            scope.private[f"{operation.feed}/{operation.id}"] = True


def _parts(scope: Scope, operation: dict[str, Any]) -> Iterator[Operation]:
    verb, feed, key = operation["verb"], operation["feed"], operation["id"]
    model = modelOf(type(scope.root), feed)
    private: dict[str, list[str]] = {} if model is None else blueprintOf(model).private
    if not private:
        yield _whole(operation)
        return
    if verb == "position":
        yield _whole(operation)
    elif verb == "retract":
        yield from _retract(scope, feed, key, private)
    elif verb == "publish":
        yield _whole({**operation, "item": _without(operation["item"], private)})
        for audience, names in private.items():
            beside = privateFeed(feed, audience)
            scope.private[f"{beside}/{key}"] = True
            yield Publish(beside, key, text(_only(operation["item"], names)))
    else:
        changes = _without(operation["changes"], private)
        unset = [name for name in operation["unset"] if not _is_private(name, private)]
        if changes or unset:
            item = _without(operation["item"], private)
            yield _whole({**operation, "item": item, "changes": changes, "unset": unset})
        for audience, names in private.items():
            yield from _edit_private(scope, operation, privateFeed(feed, audience), names)


def _edit_private(
    scope: Scope, operation: dict[str, Any], feed: str, names: Sequence[str]
) -> Iterator[Operation]:
    changes = _only(operation["changes"], names)
    unset = tuple(name for name in operation["unset"] if name in names)
    if not changes and not unset:
        return
    item = text(_only(operation["item"], names))
    place = f"{feed}/{operation['id']}"
    if place in scope.private:
        yield Edit(feed, operation["id"], item, text(changes), unset)
    else:
        # Stored before its class declared anything private.
        scope.private[place] = True
        yield Publish(feed, operation["id"], item)


def _retract(scope: Scope, feed: str, key: str, private: dict[str, list[str]]) -> Iterator[Operation]:
    for audience in private:
        beside = privateFeed(feed, audience)
        if scope.private.pop(f"{beside}/{key}", False):
            yield Retract(beside, key)
    yield Retract(feed, key)


def _whole(operation: dict[str, Any]) -> Operation:
    verb, feed, key = operation["verb"], operation["feed"], operation["id"]
    if verb == "publish":
        kind: Kind = "sorted_feed" if operation["sorted"] else "feed"
        return Publish(feed, key, text(operation["item"]), operation["position"], kind)
    if verb == "edit":
        return Edit(feed, key, text(operation["item"]), text(operation["changes"]), tuple(operation["unset"]))
    if verb == "retract":
        return Retract(feed, key)
    return Move(feed, key, operation["position"])


def _is_private(name: str, private: dict[str, list[str]]) -> bool:
    return any(name in names for names in private.values())


def _without(attributes: dict[str, Any], private: dict[str, list[str]]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if not _is_private(name, private)}


def _only(attributes: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: attributes[name] for name in names if name in attributes}


def text(value: Any) -> str:
    """JSON as it is stored: one line, no blanks. Raises ValueError for NaN and Infinity."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
