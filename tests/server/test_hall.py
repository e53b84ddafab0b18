"""Who sees what on the wire: read rules over real sockets, a real store and a real worker."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from capsule.feeds import Publish, Transaction
from capsule.worker.worker import Worker
from tests.shared.company import FEEDS, NAME, Company

from .site import Caller, Site, caller, site


@asynccontextmanager
async def company(url: str, **options: Any) -> AsyncIterator[Site]:
    """The company behind a gateway that asks its rules, with one worker."""
    async with site(url, roots=[Company], authorize=None, **options) as place:
        publish = [
            Publish(
                feed, flat[at], json.dumps(flat[at + 1]), kind="sorted_feed" if feed == "news" else "feed"
            )
            for feed, flat in FEEDS
            for at in range(0, len(flat), 2)
        ]
        await place.cap.scope(NAME).commit([Transaction("seed.company.1", publish)])
        worker = Worker(place.cap, [Company])
        working = asyncio.create_task(worker.run())
        try:
            yield place
        finally:
            worker.stop()
            await working


async def edit(caller: Caller, n: int, feed: str, key: str, **attrs: Any) -> int:
    """Ask for an edit; the code of the answer."""
    await caller.act(n, n == 1, NAME, feed=feed, id=key, attrs=attrs)
    return int((await caller.hear("result", n=n))["code"])


def wire(caller: Caller) -> str:
    """All that the gateway wrote to this client."""
    return "\n".join(json.dumps(line) for line in caller.everything)


def feeds(snapshot: dict[str, Any]) -> set[str]:
    return {feed for feed, _ in snapshot["feeds"]}


def test_a_snapshot_holds_what_its_reader_may_see(url: str) -> None:
    async def body() -> None:
        async with company(url) as place, caller(place, "ann") as ann, caller(place, "bob") as bob:
            for one in (ann, bob):
                await one.say("subscribe", scope=NAME, since=None)
            boss, clerk = await ann.hear("snapshot"), await bob.hear("snapshot")
            assert feeds(clerk) == {".", "people", "news"}
            assert feeds(boss) == {feed for feed, _ in FEEDS} - {"people--movers"}
            assert boss["view"] != clerk["view"]
            assert "salary" not in wire(bob)
            assert "budget" not in wire(bob)

    asyncio.run(body())


def test_who_is_not_a_member_hears_that_there_is_nothing(url: str) -> None:
    async def body() -> None:
        async with company(url) as place, caller(place, "eve") as eve:
            for scope in (NAME, "company.none", "team.7"):
                await eve.say("subscribe", scope=scope, since=None)
                refused = await eve.hear("error", scope=scope)
                assert (refused["code"], refused["name"]) == (404, "NOT_FOUND")
            await eve.act(1, True, NAME)
            assert (await eve.hear("error", n=1))["name"] == "NOT_FOUND"

    asyncio.run(body())


def test_nothing_private_is_ever_on_the_wire_of_those_who_may_not_see_it(url: str) -> None:
    async def body() -> None:
        async with (
            company(url) as place,
            caller(place, "ann") as ann,
            caller(place, "bob", "client02") as bob,
        ):
            await ann.join(NAME)
            await bob.join(NAME)
            assert await edit(ann, 1, "people", "bob", salary=123456) == 200
            assert await edit(ann, 2, "people", "bob", name="Robert", salary=654321) == 200
            assert await edit(ann, 3, "people.bob.reviews", "r1", text="confidential") == 200
            assert await edit(ann, 4, ".", "acme", budget=777) == 200
            assert await edit(ann, 5, "news", "n1", text="public") == 200
            await bob.reach(ann.at[NAME], NAME)
            seen = [
                event
                for line in bob.everything
                if line["verb"] == "event"
                for _, part in line["tx"]
                for event in part
            ]
            assert seen == [
                ["edit", "people", "bob", {"name": "Robert"}],
                ["edit", "news", "n1", {"text": "public"}],
            ]
            for secret in (
                "123456",
                "654321",
                "confidential",
                "777",
                "salary",
                "budget",
                "reviews",
                "bosses",
            ):
                assert secret not in wire(bob)
            assert "654321" in wire(ann)
            # The same after coming back, from the tail and from the log.
            async with caller(place, "bob", "client03") as again:
                await again.join(NAME)
                assert "654321" not in wire(again)
            async with caller(place, "bob", "client04") as again:
                first = next(line for line in bob.everything if line["verb"] == "snapshot")
                again.at[NAME] = first["id"]
                await again.say("subscribe", scope=NAME, since=first["id"], view=first["view"])
                await again.hear("resumed")
                assert "654321" not in wire(again)
                assert "Robert" in wire(again)

    asyncio.run(body())


def test_revocation_cuts_a_live_reader_before_the_frame_that_revokes_it(url: str) -> None:
    async def body() -> None:
        async with (
            company(url) as place,
            caller(place, "ann") as ann,
            caller(place, "bob", "client02") as bob,
        ):
            await ann.join(NAME)
            await bob.join(NAME)
            await ann.say(
                "do", scope=NAME, n=1, first=True, action={"do": "delete", "feed": "people", "id": "bob"}
            )
            assert (await ann.hear("result", n=1))["code"] == 200
            assert (await bob.hear("error", scope=NAME))["name"] == "NOT_FOUND"
            assert await edit(ann, 2, "news", "n1", text="after bob") == 200
            await bob.say("ping")
            await bob.hear("pong")
            assert bob.seen == []
            assert "after bob" not in wire(bob)
            await bob.act(1, True, NAME)
            assert (await bob.hear("error", n=1))["name"] == "NOT_FOUND"

    asyncio.run(body())


def test_who_ends_his_own_right_to_read_still_hears_that_it_is_done(url: str) -> None:
    async def body() -> None:
        async with company(url) as place, caller(place, "bob") as bob:
            await bob.join(NAME)
            await bob.say(
                "do", scope=NAME, n=1, first=True, action={"do": "delete", "feed": "people", "id": "bob"}
            )
            verbs = []
            while "result" not in verbs or "error" not in verbs:
                await bob.wait()
                verbs = [line["verb"] for line in bob.everything]
            assert next(line for line in bob.everything if line["verb"] == "result")["code"] == 200

    asyncio.run(body())


def test_a_view_that_narrows_or_widens_is_begun_anew(url: str) -> None:
    async def body() -> None:
        async with (
            company(url) as place,
            caller(place, "ann") as ann,
            caller(place, "bob", "client02") as bob,
        ):
            await ann.join(NAME)
            await bob.join(NAME)
            assert await edit(ann, 1, "people", "bob", role="boss") == 200
            await bob.hear("resync")
            await bob.say("subscribe", scope=NAME, since=None)
            assert "people--bosses" in feeds(await bob.hear("snapshot"))
            assert await edit(ann, 2, "people", "bob", salary=4711) == 200
            await bob.reach(ann.at[NAME], NAME)
            assert "4711" in wire(bob)
            widest = next(line["view"] for line in reversed(bob.everything) if line["verb"] == "snapshot")
            at = bob.at[NAME]
            assert await edit(ann, 3, "people", "bob", role="clerk") == 200
            await bob.hear("resync")
            # Resuming under another set of audiences resyncs, whatever the client says that it has seen.
            await bob.say("subscribe", scope=NAME, since=at, view=widest)
            assert feeds(await bob.hear("snapshot")) == {".", "people", "news"}

    asyncio.run(body())


def test_an_act_that_changes_ones_own_view_is_answered_in_the_next_one(url: str) -> None:
    async def body() -> None:
        async with company(url) as place, caller(place, "bob") as bob:
            await bob.join(NAME)
            await bob.act(1, True, NAME, feed="people", id="bob", attrs={"role": "boss"})
            await bob.hear("resync")
            await bob.say("subscribe", scope=NAME, since=None, pending=[1])
            snapshot = await bob.hear("snapshot")
            assert snapshot["contained"] == [1]
            assert (await bob.hear("result", n=1))["code"] == 200

    asyncio.run(body())


def test_a_lost_subscription_hides_no_revocation(url: str) -> None:
    async def body() -> None:
        async with (
            company(url) as place,
            caller(place, "ann") as ann,
            caller(place, "bob", "client02") as bob,
        ):
            await ann.join(NAME)
            await bob.join(NAME)
            await place.cap.connection.command("CLIENT", "KILL", "TYPE", "pubsub")
            await ann.say(
                "do", scope=NAME, n=1, first=True, action={"do": "delete", "feed": "people", "id": "bob"}
            )
            assert (await ann.hear("result", n=1))["code"] == 200
            assert await edit(ann, 2, "news", "n1", text="after bob") == 200
            await bob.hear("error", scope=NAME)
            assert "after bob" not in wire(bob)

    asyncio.run(body())
