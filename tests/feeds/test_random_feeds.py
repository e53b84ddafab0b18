"""Feeds and sorted feeds, used at random through their own methods, against plain lists; and what subscribers, windows
and pages make of it.
"""

import asyncio
import itertools
import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from capsule.feeds import (
    Capsule,
    ConflictError,
    Event,
    ItemExistsError,
    ItemNotFoundError,
    Page,
)
from capsule.feeds.items import Items
from capsule.feeds.tail import Tail

WINDOW = 3
IDS = st.sampled_from("abcdefgh")
VALUES = st.dictionaries(st.sampled_from("xyz"), st.integers() | st.text() | st.none(), max_size=3)


class Machine(RuleBasedStateMachine):
    """`model` is the feed as a list of (id, value); `most` its max_length."""

    names = itertools.count()

    def __init__(self, runner: asyncio.Runner, cap: Capsule, kind: str) -> None:
        super().__init__()
        self.runner = runner
        scope = cap.scope(f"random.{next(self.names)}")
        self.feed: Items = scope.feed(".") if kind == "feed" else scope.sorted_feed("members")
        self.sorted = scope.sorted_feed("members") if kind == "sorted_feed" else None
        self.plain = scope.feed(".") if kind == "feed" else None
        self.model: list[tuple[str, Any]] = []
        self.most: int | None = None
        self.there = False
        self.versions: dict[str, int] = {}  # of each item's last change
        self.last = "0-0"
        self.window = Tail()
        self.ops = 0

    def ids(self) -> list[str]:
        return [key for key, _ in self.model]

    def add(self, at: int, key: str, value: Any) -> None:
        self.there = True
        self.model.insert(at, (key, value))
        self.cut()

    def cut(self) -> None:
        if self.most is not None:
            del self.model[: max(0, len(self.model) - self.most)]

    def do(self, coroutine: Any, *wrong: type[Exception]) -> bool:
        """Run a write; whether it passed, when it should not have."""
        try:
            written = self.runner.run(coroutine)
        except wrong:
            return False
        assert not wrong, "This should have been refused."
        self.versions[written.id] = written.version
        return True

    @rule(key=IDS, value=VALUES)
    def publish(self, key: str, value: Any) -> None:
        wrong = [ItemExistsError] if key in self.ids() else []
        add = self.sorted.append if self.sorted else self.plain.publish  # type: ignore[union-attr]
        if self.do(add(value, key), *wrong):
            self.add(len(self.model), key, value)

    @rule(key=IDS, other=IDS, value=VALUES, how=st.sampled_from(["prepend", "before", "after"]))
    def insert(self, key: str, other: str, value: Any, how: str) -> None:
        if self.sorted is None:
            return
        ids = self.ids()
        if key in ids:
            wrong: list[type[Exception]] = [ItemExistsError]
        else:
            wrong = [ItemNotFoundError] if how != "prepend" and other not in ids else []
        if how == "prepend":
            if self.do(self.sorted.prepend(value, key), *wrong):
                self.add(0, key, value)
        else:
            insert = self.sorted.insert_before if how == "before" else self.sorted.insert_after
            if self.do(insert(other, value, key), *wrong):
                self.add(ids.index(other) + (how == "after"), key, value)

    @rule(key=IDS, other=IDS, how=st.sampled_from(["first", "last", "before", "after"]))
    def move(self, key: str, other: str, how: str) -> None:
        if self.sorted is None or key == other:
            return
        ids = self.ids()
        wrong = (
            [ItemNotFoundError] if key not in ids or (how in ("before", "after") and other not in ids) else []
        )
        if how in ("first", "last"):
            moved = self.sorted.move(key, first=how == "first", last=how == "last")
        else:
            moved = self.sorted.move(key, **{how: other})  # type: ignore[arg-type]
        if not self.do(moved, *wrong):
            return
        entry = self.model.pop(ids.index(key))
        at = {"first": 0, "last": len(self.model)}.get(how)
        self.model.insert(self.ids().index(other) + (how == "after") if at is None else at, entry)

    @rule(key=IDS, changes=VALUES, unset=st.lists(st.sampled_from("xyz"), max_size=2), stale=st.booleans())
    def edit(self, key: str, changes: Any, unset: list[str], stale: bool) -> None:
        there = key in self.ids()
        wrong: list[type[Exception]] = [] if there else [ItemNotFoundError]
        if_version = None
        if there and stale:
            if_version = self.versions[key] - 1
            wrong = [ConflictError]
        if self.do(self.feed.edit(key, changes, unset=unset, if_version=if_version), *wrong):
            at = self.ids().index(key)
            merged = {**self.model[at][1], **changes}
            self.model[at] = (key, {name: part for name, part in merged.items() if name not in unset})

    @rule(key=IDS)
    def retract(self, key: str) -> None:
        wrong = [] if key in self.ids() else [ItemNotFoundError]
        if self.do(self.feed.retract(key), *wrong):
            del self.model[self.ids().index(key)]

    @rule(most=st.none() | st.integers(1, 5))
    def configure(self, most: int | None) -> None:
        self.do(self.feed.configure(max_length=most))
        self.most, self.there = most, True
        self.cut()

    @rule()
    def delete(self) -> None:
        wrong = [] if self.there else [ItemNotFoundError]
        if self.do(self.feed.delete(), *wrong):
            self.model, self.most, self.there = [], None, False

    @rule(value=VALUES)
    def publish_twice_with_one_operation_id(self, value: Any) -> None:
        self.ops += 1
        add = self.sorted.append if self.sorted else self.plain.publish  # type: ignore[union-attr]
        first, second = (self.runner.run(add(value, op=f"once.{self.ops}")) for _ in range(2))
        assert (first.id, first.event_id, first.known) == (second.id, second.event_id, False)
        assert second.known
        self.versions[first.id] = first.version
        self.add(len(self.model), first.id, value)

    @invariant()
    def what_is_read_is_the_models(self) -> None:
        async def read() -> None:
            page = await self.feed.snapshot()
            assert [(item.id, item.value) for item in page.items] == self.model
            assert (page.length, page.start, page.older, page.newer) == (len(self.model), 0, False, False)
            assert await self.feed.ids() == self.ids()
            assert list((await self.feed.all()).items()) == self.model
            assert [(item.id, item.value) async for item in self.feed.items()] == self.model
            assert await self.feed.length() == len(self.model)
            assert await self.feed.max_length() == self.most
            for key in "abc":
                item = await self.feed.get(key)
                assert (item is not None) == await self.feed.has(key) == (key in self.ids())
                assert item is None or (item.id, item.value) in self.model

        self.runner.run(read())

    @invariant()
    def pages_meet_without_a_hole(self) -> None:
        async def read() -> None:
            page = await self.feed.page(count=2)
            found = page.items
            while page.older:
                page = await self.feed.page(before=found[0].id, count=2)
                found = page.items + found
            assert [item.id for item in found] == self.ids()
            page = await self.feed.page(first=True, count=3, ids_only=True)
            names = [item.id for item in page.items]
            while page.newer:
                page = await self.feed.page(after=names[-1], count=3, ids_only=True)
                names += [item.id for item in page.items]
            assert names == self.ids()

        self.runner.run(read())

    @invariant()
    def events_keep_a_window_what_it_would_be_if_it_were_read_again(self) -> None:
        frames = self.runner.run(self.feed.scope.log(self.last)) or []
        for frame in frames:
            data = json.loads(frame.split(b"\n", 1)[1])
            self.last = data["id"]
            for _, events in data["tx"]:
                for verb, _, item_id, *rest in events:
                    if verb == "delete":
                        self.window = Tail()
                    elif not self.window.apply(verb, item_id, rest):
                        self.reread(item_id, rest[0])
        held = [(key, json.loads(text)) for key, text in self.window.items.items()]
        assert held == self.model[len(self.model) - len(held) :], "the end of the feed, without a hole"
        assert self.window.length == len(self.model)
        while len(self.window.items) > WINDOW:  # a reader may drop the oldest whenever it likes
            del self.window.items[next(iter(self.window.items))]

    def reread(self, item_id: str, position: str) -> None:
        """An item came into sight whose text is not known: read it, and place it (contract 5)."""
        item = self.runner.run(self.feed.get(item_id))
        if item is not None:
            self.window.items = {item_id: json.dumps(item.value).encode(), **self.window.items}
            assert self.window.apply("position", item_id, [position])


