"""What the function of a custom job is given: its data, scopes to change, progress, follow-up jobs."""

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from capsule.feeds import Capsule, Claim, Job, Jobs, Put, ReadScope, Terms, Transaction
from capsule.feeds.errors import InputError
from capsule.shared.scope import Scope
from capsule.shared.transaction import Transaction as Recorder
from capsule.shared.verdict import Operation
from capsule.shared.wire import versionOf
from capsule.worker.inflated import Inflated
from capsule.worker.stored import stored

log = logging.getLogger("capsule.worker")

OPERATION_MOST = 200
ENDED = "capsule"  # whose act it is when a job does not say


class ConflictError(Exception):
    """Somebody else wrote to a scope while a job changed it. The worker runs the job's function again."""


class RefusedError(Exception):
    """Raise it in a job to end it with this answer: nothing is tried again, and nothing is a dead letter."""

    def __init__(self, sentence: str, code: int = 422, name: str = "INVALID") -> None:
        super().__init__(sentence)
        self.body = {"code": code, "name": name, "sentence": sentence}


class Assignment:
    """One run of one job. `data` is its parsed and validated JSON, `attempts` how often it failed before."""

    def __init__(
        self, cap: Capsule, jobs: Jobs, inflated: Inflated, claim: Claim, job: Job, data: Any
    ) -> None:
        self.cap = cap
        self.id = job.id
        self.data = data
        self.group = claim.group or None
        self.attempts = job.attempts
        self.event_id: str | None = None  # of the last commit
        self._jobs, self._inflated, self._claim, self._job = jobs, inflated, claim, job
        self._blocks: dict[str, int] = {}
        self._follow_ups = 0

    def scope(self, name: str, *, user: str = ENDED) -> "Block":
        """`async with job.scope("team.7") as team:` gives the re-inflated root; what is changed on it through the
        models is committed, as one transaction, when the block ends.

        Everything in a job may run more than once, but the commit of a block takes effect once: its operation id is
        the job's id and the scope. A block whose commit is already there runs again over the state that has it; then
        what it changes or raises is dropped. When somebody else wrote meanwhile, the end of the block raises
        ConflictError: let it pass, the worker runs the function again. So effects on the outside world belong after the
        last block, or into a follow-up job (`put`).

        `user` is the name under which new ids are made. Raises InputError for a scope of a type that this worker does
        not know.
        """
        number = self._blocks[name] = self._blocks.get(name, 0) + 1
        operation = f"{self.id}~{name}" + (f"~{number}" if number > 1 else "")
        if len(operation) > OPERATION_MOST:
            operation = hashlib.sha256(operation.encode()).hexdigest()
        if self._inflated.root_class(name) is None:
            raise InputError(f"This worker knows no root for the scope {name}.")
        return Block(self, name, operation, user)

    async def progress(self, state: Any) -> None:
        """Say how far it is: any JSON. Whoever waits for the result may read it on the way."""
        await self._jobs.progress(self._claim, self._job, text(state))

    async def put(
        self,
        queue: str,
        data: Any,
        *,
        job_id: str | None = None,
        group: str | None = None,
        terms: Terms | None = None,
    ) -> Put:
        """Put a follow-up job. Its id comes from this one's, so that a second run puts nothing twice."""
        self._follow_ups += 1
        name = job_id or f"{self.id}-{self._follow_ups}"
        return await self.cap.jobs(queue).put(name, text(data), group=group, terms=terms)


class Block:
    """One `async with job.scope(...)`."""

    def __init__(self, job: Assignment, name: str, operation: str, user: str) -> None:
        self._job, self._name, self._operation, self._user = job, name, operation, user
        self._held: Scope | None = None

    async def __aenter__(self) -> Any:
        job = self._job
        # Before the state is read: what is found later than this is a conflict, and not done twice.
        [self._known] = await job.cap.scope(self._name).lookup([self._operation])
        self._held = held = await job._inflated.take(self._name)
        seed = hashlib.sha256(self._operation.encode()).hexdigest()[:12]
        held.root.operation = Operation(f"{seed}.1", self._user, round(time.time() * 1000))
        self._recorder = Recorder(held.root)
        return held.root

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        assert self._held is not None
        job, held = self._job, self._held
        held.root.operation = None
        if error is not None or self._known is not None:
            self._recorder.undo()
            job._inflated.give(held)
            if self._known is None or not isinstance(error, Exception | None):
                return False
            job.event_id = self._known
            if error is not None:
                log.info("%s was done in %s before; now it says: %r", job.id, self._name, error)
            return True
        self._recorder.stop()
        if self._recorder.operations:
            operations = stored(held, self._recorder.operations)
            reads = (ReadScope(versionOf(held.eventId)),)
            # Without an epoch: only the queue of actions gives them to scopes.
            [outcome] = await job.cap.scope(self._name).commit(
                [Transaction(self._operation, operations, reads)]
            )
            if outcome.code != "applied":
                raise ConflictError(f"{self._name}: {outcome.detail or outcome.code}")
            held.eventId = outcome.event_id or held.eventId
        job.event_id = held.eventId
        job._inflated.give(held)
        return False


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def body(value: Any, event_id: str | None) -> Mapping[str, Any]:
    """The result of a job that ended well. `id`: the event that a reader must have reached to see its effect."""
    answer: dict[str, Any] = {"code": 200}
    if event_id is not None:
        answer["id"] = event_id
    if value is not None:
        answer["result"] = value
    return answer
