"""One job, evaluated on an inflated scope: what to answer, and what to commit."""

import json
import logging
from dataclasses import dataclass
from typing import Any

from capsule.feeds.operation import Edit, Move, Publish, Retract, Transaction
from capsule.shared import transaction
from capsule.shared.actions import perform
from capsule.shared.scope import Scope
from capsule.shared.verdict import Operation, Verdict, refusal
from capsule.worker.validation import Schemas

log = logging.getLogger("capsule.worker")


@dataclass(frozen=True)
class Answer:
    """A verdict, and the transaction that makes it true (None: nothing to write)."""

    verdict: Verdict
    transaction: Transaction | None


def evaluate(scope: Scope, schemas: Schemas, op: str, data: bytes, now: int) -> Answer:
    """Validate a job and do it to the scope's models. A refusal leaves them as they were.

    `op` is the operation id, `now` the worker's stamp in milliseconds. Never raises for what a client sent: a bug of
    the application is logged and answered with 500.
    """
    try:
        job: Any = json.loads(data)
    except ValueError:
        return Answer(refusal("BAD_JSON"), None)
    invalid = schemas.refusal(type(scope.root), job)
    if invalid is not None:
        return Answer(invalid, None)
    if job["scope"] != scope.name:
        return Answer(refusal("NOT_FOUND"), None)
    recorder = transaction.Transaction(scope.root)
    try:
        verdict = perform(scope, job["action"], Operation(op, job["user"], now))
    except Exception:
        log.exception("operation %s of scope %s failed", op, scope.name)
        verdict = refusal("INTERNAL")
    if not verdict.allowed:
        recorder.undo()
        return Answer(verdict, None)
    recorder.stop()
    if not recorder.operations:
        return Answer(verdict, None)
    return Answer(verdict, Transaction(op, [stored(operation) for operation in recorder.operations]))


def stored(operation: dict[str, Any]) -> Publish | Edit | Retract | Move:
    """A shared operation in the form the contract writes."""
    verb, feed, key = operation["verb"], operation["feed"], operation["id"]
    if verb == "publish":
        kind = "sorted_feed" if operation["sorted"] else "feed"
        return Publish(feed, key, text(operation["item"]), operation["position"], kind)
    if verb == "edit":
        changes = text(operation["changes"])
        return Edit(feed, key, text(operation["item"]), changes, tuple(operation["unset"]))
    if verb == "retract":
        return Retract(feed, key)
    return Move(feed, key, operation["position"])


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
