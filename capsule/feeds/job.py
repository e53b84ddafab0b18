"""What a worker is handed, and what it says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

PutState: TypeAlias = Literal["queued", "waiting", "done", "gap"]
ReportOutcome: TypeAlias = Literal["ok", "retry", "dead", "lost"]


@dataclass(frozen=True, slots=True)
class Chain:
    """The order of one client's puts: number `n` (from 1) is taken only after n - 1, or if the client says
    that it is its oldest unanswered one (`first`). `client` must name the user too, or one user could disturb
    another's chain.
    """

    client: str
    n: int
    first: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """`queued`: taken now. `waiting`: known, its result will come. `done`: known, here is its result. `gap`:
    not taken, the put before it has not arrived.
    """

    state: PutState
    result: bytes | None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as a worker sees it. `attempts` is how often it failed before."""

    id: str
    data: bytes
    attempts: int


@dataclass(frozen=True, slots=True)
class Claim:
    """The next jobs of one group, in order, for one worker until its lease ends.

    `epoch` (microseconds of the server's clock, strictly increasing, unchanged by extension) is the fencing
    token: the queue takes reports only under the newest one, and a scope's commit under it shuts out everyone
    before. `lease` is in seconds, from the claim or its last extension.
    """

    group: str
    epoch: int
    lease: float
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    """The job is done. `result` is kept and sent to whoever asked."""

    job: Job
    result: bytes


@dataclass(frozen=True, slots=True)
class Fail:
    """The job failed. With `retry` its group waits and tries it again, a few times; then, or without, it
    becomes a dead letter, is answered with code 500 and `reason` as the sentence, and its group moves on.
    """

    job: Job
    reason: str
    retry: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """Give back what is not finished, at once and without a charge."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says about one claim. Entries are taken in order; after a `retry` or a Release the claim
    is over.
    """

    claim: Claim
    entries: tuple[Finish | Fail | Release, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to a round: the outcome of each entry in the order given, what was claimed, and, when that
    is nothing, the seconds until a lease or a backoff ends (None: there is none).
    """

    outcomes: list[ReportOutcome]
    claims: list[Claim]
    due: float | None
