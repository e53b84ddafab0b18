"""A sorted feed: items where people put them. What it shares with feeds is in test_items.py."""

import pytest

from capsule.feeds import Capsule, InputError, ItemNotFoundError
from tests.conftest import Run


def test_items_are_placed_and_moved(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        tasks = cap.sorted_feed("team.andyet.members.42.tasks")
        await tasks.append({}, "c")
        await tasks.prepend({}, "a")
        await tasks.insert_before("c", {}, "b")
        await tasks.insert_after("c", {}, "d")
        assert await tasks.ids() == ["a", "b", "c", "d"]
        await tasks.move("a", last=True)
        await tasks.move("d", first=True)
        await tasks.move("c", before="b")
        assert await tasks.ids() == ["d", "c", "b", "a"]
        await tasks.move("d", after="b")
        assert await tasks.ids() == ["c", "b", "d", "a"]

    run(test)


def test_a_position_is_said_once_and_names_another_item_that_is_there(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        tasks = cap.sorted_feed("tasks")
        await tasks.append({}, "a")
        for where in ({}, {"first": True, "last": True}, {"before": "x", "after": "y"}, {"before": "a"}):
            with pytest.raises(InputError):
                await tasks.move("a", **where)
        for write in (tasks.insert_after("x", {}), tasks.insert_before("x", {}), tasks.move("a", after="x")):
            with pytest.raises(ItemNotFoundError, match="names no item"):
                await write
        with pytest.raises(ItemNotFoundError, match="has no item"):
            await tasks.move("x", first=True)

    run(test)


def test_a_full_feed_loses_its_first_items_wherever_the_new_one_goes(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        tasks = cap.sorted_feed("tasks")
        await tasks.configure(max_length=2)
        for name in "abc":
            await tasks.append({}, name)
        assert await tasks.ids() == ["b", "c"]
        await tasks.insert_after("b", {}, "x")
        assert await tasks.ids() == ["x", "c"]

    run(test)
