"""scripts/commit.lua: config and delete; what a feed that is too long loses."""

import json

import pytest

from capsule.feeds import (
    Capsule,
    Configure,
    Delete,
    Edit,
    InputError,
    Move,
    NameInvalidError,
    Publish,
    ReadFeed,
    ReadItem,
    Retract,
    Transaction,
)
from capsule.feeds.operation import Operation, Read
from tests.conftest import Run

from .writing import one, order, publish, state


async def events(cap: Capsule, since: str) -> list[list[object]]:
    frames = await cap.scope("team.7").log(since)
    return [
        event
        for frame in frames or []
        for _, found in json.loads(frame.split(b"\n", 1)[1])["tx"]
        for event in found
    ]


def test_a_full_feed_loses_its_first_items_by_events_of_the_transaction_that_made_it_too_long(
    run: Run,
) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, Transaction("op.1", [Configure("chat", 2)]))
        before = await scope.last()
        several = [Publish("chat", f"m{n}", "{}") for n in range(3)]
        outcomes = await scope.commit([Transaction("op.2", several), publish("op.3", "chat", "m3")])
        assert [outcome.code for outcome in outcomes] == ["applied", "applied"]
        [frame] = await scope.log(before) or []
        tx = json.loads(frame.split(b"\n", 1)[1])["tx"]
        assert [[event[0:3:2] for event in found] for _, found in tx] == [
            [["publish", "m0"], ["publish", "m1"], ["publish", "m2"], ["retract", "m0"]],
            [["publish", "m3"], ["retract", "m1"]],
        ]
        assert await order(scope, "chat") == ["m2", "m3"]

    run(test)


def test_an_edit_of_a_full_feed_takes_nothing_away(run: Run) -> None:
    """Thoonk's did."""

    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, Transaction("op.1", [Configure("chat", 1), Publish("chat", "m1", "{}")]))
        await one(scope, Transaction("op.2", [Edit("chat", "m1", '{"a":1}', '{"a":1}')]))
        assert await state(scope) == {"chat": {"m1": b'{"a":1}'}}

    run(test)


def test_what_was_taken_away_is_not_there_for_later_transactions_of_the_commit(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, Transaction("op.1", [Configure("chat", 1), Publish("chat", "m1", "{}")]))
        outcomes = await scope.commit(
            [
                Transaction("op.2", [Publish("chat", "m2", "{}"), Edit("chat", "m1", "{}", "{}")]),
                Transaction("op.3", [Edit("chat", "m1", "{}", "{}")]),
                Transaction("op.4", [Publish("chat.m1.votes", "v", "{}")]),
                Transaction("op.5", [Publish("chat", "m1", "{}")]),
            ]
        )
        assert [outcome.code for outcome in outcomes] == ["applied", "notfound", "notfound", "applied"]
        assert await order(scope, "chat") == ["m1"]

    run(test)


def test_what_hangs_below_an_item_that_is_taken_away_goes_with_it(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish("op.1", "chat", "m1"), publish("op.2", "chat.m1.votes", "v")])
        await one(scope, Transaction("op.3", [Configure("chat", 1), Publish("chat", "m2", "{}")]))
        assert sorted(await state(scope)) == ["chat"]

    run(test)


def test_a_lower_limit_takes_at_most_a_thousand_items_at_a_time(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for batch in range(3):
            many = [Publish("chat", f"m{batch}-{n}", "{}") for n in range(900)]
            await one(scope, Transaction(f"op.{batch}", many))
        await one(scope, Transaction("op.8", [Configure("chat", 10)]))
        assert await scope.length("chat") == 1700
        await one(scope, publish("op.9", "chat", "last"))
        await one(scope, Transaction("op.10", [Configure("chat", 10)]))
        assert await scope.length("chat") == 10
        assert (await order(scope, "chat"))[-1] == "last"

    run(test)


def test_no_limit_is_no_limit_again(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, Transaction("op.1", [Configure("chat", 1)]))
        assert await scope.kind("chat") == ("feed", 1)
        await one(scope, Transaction("op.2", [Configure("chat")]))
        assert await scope.kind("chat") == ("feed", None)
        await scope.commit([publish("op.3", "chat", "m1"), publish("op.4", "chat", "m2")])
        assert await order(scope, "chat") == ["m1", "m2"]
        assert await scope.kind("other") is None

    run(test)


def test_a_deleted_feed_is_gone_with_its_kind_its_limit_and_what_is_below(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit(
            [publish("op.1", "chat", "m1"), publish("op.2", "chat.m1.votes", "v"), publish("op.3", "x", "y")]
        )
        before = await scope.last()
        await one(scope, Transaction("op.4", [Configure("chat", 5), Delete("chat")]))
        assert await events(cap, before) == [
            ["config", "chat", "", {"max_length": 5}],
            ["delete", "chat", ""],
        ]
        assert await state(scope) == {"x": {"y": b'{"id": "y"}'}}
        assert (await one(scope, Transaction("op.5", [Delete("chat")]))).code == "notfound"
        assert (await one(scope, publish("op.6", "chat", "m1", "begin:"))).code == "applied"
        assert await scope.kind("chat") == ("sorted_feed", None)

    run(test)


@pytest.mark.parametrize("feed", ["chat", "members.42.tasks", "."])
def test_who_read_a_feed_that_was_deleted_is_told(run: Run, feed: str) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish("op.1", "members", "42"), publish("op.2", feed, "x")])
        version = int((await scope.last()).split("-")[0])
        await one(scope, Transaction("op.3", [Delete(feed)]))
        reads: list[Read] = [ReadFeed(feed, version), ReadItem(feed, "x", version)]
        for n, read in enumerate(reads):
            outcome = await one(scope, Transaction(f"op.9{n}", [Publish("other", "y", "{}")], [read]))
            assert outcome.code == "conflict"
        if feed == "members.42.tasks":
            await one(scope, Transaction("op.4", [Retract("members", "42")]))
            assert await cap.connection.command("KEYS", "*members.42*") == []

    run(test)


@pytest.mark.parametrize(
    ("operations", "code"),
    [
        ([Configure("chat", 5, "sorted_feed")], "type"),
        ([Configure("chat.m9.votes", 5)], "notfound"),
        ([Delete("other")], "notfound"),
        ([Delete("chat"), Edit("chat", "m1", "{}", "{}")], "notfound"),
        ([Delete("chat"), Publish("chat.m1.votes", "v", "{}")], "notfound"),
        ([Delete("chat"), Delete("chat")], "notfound"),
        ([Configure("new", 5), Move("new", "m1", ":end")], "notfound"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_code(run: Run, operations: list[Operation], code: str) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, publish("op.1", "chat", "m1"))
        before = await scope.snapshot()
        assert (await one(scope, Transaction("op.2", operations))).code == code
        assert await scope.snapshot() == before
        assert await scope.kind("chat") == ("feed", None)

    run(test)


def test_arguments_that_can_never_be_are_refused_before_they_are_sent() -> None:
    for most in (0, -1, 10**9, 1.5, "5"):
        with pytest.raises(InputError, match="max_length"):
            Configure("chat", most).arguments()  # type: ignore[arg-type]
    with pytest.raises(InputError):
        Configure("chat", 5, "deque").arguments()  # type: ignore[arg-type]
    with pytest.raises(NameInvalidError):
        Delete("a b").arguments()