def run_machine(url: str, kind: str) -> None:
    with asyncio.Runner() as runner:
        cap = runner.run(Capsule.connect(url))
        try:
            run_state_machine_as_test(
                lambda: Machine(runner, cap, kind),  # type: ignore[arg-type]
                settings=settings(
                    max_examples=60,
                    stateful_step_count=20,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(cap.close())


def test_random_use_of_a_feed(url: str) -> None:
    run_machine(url, "feed")


def test_random_use_of_a_sorted_feed(url: str) -> None:
    run_machine(url, "sorted_feed")


def test_subscribers_hear_what_they_need_to_have_the_same(url: str) -> None:
    """Four of them, one slow, one from the beginning, one whose frames are gone, while others write."""

    class Reader:
        def __init__(self) -> None:
            self.tail = Tail()
            self.event_id = ""
            self.resyncs = 0

        async def run(self, feed: Items, since: str | None, pause: float) -> None:
            async for news in feed.subscribe(since):
                self.event_id = news.event_id
                if isinstance(news, Page):
                    self.resyncs += 1
                    self.tail = Tail((item.id, json.dumps(item.value).encode()) for item in news.items)
                elif isinstance(news, Event) and news.verb == "delete":
                    self.tail = Tail()
                elif news.verb != "config":
                    rest = {"publish": [news.value, news.position], "edit": [news.value, news.unset]}
                    self.tail.apply(news.verb, news.id, rest.get(news.verb, [news.position]))
                await asyncio.sleep(pause)

    async def body() -> None:
        cap = await Capsule.connect(url)
        feed = cap.sorted_feed("tasks")
        readers = [Reader() for _ in range(4)]
        first = await feed.append({"n": -1}, "begin0")
        for n in range(1200):
            await feed.edit("begin0", {"n": n})
        gone = first.event_id
        since = [None, await feed.scope.last(), "0-0", gone]
        tasks = [
            asyncio.create_task(reader.run(feed, start, 0.002 if n == 0 else 0))
            for n, (reader, start) in enumerate(zip(readers, since, strict=True))
        ]
        await feed.configure(max_length=20)
        for n in range(150):
            await feed.append({"n": n}, f"i{n}")
            if n % 5 == 0:
                await feed.move(f"i{n}", first=True)
            if n % 7 == 0:
                await feed.edit(f"i{n}", {"n": None, "m": n}, unset=["n"])
            if n == 70:
                await feed.delete()
                await feed.configure(max_length=30)
            if n % 50 == 0:
                await cap.connection.command("CLIENT", "KILL", "TYPE", "pubsub")
        await feed.configure(max_length=30)  # one event: whoever has heard of this frame has heard all of it
        last = await feed.scope.last()
        async with asyncio.timeout(120):
            while any(reader.event_id != last for reader in readers):
                await asyncio.sleep(0.01)
        expected = await feed.all()
        readers[1].tail.items.pop("begin0", None)  # its since held an item that it was never told of
        for reader in readers:
            assert {key: json.loads(text) for key, text in reader.tail.items.items()} == expected
            assert list(reader.tail.items) == list(expected)
        assert [reader.resyncs for reader in readers] == [1, 0, 1, 1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await cap.close()

    asyncio.run(body())
