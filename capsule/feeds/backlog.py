"""A queue seen by who looks after it: what waits, what is delayed, what died; and what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from capsule.shared.codes import errorMessage

from . import keys, script
from .commands import Commands
from .errors import InputError
from .link import Argument, Reply
from .names import check_operation, check_scope

JobState: TypeAlias = Literal["waiting", "delayed", "active", "held", "dead", "done", "unknown"]
Listed: TypeAlias = Literal["waiting", "delayed", "active", "dead"]
CancelState: TypeAlias = Literal["cancelled", "active", "done", "unknown"]
RetryState: TypeAlias = Literal["ready", "waiting", "active", "done", "unknown"]

PAGE = 1000
SHOWN_BYTES = 1000
WHOLE = 1 << 20
CANCELLED = {key: value for key, value in errorMessage("CANCELLED").items() if key != "verb"}


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it is now.

    `due` is a time (seconds since 1970): when a delayed one begins, an active one's lease ends, a dead one died.
    `options` are those of its put (`p5 a3`); `result` is a dead one's reason, or what is kept of one that has ended.
    """

    id: str
    state: JobState
    group: str | None
    due: float | None
    attempts: int
    options: str
    reply: str | None
    progress: bytes | None
    result: bytes | None
    data: bytes


class Backlog:
    """The part of Jobs for people. Nothing here needs a claim."""

    def __init__(self, connection: Commands, name: str, *, keep: float = 3600.0) -> None:
        self.name = check_scope(name)
        self.prefix = keys.queue(name)
        self._connection = connection
        self._keep = round(keep * 1000)

    async def stats(self) -> dict[str, int]:
        """Numbers: `jobs` that have not ended, of these `waiting`, `delayed` and `active`; `dead` letters;
        `ended_done`, `ended_dead`, `ended_expired` and `ended_cancelled` since the queue began; `claims`,
        `groups_waiting`, `groups_backing_off`, `groups_held`, `held` (0 or 1), `schedules`.
        """
        flat = await self._run("look", "stats")
        return {name.decode(): count for name, count in zip(flat[::2], flat[1::2], strict=True)}

    async def look(self, *job_ids: str) -> list[JobView]:
        """Jobs by id, with all of their data, in the order given; the state of one that nobody knows is `unknown`."""
        if not job_ids:
            return []
        return _views(await self._run("look", "jobs", WHOLE, *map(check_operation, job_ids)))

    async def page(
        self, state: Listed, *, group: str | None = None, first: int = 0, count: int = 100
    ) -> list[JobView]:
        """A page of the jobs in one state, with the first 1,000 bytes of their data, from the place `first`.

        `waiting`: those of `group` in order, or, without it, those on their own in the order in which they are served.
        `delayed`: the next one first; `dead`: the oldest first. Pages move while the queue does.
        """
        if not 0 <= count <= PAGE or first < 0:
            raise InputError(f"A page has up to {PAGE} jobs and begins at 0 or later.")
        if group is not None and state != "waiting":
            raise InputError("Only waiting jobs are listed by group.")
        name = "" if group is None else check_scope(group)
        return _views(await self._run("look", state, SHOWN_BYTES, name, first, count))

    async def groups(self, *, first: int = 0, count: int = 100) -> list[tuple[str, int]]:
        """Groups that wait for a worker, the next one first, and how many jobs each has."""
        flat = await self._run("look", "groups", 0, "", first, count)
        return [(name.decode(), length) for name, length in zip(flat[::2], flat[1::2], strict=True)]

    async def result(self, job_id: str) -> bytes | None:
        """The result of a job that ended within `keep`, or None."""
        found: bytes | None = await self._connection.command(
            "GET", f"{self.prefix}result:{check_operation(job_id)}"
        )
        return found

    async def cancel(self, *job_ids: str) -> list[CancelState]:
        """End jobs that are not being worked on, answered 410 CANCELLED. `active`: it has begun and goes on. Inside a
        group the cost grows with the job's place in it.
        """
        if not job_ids:
            return []
        words = [check_operation(job_id) for job_id in job_ids]
        return [
            state.decode() for state in await self._run("cancel", self._keep, json.dumps(CANCELLED), *words)
        ]

    async def retry(self, *job_ids: str) -> list[RetryState]:
        """Begin now with jobs that wait for their time: a delay, or a backoff. Dead letters: `redrive`."""
        words = [check_operation(job_id) for job_id in job_ids]
        return [state.decode() for state in await self._run("retry", *words)] if words else []

    async def hold(self, group: str | None = None) -> bool:
        """Hand out nothing more, of one group or of the whole queue, until `resume`. What is handed out goes on,
        and puts are taken. False if it was held already.
        """
        return bool(await self._run("hold", "hold", "" if group is None else check_scope(group)))

    async def resume(self, group: str | None = None) -> bool:
        """The end of a `hold`. False if there was none."""
        return bool(await self._run("hold", "release", "" if group is None else check_scope(group)))

    async def redrive(self, *job_ids: str) -> list[str]:
        """Put dead letters again, each at the end of its group, uncharged and with nobody to answer (its result can be
        asked for). Returns the ids that were dead.
        """
        return await self._letters("redrive", job_ids)

    async def redrive_all(self, *, older_than: float | None = None, younger_than: float | None = None) -> int:
        """Redrive every dead letter, or those that died more, or less, than so many seconds ago; how many."""
        return await self._all_letters("redrive", older_than, younger_than)

    async def drop(self, *job_ids: str) -> list[str]:
        """Forget dead letters. Returns the ids that were dead."""
        return await self._letters("drop", job_ids)

    async def purge(self, state: Listed = "dead", *, older_than: float | None = None) -> int:
        """Drop every dead letter (or those older than so many seconds), or cancel every job that is `delayed`, or
        `waiting` in a group or on its own; how many.
        """
        if state == "dead":
            return await self._all_letters("drop", older_than, None)
        if older_than is not None or state == "active":
            raise InputError("Only dead letters have an age, and what has begun cannot be purged.")
        gone = 0
        while True:
            ids = [view.id for view in await self.page(state, count=PAGE)]
            for group, _ in await self.groups() if state == "waiting" else ():
                ids += [view.id for view in await self.page(state, group=group, count=PAGE)]
            states = await self.cancel(*ids)
            if "cancelled" not in states:
                return gone
            gone += states.count("cancelled")

    async def _letters(self, verb: str, job_ids: Sequence[str]) -> list[str]:
        words = [check_operation(job_id) for job_id in job_ids]
        if not words:
            return []
        return [taken.decode() for taken in await self._run("redrive", verb, "", "", len(words), *words)]

    async def _all_letters(self, verb: str, older_than: float | None, younger_than: float | None) -> int:
        newest = await self._connection.command("XREVRANGE", f"{self.prefix}dead", "+", "-", "COUNT", 1)
        if not newest:
            return 0
        seconds, micros = await self._connection.command("TIME")
        now = int(seconds) * 1000 + int(micros) // 1000
        # What dies while this goes on is not meant: a job that fails at once would come round for ever.
        end = int(newest[0][0].split(b"-")[0]) + 1
        before = end if older_than is None else max(1, min(end, now - round(older_than * 1000)))
        since = "" if younger_than is None else max(0, now - round(younger_than * 1000))
        count = 0
        while taken := await self._run("redrive", verb, since, before, PAGE):
            count += len(taken)
        return count

    async def _run(self, name: str, *words: Argument) -> Reply:
        return await self._connection.run(script.load(name), self.prefix, *words)


def _views(flat: Sequence[Reply]) -> list[JobView]:
    views = []
    for at in range(0, len(flat), 10):
        job_id, state, group, due, attempts, options, reply, progress, result, data = flat[at : at + 10]
        views.append(
            JobView(
                job_id.decode(),
                state.decode(),
                group.decode() or None,
                int(due) / 1000 if due else None,
                int(attempts),
                options.decode().strip(),
                reply.decode() or None,
                progress or None,
                result or None,
                data,
            )
        )
    return views
