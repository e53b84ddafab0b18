"""scripts/commit.lua: what the log and the list of operation ids keep, and what they forget."""

import asyncio
import json

from capsule.feeds import (
    Capsule,
    Publish,
    Transaction,
)
from tests.conftest import Run

from .writing import one, publish


def test_the_log_is_trimmed_by_count(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await asyncio.gather(*(scope.commit([publish(f"op.{n}", "chat", f"m{n}")]) for n in range(1200)))
        length = await cap.connection.command("XLEN", f"{scope.prefix}log")
        assert 1000 <= length <= 1064
        entries = await cap.connection.command("XRANGE", f"{scope.prefix}log", "-", "+")
        held = int(await cap.connection.command("HGET", f"{scope.prefix}meta", "bytes"))
        assert held == sum(len(fields[1]) for _, fields in entries)
        assert await scope.log("0-0") is None
        assert len(await scope.log(entries[0][0].decode()) or []) == length - 1

    run(test)


def test_the_log_is_trimmed_by_bytes_and_keeps_the_last_frame(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        text = json.dumps("x" * 900_000)
        for n in range(8):
            await one(scope, Transaction(f"op.{n}", [Publish("chat", f"m{n}", text)]))
        assert await cap.connection.command("XLEN", f"{scope.prefix}log") == 4
        assert int(await cap.connection.command("HGET", f"{scope.prefix}meta", "bytes")) <= 4 << 20
        assert 0 < await cap.connection.command("TTL", f"{scope.prefix}log") <= 172_800

    run(test)


def test_a_log_that_expired_begins_again(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        first = await one(scope, publish("op.1", "chat", "m1"))
        await cap.connection.command("DEL", f"{scope.prefix}log")
        assert await scope.log(first.event_id or "") == []
        second = await one(scope, publish("op.2", "chat", "m2"))
        assert await scope.log(first.event_id or "") is None
        assert await scope.log(second.event_id or "") == []
        held = int(await cap.connection.command("HGET", f"{scope.prefix}meta", "bytes"))
        [entry] = await cap.connection.command("XRANGE", f"{scope.prefix}log", "-", "+")
        assert held == len(entry[1][1])

    run(test)


def test_operation_ids_are_forgotten_by_age_only(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for n in range(3):
            await scope.commit(
                [publish(f"op.{n}.a", "chat", f"m{n}a"), publish(f"op.{n}.b", "chat", f"m{n}b")]
            )
        ages = f"{scope.prefix}opage"
        for n in range(2):
            stamp, _, ops = (await cap.connection.command("LINDEX", ages, n)).decode().partition(" ")
            age = 172_800_000 + 60_000 if n == 0 else 172_800_000 - 60_000
            await cap.connection.command("LSET", ages, n, f"{int(stamp) - age} {ops}")
        await one(scope, publish("op.9", "chat", "m9"))
        known = await scope.lookup(["op.0.a", "op.0.b", "op.1.a", "op.2.b", "op.9"])
        assert [event is not None for event in known] == [False, False, True, True, True]

    run(test)
