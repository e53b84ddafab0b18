"""Long feeds through a real gateway: small snapshots, pages of one moment, and nothing that a user may not see."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from capsule.feeds import Capsule, Edit, Move, Publish, Retract, Transaction
from capsule.feeds.operation import Operation
from capsule.server.client import Client
from capsule.shared.paging import PageRequest
from capsule.shared.replica import Replica
from tests.conftest import Run, until

from .bookshop import NAME, Library, fill, furnish, text
from .site import Site, caller, site

MESSAGES = 100_000
OPEN: dict[str, Any] = {"roots": [Library], "authorize": None, "page_rate": 10_000, "page_burst": 10_000}


class Reading:
    """A connected replica that remembers what it was sent."""

    def __init__(self, place: Site, user: str, **options: Any) -> None:
        self.replica = Replica(Library, NAME, {"client": f"client{user}0", "user": user, **options})
        self.root = self.replica.root
        self.client = Client(f"{place.url}?as={user}", self.replica)
        self.wire: list[str] = []
        self.said: list[dict[str, Any]] = []
        receive, take = self.replica.receive, self.replica.take

        def hear(message: str) -> None:
            self.wire.append(message)
            receive(message)

        def say() -> list[str]:
            lines = take()
            self.said += map(json.loads, lines)
            return lines

        self.replica.receive = hear  # type: ignore[assignment, method-assign]
        self.replica.take = say  # type: ignore[method-assign]

    async def page(self, collection: Any, count: int) -> PageRequest:
        request = collection.loadOlder(count)
        await until(lambda: request.state != "pending")
        return request

    async def current(self, cap: Capsule) -> None:
        last = await cap.scope(NAME).last()
        await until(lambda: self.replica.base.eventId == last)


@asynccontextmanager
async def reading(place: Site, user: str, **options: Any) -> AsyncIterator[Reading]:
    made = Reading(place, user, **options)
    async with made.client:
        yield made


class Writer:
    """Adds, edits, moves and retracts lines, as a worker would, until it is told to stop."""

    def __init__(self, cap: Capsule, seed: int, keys: list[str]) -> None:
        self.scope = cap.scope(NAME)
        self.random = Random(seed)
        self.keys = keys
        self.count = 0
        self.stopping = False

    async def run(self) -> None:
        while not self.stopping:
            await self.write()
            await asyncio.sleep(0.002)

    async def write(self) -> None:
        self.count += 1
        outcomes = await self.scope.commit([Transaction(f"writer.{self.count}", self.operations())])
        assert outcomes[0].code == "applied", outcomes

    def operations(self) -> list[Operation]:
        at = self.random.randrange(len(self.keys))
        key, what = self.keys[at], self.random.randrange(4)
        item = text({"id": key, "text": f"edit {self.count}"})
        if what == 0:
            self.keys.append(f"w{self.count}")
            return [
                Publish(
                    "lines", self.keys[-1], text({"id": self.keys[-1], "text": "new"}), ":end", "sorted_feed"
                )
            ]
        if what == 1:
            return [Edit("lines", key, item, text({"text": f"edit {self.count}"}))]
        self.keys[at] = self.keys[-1]
        self.keys.pop()
        if what == 2:
            return [Retract("lines", key)]
        beside = self.random.choice(self.keys)
        self.keys.append(key)
        return [Edit("lines", key, item, item), Move("lines", key, f"{beside}:")]


def test_a_chat_of_100_000_messages_opens_small_and_pages_to_its_beginning_under_a_writer(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        keys = [f"m{n}" for n in range(MESSAGES)]
        await furnish(cap)
        await fill(
            cap,
            (
                Publish("lines", key, text({"id": key, "text": "a line"}), ":end", "sorted_feed")
                for key in keys
            ),
        )
        async with site(cap.url, **OPEN) as place, reading(place, "ann") as ann:
            lines = ann.root.lines
            assert (lines.length, lines.totalLength) == (50, MESSAGES)
            assert sum(map(len, ann.wire)) < 16 * 1024
            told: Counter[str] = Counter()
            lines.on("add", lambda line, *rest: told.update([line.id]))
            lines.on("remove", lambda line, *rest: told.subtract([line.id]))
            told.update(line.id for line in lines.models)
            writer = Writer(cap, 7, keys)
            writing = asyncio.create_task(writer.run())
            pages = 0
            while lines.hasOlder:
                written = writer.count
                assert (await ann.page(lines, 1000)).state == "loaded"
                await until(lambda: writer.count > written)  # noqa: B023
                pages += 1
            writer.stopping = True
            await writing
            await ann.current(cap)
            assert pages > 90
            held = [line.id for line in lines.models]
            stored = [
                key
                for feed, items in (await cap.scope(NAME).snapshot(feed="lines")).feeds
                for key, _ in items
            ]
            assert held == stored
            assert lines.totalLength == len(stored)
            assert {key: count for key, count in told.items() if count} == dict.fromkeys(stored, 1)
            assert [said["verb"] for said in ann.said if said["verb"] != "page"] == []

    run(test)


def test_a_page_brings_what_belongs_to_its_items_and_only_what_the_user_may_see(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN) as place, reading(place, "ann") as ann, reading(place, "sue") as sue:
            for who in (ann, sue):
                assert [book.id for book in who.root.books.models] == ["b7", "b8", "b9"]
                assert (await who.page(who.root.books, 4)).state == "loaded"
                assert [book.id for book in who.root.books.models] == [f"b{n}" for n in range(3, 10)]
                for book in who.root.books.models:
                    assert [remark.id for remark in book.remarks.models] == ["r1", "r2"]
                    assert book.remarks.totalLength == 3
                remarks = who.root.books.get("b4").remarks
                await who.page(remarks, 5)
                assert [remark.get("text") for remark in remarks.models] == ["4-0", "4-1", "4-2"]
            assert [book.get("price") for book in sue.root.books.models] == list(range(3, 10))
            assert not any("price" in message or "--staff" in message for message in ann.wire)
            assert not any('"b0"' in message for message in ann.wire + sue.wire), "what nobody asked for"

    run(test)


def test_a_hidden_feed_and_an_unknown_one_are_the_same(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN) as place, caller(place, "ann") as ann, reading(place, "sue") as sue:
            await ann.say("subscribe", scope=NAME, since=None, windows=True)
            await ann.hear("snapshot")
            answers = []
            for feed in ("complaints", "nothing", "books--staff", "books.b1.nothing", "."):
                await ann.say("page", scope=NAME, feed=feed, before=None, count=5)
                answer = await ann.hear("error", feed=feed)
                answers.append({**answer, "feed": ""})
            assert answers == [answers[0]] * 5
            assert answers[0]["name"] == "NOT_FOUND"
            assert (await sue.page(sue.root.complaints, 5)).state == "loaded"
            assert sue.root.complaints.length == 8

    run(test)


def test_who_loses_the_right_while_a_page_is_read_gets_none_of_it(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN) as place, reading(place, "sue") as sue:
            hall = place.gateway.rooms.get(NAME)
            assert hall is not None
            read = hall._pages.read

            async def late(*args: Any) -> Any:
                revoked = Edit("readers", "sue", text({"id": "sue"}), "{}", ("staff",))
                hush = text({"id": "c4", "text": "hush"})
                edited = Edit("complaints", "c4", hush, hush)
                await cap.scope(NAME).commit(
                    [Transaction("boss.1", [revoked]), Transaction("boss.2", [edited])]
                )
                return await read(*args)

            hall._pages.read = late  # type: ignore[assignment, method-assign]
            sue.root.complaints.loadOlder(5)
            await until(lambda: sue.root.complaints.length == 0 and sue.replica.state == "live")
            assert not any("hush" in message for message in sue.wire)

    run(test)


def test_a_client_that_does_not_ask_for_windows_is_sent_everything(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN) as place, caller(place, "sue") as sue:
            await sue.say("subscribe", scope=NAME, since=None)
            snapshot = await sue.hear("snapshot")
            assert "older" not in snapshot
            feeds = dict(snapshot["feeds"])
            assert len(feeds["books"]) == len(feeds["books--staff"]) == 20
            assert len([name for name in feeds if name.endswith(".remarks")]) == 10

    run(test)


def test_pages_are_limited_in_rate_and_come_when_it_is_time(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with (
            site(cap.url, **{**OPEN, "page_rate": 2.0, "page_burst": 1}) as place,
            reading(place, "ann") as ann,
        ):
            while ann.root.books.hasOlder:
                assert (await ann.page(ann.root.books, 3)).state == "loaded"
            assert ann.root.books.length == 10
            assert any("TOO_MANY" in message for message in ann.wire)

    run(test)


def test_a_feed_can_be_subscribed_to_alone(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN) as place, reading(place, "sue", feeds=["complaints"]) as sue:
            assert [c.id for c in sue.root.complaints.models] == ["c7", "c8", "c9"]
            assert sue.root.readers.length == 2, "what the rules look at comes, too"
            assert sue.root.books.length == sue.root.lines.length == 0
            for n in range(5):
                await fill(
                    cap,
                    [
                        Publish(
                            "lines",
                            f"x{n}",
                            text({"id": f"x{n}", "text": "elsewhere"}),
                            ":end",
                            "sorted_feed",
                        )
                    ],
                )
            await fill(cap, [Publish("complaints", "c10", text({"id": "c10"}))])
            await sue.current(cap)
            assert sue.root.complaints.at(-1).id == "c10"
            assert not any("elsewhere" in message or "Book" in message for message in sue.wire)
            assert [said for said in sue.said if said["verb"] == "subscribe"] == [], "no gap on the way"
            nothing = await sue.page(sue.root.books, 5)
            assert (nothing.state, sue.root.books.length) == ("loaded", 0), (
                "there is nothing that it knows of"
            )
            await sue.page(sue.root.complaints, 50)
            assert sue.root.complaints.length == 11

    run(test)


def test_a_nested_feed_comes_with_the_items_that_it_is_below(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN) as place, caller(place, "ann") as ann:
            await ann.say("subscribe", scope=NAME, since=None, feeds=["books.b4.remarks"])
            snapshot = await ann.hear("snapshot")
            assert [name for name, _ in snapshot["feeds"]] == [".", "books", "books.b4.remarks", "readers"]
            await fill(cap, [Publish("books.b5.remarks", "r9", text({"id": "r9"}))])
            event = await ann.hear("event")
            assert (event["prev"], event["tx"]) == (snapshot["id"], [])

    run(test)


def test_a_feed_that_one_may_not_read_brings_nothing_like_one_that_is_not_there(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN) as place:
            found = []
            for feed in ("complaints", "nothing"):
                async with caller(place, "ann") as ann:
                    await ann.say("subscribe", scope=NAME, since=None, feeds=[feed])
                    snapshot = await ann.hear("snapshot")
                    found.append(snapshot["feeds"])
                    await ann.say("page", scope=NAME, feed="books", before=None, count=3)
                    assert (await ann.hear("error"))["name"] == "NOT_FOUND", "it was not subscribed to"
            assert found[0] == found[1]
            assert [name for name, _ in found[0]] == [".", "readers"]

    run(test)


def test_resuming_with_the_same_feeds_goes_on_and_with_others_begins_anew(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN) as place, caller(place, "sue") as sue:
            await sue.say("subscribe", scope=NAME, since=None, feeds=["complaints"])
            snapshot = await sue.hear("snapshot")
            again = {"scope": NAME, "since": snapshot["id"], "view": snapshot["view"]}
            await sue.say("subscribe", **again, feeds=["complaints"])
            await sue.hear("resumed", id=snapshot["id"])
            await sue.say("subscribe", **again, feeds=["books"])
            assert "books" in dict((await sue.hear("snapshot"))["feeds"])

    run(test)


def test_a_gateway_has_only_so_many_rooms_for_single_feeds_of_a_scope(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await furnish(cap)
        async with site(cap.url, **OPEN, views=2) as place, caller(place, "sue") as sue:
            for feed in ("books", "complaints"):
                await sue.say("subscribe", scope=NAME, since=None, feeds=[feed])
                await sue.hear("snapshot")
            await sue.say("subscribe", scope=NAME, since=None, feeds=["lines"])
            assert (await sue.hear("error", scope=NAME))["name"] == "TOO_MANY"
            await sue.say("subscribe", scope=NAME, since=None, feeds=["books"])
            await sue.hear("snapshot")

    run(test)
