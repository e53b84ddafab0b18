"""Reading a part of a scope: pages, single items, and windows of snapshots."""

from typing import Any

import pytest

from capsule.feeds import (
    Capsule,
    InputError,
    Item,
    NameInvalidError,
    Page,
    Publish,
    ScriptError,
    Transaction,
    WrongTypeError,
    script,
)
from tests.conftest import Run

from .writing import one


async def fill(cap: Capsule, feed: str, *ids: str) -> None:
    operations = [Publish(feed, name, f'"{name}"', ":end", "sorted_feed") for name in ids]
    await one(cap.scope("team.7"), Transaction(f"fill.{feed}.{ids[0]}", operations))


@pytest.mark.parametrize(
    ("position", "count", "start", "names"),
    [
        (":end", 2, 3, "de"),
        (":end", 9, 0, "abcde"),
        ("begin:", 2, 0, "ab"),
        (":c", 1, 1, "b"),
        (":c", 9, 0, "ab"),
        (":a", 9, 0, ""),
        ("c:", 1, 3, "d"),
        ("c:", 9, 3, "de"),
        ("e:", 9, 5, ""),
    ],
)
def test_a_page_is_what_its_position_says(
    run: Run, position: str, count: int, start: int, names: str
) -> None:
    async def test(cap: Capsule) -> None:
        await fill(cap, "tasks", *"abcde")
        scope = cap.scope("team.7")
        items = [(name, f'"{name}"'.encode()) for name in names]
        assert await scope.page("tasks", position, count) == (await scope.last(), 5, start, items)
        bare = await scope.page("tasks", position, count, ids_only=True)
        assert bare is not None
        assert [key for key, _ in bare[3]] == list(names)

    run(test)


def test_a_page_beside_an_item_that_is_gone_says_so(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await fill(cap, "tasks", *"ab")
        assert await cap.scope("team.7").page("tasks", ":x", 5) is None
        assert await cap.scope("team.7").page("chat", "x:", 5) is None
        assert await cap.scope("team.7").page("chat", ":end", 5) == (
            await cap.scope("team.7").last(),
            0,
            0,
            [],
        )

    run(test)


@pytest.mark.parametrize(
    ("position", "names"), [(":end", "klm"), ("begin:", "abcde"), (":k", "ghij"), ("c:", "defgh")]
)
def test_a_page_of_large_items_is_cut_where_it_is_farthest(run: Run, position: str, names: str) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for n, name in enumerate("abcdefghijklm"):
            text = '"' + "x" * (1_000_000 if n < 10 else 1_040_000) + '"'
            await one(scope, Transaction(f"op.{name}", [Publish("tasks", name, text, ":end", "sorted_feed")]))
        found = await scope.page("tasks", position, 100)
        assert found is not None
        ids = "".join(key for key, _ in found[3])
        assert ids.endswith(names) if position.startswith(":") else ids.startswith(names)
        assert 4 <= len(ids) <= 5
        assert found[2] == "abcdefghijklm".index(ids[0])

    run(test)


def test_items_are_read_by_their_ids(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await fill(cap, "tasks", *"abc")
        scope = cap.scope("team.7")
        assert await scope.get("tasks", ["c", "x", "a"]) == (await scope.last(), [b'"c"', None, b'"a"'])
        assert await scope.get("chat", ["a"]) == (await scope.last(), [None])
        assert await cap.scope("other").get("chat", ["a"]) == ("0-0", [None])

    run(test)


def test_a_window_holds_the_last_items_of_every_feed_of_a_collection(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await fill(cap, "members", "1", "2")
        for member in "12":
            await fill(cap, f"members.{member}.tasks", *"abcd"[: 2 * int(member)])
            await fill(cap, f"members.{member}.tasks.a.notes", *"xyz")
        snapshot = await cap.scope("team.7").snapshot({"members.*.tasks": 3, "members.*.tasks.*.notes": 1})
        assert {name: "".join(key for key, _ in items) for name, items in snapshot.feeds} == {
            "members": "12",
            "members.1.tasks": "ab",
            "members.1.tasks.a.notes": "z",
            "members.2.tasks": "bcd",
            "members.2.tasks.a.notes": "z",
        }
        assert snapshot.lengths["members.2.tasks"] == 4
        one_feed = await cap.scope("team.7").snapshot({"members.*.tasks": 1}, feed="members.2.tasks")
        assert [key for _, items in one_feed.feeds for key, _ in items] == ["d"]

    run(test)


def test_arguments_that_can_never_be_are_refused_before_they_are_sent(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for count in (0, 1001):
            with pytest.raises(InputError):
                await scope.page("tasks", ":end", count)
        for ids in ([], ["a"] * 1001, "abc"):
            with pytest.raises(InputError):
                await scope.get("tasks", ids)
        with pytest.raises(NameInvalidError):
            await scope.page("tasks", "anywhere", 5)
        with pytest.raises(NameInvalidError):
            await scope.get("tasks", ["a b"])
        with pytest.raises(InputError):
            await scope.feed("tasks").page(before="a", first=True)

    run(test)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("page", ()),
        ("page", ("a b", ":end", 5, "items")),
        ("page", ("tasks", "anywhere", 5, "items")),
        ("page", ("tasks", ":end", 0, "items")),
        ("page", ("tasks", ":end", 1001, "items")),
        ("page", ("tasks", ":end", 1.5, "items")),
        ("page", ("tasks", ":end", 5, "all")),
        ("page", ("tasks", ":end", 5, "items", "more")),
        ("get", ()),
        ("get", ("tasks",)),
        ("get", ("a b", "x")),
        ("get", ("tasks", "a.b")),
        ("get", ("tasks", *["x"] * 1001)),
        ("snapshot", ()),
        ("snapshot", ("", "", "all")),
        ("snapshot", ("soon", "", "items")),
        ("snapshot", ("a b 5", "", "items")),
        ("snapshot", ("", "a b", "items")),
        ("snapshot", ("", "", "items", "chat")),
        ("snapshot", ("", "", "items", "chat", 0)),
        ("snapshot", ("", "", "items", "chat", "x")),
    ],
)
def test_a_client_that_does_not_check_gets_args(run: Run, name: str, arguments: tuple[Any, ...]) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(ScriptError):
            await cap.connection.run(script.load(name), cap.scope("team.7").prefix, *arguments)

    run(test)


@pytest.mark.parametrize("suffix", ["meta", "ids:tasks", "items:tasks"])
def test_keys_of_another_type_are_an_error(run: Run, suffix: str) -> None:
    async def test(cap: Capsule) -> None:
        await fill(cap, "tasks", *"abc")
        scope = cap.scope("team.7")
        await cap.connection.command("SET", f"{scope.prefix}{suffix}", "somebody else's")
        with pytest.raises(WrongTypeError):
            await scope.page("tasks", ":end", 5)

    run(test)


def test_a_page_says_whether_there_are_older_and_newer_items() -> None:
    items = [Item("b", None, 1)]
    assert (Page("1-1", 3, 1, items).older, Page("1-1", 3, 1, items).newer) == (True, True)
    assert (Page("1-1", 1, 0, items).older, Page("1-1", 1, 0, items).newer) == (False, False)
