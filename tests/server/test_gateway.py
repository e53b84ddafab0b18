"""A gateway with real sockets and a real store: what clients may rely on (docs/protocol.md), end to end."""

import asyncio
import json
import random
from contextlib import suppress

import pytest

from capsule.feeds import Publish, Transaction
from tests.conftest import until

from .site import Site, caller, room_in, site

pytestmark = pytest.mark.usefixtures("every_driver")


async def working(place: Site) -> asyncio.Task[None]:
    return asyncio.create_task(place.work())


async def rested(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_two_clients_see_the_same_frames_in_order(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann, caller(place, "bob") as bob:
            await ann.join()
            await place.publish()
            await bob.join()
            ids = [await place.publish() for _ in range(200)]
            await ann.reach(ids[-1])
            await bob.reach(ids[-1])
            assert ann.seen[-200:] == ids
            assert bob.seen[-200:] == ids

    asyncio.run(body())


def test_a_snapshot_is_the_stored_state(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            operations = [
                Publish(".", "7", '{"id":"7","name":"caf\u00e9"}'),
                Publish("members", "1", '{"id":"1"}'),
                Publish("members.1.tasks", "t", '{"id":"t"}'),
            ]
            [outcome] = await place.cap.scope("team.7").commit([Transaction("op", operations)])
            await ann.say("subscribe", scope="team.7", since=None)
            assert await ann.hear("snapshot") == {
                "verb": "snapshot",
                "scope": "team.7",
                "id": outcome.event_id,
                "feeds": [
                    [".", ["7", {"id": "7", "name": "caf\u00e9"}]],
                    ["members", ["1", {"id": "1"}]],
                    ["members.1.tasks", ["t", {"id": "t"}]],
                ],
            }

    asyncio.run(body())


def test_after_a_cut_a_client_resumes_without_gap_or_duplicate(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            async with caller(place) as ann:
                await ann.join()
                await ann.reach(last := await place.publish())
            missed = [await place.publish() for _ in range(20)]
            async with caller(place) as ann:
                await ann.join(since=last)
                await ann.reach(missed[-1])
                assert ann.seen == missed
                missed.append(await place.publish())
                await ann.reach(missed[-1])
                assert ann.seen == missed

    asyncio.run(body())


def test_a_client_resumes_at_another_gateway_from_beyond_its_tail(url: str) -> None:
    async def body() -> None:
        async with site(url) as first, site(url, tail_frames=2) as second:
            async with caller(first) as ann:
                await ann.join()
                await ann.reach(last := await first.publish())
            missed = [await first.publish() for _ in range(5)]
            async with caller(second, "bob") as bob, caller(second) as ann:
                await bob.join()
                await ann.join(since=last)
                await ann.reach(missed[-1])
                assert ann.seen == missed

    asyncio.run(body())


def test_a_client_from_another_history_gets_a_snapshot(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            at = await place.publish()
            for since in ("999999-5", "1-1", "1-999999999999999999999999"):
                await ann.say("subscribe", scope="team.7", since=since)
                assert (await ann.hear("snapshot"))["id"] == at

    asyncio.run(body())


def test_a_result_comes_after_its_event(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann, caller(place, "bob") as bob:
            worker = await working(place)
            await ann.join()
            await bob.join()
            for n in range(1, 51):
                await ann.act(n, first=n == 1)
            for n in range(1, 51):
                result = await ann.hear("result", n=n)
                assert result["code"] == 200
                assert result["verdict"]["allowed"] is True
            await bob.reach(ann.at["team.7"])
            assert ann.seen == bob.seen
            await rested(worker)

    asyncio.run(body())


def test_the_job_names_the_authenticated_user_and_nobody_else(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "ann") as ann:
            await ann.join()
            await ann.act(1, attrs={"user": "bob"})
            [claim] = await place.cap.jobs("actions").claim(1, 5.0)
            assert claim.group == "team.7"
            [job] = claim.jobs
            assert job.id == "ann.client01.1"
            assert json.loads(job.data) == {
                "user": "ann",
                "scope": "team.7",
                "action": {"do": "edit", "feed": "chat", "id": "c1", "attrs": {"user": "bob"}},
            }

    asyncio.run(body())


def test_an_action_out_of_order_is_a_gap_and_the_pending_ones_heal_it(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            worker = await working(place)
            await ann.join()
            await ann.act(3, first=False)
            error = await ann.hear("error", n=3)
            assert (error["code"], error["name"]) == (425, "GAP")
            await ann.act(2, first=True)
            await ann.act(3, first=False)
            await ann.hear("result", n=2)
            await ann.hear("result", n=3)
            await rested(worker)

    asyncio.run(body())


def test_an_action_sent_again_gets_the_recorded_result_and_is_done_once(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            worker = await working(place)
            async with caller(place) as ann:
                await ann.join()
                await ann.act(1)
                first = await ann.hear("result", n=1)
            async with caller(place) as ann:
                await ann.join(since=first["id"], pending=(1,))
                await ann.act(1)
                assert await ann.hear("result", n=1) == first
                assert ann.seen == []
            await rested(worker)

    asyncio.run(body())


def test_a_snapshot_tells_which_pending_actions_it_contains(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            await place.publish(op="ann.client01.1")
            await place.publish(op="ann.client01.3")
            await place.publish(op="bob.client01.2")
            await ann.say("subscribe", scope="team.7", since=None, pending=[1, 2, 3])
            assert (await ann.hear("snapshot"))["contained"] == [1, 3]

    asyncio.run(body())


def test_a_waiting_action_is_answered_by_the_gateway_that_was_asked_last(url: str) -> None:
    async def body() -> None:
        async with site(url) as second:
            async with site(url) as first, caller(first) as ann:
                await ann.join()
                await ann.act(1)
                await ann.say("ping")
                await ann.hear("pong")
            async with caller(second) as ann:
                await ann.join()
                await ann.act(1)
                worker = await working(second)
                assert (await ann.hear("result", n=1))["code"] == 200
                await rested(worker)
            assert await second.cap.scope("team.7").lookup(["ann.client01.1"]) != [None]

    asyncio.run(body())


def test_a_dead_letter_is_an_internal_error_without_the_workers_words(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            await ann.join()
            await ann.act(1)
            jobs = place.cap.jobs("actions")
            [claim] = await jobs.claim(1, 5.0)
            await jobs.fail(claim, claim.jobs[0], "KeyError: 'secret'", retry=False)
            error = await ann.hear("error", n=1)
            assert error["name"] == "INTERNAL"
            assert "secret" not in json.dumps(error)

    asyncio.run(body())


def test_a_scope_that_one_may_not_read_does_not_exist(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "eve") as eve, caller(place) as ann:
            answers = []
            for who, scope in ((eve, "team.7"), (ann, "secret.1"), (ann, "s" * 128)):
                await who.say("subscribe", scope=scope, since=None)
                answers.append(await who.hear("error", scope=scope))
                await who.act(1, scope=scope)
                answers.append(await who.hear("error", scope=scope, n=1))
            assert {(answer["code"], answer["sentence"]) for answer in answers} == {
                (404, "There is no such thing here, or you may not see it.")
            }
            assert await place.cap.jobs("actions").claim(1) == []

    asyncio.run(body())


def test_what_comes_with_a_refused_subscription_in_one_message_is_refused_too(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "eve") as eve:
            lines = [
                {"verb": "subscribe", "scope": "team.7", "since": None},
                {"verb": "presence", "scope": "team.7", "state": {}},
                {
                    "verb": "do",
                    "scope": "team.7",
                    "n": 1,
                    "first": True,
                    "action": {"do": "delete", "feed": "chat", "id": "x"},
                },
            ]
            await eve.socket.send("\n".join(map(json.dumps, lines)))
            await eve.hear("error", n=1, name="NOT_FOUND")
            assert await place.cap.jobs("actions").claim(1) == []
            assert await place.cap.presence("team.7").all() == {}

    asyncio.run(body())


def test_an_authorize_that_raises_or_says_yes_in_other_words_refuses(url: str) -> None:
    async def body() -> None:
        async def broken(user: str, scope: str) -> bool:
            raise RuntimeError("the database is away")

        for authorize in (broken, lambda user, scope: "yes", lambda user, scope: 1):
            async with site(url, authorize=authorize) as place, caller(place) as ann:
                await ann.say("subscribe", scope="team.7", since=None)
                await ann.hear("error", name="NOT_FOUND")

    asyncio.run(body())


def test_several_scopes_share_one_connection(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            await ann.join("team.1")
            await ann.join("team.2")
            one, two = await place.publish("team.1"), await place.publish("team.2")
            await ann.reach(one, "team.1")
            await ann.reach(two, "team.2")
            await ann.say("unsubscribe", scope="team.1")
            await ann.say("ping")
            await ann.hear("pong")
            await place.publish("team.1")
            await ann.reach(await place.publish("team.2"), "team.2")
            assert ann.at["team.1"] == one

    asyncio.run(body())


def test_a_lost_connection_to_the_store_is_caught_up(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            await ann.join()
            other = place.cap.connection
            await other.command("CLIENT", "KILL", "TYPE", "pubsub")
            ids = [await place.publish() for _ in range(10)]
            await ann.reach(ids[-1])
            assert ann.seen == ids

    asyncio.run(body())


def test_an_event_that_pubsub_lost_silently_is_found_by_its_result(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            await ann.join()
            room = room_in(place)
            assert room is not None
            lost: list[bytes] = []
            heard, room.frame = room.frame, lost.append  # type: ignore[assignment, method-assign]
            worker = await working(place)
            await ann.act(1)
            await until(lambda: lost)
            room.frame = heard  # type: ignore[method-assign]
            assert (await ann.hear("result", n=1))["code"] == 200
            assert len(ann.seen) == 1
            await rested(worker)

    asyncio.run(body())


def test_an_event_that_pubsub_lost_in_a_quiet_room_is_found_by_looking(url: str) -> None:
    async def body() -> None:
        async with site(url, room_idle_check=1.0) as place, caller(place) as ann:
            await ann.join()
            room = room_in(place)
            assert room is not None
            lost: list[bytes] = []
            heard, room.frame = room.frame, lost.append  # type: ignore[assignment, method-assign]
            at = await place.publish()
            await until(lambda: lost)
            room.frame = heard  # type: ignore[method-assign]
            await ann.reach(at)

    asyncio.run(body())


async def wander(
    places: list[Site], chance: random.Random, name: str, since: str, over: asyncio.Event
) -> list[str]:
    """A client that loses its connection again and again, and resumes wherever it likes; what it saw."""
    seen: list[str] = []
    while not over.is_set():
        async with caller(chance.choice(places), name) as who:
            await who.join(since=since)
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), chance.uniform(0.0, 0.3))
        seen += who.seen
        since = who.at["team.7"]
    async with caller(chance.choice(places), name) as who:
        await who.join(since=since)
        return seen + who.seen


def test_clients_that_come_and_go_between_gateways_see_every_event_once_and_in_order(url: str) -> None:
    async def body() -> None:
        chance = random.Random(7)
        async with site(url) as one, site(url, tail_frames=5) as two:
            over = asyncio.Event()
            first = await one.publish()
            wanderers = [
                asyncio.create_task(wander([one, two], random.Random(number), f"w{number}", first, over))
                for number in range(20)
            ]
            ids = []
            for _ in range(400):
                ids.append(await chance.choice([one, two]).publish())
                if chance.random() < 0.02:
                    await one.cap.connection.command("CLIENT", "KILL", "TYPE", "pubsub")
                await asyncio.sleep(chance.choice([0.0, 0.005]))
            over.set()
            for seen in await asyncio.gather(*wanderers):
                assert seen == ids

    asyncio.run(body())


def test_a_room_that_stays_empty_is_closed_and_opens_again(url: str) -> None:
    async def body() -> None:
        async with site(url, room_linger=0.0) as place:
            async with caller(place) as ann:
                await ann.join()
            await until(lambda: len(place.gateway.rooms) == 0)
            at = await place.publish()
            async with caller(place) as ann:
                await ann.join()
                assert ann.at["team.7"] == at
                await ann.reach(await place.publish())

    asyncio.run(body())
