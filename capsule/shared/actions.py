"""What a user may ask for, done to a root: the same function runs in the browser (optimistically) and in the worker."""

from typing import Any

from capsule.shared.scope import Scope
from capsule.shared.verdict import Operation, Verdict, refusal


def perform(scope: Scope, action: dict[str, Any], operation: Operation) -> Verdict:
    """Do one action of the client protocol (see `wire.ACTIONS`) to the scope's models, as the operation's user.

    Every action needs the root's `canRead`: what a user may not see is not there for them (404, never 403).
    The verdict says whether it was done. A refused edit, add, delete or move changed nothing; a refused `call` may
    have begun to, so callers undo what their recorder saw.
    """
    root = scope.root
    root.operation = operation
    try:
        if not root.can("read", operation.user).allowed:
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
        options: dict[str, Any] = {"id": action["id"]}
        position = action.get("position")
        if position is not None:
            options.update(position)
        return collection.safeAdd(action["attrs"], user, options)
    model = scope.modelAt(action["feed"], action["id"])
    if model is None:
        return refusal("NOT_FOUND")
    if do == "edit":
        return model.safeSet(action["attrs"], user)
    if do == "delete":
        return model.safeDelete(user)
    if do == "move":
        return model.safeMove(action["position"], user)
    if do == "call":
        return model.safeCall(action["method"], action["args"], user)
    return refusal("UNKNOWN_VERB")
