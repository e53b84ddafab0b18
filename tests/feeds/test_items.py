"""What feeds and sorted feeds have in common. See also test_random_feeds.py."""

import asyncio

import pytest

from capsule.feeds import (
    Capsule,
    ConflictError,
    Event,
    InputError,
    ItemInvalidError,
    ItemNotFoundError,
    KindError,
    LimitError,
    NameInvalidError,
    RefusedError,
)
from capsule.feeds.items import collection, made_id, place
from tests.conftest import Run


def test_an_edit_that_is_repeated_with_its_operation_id_answers_what_it_answered(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        await feed.publish({"n": 0}, "42")
        first = await feed.edit("42", {"n": 1}, op="ann.c1.1")
        await feed.edit("42", {"n": 2})
        again = await feed.edit("42", {"n": 1}, op="ann.c1.1")
        assert (again.event_id, again.known, first.known) == (first.event_id, True, False)
        assert await feed.all() == {"42": {"n": 2}}
        await feed.retract("42")
        assert (await feed.edit("42", {"n": 1}, op="ann.c1.1")).known, "also when the item is gone"

    run(test)


def test_edits_at_the_same_time_lose_nothing(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        await feed.publish({}, "42")
        await asyncio.gather(*(feed.edit("42", {f"k{n}": n}) for n in range(40)))
        item = await feed.get("42")
        assert item is not None
        assert item.value == {f"k{n}": n for n in range(40)}

    run(test)


def test_an_edit_of_what_has_changed_since_is_a_conflict(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        await feed.publish({"n": 0}, "42")
        await feed.publish({}, "43")
        seen = await feed.get("42")
        assert seen is not None
        await feed.edit("43", {"n": 1})
        edited = await feed.edit("42", {"n": 1}, if_version=seen.version)
        with pytest.raises(ConflictError, match="has changed") as caught:
            await feed.edit("42", {"n": 2}, if_version=seen.version)
        assert caught.value.code == "CONFLICT"
        await feed.edit("42", {"n": 3}, if_version=edited.version)
        with pytest.raises(ConflictError):
            await feed.edit("42", {"n": 4}, if_version=99)
        assert (await feed.all())["42"] == {"n": 3}

    run(test)


def test_what_is_no_object_has_no_attributes_to_edit(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        await feed.publish([1, 2], "list")
        with pytest.raises(ItemInvalidError, match="no object"):
            await feed.edit("list", {"n": 1})

    run(test)


def test_the_other_kind_of_feed_is_an_error(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await cap.feed("users").publish({}, "42")
        wrong = cap.sorted_feed("users")
        for write in (wrong.append({}), wrong.move("42", first=True), wrong.configure(max_length=5)):
            with pytest.raises(KindError) as caught:
                await write
            assert caught.value.code == "TYPE"
        with pytest.raises(KindError):
            await wrong.max_length()

    run(test)


def test_what_can_never_be_is_refused_before_it_is_sent(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        for value in (float("nan"), float("inf"), {1, 2}, object(), "\ud800", {"a": b"x"}):
            with pytest.raises(ItemInvalidError):
                await feed.publish(value)
        with pytest.raises(LimitError):
            await feed.publish("x" * 100_000_000)
        with pytest.raises(ItemInvalidError):
            await feed.edit("42", {"n": float("nan")})
        for name in ("", "begin", "a.b", "a b", "x" * 65):
            with pytest.raises(NameInvalidError):
                await feed.publish({}, name or "..")
            with pytest.raises(NameInvalidError):
                await feed.get(name)
        with pytest.raises(NameInvalidError):
            await feed.publish({}, op="a b")
        with pytest.raises(InputError):
            await feed.configure(max_length=0)
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)


def test_refusals_are_one_family(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(LookupError):
            await cap.feed("users").retract("42")
        with pytest.raises(RefusedError, match="has no item 42"):
            await cap.feed("users").retract("42")
        with pytest.raises(ItemNotFoundError):
            await cap.feed("users").delete()
        with pytest.raises(ItemNotFoundError, match="hangs below"):
            await cap.scope("team.7").feed("members.42.chat").publish({})

    run(test)


def test_an_id_that_is_made_is_the_same_for_the_same_operation(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.feed("users")
        first, other = await feed.publish({}, op="ann.c1.1"), await feed.publish({})
        assert await feed.publish({}, op="ann.c1.1") == type(first)(first.id, first.event_id, True)
        assert first.id != other.id
        assert await feed.ids() == [first.id, other.id]

    run(test)
    assert made_id("a") == made_id("a") != made_id("b")
    assert made_id(None) != made_id(None)


def test_the_events_of_a_feed_speak_its_own_words(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        feed = cap.sorted_feed("tasks")
        last = "0-0"
        await feed.configure(max_length=2)
        await feed.append({"n": 1}, "a")
        await feed.insert_before("a", {}, "b")
        await feed.move("a", first=True)
        await feed.edit("a", {"m": 2}, unset=["n"])
        await feed.retract("b")
        await feed.delete()
        seen = []
        async for event in feed.subscribe(last):
            assert isinstance(event, Event)
            seen.append((event.verb, event.id, event.value, event.position, event.unset))
            if event.verb == "delete":
                break
        assert seen == [
            ("config", "", {"max_length": 2}, "", ()),
            ("publish", "a", {"n": 1}, ":end", ()),
            ("publish", "b", {}, ":a", ()),
            ("position", "a", None, "begin:", ()),
            ("edit", "a", {"m": 2}, "", ("n",)),
            ("retract", "b", None, "", ()),
            ("delete", "", None, "", ()),
        ]

    run(test)


def test_positions_and_collections_have_their_grammar() -> None:
    assert [place(before="a"), place(after="a"), place(first=True), place()] == [":a", "a:", "begin:", ":end"]
    names = [".", "chat", "members.42.tasks", "members.42.tasks.t1.notes"]
    assert [collection(name) for name in names] == [".", "chat", "members.*.tasks", "members.*.tasks.*.notes"]
