"""One socket among others: a slow one is resynced, then cut; a silent one is cut; nobody else waits for it."""

import asyncio
import json

import pytest
from websockets.asyncio.client import ClientConnection, connect

from capsule.feeds import ConnectionLostError
from capsule.server.connection import Connection

from .site import PATIENT, Site, caller, room_in, site

HELLO = '{"verb":"hello","protocol":1,"client":"slowpoke"}'
JOIN = '{"verb":"subscribe","scope":"team.7","since":null}'
LARGE = 400_000
DRIVERS = pytest.mark.parametrize("driver", ["own", "uvicorn", "asgi"])


async def sleepy(place: Site) -> ClientConnection:
    """A client that subscribes and then reads nothing."""
    socket = await connect(f"{place.url}?as=sam", max_size=None, compression=None, max_queue=1, **PATIENT)
    await socket.send(f"{HELLO}\n{JOIN}")
    async with asyncio.timeout(60):
        while not any(c.session.user == "sam" and c.session.scopes for c in place.gateway.connections):
            await asyncio.sleep(0.01)
    socket.transport.pause_reading()
    return socket


def server_side(place: Site, user: str) -> Connection:
    [found] = [connection for connection in place.gateway.connections if connection.session.user == user]
    return found


async def fill(place: Site, slow: Connection) -> None:
    """Publish until the socket takes no more."""
    for _ in range(100):
        await place.publish(size=LARGE)
        await asyncio.sleep(0)
        if slow.outlet.blocked_since is not None:
            return
    raise AssertionError("the socket took 40 MB unread")


@DRIVERS
def test_a_stalled_reader_does_not_stall_its_neighbours(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver) as place, caller(place) as ann:
            sockets = [await sleepy(place) for _ in range(3)]
            await ann.join()
            ids = [await place.publish(size=LARGE) for _ in range(40)]
            await ann.reach(ids[-1])
            assert ann.seen[-40:] == ids
            slow = [each for each in place.gateway.connections if each.session.user == "sam"]
            assert all(each.outlet.blocked_since is not None for each in slow)
            room = room_in(place)
            assert room is not None
            assert set(room.lagging) == set(slow)
            for socket in sockets:
                socket.transport.abort()

    asyncio.run(body())


async def read(socket: ClientConnection, at: str, until: str) -> tuple[str, str]:
    """Read events, each after the one before, until this event or a line of this verb; where it then is."""
    if not socket.transport.is_reading():
        socket.transport.resume_reading()
    while True:
        for line in map(json.loads, str(await socket.recv(decode=True)).split("\n")):
            if line["verb"] == "event":
                assert line["prev"] == at
            if line["verb"] in ("event", "snapshot"):
                at = line["id"]
            if until in (line["verb"], at):
                return at, line["verb"]


@DRIVERS
def test_a_slow_reader_goes_on_from_the_tail_and_notices_nothing(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver) as place:
            socket = await sleepy(place)
            await fill(place, server_side(place, "sam"))
            for _ in range(20):
                last = await place.publish()
            async with asyncio.timeout(60):
                at, _ = await read(socket, "", "snapshot")
                assert await read(socket, at, last) == (last, "event")
            assert place.gateway.counts.resyncs == 0
            assert place.gateway.counts.blocked >= 1
            socket.transport.abort()

    asyncio.run(body())


@DRIVERS
def test_a_reader_that_the_tail_left_behind_is_resynced_and_misses_nothing(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver, tail_frames=5) as place:
            socket = await sleepy(place)
            await fill(place, server_side(place, "sam"))
            for _ in range(10):
                last = await place.publish()
            async with asyncio.timeout(60):
                at, _ = await read(socket, "", "snapshot")
                await read(socket, at, "resync")
                await socket.send(JOIN)
                assert await read(socket, "", "snapshot") == (last, "snapshot")
            assert place.gateway.counts.resyncs == 1
            socket.transport.abort()

    asyncio.run(body())


@DRIVERS
def test_a_reader_that_falls_behind_again_and_again_is_cut(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver, tail_frames=5, overflows=1) as place, caller(place) as ann:
            await ann.join()
            socket = await sleepy(place)
            slow = server_side(place, "sam")
            await fill(place, slow)
            for _ in range(10):
                last = await place.publish()
            async with asyncio.timeout(60):
                at, _ = await read(socket, "", "snapshot")
                await read(socket, at, "resync")
                await socket.wait_closed()
            assert socket.close_code == 4408
            assert slow not in place.gateway.connections
            await ann.reach(last)

    asyncio.run(body())


@DRIVERS
def test_a_socket_that_lets_its_answers_pile_up_is_cut(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver, buffer_bytes=1000) as place, caller(place) as ann:
            await ann.join()
            socket = await sleepy(place)
            slow = server_side(place, "sam")
            await fill(place, slow)
            # What follows in the message that ends it is not begun.
            await socket.send("\n".join(['{"verb":"ping"}'] * 200 + [JOIN.replace("team.7", "team.8")]))
            async with asyncio.timeout(60):
                while slow in place.gateway.connections:
                    await asyncio.sleep(0.01)
            await ann.reach(await place.publish())
            socket.transport.abort()

    asyncio.run(body())


