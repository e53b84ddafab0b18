"""Recurring jobs: cron in a time zone, one put a tick, what happens after downtime."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from capsule.feeds import Capsule, Claim, InputError, Jobs, LimitError, Schedule, Terms
from tests.conftest import Run


def ms(text: str, zone: str = "UTC") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def local(moment: int, zone: str) -> str:
    return datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).isoformat()


async def rewind(cap: Capsule, jobs: Jobs, name: str, back: timedelta) -> int:
    """As if nobody had looked for so long: the tick that was due then."""
    [due] = [due for due in await jobs.schedules.all() if due.schedule.name == name]
    start = datetime.now(UTC) - back
    tick = due.schedule.next(round(start.timestamp() * 1000))
    await cap.connection.command("ZADD", f"{jobs.prefix}ticks", tick, name)
    return tick


async def ids(jobs: Jobs) -> list[str]:
    return [view.id for view in await jobs.page("waiting", count=1000)]


def test_the_next_tick_is_read_in_the_time_zone() -> None:
    daily = Schedule("daily", "30 7 * * 1-5", zone="Europe/Berlin")
    assert daily.next(ms("2026-11-20T07:30:00", "Europe/Berlin") - 1) == ms(
        "2026-11-20T07:30:00", "Europe/Berlin"
    )
    friday = ms("2026-11-20T07:30:00", "Europe/Berlin")
    assert local(daily.next(friday), "Europe/Berlin") == "2026-11-23T07:30:00+01:00"
    assert Schedule("s", "*/10 * * * * *").next(ms("2026-11-20T00:00:00") + 1) == ms("2026-11-20T00:00:10")


@pytest.mark.parametrize(
    ("cron", "day", "hours"),
    [
        # Clocks go from 2 to 3: what was to be at half past 2 is at 3, once.
        ("30 2 * * *", "2026-03-29", ["03:00"]),
        # Clocks go from 3 back to 2: half past 2 is there twice, the job once.
        ("30 2 * * *", "2026-10-25", ["02:30"]),
        ("0 * * * *", "2026-10-25", ["00:00", "01:00", "02:00", "02:00", "03:00"]),
        ("0 * * * *", "2026-03-29", ["00:00", "01:00", "03:00"]),
    ],
)
def test_summer_time_neither_doubles_nor_drops_a_daily_job(cron: str, day: str, hours: list[str]) -> None:
    schedule = Schedule("s", cron, zone="Europe/Berlin")
    found, at = [], ms(f"{day}T00:00:00", "Europe/Berlin") - 1
    end = ms(f"{day}T03:59:00", "Europe/Berlin")
    while (at := schedule.next(at)) <= end:
        found.append(local(at, "Europe/Berlin")[11:16])
    assert found == hours


@pytest.mark.parametrize(
    "change",
    [
        {"cron": "61 * * * *"},
        {"cron": "* * *"},
        {"cron": "0 0 30 2 *"},
        {"zone": "Mars/Olympus"},
        {"zone": "../etc/passwd"},
        {"catch_up": "some"},
        {"name": "a b"},
        {"name": "x" * 101},
        {"terms": Terms(at=5)},
        {"group": "team.7", "terms": Terms(delay=5)},
    ],
)
def test_what_is_no_schedule_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Schedule(**({"name": "s", "cron": "* * * * *"} | change))


def test_data_has_a_limit() -> None:
    with pytest.raises(LimitError):
        Schedule("s", "* * * * *", data="x" * 600_000)


def test_a_schedule_survives_being_stored() -> None:
    schedule = Schedule("s", "* * * * *", "é", "UTC", "all", None, "gw", Terms(delay=2, backoff=(1, 2)))
    assert Schedule.parse(schedule.text()) == schedule


def test_saying_it_again_changes_nothing_and_saying_something_else_begins_anew(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        schedule = Schedule("digest", "0 7 * * *", "hello")
        assert await jobs.schedules.set(schedule) is True
        tick = await rewind(cap, jobs, "digest", timedelta(days=2))
        assert await jobs.schedules.set(schedule) is False
        assert [due.at for due in await jobs.schedules.all()] == [tick]
        assert await jobs.schedules.set(Schedule("digest", "0 8 * * *")) is True
        [due] = await jobs.schedules.all()
        assert due.at > datetime.now(UTC).timestamp() * 1000
        assert await jobs.schedules.remove("digest") is True
        assert await jobs.schedules.remove("digest") is False
        assert await jobs.schedules.all() == []

    run(test)


def test_any_number_of_schedulers_put_each_tick_once(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await jobs.schedules.set(Schedule("minutely", "* * * * *", "x", catch_up="all"))
        first = await rewind(cap, jobs, "minutely", timedelta(hours=3))
        others = [await Capsule.connect(cap.url) for _ in range(3)]
        for _ in range(4):
            await asyncio.gather(*(each.jobs("mail").schedules.tick() for each in others))
        for each in others:
            await each.close()
        found = await ids(jobs)
        assert found == [f"minutely.{first + n * 60_000}" for n in range(len(found))]
        assert len(found) in (180, 181)
        assert (await jobs.schedules.all())[0].at == first + len(found) * 60_000

    run(test)


@pytest.mark.parametrize(("catch_up", "count"), [("last", 1), ("none", 0)])
def test_after_downtime_only_the_last_tick_is_put_or_none(run: Run, catch_up: Any, count: int) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        # Every half hour, but never within five minutes of now: the last tick is late, whenever this runs.
        minute = (datetime.now(UTC).minute - 10) % 30
        await jobs.schedules.set(Schedule("s", f"{minute},{minute + 30} * * * *", catch_up=catch_up))
        await rewind(cap, jobs, "s", timedelta(days=400))
        await jobs.schedules.tick()
        now = datetime.now(UTC).timestamp() * 1000
        found = await ids(jobs)
        assert len(found) == count
        assert all(now - 1_800_000 <= int(name.split(".")[1]) <= now for name in found)
        [due] = await jobs.schedules.all()
        assert now < due.at <= now + 1_800_000
        assert await jobs.schedules.tick() > 0
        assert await ids(jobs) == found

    run(test)


def test_a_tick_carries_group_reply_and_terms(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await jobs.schedules.set(
            Schedule("a", "* * * * *", "x", reply="gw", terms=Terms(priority=3, attempts=2))
        )
        await jobs.schedules.set(Schedule("b", "* * * * *", "y", group="team.7"))
        for name in "ab":
            await rewind(cap, jobs, name, timedelta(minutes=1, seconds=1))
        await jobs.schedules.tick()
        [alone, grouped] = await jobs.claim(10)
        assert (grouped.group, grouped.jobs[0].data) == ("team.7", b"y")
        [view] = await jobs.look(alone.jobs[0].id)
        assert (view.options, view.reply, view.data) == ("p3 a2", "gw", b"x")

    run(test)


def test_a_running_scheduler_puts_ticks_as_they_come(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await jobs.schedules.set(Schedule("secondly", "* * * * * *", catch_up="all"))
        stop = asyncio.Event()
        runs = [asyncio.create_task(jobs.schedules.run(stop.is_set)) for _ in range(2)]
        claims: list[Claim] = []
        async with asyncio.timeout(60):
            while len(claims) < 3:
                claims += await jobs.claim(1, wait=1)
        stop.set()
        await asyncio.gather(*runs)
        ticks = [int(claim.jobs[0].id.split(".")[1]) for claim in claims]
        assert ticks == [ticks[0], ticks[0] + 1000, ticks[0] + 2000]

    run(test)


def test_a_schedule_that_cannot_be_read_stops_nobody(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        await cap.connection.command("HSET", f"{jobs.prefix}schedules", "alien", '{"every":5}')
        await cap.connection.command("ZADD", f"{jobs.prefix}ticks", 1, "alien")
        await jobs.schedules.set(Schedule("s", "* * * * *"))
        await rewind(cap, jobs, "s", timedelta(minutes=1, seconds=1))
        await jobs.schedules.tick()
        assert len(await ids(jobs)) == 1
        assert await jobs.schedules.tick() > 0.1

    run(test)
    assert "alien cannot be read" in caplog.text
