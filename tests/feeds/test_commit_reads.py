"""scripts/commit.lua: the versions that a transaction read, and the epoch under which it was worked out."""

import pytest

from capsule.feeds import (
    Capsule,
    Edit,
    Move,
    ReadFeed,
    ReadItem,
    ReadScope,
    Retract,
    StaleError,
    Transaction,
)
from tests.conftest import Run

from .writing import one, order, publish

READS = [
    (ReadScope(1), "anything", "conflict"),
    (ReadScope(2), None, "applied"),
    (ReadScope(9), None, "conflict"),
    (ReadFeed("chat", 1), "chat", "conflict"),
    (ReadFeed("chat", 1), "members", "applied"),
    (ReadFeed("nothing", 1), "members", "applied"),
    (ReadItem("chat", "m1", 1), "chat", "applied"),
    (ReadItem("members", "42", 1), "members", "applied"),
]


@pytest.mark.parametrize(("read", "written", "code"), READS)
def test_a_read_conflicts_when_what_it_names_has_changed_since(
    run: Run, read: ReadScope | ReadFeed | ReadItem, written: str | None, code: str
) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish("op.1", "chat", "m1"), publish("op.2", "members", "42")])
        await one(scope, publish("op.3", written or "chat", "new"))
        assert (await one(scope, publish("op.4", "chat", "m4", reads=[read]))).code == code

    run(test)


def test_an_edited_or_moved_item_conflicts_and_its_neighbour_does_not(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish(f"op.{name}", "tasks", name, ":end") for name in "abc"])
        await one(scope, Transaction("op.1", [Edit("tasks", "a", "{}", "{}")]))
        await one(scope, Transaction("op.2", [Move("tasks", "b", "begin:")]))
        for n, (name, code) in enumerate([("a", "conflict"), ("b", "conflict"), ("c", "applied")]):
            assert (
                await one(scope, publish(f"r.{n}", "chat", name, reads=[ReadItem("tasks", name, 1)]))
            ).code == code

    run(test)


def test_a_reader_of_what_was_removed_conflicts_though_its_revision_is_gone(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit(
            [
                publish("op.1", ".", "7"),
                publish("op.2", "members", "42"),
                publish("op.3", "members.42.tasks", "t"),
            ]
        )
        await one(scope, Transaction("op.4", [Retract("members", "42")]))
        reads = [
            ReadFeed("members.42.tasks", 1),
            ReadItem("members.42.tasks", "t", 1),
            ReadItem("members", "42", 1),
        ]
        for n, read in enumerate(reads):
            assert (await one(scope, publish(f"r.{n}", "chat", f"m{n}", reads=[read]))).code == "conflict", (
                read
            )
        await one(scope, publish("op.5", "members", "42"))
        assert (
            await one(scope, publish("r.9", "chat", "m9", reads=[ReadFeed("members.42.tasks", 2)]))
        ).code == "conflict"
        await one(scope, Transaction("op.6", [Retract(".", "7")]))
        assert (
            await one(scope, publish("r.10", "x", "x", reads=[ReadFeed("members", 3)]))
        ).code == "conflict"

    run(test)


def test_reads_look_at_the_state_before_the_commit(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        outcomes = await scope.commit(
            [publish(f"op.{n}", "chat", f"m{n}", reads=[ReadScope(0), ReadFeed("chat", 0)]) for n in range(3)]
        )
        assert [outcome.code for outcome in outcomes] == ["applied"] * 3

    run(test)


def test_after_a_refusal_those_that_read_are_refused_and_those_that_do_not_pass(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, publish("op.1", "chat", "m1"))
        outcomes = await scope.commit(
            [
                publish("op.2", "chat", "m2", reads=[ReadFeed("chat", 0)]),
                publish("op.3", "members", "42", reads=[ReadFeed("members", 1)]),
                publish("op.4", "chat", "m4"),
                publish("op.1", "chat", "m1", reads=[ReadFeed("chat", 0)]),
            ]
        )
        assert [outcome.code for outcome in outcomes] == ["conflict", "conflict", "applied", "known"]

    run(test)


def test_a_lower_epoch_is_refused_whole_and_the_same_or_a_higher_one_passes(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, publish("op.1", "chat", "m1"), epoch=1_795_456_928_760_090)
        await one(scope, publish("op.2", "chat", "m2"), epoch=1_795_456_928_760_090)
        with pytest.raises(StaleError) as caught:
            await one(scope, publish("op.3", "chat", "m3"), epoch=1_795_456_928_760_089)
        assert caught.value.code == "STALE"
        assert "1795456928760090" in str(caught.value)
        await one(scope, publish("op.4", "chat", "m4"), epoch=1_795_456_928_760_091)
        await one(scope, publish("op.5", "chat", "m5"))
        assert await order(scope, "chat") == ["m1", "m2", "m4", "m5"]

    run(test)


def test_a_refused_commit_still_shuts_out_lower_epochs(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        assert (await one(scope, Transaction("op.1", [Retract("chat", "x")]), epoch=8)).code == "notfound"
        with pytest.raises(StaleError):
            await one(scope, publish("op.2", "chat", "m2"), epoch=7)

    run(test)
