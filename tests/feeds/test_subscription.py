"""Following a scope or a feed: every event once, in order, or a snapshot to begin anew with."""

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from capsule.feeds import (
    Capsule,
    Frame,
    NameInvalidError,
    Page,
    Publish,
    Resync,
    Retract,
    Transaction,
    WrongTypeError,
    subscription,
)
from tests.conftest import Run, until

from .writing import one, publish


async def take(news: AsyncIterator[Any], count: int) -> list[Any]:
    async with asyncio.timeout(60):
        return [await anext(news) for _ in range(count)]


def test_without_an_event_to_begin_at_it_begins_with_a_snapshot(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, publish("op.1", "chat", "m1"))
        news = scope.subscribe()
        [first] = await take(news, 1)
        assert isinstance(first, Resync)
        assert first.snapshot == await scope.snapshot()
        outcome = await one(scope, publish("op.2", "chat", "m2"))
        [frame] = await take(news, 1)
        assert frame == Frame(
            outcome.event_id or "",
            first.event_id,
            [("op.2", [["publish", "chat", "m2", {"id": "m2"}, ":end"]])],
        )

    run(test)


def test_it_goes_on_after_the_event_that_is_named(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        ids = [(await one(scope, publish(f"op.{n}", "chat", f"m{n}"))).event_id for n in range(4)]
        found = await take(scope.subscribe(ids[1]), 2)
        assert [frame.event_id for frame in found] == ids[2:]
        with pytest.raises(NameInvalidError):
            await take(scope.subscribe("soon"), 1)

    run(test)


def test_an_event_that_is_not_in_the_log_any_more_is_answered_by_a_snapshot(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        first = await one(scope, publish("op.1", "chat", "m1"))
        await one(scope, publish("op.2", "chat", "m2"))
        await cap.connection.command("XTRIM", f"{scope.prefix}log", "MAXLEN", "=", 1)
        [found] = await take(scope.subscribe(first.event_id), 1)
        assert isinstance(found, Resync)
        assert found.event_id == await scope.last()

    run(test)


def test_a_subscriber_of_a_feed_hears_of_it_alone(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish("op.1", "members", "42"), publish("op.2", "members.42.tasks", "a")])
        news = scope.feed("members.42.tasks").subscribe()
        [page] = await take(news, 1)
        assert isinstance(page, Page)
        assert [item.id for item in page.items] == ["a"]
        both = [Publish("chat", "m1", "{}"), Publish("members.42.tasks", "b", "[1]")]
        await scope.commit([publish("op.3", "chat", "m0"), Transaction("op.4", both)])
        await one(scope, Transaction("op.5", [Retract("members", "42")]))
        added, gone = await take(news, 2)
        assert (added.op, added.verb, added.id, added.value, added.position) == (
            "op.4",
            "publish",
            "b",
            [1],
            ":end",
        )
        assert (gone.op, gone.verb, gone.id) == ("op.5", "delete", "")

    run(test)


def test_a_consumer_that_is_slower_than_the_events_misses_none(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "MAX_WAITING", 5)

    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        news = scope.subscribe("0-0")
        ids = [(await one(scope, publish("op.0", "chat", "m0"))).event_id]
        found = await take(news, 1)
        for n in range(1, 60):
            ids.append((await one(scope, publish(f"op.{n}", "chat", f"m{n}"))).event_id)
        found += await take(news, 59)
        assert [frame.event_id for frame in found] == ids

    run(test)


def test_a_message_that_was_lost_without_a_word_is_found_when_it_has_been_quiet(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "QUIET_SECONDS", 0.05)

    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        news = scope.subscribe("0-0")
        waiting = asyncio.create_task(take(news, 1))
        channels = cap.events._channels
        await until(lambda: scope.channel.encode() in channels)
        callbacks = channels[scope.channel.encode()].listeners
        kept = callbacks[:]
        callbacks.clear()
        outcome = await one(scope, publish("op.1", "chat", "m1"))
        callbacks += kept
        assert (await waiting)[0].event_id == outcome.event_id

    run(test)


def test_leaving_the_loop_ends_the_subscription(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        async for news in feed.subscribe():
            assert isinstance(news, Page)
            break
        gc.collect()
        await until(lambda: not cap.events._channels)

    run(test)


def test_an_error_that_will_not_go_away_is_raised(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await cap.connection.command("SET", f"{scope.prefix}feeds", "somebody else's")
        with pytest.raises(WrongTypeError):
            await take(scope.subscribe(), 1)

    run(test)
