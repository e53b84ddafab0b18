"""What is put, what a worker is handed, and what it says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .errors import InputError

PutState: TypeAlias = Literal["queued", "waiting", "done", "gap", "stale"]
ReportOutcome: TypeAlias = Literal["ok", "retry", "dead", "lost"]

MAX_PRIORITY = 1000
FARTHEST = 10.0**12  # seconds; what is sent has at most 15 digits of milliseconds


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
class Terms:
    """When and how often a job is tried. Times are seconds.

    - `delay`: not before so long from now; `at`: not before this time (seconds since 1970, of the server's
    clock). - `priority`: -1000 to 1000; more is sooner, above 0 is before everything that has none.
    - `expires`: a job that has not begun so long after its put is dropped and answered 410 EXPIRED.
    - `attempts`, `backoff`: in place of the queue's.

    A job in a group has neither delay nor priority: its group runs in the order of its puts.
    """

    delay: float | None = None
    at: float | None = None
    priority: int = 0
    expires: float | None = None
    attempts: int | None = None
    backoff: tuple[float, float] | None = None

    def text(self, group: str | None = None) -> str:
        """As the script takes it. Raises InputError."""
        if group is not None and (self.priority or self.delay is not None or self.at is not None):
            raise InputError(
                f"A job in a group has no priority and no delay: {group} runs in the order of its puts. "
                "Put it without a group."
            )
        if not isinstance(self.priority, int) or abs(self.priority) > MAX_PRIORITY:
            raise InputError(f"A priority is from -{MAX_PRIORITY} to {MAX_PRIORITY}, not {self.priority}.")
        if self.delay is not None and self.at is not None:
            raise InputError("A job has a delay or a time, not both.")
        if self.attempts is not None and self.attempts < 1:
            raise InputError(f"A job has at least 1 attempt, not {self.attempts}.")
        first, most = self.backoff or (None, None)
        words = [f"p{self.priority}"] if self.priority else []
        words += [] if self.attempts is None else [f"a{self.attempts}"]
        times = {"d": self.delay, "t": self.at, "e": self.expires, "b": first, "m": most}
        for letter, seconds in times.items():
            if seconds is None:
                continue
            if not 0 <= seconds <= FARTHEST:
                raise InputError(f"A job's times are from 0 to {FARTHEST:g} seconds, not {seconds}.")
            words.append(f"{letter}{round(seconds * 1000)}")
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Put:
    """`queued`: taken now. `waiting`: known, its result will come. `done`: known, here is its result. `gap`:
    not taken, the put before it has not arrived. `stale`: another scheduler has put this tick.
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
    """The next jobs of one group, in order, for one worker until its lease ends; or, with the empty group,
    some jobs that have none.

    `epoch` (microseconds of the server's clock, strictly increasing, unchanged by extension) is the fencing
    token: the queue takes reports only under the newest one, and a scope's commit under it shuts out everyone
    before. Do not commit under the epoch of a claim without a group: others may work on the same scope, and
    each would shut out the one before. `lease` is in seconds, from the claim or its last extension.
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
    """The job failed. With `retry` it, and with it its group, waits and is tried again, a few times; then, or
    without, it becomes a dead letter, is answered with code 500 and `reason` as the sentence, and its group
    moves on.
    """

    job: Job
    reason: str
    retry: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """Give back what is not finished, at once and without a charge."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says about one claim. Entries are taken in order; after a Release, or the `retry` of a
    job in a group, the claim is over.
    """

    claim: Claim
    entries: tuple[Finish | Fail | Release, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to a round: the outcome of each entry in the order given, what was claimed, and, when that
    is nothing, the seconds until a lease, a backoff or a delay ends (None: there is none).
    """

    outcomes: list[ReportOutcome]
    claims: list[Claim]
    due: float | None
