"""Recurring jobs: what is put when, by a cron expression, once for each tick however many schedulers run.

A tick is a put whose id is `<name>.<ms>` and that names the schedule and the time it is due: the script takes it only
while the schedule is due then, and sets the next time in the same step. So a scheduler that dies, wakes late or runs
beside others can neither lose a tick nor double one. The rules of cron, and of summer time, are cronsim's (Debian's).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from . import script
from .commands import Commands
from .errors import CapsuleError, InputError, LimitError
from .item import MAX_BYTES
from .job import Terms
from .link import Argument, Reply
from .names import check_scope

log = logging.getLogger("capsule.feeds")

CatchUp: TypeAlias = Literal["last", "all", "none"]

POLL_SECONDS = 1.0
LATE_SECONDS = 60.0  # with catch_up="none": a tick that is found later than this passes
MOST_TICKS = 100  # of one schedule, put at a time
RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A recurring job. `cron` has five fields, or six with seconds first; `zone` is the time zone in which it is read.

    `catch_up` is what happens to ticks that nobody was there for: `last`, the last of them is put, once; `all`, each of
    them; `none`, one that is found more than a minute late is not put at all.
    """

    name: str
    cron: str
    data: str = ""
    zone: str = "UTC"
    catch_up: CatchUp = "last"
    group: str | None = None
    reply: str | None = None
    terms: Terms = field(default_factory=Terms)

    def __post_init__(self) -> None:
        if len(check_scope(self.name)) > 100:
            raise InputError("A schedule's name has at most 100 characters.")
        if self.catch_up not in ("last", "all", "none"):
            raise InputError(f"catch_up is last, all or none, not {self.catch_up!r}.")
        for name in (self.group, self.reply):
            if name is not None:
                check_scope(name)
        if len(self.data.encode()) > MAX_BYTES // 2:
            raise LimitError(f"A schedule takes at most {MAX_BYTES // 2} bytes of data.")
        self.terms.text(self.group)
        if self.terms.at is not None:
            raise InputError("A tick has its own time: give a delay, not a time.")
        self.next(0)

    def next(self, after: int) -> int:
        """The first tick after a time, both in ms since 1970. Raises InputError for what is no cron expression,
        or never comes.
        """
        try:
            zone = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InputError(f"There is no time zone {self.zone!r} on this machine.") from None
        try:
            ticks = CronSim(self.cron, datetime.fromtimestamp(after / 1000, zone))
            moments = (round(tick.timestamp() * 1000) for tick in ticks)
            # Where clocks go back, two ticks may be one moment, or the second lie before the first.
            return next(moment for moment in islice(moments, 10) if moment > after)
        except (CronSimError, StopIteration):
            raise InputError(f"{self.cron!r} is no cron expression: minute hour day month weekday.") from None

    def text(self) -> str:
        """As it is stored. The same schedule has the same text: saying it again at every start changes nothing."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def parse(cls, text: bytes | str) -> Schedule:
        """Raises ValueError, TypeError, KeyError or InputError for what another version wrote."""
        fields = json.loads(text)
        terms = fields.pop("terms")
        if terms["backoff"] is not None:
            terms["backoff"] = tuple(terms["backoff"])
        return cls(**fields, terms=Terms(**terms))


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule and its next tick, in ms since 1970."""

    schedule: Schedule
    at: int


class Schedules:
    """`jobs.schedules`: the recurring jobs of a queue. `run` in any number of processes; a worker runs one."""

    def __init__(self, connection: Commands, prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix

    async def set(self, schedule: Schedule) -> bool:
        """Begin a recurring job, or change it: its next tick is the first after now. The same one again changes
        nothing, and answers False.
        """
        now, _, _ = await self._read("due")
        next_due = schedule.next(now)
        return bool(await self._run("schedule", "set", schedule.name, schedule.text(), next_due))

    async def remove(self, name: str) -> bool:
        """End a recurring job. What it has put stays."""
        return bool(await self._run("schedule", "remove", check_scope(name)))

    async def all(self) -> list[Due]:
        """Every recurring job, the next one first."""
        return (await self._read("all"))[2]

    async def tick(self) -> float:
        """Put what is due. Returns the seconds until the next tick, at most one."""
        now, next_due, found = await self._read("due")
        for due in found:
            await self._put(due, now)
        if found:
            return 0.0
        # What is due and was not found is a schedule that cannot be read here: no reason to hurry.
        return min(POLL_SECONDS, (next_due - now) / 1000) if next_due > now else POLL_SECONDS

    async def run(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Put ticks as they come, until cancelled or `stopping()`. A lost connection is waited for."""
        while not stopping():
            try:
                seconds = await self.tick()
            except CapsuleError as error:
                log.warning("waiting with recurring jobs: %s", error)
                seconds = RETRY_SECONDS
            await asyncio.sleep(seconds)

    async def _put(self, due: Due, now: int) -> None:
        schedule, tick = due.schedule, due.at
        following = schedule.next(tick)
        if schedule.catch_up != "all" and following <= now:
            # Downtime: on to the last tick that has come. One jump, so that a year of missed minutes is no loop.
            tick = self._last(schedule, now)
            following = schedule.next(now)
        if schedule.catch_up == "none" and now - tick > LATE_SECONDS * 1000:
            await self._run("schedule", "skip", schedule.name, due.at, following)
            return
        for _ in range(MOST_TICKS if schedule.catch_up == "all" else 1):
            options = f"{schedule.terms.text(schedule.group)} s{schedule.name}:{due.at}:{following}"
            words = (
                f"{schedule.name}.{tick}",
                schedule.data,
                schedule.group or "",
                schedule.reply or "",
                options,
            )
            [state, _] = await self._run("put", *words, "", 0, 0)
            if state == b"stale" or following > now:
                return
            due = Due(schedule, following)
            tick, following = following, schedule.next(following)

    @staticmethod
    def _last(schedule: Schedule, now: int) -> int:
        """The last tick that is not after `now`; there is one."""
        back = timedelta(seconds=1)
        start = datetime.fromtimestamp(now / 1000, ZoneInfo(schedule.zone)).replace(microsecond=0) + back
        ticks = (round(tick.timestamp() * 1000) for tick in CronSim(schedule.cron, start, reverse=True))
        return next(tick for tick in ticks if tick <= now)

    async def _read(self, what: str) -> tuple[int, int, list[Due]]:
        """The server's time, the next tick (-1: there is none), and schedules."""
        now, next_due, *flat = await self._run("schedule", what)
        found = []
        for name, at, text in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
            try:
                found.append(Due(Schedule.parse(text), int(at)))
            except (ValueError, TypeError, KeyError):
                # Another version's, or another language's. It must not stop the ones behind it.
                log.warning("The schedule %s cannot be read here: %.200r", name.decode(), text)
        return int(now), int(float(next_due)), found

    async def _run(self, name: str, *words: Argument) -> Reply:
        return await self._connection.run(script.load(name), self._prefix, *words)
