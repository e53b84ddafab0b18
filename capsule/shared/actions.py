"""What a user may ask for, done to a root: the same function runs in the browser (optimistically) and in the worker."""

from typing import Any

from capsule.shared.audiences import mayReadFeed, mayReadPrivate
from capsule.shared.blueprint import blueprintOf
from capsule.shared.platform import classOf, fetch, isClass, keysOf
from capsule.shared.scope import Scope
from capsule.shared.values import show
from capsule.shared.verdict import Operation, Verdict, refusal


def perform(scope: Scope, action: dict[str, Any], operation: Operation) -> Verdict:
    """Do one action of the client protocol (see `wire.ACTIONS`) to the scope's models, as the operation's user.

    What a user may not see is not there for them: every action needs the root's `canRead` and that of the collections
    on the way (404, never 403), and a private attribute of an audience that is not theirs is an unknown key.
    The verdict says whether it was done. A refused edit, add, delete or move changed nothing; a refused `call` may
    have begun to, so callers undo what their recorder saw.
    """
    root = scope.root
    root.operation = operation
    try:
        if not root.can("read", operation.user).allowed:
            return refusal("NOT_FOUND")
        if not mayReadFeed(root, action["feed"], operation.user):
            return refusal("NOT_FOUND")
        return performReadable(scope, action, operation.user)
    finally:
        root.operation = None


def performReadable(scope: Scope, action: dict[str, Any], user: str) -> Verdict:
    do = action["do"]
    if do == "add":
        collection = scope.collectionAt(action["feed"])
        if collection is None:
            return refusal("NOT_FOUND")
        hidden = hiddenKey(scope.root, collection.model, action["attrs"], user, "clientAddable")
        if hidden is not None:
            return hidden
        options: dict[str, Any] = {"id": action["id"]}
        position = action.get("position")
        if position is not None:
            options.update(position)
        return collection.safeAdd(action["attrs"], user, options)
    model = scope.modelAt(action["feed"], action["id"])
    if model is None:
        return refusal("NOT_FOUND")
    if do == "edit":
        hidden = hiddenKey(scope.root, classOf(model), action["attrs"], user, "clientEditable")
        if hidden is not None:
            return hidden
        return model.safeSet(action["attrs"], user)
    if do == "delete":
        return model.safeDelete(user)
    if do == "move":
        return model.safeMove(action["position"], user)
    if do == "call":
        return model.safeCall(action["method"], action["args"], user)
    return refusal("UNKNOWN_VERB")


def hiddenKey(root: Any, model: Any, attrs: dict[str, Any], user: str, rule: str) -> Verdict | None:
    """The refusal, as of an unknown key, of the first attribute that is private to others."""
    if not isClass(model):
        return None
    blueprint = blueprintOf(model)
    for audience in keysOf(blueprint.private):
        for name in fetch(blueprint.private, audience):
            if name in attrs and not mayReadPrivate(root, audience, user):
                return refusal("UNKNOWN_KEY", f"{blueprint.owner} has no property {show(name)}.", rule, name)
    return None
