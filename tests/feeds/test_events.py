"""The events connection: heard from the server's word on, and told when something may be missing."""

import asyncio
import logging

import pytest

from capsule.feeds import Capsule, Events, ServerError
from capsule.feeds.subscriber import Subscriber
from tests.conftest import Run, ask, until


async def publish(cap: Capsule, channel: str, *messages: str) -> None:
    for message in messages:
        await cap.connection.command("PUBLISH", channel, message)


def test_everything_after_the_servers_word_is_heard_in_order(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        heard: list[bytes] = []
        await cap.events.subscribe("a", heard.append, lambda: None)
        await publish(cap, "a", *(f"{n}" for n in range(300)))
        await publish(cap, "b", "not for us")
        await until(lambda: len(heard) >= 300)
        assert heard == [f"{n}".encode() for n in range(300)]

    run(test)


def test_each_listener_of_a_channel_hears_and_leaves_alone(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        one: list[bytes] = []
        two: list[bytes] = []
        on_one, on_two = one.append, two.append
        await cap.events.subscribe("a", on_one, lambda: None)
        await cap.events.subscribe("a", on_two, lambda: None)
        await publish(cap, "a", "1")
        await until(lambda: one and two)
        await cap.events.unsubscribe("a", on_one)
        await publish(cap, "a", "2")
        await until(lambda: len(two) == 2)
        assert one == [b"1"]
        await cap.events.unsubscribe("a", on_two)
        await cap.events.unsubscribe("a", on_two)
        while await cap.connection.command("PUBSUB", "NUMSUB", "a") != [b"a", 0]:
            await asyncio.sleep(0.005)
        assert two == [b"1", b"2"]

    run(test)


def test_the_same_callback_twice_on_one_channel_is_a_mistake(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        heard: list[bytes] = []
        callback = heard.append
        await cap.events.subscribe("a", callback, lambda: None)
        with pytest.raises(ValueError, match="listens to a already"):
            await cap.events.subscribe("a", callback, lambda: None)
        await cap.events.subscribe("b", callback, lambda: None)

    run(test)


def test_subscribing_again_at_once_waits_for_its_own_word(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        for n in range(50):
            heard: list[bytes] = []
            callback = heard.append
            first = asyncio.create_task(cap.events.subscribe("a", callback, lambda: None))
            await asyncio.sleep(0)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            await cap.events.subscribe("a", callback, lambda: None)
            await publish(cap, "a", f"{n}")
            await until(lambda heard=heard: heard)  # type: ignore[misc]
            assert heard == [f"{n}".encode()]
            await cap.events.unsubscribe("a", callback)

    run(test)


def test_after_a_lost_connection_every_channel_is_subscribed_again_and_its_listeners_are_told(
    run: Run, url: str
) -> None:
    async def test(cap: Capsule) -> None:
        heard: dict[str, list[bytes]] = {"a": [], "b": []}
        gaps: list[str] = []
        for name in heard:
            await cap.events.subscribe(name, heard[name].append, lambda name=name: gaps.append(name))  # type: ignore[misc]
        assert gaps == []
        for n in range(1, 4):
            await ask(url, "CLIENT", "KILL", "TYPE", "pubsub")
            await until(lambda n=n: len(gaps) == 2 * n)  # type: ignore[misc]
            await publish(cap, "a", f"a{n}")
            await publish(cap, "b", f"b{n}")
            await until(lambda n=n: len(heard["b"]) == n)  # type: ignore[misc]
        assert sorted(gaps) == ["a"] * 3 + ["b"] * 3
        assert heard == {"a": [b"a1", b"a2", b"a3"], "b": [b"b1", b"b2", b"b3"]}

    run(test)


def test_a_listener_that_raises_does_not_silence_the_others(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(cap: Capsule) -> None:
        def broken(message: bytes) -> None:
            raise RuntimeError("broken listener")

        heard: list[bytes] = []
        await cap.events.subscribe("a", broken, lambda: None)
        await cap.events.subscribe("a", heard.append, lambda: None)
        with caplog.at_level(logging.ERROR, "capsule.feeds"):
            await publish(cap, "a", "1", "2")
            await until(lambda: len(heard) == 2)
        assert caplog.text.count("broken listener") >= 2

    run(test)


def test_a_listener_may_unsubscribe_while_it_is_told(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        heard: list[bytes] = []
        leaving: list[asyncio.Task[None]] = []

        def once(message: bytes) -> None:
            heard.append(message)
            leaving.append(asyncio.create_task(cap.events.unsubscribe("a", once)))

        later: list[bytes] = []
        await cap.events.subscribe("a", once, lambda: None)
        await cap.events.subscribe("b", later.append, lambda: None)
        await publish(cap, "a", "1")
        await until(lambda: leaving)
        await asyncio.gather(*leaving)
        await publish(cap, "a", "2")
        await publish(cap, "b", "3")
        await until(lambda: later)
        assert heard == [b"1"]

    run(test)


def test_a_channel_that_the_server_refuses_is_an_error_at_once(url: str) -> None:
    asyncio.run(ask(url, "ACL", "SETUSER", "half", "on", ">pw", "~*", "+@all", "resetchannels", "&good*"))

    async def body() -> None:
        cap = await Capsule.connect(url.replace("unix://", "unix://half:pw@"))
        heard: list[bytes] = []
        await cap.events.subscribe("good", heard.append, lambda: None)
        for _ in range(2):
            with pytest.raises(ServerError, match="NOPERM"):
                await cap.events.subscribe("bad", heard.append, lambda: None)
        await ask(url, "PUBLISH", "good", "1")
        await until(lambda: heard == [b"1"])
        await cap.close()

    try:
        asyncio.run(body())
    finally:
        asyncio.run(ask(url, "ACL", "DELUSER", "half"))


def test_channels_move_with_their_home_and_are_asked_for_until_somebody_confirms(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        home = cap.store.nodes()[0].subscriber
        homes: list[Subscriber | None] = [None]
        events = Events(lambda name: homes[-1])
        gaps: list[int] = []
        heard: list[bytes] = []
        waiting = asyncio.create_task(events.subscribe("a", heard.append, lambda: gaps.append(1)))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        other = Subscriber(home.connection.where, events)
        await other.connection.open()
        homes.append(other)
        events.settle()
        await waiting
        assert gaps == []
        third = Subscriber(home.connection.where, events)
        await third.connection.open()
        homes.append(third)
        events.settle()
        await until(lambda: gaps)
        await publish(cap, "a", "1")
        await publish(cap, "a", "2")
        await until(lambda: len(heard) >= 2)
        assert heard == [b"1", b"2"]
        for subscriber in (other, third):
            await subscriber.connection.close()

    run(test)
