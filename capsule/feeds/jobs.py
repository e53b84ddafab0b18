"""A queue of jobs: in groups, or on their own.

A group runs in order, one worker at a time; groups are served in turn. Jobs without a group run whenever a worker is
free, and may have a delay and a priority. A put that was acknowledged runs at least once. What it does must therefore
be repeatable, which a scope's commit is: its operation ids make the second time a no-op. See `Claim.epoch` for what
keeps a worker that overslept harmless.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Sequence

from . import script
from .backlog import Backlog
from .blocking import Blocking
from .commands import Commands
from .errors import ConnectionLostError, InputError, LimitError
from .item import MAX_BYTES
from .job import Chain, Claim, Fail, Finish, Job, Put, Release, Report, ReportOutcome, Step, Terms
from .link import Argument
from .names import check_operation, check_scope
from .puts import Puts
from .schedule import Schedules

MAX_CLAIM = 1000
MAX_PROGRESS = 64 * 1024
POLL_SECONDS = 1.0  # an idle worker looks this often for leases that ran out, whether it is woken or not


class Jobs(Backlog):
    """`cap.jobs("actions")`, with these options:

    - `lease`: seconds a claim lasts; extend it at a third of that. A worker that dies holds its groups so
    long. - `attempts`: after so many failures a job is a dead letter. - `backoff`: seconds before the second
    attempt, doubled each time, and the most. - `keep`: seconds that a result can be asked for, and that a
    repeated put is recognized after the job ended.
    """

    def __init__(
        self,
        connection: Commands,
        blocking: Blocking,
        name: str,
        *,
        lease: float = 10.0,
        attempts: int = 4,
        backoff: tuple[float, float] = (0.25, 4.0),
        keep: float = 3600.0,
    ) -> None:
        super().__init__(connection, name, keep=keep)
        self.lease = lease
        self.schedules = Schedules(connection, self.prefix)
        self.owner = f"{socket.gethostname()}.{os.getpid()}"
        self._blocking = blocking
        self._policy = (attempts, *(round(seconds * 1000) for seconds in backoff), self._keep)
        self._puts = Puts(connection, self.prefix)

    async def put(
        self,
        job_id: str,
        data: bytes | str,
        *,
        group: str | None = None,
        reply: str | None = None,
        chain: Chain | None = None,
        terms: Terms | None = None,
    ) -> Put:
        """Put a job at the end of its group, or, without one, on its own. `reply` names the stream that gets its
        result; `terms` say when and how often it is tried.

        Safe to repeat: a known id is not queued again, and a known, unfinished one changes to the reply
        stream named last. Puts of one tick share a call. Raises NameInvalidError, LimitError, InputError (a delay or a
        priority in a group); ConnectionLostError when it is unknown whether it was taken: put it again.
        """
        words, size = put_words(job_id, data, group, reply, chain, terms.text(group) if terms else "")
        return await self._puts.put(words, size)

    async def step(self, reports: Sequence[Report] = (), n: int = 0, *, owner: str | None = None) -> Step:
        """Report on claims and claim up to `n` jobs, in one call, without waiting.

        A report whose answer was lost (ConnectionLostError) may be sent again: what has ended already answers
        `ok` or `lost`, and changes nothing. Claims of a lost answer come back when their lease ends.
        """
        if not 0 <= n <= MAX_CLAIM:
            raise InputError(f"Claim between 0 and {MAX_CLAIM} jobs at a time, not {n}.")
        arguments: list[str | bytes | int] = []
        for report in reports:
            arguments += (report.claim.group, report.claim.epoch, len(report.entries))
            for entry in report.entries:
                arguments += _entry(entry)
        outcomes, due, claims = await self._connection.run(
            script.load("step"),
            self.prefix,
            round(self.lease * 1000),
            n,
            owner or self.owner,
            *self._policy,
            len(reports),
            *arguments,
        )
        return Step(
            [outcome.decode() for outcome in outcomes],
            [_claim(group, epoch, self.lease, flat) for group, epoch, flat in claims],
            None if due < 0 else due / 1000,
        )

    async def claim(self, n: int, wait: float = 0.0, *, owner: str | None = None) -> list[Claim]:
        """Claim up to `n` jobs, each group's next ones in order, and wait up to `wait` seconds for the first
        of them. Returns [] if there was nothing.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            step = await self.step((), n, owner=owner)
            left = deadline - loop.time()
            if step.claims or left <= 0:
                return step.claims
            # The server waits in hundredths and takes 0 for ever.
            seconds = max(0.01, min(left, POLL_SECONDS, POLL_SECONDS if step.due is None else step.due))
            await self.wait(seconds)

    async def wait(self, seconds: float) -> None:
        """Sleep until something may be there to claim, at most `seconds`."""
        try:
            await self._blocking.call("BLPOP", f"{self.prefix}wake", f"{seconds:.3f}", seconds=seconds)
        except ConnectionLostError:
            await asyncio.sleep(min(seconds, 0.1))  # the command connection will say so, if it lasts

    async def finish(self, claim: Claim, results: Sequence[tuple[Job, bytes]]) -> bool:
        """Finish jobs of a claim. False, and nothing is changed, when the claim is not current any more."""
        entries = tuple(Finish(job, result) for job, result in results)
        step = await self.step([Report(claim, entries)])
        return "lost" not in step.outcomes

    async def fail(self, claim: Claim, job: Job, reason: str, retry: bool = True) -> ReportOutcome:
        """Report a failure: `retry` (the job backs off, and with it its group, whose claim is over), `dead` (answered
        with 500, the claim goes on), or `lost` (the claim was not current; nothing was changed).
        """
        return (await self.step([Report(claim, (Fail(job, reason, retry),))])).outcomes[0]

    async def release(self, claim: Claim) -> bool:
        """Give back what is not finished. False when the claim is not current any more."""
        return (await self.step([Report(claim, (Release(),))])).outcomes == ["ok"]

    async def extend(self, *claims: Claim) -> list[bool]:
        """Heartbeat: each claim lasts a whole lease from now. False for a claim that is not current any
        more.
        """
        if not claims:
            return []
        flat = [part for claim in claims for part in (claim.group, claim.epoch)]
        reply = await self._connection.run(
            script.load("extend"), self.prefix, round(self.lease * 1000), *flat
        )
        return [held == 1 for held in reply]

    async def progress(self, claim: Claim, job: Job, text: bytes | str) -> bool:
        """Say how far a job is: kept until it ends (`look`), and sent to its reply stream. False when the claim is not
        current any more. Raises LimitError beyond 64 KiB.
        """
        text = text.encode() if isinstance(text, str) else text
        if len(text) > MAX_PROGRESS:
            raise LimitError(f"A progress takes at most {MAX_PROGRESS} bytes, not {len(text)}.")
        words = (claim.group, claim.epoch, job.id, text)
        held: int = await self._connection.run(script.load("progress"), self.prefix, *words)
        return held == 1

    async def replies(self, stream: str, last_id: str, block_ms: int) -> list[tuple[str, str, bytes]]:
        """The results on a reply stream after `last_id` (`0-0`: all that is kept), as (stream id, job id,
        result). Several results may have the same stream id.

        Waits up to `block_ms` milliseconds, on a connection of its own, for the first one; then []. The
        stream keeps about 10,000 entries for an hour: whoever misses one puts the job again and is told.
        Raises ConnectionLostError.
        """
        found = await self.messages(stream, last_id, block_ms)
        while found and not any(kind == "result" for _, _, kind, _ in found):
            found = await self.messages(
                stream, found[-1][0], block_ms
            )  # only progress, which nobody here asked for
        return [(stream_id, job_id, text) for stream_id, job_id, kind, text in found if kind == "result"]

    async def messages(self, stream: str, last_id: str, block_ms: int) -> list[tuple[str, str, str, bytes]]:
        """As `replies`, but progress too: (stream id, job id, `result` or `progress`, text)."""
        key = f"{self.prefix}reply:{check_scope(stream)}"
        block = ("BLOCK", block_ms) if block_ms > 0 else ()
        reply = await self._blocking.call(
            "XREAD", "COUNT", 1000, *block, "STREAMS", key, last_id, seconds=block_ms / 1000
        )
        return [
            (stream_id.decode(), fields[at + 1].decode(), fields[at + 2].decode(), fields[at + 3])
            for stream_id, fields in (reply[0][1] if reply else ())
            for at in range(0, len(fields), 4)
        ]


