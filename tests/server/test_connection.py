"""One socket among others: a slow one is resynced, then cut; a silent one is cut; nobody else waits for it."""

import asyncio
import json

from websockets.asyncio.client import ClientConnection, connect

from capsule.feeds import ConnectionLostError
from capsule.server.connection import Connection

from .site import Site, caller, site

HELLO = '{"verb":"hello","protocol":1,"client":"slowpoke"}'
JOIN = '{"verb":"subscribe","scope":"team.7","since":null}'
LARGE = 400_000


async def sleepy(place: Site) -> ClientConnection:
    """A client that subscribes and then reads nothing."""
    socket = await connect(f"{place.url}?as=sam", max_size=None, compression=None, max_queue=1)
    await socket.send(f"{HELLO}\n{JOIN}")
    async with asyncio.timeout(10):
        while not any(c.session.user == "sam" and c.session.scopes for c in place.gateway.connections):
            await asyncio.sleep(0.01)
    return socket


def server_side(place: Site, user: str) -> Connection:
    [found] = [connection for connection in place.gateway.connections if connection.session.user == user]
    return found


async def fill(place: Site, slow: Connection) -> None:
    """Publish until the socket takes no more and its buffer has overflowed."""
    for _ in range(100):
        await place.publish(size=LARGE)
        await asyncio.sleep(0)
        if slow.outbox.lagging:
            return
    raise AssertionError("the socket took 40 MB unread")


def test_a_stalled_reader_does_not_stall_its_neighbours(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            sockets = [await sleepy(place) for _ in range(3)]
            await ann.join()
            ids = [await place.publish(size=LARGE) for _ in range(40)]
            await ann.reach(ids[-1])
            assert ann.seen[-40:] == ids
            slow = [each for each in place.gateway.connections if each.session.user == "sam"]
            assert all(each.outbox.blocked_since is not None for each in slow)
            for socket in sockets:
                socket.transport.abort()

    asyncio.run(body())


def test_a_slow_reader_is_resynced_when_it_reads_again_and_misses_nothing(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            socket = await sleepy(place)
            slow = server_side(place, "sam")
            await fill(place, slow)
            assert slow.outbox._size <= place.gateway.limits.buffer_bytes
            at, verb = "", ""
            async with asyncio.timeout(20):
                while verb != "resync":
                    for line in map(json.loads, str(await socket.recv(decode=True)).split("\n")):
                        verb = line["verb"]
                        if verb == "event":
                            assert line["prev"] == at
                        at = line.get("id", at)
                await socket.send(JOIN)
                while verb != "snapshot":
                    lines = [json.loads(line) for line in str(await socket.recv(decode=True)).split("\n")]
                    verb, at = lines[0]["verb"], lines[-1].get("id", "")
            assert at == await place.cap.scope("team.7").last()
            socket.transport.abort()

    asyncio.run(body())


def test_a_reader_that_overflows_again_and_again_is_cut(url: str) -> None:
    async def body() -> None:
        async with site(url, overflows=1) as place, caller(place) as ann:
            await ann.join()
            socket = await sleepy(place)
            slow = server_side(place, "sam")
            await_closed = asyncio.create_task(socket.wait_closed())
            for _ in range(100):
                await ann.reach(await place.publish(size=LARGE))
                if slow not in place.gateway.connections:
                    break
            assert slow not in place.gateway.connections
            await ann.reach(await place.publish())
            socket.transport.abort()
            await await_closed

    asyncio.run(body())


def test_a_reader_that_takes_nothing_for_long_is_cut(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            socket = await sleepy(place)
            slow = server_side(place, "sam")
            for _ in range(40):
                await place.publish(size=LARGE // 2)
                if slow.outbox.blocked_since is not None:
                    break
            slow.sweep(place.gateway.now())
            assert slow in place.gateway.connections
            slow.sweep(place.gateway.now() + place.gateway.limits.stall + 1)
            async with asyncio.timeout(10):
                while slow in place.gateway.connections:
                    await asyncio.sleep(0.01)
            socket.transport.abort()

    asyncio.run(body())


def test_a_silent_session_is_cut_and_a_speaking_one_is_not(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "ann") as ann:
            quiet = server_side(place, "ann")
            quiet.sweep(place.gateway.now() + place.gateway.limits.silence - 1)
            await ann.say("ping")
            await ann.hear("pong")
            quiet.sweep(place.gateway.now() + place.gateway.limits.silence + 1)
            assert await ann.end() == 4408

    asyncio.run(body())


def test_a_socket_that_never_says_hello_is_cut(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "ann", hello=False) as ann:
            async with asyncio.timeout(10):
                while not place.gateway.connections:
                    await asyncio.sleep(0.01)
            server_side(place, "ann").sweep(place.gateway.now() + place.gateway.limits.hello_within + 1)
            assert await ann.end() == 4408

    asyncio.run(body())


def test_a_flood_is_answered_429_and_slowed_and_the_neighbour_is_served(url: str) -> None:
    async def body() -> None:
        async with (
            site(url, rate=100.0, burst=10) as place,
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
