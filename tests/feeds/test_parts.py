"""A snapshot that is too large for one call is still of one moment, whatever happens while it is read."""

import asyncio
import random

import pytest

from capsule.feeds import (
    Capsule,
    Delete,
    Edit,
    Move,
    Publish,
    Retract,
    Scope,
    Snapshot,
    Transaction,
    UnsettledError,
)
from capsule.feeds.operation import Operation
from capsule.feeds.parts import assemble, below
from tests.conftest import Run

COUNTS = {"chat": 4000, "log": 24_000, "members": 5, "tasks": 1200}


async def fill(scope: Scope) -> None:
    for name, count in COUNTS.items():
        kind = "sorted_feed" if name == "tasks" else "feed"
        for start in range(0, count, 1000):
            numbers = range(start, min(count, start + 1000))
            operations = [Publish(name, f"i{n}", f'{{"n":{n}}}', ":end", kind) for n in numbers]  # type: ignore[arg-type]
            await scope.commit([Transaction(f"fill.{name}.{start}", operations)])


class Meddler:
    """Reads the parts of a snapshot, and writes between them."""

    def __init__(self, scope: Scope, seed: int, choose: list[str]) -> None:
        self.scope = scope
        self.random = random.Random(seed)
        self.choose = choose
        self.calls = self.parts = 0

    async def read(self, cursor: str) -> list[object]:
        part = await self.scope.part(cursor)
        self.parts += 1
        for _ in range(self.random.randrange(12)):
            self.calls += 1
            await self.scope.commit([Transaction(f"meddle.{self.calls}", [self.operation()])])
        return part

    def operation(self) -> Operation:
        pick = self.random.choice
        feed = pick(["chat", "log", "tasks"])
        item, new = f"i{self.random.randrange(COUNTS[feed])}", f"new{self.calls}"
        verb = pick(self.choose)
        if verb == "edit":
            return Edit(feed, item, '{"n":-1}', '{"n":-1}')
        if verb == "retract":
            return Retract(feed, item)
        if verb == "below":
            member = f"i{self.random.randrange(5)}"
            some: list[Operation] = [
                Publish(f"members.{member}.notes", new, "{}"),
                Retract("members", member),
                Delete(f"members.{member}.notes"),
            ]
            return pick(some)
        if verb == "move":
            return Move("tasks", item if feed == "tasks" else "i1", pick(["begin:", ":end", "i7:", ":i1199"]))
        return Publish(feed, new, "{}", ":end", "sorted_feed" if feed == "tasks" else "feed")


def plain(snapshot: Snapshot) -> dict[str, list[str]]:
    # What was edited meanwhile is written anew, so texts are compared as values: here without blanks.
    return {
        name: [f"{key} {item.decode().replace(' ', '')}" for key, item in items]
        for name, items in snapshot.feeds
        if items
    }


@pytest.mark.parametrize("seed", range(6))
def test_what_happens_between_the_parts_is_in_the_snapshot_once(run: Run, seed: int) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await fill(scope)
        meddler = Meddler(scope, seed, ["edit", "retract", "publish", "move", "below"])
        snapshot = await assemble(meddler.read, scope.log)
        assert meddler.parts >= 3
        assert snapshot.event_id == await scope.last()
        quiet = await scope.snapshot()
        assert quiet.event_id == snapshot.event_id
        assert plain(snapshot) == plain(quiet)
        assert {name: n for name, n in snapshot.lengths.items() if n} == {
            name: n for name, n in quiet.lengths.items() if n
        }

    run(test)


def test_a_feed_that_is_cut_in_two_and_then_sorted_otherwise_is_read_again(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for start in range(0, 12_000, 1000):
            operations = [
                Publish("log", f"i{n}", "{}", ":end", "sorted_feed") for n in range(start, start + 1000)
            ]
            await scope.commit([Transaction(f"fill.{start}", operations)])
        moved = 0

        async def read(cursor: str) -> list[object]:
            nonlocal moved
            part = await scope.part(cursor)
            if moved < 2:
                moved += 1
                await scope.commit(
                    [Transaction(f"move.{moved}", [Move("log", f"i{11_990 + moved}", "begin:")])]
                )
            return part

        snapshot = await assemble(read, scope.log)
        assert plain(snapshot) == plain(await scope.snapshot())
        assert [key for key, _ in snapshot.feeds[0][1]][:2] == ["i11992", "i11991"]

        async def never(cursor: str) -> list[object]:
            nonlocal moved
            moved += 1
            part = await scope.part(cursor)
            await scope.commit(
                [Transaction(f"move.{moved}", [Move("log", "i5", "begin:" if moved % 2 else ":end")])]
            )
            return part

        with pytest.raises(UnsettledError, match="window") as caught:
            await assemble(never, scope.log)
        assert caught.value.code == "UNSETTLED"

    run(test)


def test_a_log_that_does_not_reach_back_makes_it_begin_again(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await fill(scope)
        trimmed = False

        async def read(cursor: str) -> list[object]:
            nonlocal trimmed
            part = await scope.part(cursor)
            if not trimmed:
                trimmed = True
                await scope.commit([Transaction("later", [Publish("members", "later", "{}")])])
                await cap.connection.command("XTRIM", f"{scope.prefix}log", "MAXLEN", "=", 1)
            return part

        assert plain(await assemble(read, scope.log)) == plain(await scope.snapshot())

    run(test)


def test_a_snapshot_of_large_items_comes_in_parts_by_bytes(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        text = '"' + "x" * 900_000 + '"'
        for n in range(12):
            await scope.commit([Transaction(f"op.{n}", [Publish("chat", f"m{n}", text)])])
        first = await scope.part("")
        assert first[1].startswith(b"chat ")
        assert len(first[4]) // 2 == 5, "4 MiB, and what the last item is past it"
        [(_, items)] = (await scope.snapshot()).feeds
        assert items == [(f"m{n}", text.encode()) for n in range(12)]

    run(test)


def test_readers_of_a_large_scope_meet_its_writers(run: Run) -> None:
    """Not between the calls this time, but at any moment."""

    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await fill(scope)
        done = asyncio.Event()
        meddler = Meddler(scope, 99, ["edit", "retract", "publish", "move", "below"])

        async def write() -> None:
            while not done.is_set():
                meddler.calls += 1
                await scope.commit([Transaction(f"meddle.{meddler.calls}", [meddler.operation()])])
                await asyncio.sleep(0.002)

        writer = asyncio.create_task(write())
        for _ in range(5):
            snapshot = await scope.snapshot()
            assert snapshot.version <= int((await scope.last()).split("-")[0])
            assert sum(len(items) for _, items in snapshot.feeds) == sum(snapshot.lengths.values())
        done.set()
        await writer

    run(test)


def test_what_hangs_below() -> None:
    assert below(".") == below(".", "7") == ""
    assert below("members") == "members."
    assert below("members", "42") == "members.42."
