"""A feed: items in order of arrival. What it shares with sorted feeds is in test_items.py."""

import pytest

from capsule.feeds import Capsule, ItemExistsError, Publish, Transaction
from tests.conftest import Run

from .writing import one


def test_items_stay_in_the_order_of_their_arrival_also_when_they_are_edited(run: Run) -> None:
    """Thoonk's moved to the end."""

    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        for name in "abc":
            await feed.publish({"name": name}, name)
        await feed.edit("a", {"age": 7})
        assert await feed.all() == {"a": {"name": "a", "age": 7}, "b": {"name": "b"}, "c": {"name": "c"}}

    run(test)


def test_an_id_is_taken_once(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        await feed.publish({}, "42")
        with pytest.raises(ItemExistsError) as caught:
            await feed.publish({}, "42")
        assert caught.value.code == "EXISTS"

    run(test)


def test_a_plain_name_is_a_scope_of_one_feed_and_a_scope_has_many(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await cap.feed("users").publish({"n": 1}, "42")
        assert (await cap.scope("users").snapshot()).feeds == [(".", [("42", b'{"n":1}')])]
        scope = cap.scope("team.7")
        await one(scope, Transaction("op.1", [Publish("members", "42", "{}")]))
        written = await scope.feed("members.42.notes").publish("hello")
        assert written.event_id == await scope.last()
        assert list((await scope.feed("members.42.notes").all()).values()) == ["hello"]

    run(test)


def test_one_item_is_read_without_the_rest(run: Run) -> None:
    """What `get`, `has` and `length` cost does not depend on the others: the commands that run are counted."""

    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        for n in range(300):
            await feed.publish({"n": n}, f"u{n}")
        for read, wanted in (
            (feed.get("u5"), "hmget"),
            (feed.has("u5"), "hexists"),
            (feed.length(), "zcard"),
        ):
            await cap.connection.command("CONFIG", "RESETSTAT")
            await read
            stats = (await cap.connection.command("INFO", "commandstats")).decode()
            assert f"cmdstat_{wanted}:calls=1," in stats
            assert "cmdstat_zrange" not in stats
            assert "cmdstat_hgetall" not in stats

    run(test)
