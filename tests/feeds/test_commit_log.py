"""scripts/commit.lua: what the log and the list of operation ids keep, and what they forget."""

import asyncio
import json

import pytest

from capsule.feeds import Capsule, Publish, Scope, Transaction
from tests.conftest import Run

from .writing import one, publish

KEPT_MS = 172_800_000


def test_the_log_is_trimmed_by_count(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await asyncio.gather(*(scope.commit([publish(f"op.{n}", "chat", f"m{n}")]) for n in range(1200)))
        length = await cap.connection.command("XLEN", f"{scope.prefix}log")
        assert 1000 <= length <= 1064
        entries = await cap.connection.command("XRANGE", f"{scope.prefix}log", "-", "+")
        held = int(await cap.connection.command("HGET", f"{scope.prefix}meta", "bytes"))
        assert held == pytest.approx(sum(len(fields[1]) for _, fields in entries), rel=0.1)
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
        assert 172_800 < await cap.connection.command("TTL", f"{scope.prefix}log") <= 349_200

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
        # What it is thought to hold is put right when it is trimmed next, and nothing goes too early until then.
        await asyncio.gather(*(scope.commit([publish(f"on.{n}", "chat", f"n{n}")]) for n in range(1062)))
        assert await cap.connection.command("XLEN", f"{scope.prefix}log") == 1063
        await scope.commit([publish("op.3", "chat", "m3")])
        entries = await cap.connection.command("XRANGE", f"{scope.prefix}log", "-", "+")
        assert 1000 <= len(entries) <= 1064
        held = int(await cap.connection.command("HGET", f"{scope.prefix}meta", "bytes"))
        assert held == pytest.approx(sum(len(fields[1]) for _, fields in entries), rel=0.1)

    run(test)


async def age(cap: Capsule, scope: Scope, ms: int) -> None:
    """As if the time since the operation ids were last put aside were longer."""
    left = await cap.connection.command("PTTL", f"{scope.prefix}ops")
    await cap.connection.command("PEXPIRE", f"{scope.prefix}ops", left - ms)


def test_operation_ids_are_known_for_48_hours_and_forgotten_by_age_only(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        first = await one(scope, publish("op.1", "chat", "m1"))
        await age(cap, scope, KEPT_MS - 60_000)
        await one(scope, publish("op.2", "chat", "m2"))
        await age(cap, scope, 120_000)  # from here on a commit puts the ids so far aside
        await one(scope, publish("op.3", "chat", "m3"))
        assert None not in await scope.lookup(["op.1", "op.2", "op.3"])
        again = await one(scope, publish("op.1", "chat", "m9"))
        assert (again.code, again.event_id) == ("known", first.event_id)
        await age(cap, scope, KEPT_MS + 60_000)  # and the next one drops those
        await one(scope, publish("op.4", "chat", "m4"))
        known = await scope.lookup(["op.1", "op.2", "op.3", "op.4"])
        assert [event is not None for event in known] == [False, False, True, True]

    run(test)


def test_what_an_idle_scope_knows_of_operations_goes_by_itself(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, publish("op.1", "chat", "m1"))
        await age(cap, scope, KEPT_MS + 60_000)
        await one(scope, publish("op.2", "chat", "m2"))
        for key in ("ops", "opsold", "log"):
            left = await cap.connection.command("PTTL", f"{scope.prefix}{key}")
            # 48 hours for what was put aside last, four days for what has just begun.
            assert KEPT_MS < left <= (1 if key == "opsold" else 2) * KEPT_MS + 3_600_000, key

    run(test)