@DRIVERS
def test_a_reader_that_takes_nothing_for_long_is_cut(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver) as place:
            socket = await sleepy(place)
            slow = server_side(place, "sam")
            for _ in range(40):
                await place.publish(size=LARGE // 2)
                if slow.outlet.blocked_since is not None:
                    break
            slow.sweep(place.gateway.now())
            assert slow in place.gateway.connections
            slow.sweep(place.gateway.now() + place.gateway.limits.stall + 1)
            async with asyncio.timeout(60):
                while slow in place.gateway.connections:
                    await asyncio.sleep(0.01)
            socket.transport.abort()

    asyncio.run(body())


@DRIVERS
def test_a_silent_session_is_cut_and_a_speaking_one_is_not(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver) as place, caller(place, "ann") as ann:
            quiet = server_side(place, "ann")
            quiet.sweep(place.gateway.now() + place.gateway.limits.silence / 2)
            await ann.say("ping")
            await ann.hear("pong")
            quiet.sweep(place.gateway.now() + place.gateway.limits.silence + 1)
            assert await ann.end() == 4408

    asyncio.run(body())


@DRIVERS
def test_a_socket_that_never_says_hello_is_cut(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver) as place, caller(place, "ann", hello=False) as ann:
            async with asyncio.timeout(60):
                while not place.gateway.connections:
                    await asyncio.sleep(0.01)
            server_side(place, "ann").sweep(place.gateway.now() + place.gateway.limits.hello_within + 1)
            assert await ann.end() == 4408

    asyncio.run(body())


@DRIVERS
def test_a_flood_is_answered_429_and_slowed_and_the_neighbour_is_served(url: str, driver: str) -> None:
    async def body() -> None:
        async with (
            site(url, driver=driver, rate=10.0, burst=10) as place,
            caller(place, "bob") as bob,
            caller(place, "mallory") as mallory,
        ):
            await bob.join()
            flood = "\n".join(['{"verb":"ping"}'] * 30)
            await mallory.socket.send(flood)
            error = await mallory.hear("error")
            assert (error["code"], error["name"]) == (429, "TOO_MANY")
            await bob.reach(await place.publish())
            await mallory.hear("error")

    asyncio.run(body())


def test_an_action_waits_for_a_store_that_is_away_and_is_done_once(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            await ann.join()
            put, failures = place.gateway.calls._jobs.put, 3

            async def flaky(*args: object, **kwargs: object) -> object:
                nonlocal failures
                failures -= 1
                answer = await put(*args, **kwargs)  # type: ignore[arg-type]
                if failures >= 0:
                    raise ConnectionLostError("the reply was lost")
                return answer

            place.gateway.calls._jobs.put = flaky  # type: ignore[assignment, method-assign]
            await ann.act(1)
            await ann.say("ping")
            await ann.hear("pong")
            claims = await place.cap.jobs("actions").claim(10, 1.0)
            assert [job.id for claim in claims for job in claim.jobs] == ["ann.client01.1"]

    asyncio.run(body())


def test_a_store_that_stays_away_closes_the_socket_with_try_later(url: str) -> None:
    async def body() -> None:
        async with site(url, put_patience=0.0) as place, caller(place) as ann:
            await ann.join()

            async def away(*args: object, **kwargs: object) -> object:
                raise ConnectionLostError("no connection")

            place.gateway.calls._jobs.put = away  # type: ignore[assignment, method-assign]
            await ann.act(1)
            assert await ann.end() == 1013

    asyncio.run(body())


def test_a_connection_speaks_for_several_pages_each_with_its_own_numbers(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, client="leading01") as ann:
            working = asyncio.create_task(place.work())
            await ann.join()
            edit = {"do": "edit", "feed": "chat", "id": "c1", "attrs": {}}
            for other in ("guest0001", "guest0002"):
                await ann.say("do", scope="team.7", n=1, first=True, action=edit, client=other)
                assert (await ann.hear("result"))["client"] == other
            await ann.act(1)
            assert "client" not in await ann.hear("result")
            operations = [line["tx"][0][0] for line in ann.everything if line["verb"] == "event"]
            assert operations == ["ann.guest0001.1", "ann.guest0002.1", "ann.leading01.1"]
            # What is refused names the page as well.
            await ann.say("do", scope="team.7", n=5, first=False, action=edit, client="guest0001")
            gap = await ann.hear("error", name="GAP")
            assert (gap["client"], gap["n"]) == ("guest0001", 5)
            await ann.say("do", scope="team.8", n=2, first=False, action=edit, client="guest0001")
            assert (await ann.hear("error", name="NOT_FOUND"))["client"] == "guest0001"
            await ann.say("do", scope="team.7", n=2, first=False, action=edit, client="../eve")
            assert "client" not in await ann.hear("error", name="BAD_MESSAGE")
            working.cancel()

    asyncio.run(body())
