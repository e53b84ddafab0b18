"""One job, evaluated on an inflated scope: what to answer, and what to commit."""

import json
import logging
from dataclasses import dataclass
from typing import Any

from capsule.feeds.errors import InputError
from capsule.feeds.operation import Operation, Transaction, bytes_of, commit_arguments
from capsule.shared.actions import perform
from capsule.shared.scope import Scope
from capsule.shared.transaction import Transaction as Recorder
from capsule.shared.verdict import Operation as Act
from capsule.shared.verdict import Verdict, refusal
from capsule.worker.stored import stored, withdraw
from capsule.worker.validation import Schemas

log = logging.getLogger("capsule.worker")


@dataclass(frozen=True)
class Answer:
    """A verdict, and the operations that make it true: none for a refusal, or where nothing changed.

    `size` is what they weigh in a commit, in bytes.
    """

    verdict: Verdict
    operations: tuple[Operation, ...] = ()
    size: int = 0


def evaluate(scope: Scope, schemas: Schemas, op: str, data: bytes, now: int) -> Answer:
    """Validate a job and do it to the scope's models. A refusal leaves them as they were.

    `op` is the operation id, `now` the worker's stamp in milliseconds. Never raises for what a client sent: a bug of
    the application is logged and answered with 500.
    """
    try:
        job: Any = json.loads(data)
    except ValueError:
        return Answer(refusal("BAD_JSON"))
    invalid = schemas.refusal(type(scope.root), job)
    if invalid is not None:
        return Answer(invalid)
    if job["scope"] != scope.name:
        return Answer(refusal("NOT_FOUND"))
    recorder = Recorder(scope.root)
    try:
        verdict = perform(scope, job["action"], Act(op, job["user"], now))
    except Exception:
        log.exception("operation %s of scope %s failed", op, scope.name)
        verdict = refusal("INTERNAL")
    if not verdict.allowed:
        recorder.undo()
        return Answer(verdict)
    recorder.stop()
    if not recorder.operations:
        return Answer(verdict)
    operations = stored(scope, recorder.operations)
    try:
        # What the contract would not take must not reach a commit: it would take its whole batch down.
        size = bytes_of(commit_arguments([Transaction(op, operations)]))
    except InputError as error:
        recorder.undo()
        withdraw(scope, operations)
        return Answer(refusal("INVALID", str(error)))
    return Answer(verdict, operations, size)
