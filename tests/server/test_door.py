"""The door of the standalone server: who is let in, and what everybody else is told."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from capsule.server.handshake import Handshake
from tests.conftest import until

from .raw import HELLO, raw, text, upgrade
from .site import Site, caller, room_in, site

WRONG: dict[str, tuple[bytes, int]] = {
    "garbage": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello over TLS\r\n\r\n", 400),
    "another protocol": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 400),
    "HTTP/1.0": (b"GET /?as=ann HTTP/1.0\r\n\r\n", 426),
    "POST": (b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nhello", 400),
    "a header without a name": (b"GET / HTTP/1.1\r\n: here\r\n\r\n", 400),
    "a line without an end": (b"GET /" + b"x" * 20_000, 400),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: 1\r\n" % n for n in range(500)) + b"\r\n", 400),
    "large headers": (
        b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: %s\r\n" % (n, b"x" * 4000) for n in range(5)),
        431,
    ),
    "no upgrade": (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", 426),
    "no key": (upgrade().replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b""), 400),
    "a key that is none": (upgrade().replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"short"), 400),
    "two keys": (upgrade(more="Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400),
    "another version": (upgrade().replace(b"Version: 13", b"Version: 8"), 400),
    "another site": (upgrade(more="Origin: https://evil.example\r\n"), 403),
    "no such page": (b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n", 426),
}


def test_whoever_does_not_know_how_to_knock_is_told_so_and_the_neighbour_is_served(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "bob") as bob:
            await bob.join()
            for name, (data, status) in WRONG.items():
                async with raw(place) as socket:
                    socket.send(data)
                    head = await socket.head()
                    assert head.startswith(f"HTTP/1.1 {status} "), (name, head)
                    async with asyncio.timeout(60):
                        await socket.reader.read()  # to the end: the connection is closed, not reset
                await bob.reach(await place.publish())
            assert len(place.gateway.connections) == 1
            assert sum(place.gateway.counts.refused.values()) == len(WRONG)

    asyncio.run(body())


def test_a_request_that_never_ends_is_ended(url: str) -> None:
    async def body() -> None:
        async with site(url, hello_within=0.2) as place, raw(place) as slow, raw(place) as silent:
            slow.send(b"GET / HT")
            for _ in range(3):
                await asyncio.sleep(0.02)
                slow.send(b"T")
            for socket in (slow, silent):
                assert "408" in await socket.head()
            assert len(place.server._hall.doors) == 0  # type: ignore[union-attr]

    asyncio.run(body())


def test_a_request_byte_by_byte_with_frames_right_behind_it_is_understood(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, raw(place) as socket:
            data = upgrade()
            for index in range(len(data) - 1):
                socket.send(data[index : index + 1])
                await asyncio.sleep(0)
            socket.send(data[-1:] + text(HELLO) + text('{"verb":"ping"}'))
            assert " 101 " in await socket.head()
            assert (await socket.line())["verb"] == "welcome"
            assert (await socket.line())["verb"] == "pong"

    asyncio.run(body())


def test_authenticate_may_take_its_time_and_early_frames_wait(url: str) -> None:
    async def body() -> None:
        answer = asyncio.Event()

        async def slowly(handshake: Handshake) -> str | None:
            await answer.wait()
            return handshake.query.get("as")

        async with site(url, authenticate=slowly) as place, raw(place) as socket, raw(place) as gone:
            socket.send(upgrade() + text(HELLO))
            gone.send(upgrade())
            await until(lambda: place.server._hall.entering == 2)  # type: ignore[union-attr]
            gone.writer.transport.abort()
            await until(lambda: len(place.server._hall.doors) == 1)  # type: ignore[union-attr]
            answer.set()
            assert " 101 " in await socket.head()
            assert (await socket.line())["user"] == "mallory"
            assert len(place.gateway.connections) == 1
            await until(lambda: place.server._hall.entering == 0)  # type: ignore[union-attr]

    asyncio.run(body())


def test_who_leaves_or_is_refused_before_authenticate_has_begun_is_not_counted_for_ever(url: str) -> None:
    async def never(handshake: Handshake) -> str | None:
        await asyncio.Event().wait()
        return None

    async def body() -> None:
        async with site(url, authenticate=never) as place:
            async with raw(place) as socket:
                socket.send(upgrade() + bytes(20_000))
                assert "431" in await socket.head()
            await until(lambda: place.server._hall.entering == 0)  # type: ignore[union-attr]
            assert len(place.gateway.connections) == 0

    asyncio.run(body())


@pytest.mark.parametrize("limit", [{"sockets": 2}, {"entering": 0}], ids=["sockets", "entering"])
def test_one_too_many_is_asked_to_come_back_later(url: str, limit: dict[str, Any]) -> None:
    async def body() -> None:
        async with site(url, **limit, retry_after=3) as place:
            people = [caller(place, user) for user in ("ann", "bob")] if "sockets" in limit else []
            entered = [await each.__aenter__() for each in people]
            waits = set()
            for _ in range(8):
                async with raw(place) as socket:
                    socket.send(upgrade())
                    head = await socket.head()
                    assert head.startswith("HTTP/1.1 503 ")
                    waits.add(int(head.partition("Retry-After: ")[2].partition("\r")[0]))
            assert waits <= {3, 4, 5, 6}
            assert len(waits) > 1
            assert place.gateway.counts.shed == 8
            for each in entered:
                await each.say("ping")
                await each.hear("pong")
            for made in people:
                await made.__aexit__(None, None, None)

    asyncio.run(body())


def test_nobody_is_told_after_the_handshake_for_a_browser_could_not_read_it_before(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, raw(place) as socket:
            socket.send(upgrade(path="/"))
            assert " 101 " in await socket.head()
            assert (await socket.line())["code"] == 401
            assert await socket.closed() == 4401

    asyncio.run(body())


def test_the_health_page_says_when_it_drains(url: str) -> None:
    async def page(place: Site) -> str:
        async with raw(place) as socket:
            socket.send(b"GET /health?x HTTP/1.1\r\nHost: here\r\n\r\n")
            return await socket.head()

    async def body() -> None:
        async with site(url) as place:
            assert (await page(place)).startswith("HTTP/1.1 200 ")
            place.gateway.draining = True
            assert (await page(place)).startswith("HTTP/1.1 503 ")
            place.gateway.draining = False

    asyncio.run(body())


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ("permessage-deflate; client_max_window_bits", True),
        ("permessage-deflate; server_no_context_takeover", True),
        ("permessage-deflate; no_such_parameter", False),
        ("x-webkit-deflate-frame", False),
    ],
)
def test_compression_is_agreed_without_context_or_not_at_all(url: str, offer: str, answer: bool) -> None:
    async def body() -> None:
        async with site(url) as place, raw(place) as socket:
            socket.send(upgrade(more=f"Sec-WebSocket-Extensions: {offer}\r\n"))
            head = await socket.head()
            assert ("server_no_context_takeover; client_no_context_takeover" in head) is answer

    asyncio.run(body())


def test_a_large_snapshot_is_compressed_once_for_all_who_understand_it(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            for _ in range(60):
                await place.publish(size=1000)
            async with caller(place, "plain") as plain:
                await plain.join()
                room = room_in(place)
                assert room is not None
                assert room._snapshot is not None
                shared = room._snapshot[1].deflated
                assert shared is not None
                assert len(shared) < len(room._snapshot[1]) / 5
                async with connect(f"{place.url}?as=zoe", max_size=None) as socket:  # offers compression
                    join = json.dumps({"verb": "subscribe", "scope": "team.7", "since": None})
                    await socket.send(f'{HELLO}\n{join}\n{{"verb":"ping"}}')
                    lines = [json.loads(await socket.recv()) for _ in range(3)]
                    found = next(line for line in lines if line["verb"] == "snapshot")
                    assert found["id"] == await place.cap.scope("team.7").last()
                assert room._snapshot[1].deflated is shared

    asyncio.run(body())
