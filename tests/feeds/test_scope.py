"""A scope as its readers see it: snapshot, last, log, lookup. What commits do is in test_commit.py."""

import asyncio
import json

import pytest

from capsule.feeds import (
    Capsule,
    InputError,
    NameInvalidError,
    Publish,
    Scope,
    ScriptError,
    Transaction,
    WrongTypeError,
    script,
)
from tests.conftest import Run


async def publish(scope: Scope, *ids: str) -> str:
    outcomes = await scope.commit(
        [Transaction(f"op.{name}", [Publish("chat", name, json.dumps(name))]) for name in ids]
    )
    assert outcomes[0].event_id is not None
    return outcomes[0].event_id


def test_a_scope_that_was_never_written_is_empty(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        snapshot = await scope.snapshot()
        assert (snapshot.event_id, snapshot.feeds) == ("0-0", [])
        assert await scope.last() == "0-0"
        assert await scope.log("0-0") == []
        assert await scope.lookup([]) == []
        assert await scope.commit([]) == []

    run(test)


def test_a_snapshot_names_parents_before_what_hangs_below_them(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        feeds = [
            "members",
            ".",
            "chat",
            "members.b.tasks",
            "members.a.tasks",
            "members2",
            "members.a.tasks.t.notes",
        ]
        parents = [("members", "a"), ("members", "b"), ("members.a.tasks", "t")]
        await scope.commit(
            [Transaction(f"p.{n}", [Publish(*parent, "{}")]) for n, parent in enumerate(parents)]
        )
        await scope.commit(
            [Transaction(f"op.{n}", [Publish(feed, "x", "{}")]) for n, feed in enumerate(feeds)]
        )
        snapshot = await scope.snapshot()
        assert [name for name, _ in snapshot.feeds] == sorted(feeds)
        assert snapshot.event_id == await scope.last()

    run(test)


def test_a_snapshot_of_many_items_has_them_all_in_order(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for batch in range(5):
            ids = [f"m{batch}-{n}" for n in range(501)]
            await scope.commit([Transaction(f"op.{batch}", [Publish("chat", m, json.dumps(m)) for m in ids])])
        [(_, items)] = (await scope.snapshot()).feeds
        assert items == [(f"m{b}-{n}", f'"m{b}-{n}"'.encode()) for b in range(5) for n in range(501)]

    run(test)


def test_the_log_gives_every_frame_after_an_event_and_none_to_who_is_current(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        ids = [await publish(scope, f"m{n}") for n in range(5)]
        everything = await scope.log("0-0") or []
        assert [frame.split(b" ", 1)[0].decode() for frame in everything] == ids
        assert await scope.log(ids[2]) == everything[3:]
        assert await scope.log(ids[4]) == []
        previous = [frame.split(b" ", 2)[1].decode() for frame in everything]
        assert previous == ["0-0", *ids[:-1]]

    run(test)


def test_an_event_that_was_rolled_back_or_trimmed_is_not_in_the_log(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        first, second = await publish(scope, "m1"), await publish(scope, "m2")
        version, nonce = second.split("-")
        assert await scope.log(f"{version}-{int(nonce) ^ 1}") is None
        assert await scope.log("9-9") is None
        await cap.connection.command("XTRIM", f"{scope.prefix}log", "MAXLEN", "=", 1)
        assert await scope.log(first) is None
        assert await scope.log("0-0") is None
        assert await scope.log(second) == []

    run(test)


def test_scopes_do_not_touch(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await publish(cap.scope("team.7"), "m1")
        await publish(cap.scope("team.77"), "m1")
        assert (await cap.scope("team.77").last()).startswith("1-")
        assert await cap.scope("team").last() == "0-0"

    run(test)


def test_concurrent_commits_make_contiguous_versions(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        ids = await asyncio.gather(*(publish(scope, f"m{n}") for n in range(100)))
        assert sorted(int(event_id.split("-")[0]) for event_id in ids) == list(range(1, 101))

    run(test)


@pytest.mark.parametrize("name", ["", "team/7", "team 7", "team{7}", "té", "team\n", "x" * 129])
def test_a_scope_has_a_plain_name(run: Run, name: str) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(NameInvalidError):
            cap.scope(name)

    run(test)


def test_ids_that_cannot_be_are_refused_before_they_are_sent(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for since in ("", "12", "12-", "-1", "0-0 ", "012-1"):
            with pytest.raises(NameInvalidError):
                await scope.log(since)
        with pytest.raises(NameInvalidError):
            await scope.lookup(["a b"])
        with pytest.raises(InputError):
            await scope.lookup("ann.c1.1")

    run(test)


@pytest.mark.parametrize("since", [(), ("",), ("12",), ("-",), ("1-x",)])
def test_a_client_that_does_not_check_its_event_id_is_refused(run: Run, since: tuple[str, ...]) -> None:
    async def test(cap: Capsule) -> None:
        await publish(cap.scope("team.7"), "m1")
        with pytest.raises(ScriptError, match="event id is malformed"):
            await cap.connection.run(script.load("log"), cap.scope("team.7").prefix, *since)

    run(test)


@pytest.mark.parametrize("suffix", ["meta", "feeds"])
def test_a_snapshot_of_foreign_keys_is_an_error(run: Run, suffix: str) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await cap.connection.command("SET", f"{scope.prefix}{suffix}", "x")
        with pytest.raises(WrongTypeError):
            await scope.snapshot()

    run(test)