def put_words(
    job_id: str,
    data: bytes | str,
    group: str | None,
    reply: str | None,
    chain: Chain | None,
    options: str,
) -> tuple[tuple[Argument, ...], int]:
    """The eight words that `put` takes for a job, checked, and how many bytes of data it has."""
    check_operation(job_id)
    if group is not None:
        check_scope(group)
    if reply is not None:
        check_scope(reply)
    data = data.encode() if isinstance(data, str) else data
    if len(data) > MAX_BYTES:
        raise LimitError(f"A job takes at most {MAX_BYTES} bytes of data, not {len(data)}.")
    if chain is None:
        return (job_id, data, group or "", reply or "", options, "", 0, 0), len(data)
    if chain.n < 1:
        raise InputError(f"A chain's numbers begin with 1, not {chain.n}.")
    link = (check_operation(chain.client), chain.n, int(chain.first))
    return (job_id, data, group or "", reply or "", options, *link), len(data)


def _entry(entry: Finish | Fail | Release) -> tuple[str, str, str | bytes]:
    if isinstance(entry, Finish):
        return ("finish", entry.job.id, entry.result)
    if isinstance(entry, Fail):
        result = json.dumps({"code": 500, "name": "INTERNAL", "sentence": entry.reason})
        return ("fail" if entry.retry else "bury", entry.job.id, result)
    return ("release", "", "")


def _claim(group: bytes, epoch: bytes, lease: float, flat: list[bytes]) -> Claim:
    parts = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    jobs = tuple(Job(job_id.decode(), data, int(attempts)) for job_id, data, attempts in parts)
    return Claim(group.decode(), int(epoch), lease, jobs)
