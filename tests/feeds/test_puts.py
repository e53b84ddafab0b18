"""Puts of one tick share a call, and nothing else."""

import asyncio
from typing import Any

import pytest

from capsule.feeds import Capsule, ConnectionLostError, Put, WrongTypeError
from capsule.feeds.puts import MOST
from tests.conftest import Run


async def calls(cap: Capsule) -> int:
    info = (await cap.connection.command("INFO", "commandstats")).decode()
    found = [line for line in info.splitlines() if line.startswith("cmdstat_evalsha:")]
    return int(found[0].split("calls=")[1].split(",")[0]) if found else 0


def test_the_puts_of_one_tick_are_one_call(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await jobs.put("first", b"")
        before = await calls(cap)
        puts = await asyncio.gather(*(jobs.put(f"j{n % 20}", b"", group=f"g{n % 3}") for n in range(MOST)))
        assert await calls(cap) == before + 1
        assert [put.state for put in puts] == ["queued"] * 20 + ["waiting"] * (MOST - 20)

    run(test)


def test_more_than_fit_one_call_are_several(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        puts = await asyncio.gather(
            *(jobs.put(f"j{n}", b"x" * 300_000) for n in range(10)),
            *(jobs.put(f"k{n}", b"") for n in range(2 * MOST + 1)),
        )
        assert {put.state for put in puts} == {"queued"}
        assert (await jobs.stats())["waiting"] == 10 + 2 * MOST + 1

    run(test)


def test_one_that_cannot_be_taken_does_not_take_the_others_down(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await cap.connection.command("SET", f"{jobs.prefix}group:bad", "x")
        puts: Any = await asyncio.gather(
            jobs.put("j1", b"", group="good"),
            jobs.put("j2", b"", group="bad"),
            jobs.put("j3", b""),
            return_exceptions=True,
        )
        assert puts[0] == puts[2] == Put("queued", None)
        assert isinstance(puts[1], WrongTypeError)

    run(test)


def test_a_caller_that_is_cancelled_takes_nobody_with_it(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        tasks = [asyncio.create_task(jobs.put(f"j{n}", b"")) for n in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        assert [put.state for put in await asyncio.gather(*tasks[1:])] == ["queued", "queued"]

    run(test)


def test_a_lost_connection_is_everybodys(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await jobs.put("j0", b"")
        other = await Capsule.connect(cap.url)
        await other.connection.command("CLIENT", "PAUSE", 60_000, "WRITE")
        tasks = [asyncio.create_task(jobs.put(f"j{n}", b"")) for n in range(3)]
        await asyncio.sleep(0.05)
        await cap.close()
        for task in tasks:
            with pytest.raises(ConnectionLostError):
                await task
        await other.connection.command("CLIENT", "UNPAUSE")
        await other.close()

    run(test)
