"""What a socket can carry, as bytes, on the real server: each bad thing ends at most its own socket, with a code."""

import asyncio
import json
from typing import cast

import pytest

from capsule.server.websocket import TURN, WebSocket

from .raw import HELLO, Raw, masked, opened, raw, text, upgrade
from .site import Site, caller, room_in, site

DEEP = '{"verb":"presence","scope":"team.7","state":' + '{"a":' * 40 + "1" + "}" * 41
BAD: dict[str, tuple[bytes, int]] = {
    "garbage": (b"\xff\xff\xff\xff\xff", 1002),
    "an HTTP request": (b"GET / HTTP/1.1\r\n\r\n", 1002),
    "unmasked": (b"\x81\x02hi", 1002),
    "reserved bit 1 without compression": (masked(0xC1, b"hi"), 1002),
    "reserved bit 2": (masked(0xA1, b"hi"), 1002),
    "reserved opcode": (masked(0x83, b"hi"), 1002),
    "reserved control opcode": (masked(0x8B), 1002),
    "invalid UTF-8": (masked(0x81, b"\xff\xfe"), 1007),
    "half a surrogate pair": (masked(0x81, b"\xed\xa0\x80"), 1007),
    "invalid UTF-8 in pieces": (masked(0x01, b"\xe2\x82") + masked(0x80, b"\x28"), 1007),
    "a ping of 126 bytes": (masked(0x89, bytes(126)), 1002),
    "a ping in pieces": (masked(0x09), 1002),
    "a continuation of nothing": (masked(0x80, b"hi"), 1002),
    "a message within a message": (masked(0x01, b"a") + masked(0x81, b"b"), 1002),
    "a close of one byte": (masked(0x88, b"\x03"), 1002),
    "a close code that may not be sent": (masked(0x88, b"\x03\xee"), 1002),
    "a close with a broken reason": (masked(0x88, b"\x03\xe8\xff"), 1007),
    "a message that claims 2 GB": (masked(0x81, b"", 2**31), 1009),
    "a message that claims 2^63": (masked(0x81, b"", 2**63), 1009),
    "a message in too many pieces": (masked(0x01) + masked(0x00) * 1_001, 1009),
    "a close": (masked(0x88, b"\x03\xe8bye"), 1000),
    "a close without a code": (masked(0x88), 1000),
    "a close of the application's": (masked(0x88, b"\x0f\xa0"), 4000),
}


@pytest.mark.parametrize("driver", ["own", "uvicorn"])
def test_every_bad_frame_has_its_close_code_and_the_neighbour_is_served(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver) as place, caller(place, "bob") as bob:
            await bob.join()
            for name, (data, code) in BAD.items():
                async with opened(place) as socket:
                    socket.send(text(HELLO) + data)
                    assert (await socket.line())["verb"] == "welcome", name
                    assert await socket.closed() == code, name
                await bob.reach(await place.publish())
            assert len(place.gateway.connections) == 1

    asyncio.run(body())


GOOD: dict[str, bytes] = {
    "in pieces": masked(0x01, b'{"verb":') + masked(0x00, b'"pi') + masked(0x80, b'ng"}'),
    "with control frames between the pieces": masked(0x01, b'{"verb"')
    + masked(0x8A)
    + masked(0x80, b':"ping"}'),
    "in empty pieces": masked(0x01) + masked(0x00) * 5 + masked(0x80, b'{"verb":"ping"}'),
    "with the largest size that is allowed": text('{"verb":"ping"}' + " " * (64 * 1024 - 15)),
    "with a long header for a short message": b"\x81\xfe\x00\x0f" + bytes(4) + b'{"verb":"ping"}',
    "after an unasked pong": masked(0x8A, b"nobody asked") + text('{"verb":"ping"}'),
    "after an empty message": masked(0x81) + text('{"verb":"ping"}'),
    "in a message of several lines": text("", '{"verb":"ping"}', ""),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_the_standard_allows_is_understood(url: str, name: str) -> None:
    async def body() -> None:
        async with site(url) as place, opened(place) as socket:
            socket.send(text(HELLO))
            assert (await socket.line())["verb"] == "welcome"
            socket.send(GOOD[name])
            assert (await socket.line())["verb"] == "pong"
            for byte in GOOD[name]:
                socket.send(bytes((byte,)))
            assert (await socket.line())["verb"] == "pong"

    asyncio.run(body())


def test_reading_goes_on_when_a_turn_ends_with_all_that_was_read_ahead(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, opened(place) as socket:
            socket.send(text(HELLO))
            assert (await socket.line())["verb"] == "welcome"
            [connection] = place.gateway.connections
            outlet = cast(WebSocket, connection.outlet)
            ping = text('{"verb":"ping"}' + " " * 4000)
            outlet.data_received(ping * (TURN + 1))
            outlet.data_received(ping * (TURN - 1))
            for _ in range(2 * TURN):
                assert (await socket.line())["verb"] == "pong"
            socket.send(ping)
            assert (await socket.line())["verb"] == "pong"

    asyncio.run(body())


def test_a_ping_is_answered_with_its_own_payload_between_the_pieces_of_a_message(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, opened(place) as socket:
            socket.send(masked(0x01, HELLO[:10].encode()) + masked(0x89, b"are you there"))
            assert await socket.frame() == (0x8A, b"are you there")
            socket.send(masked(0x80, HELLO[10:].encode()))
            assert (await socket.line())["verb"] == "welcome"

    asyncio.run(body())


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (DEEP, "BAD_MESSAGE"),
        ("[" * 60_000, "BAD_JSON"),
        (
            '{"verb":"do","scope":"team.8","n":1,"first":true,"action":{"do":"delete","feed":"x","id":"y"}}',
            "NOT_FOUND",
        ),
        ('{"verb":"subscribe","scope":"team.7","since":"99999999-7"}', None),
        (HELLO, "HELLO_AGAIN"),
    ],
    ids=["deep", "deeper", "another tenant", "from the future", "again"],
)
def test_bad_lines_are_answered_and_the_socket_goes_on(url: str, line: str, name: str | None) -> None:
    async def body() -> None:
        async with site(url) as place, opened(place) as socket:
            socket.send(text(HELLO) + text(line))
            assert (await socket.line())["verb"] == "welcome"
            answer = await socket.line()
            assert answer.get("name") == name
            socket.send(masked(0x82, b"binary") + text('{"verb":"ping"}'))
            verbs = []
            while "pong" not in verbs:
                verbs.append((await socket.line())["verb"])
            assert "error" in verbs

    asyncio.run(body())


def test_a_bomb_costs_its_sender_the_socket_and_the_server_nothing(url: str) -> None:
    import zlib

    bomb = zlib.compress(bytes(50_000_000), 9, -15)[:-1]

    async def body() -> None:
        async with site(url) as place:
            async with opened(place, "Sec-WebSocket-Extensions: permessage-deflate\r\n") as socket:
                socket.send(masked(0xC1, bomb[:60_000]))
                assert (await socket.line())["name"] == "TOO_LARGE"
                assert await socket.closed() == 1009
            async with opened(place, "Sec-WebSocket-Extensions: permessage-deflate\r\n") as socket:
                packed = zlib.compressobj(wbits=-15)
                hello = (packed.compress(HELLO.encode()) + packed.flush(zlib.Z_SYNC_FLUSH))[:-4]
                socket.send(masked(0xC1, hello))
                assert (await socket.line())["verb"] == "welcome"
                socket.send(masked(0xC1, b"\xff\xff\xff"))
                assert await socket.closed() == 1007

    asyncio.run(body())


def test_thousands_of_tiny_frames_at_once_are_nobodys_wait(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "bob") as bob:
            await bob.join()
            loop = asyncio.get_running_loop()
            async with opened(place) as socket:
                socket.send(text(HELLO) + masked(0x8A) * 40_000)
                await asyncio.sleep(0)
                turns = 0
                while next(iter(waiting(place))) > 0 or turns == 0:
                    turns += 1
                    await asyncio.sleep(0)
                    assert loop.time()
                assert turns > 100  # the loop came round many times before they were all read
                await bob.reach(await place.publish())

    asyncio.run(body())


def waiting(place: Site) -> list[int]:
    """What lies unread in the gateway, of everybody but bob."""
    found = [each for each in place.gateway.connections if each.session.user != "bob"]
    return [each.outlet._reader.waiting for each in found] or [1]  # type: ignore[attr-defined]


def test_while_a_message_waits_for_the_store_no_more_than_a_little_is_read(url: str) -> None:
    async def body() -> None:
        stuck = asyncio.Event()

        async def patient(user: str, scope: str) -> bool:
            await stuck.wait()
            return True

        async with site(url, authorize=patient) as place, opened(place) as socket:
            socket.send(text(HELLO, '{"verb":"subscribe","scope":"team.7","since":null}'))
            assert (await socket.line())["verb"] == "welcome"
            flood = text('{"verb":"ping"}') * 100
            while socket.writer.transport.get_write_buffer_size() == 0:
                socket.send(flood)
                await asyncio.sleep(0)
            assert max(waiting(place)) < 1_000_000
            stuck.set()
            assert (await socket.line())["verb"] in ("snapshot", "pong")

    asyncio.run(body())


def test_a_peer_that_is_gone_without_a_word_is_forgotten(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            async with raw(place) as socket:
                socket.send(upgrade() + text(HELLO))
                assert " 101 " in await socket.head()
                await socket.line()
                socket.writer.write_eof()
                async with asyncio.timeout(60):
                    assert await socket.reader.read() == b""
            assert len(place.gateway.connections) == 0

    asyncio.run(body())


def test_a_half_open_socket_is_found_by_its_silence(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, opened(place) as socket:
            socket.send(text(HELLO))
            await socket.line()
            [connection] = place.gateway.connections
            connection.sweep(place.gateway.now() + place.gateway.limits.silence + 1)
            assert await socket.closed() == 4408
            assert len(place.gateway.connections) == 0

    asyncio.run(body())


def test_a_client_that_is_refused_again_and_again_is_closed(url: str) -> None:
    async def body() -> None:
        async with site(url, bad_burst=3) as place, opened(place) as socket:
            socket.send(text(*["{"] * 10))
            names = [(await socket.line())["name"] for _ in range(4)]
            assert names == ["BAD_JSON"] * 4
            assert await socket.closed() == 1008

    asyncio.run(body())


def test_frames_after_a_close_are_not_heard(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, opened(place) as socket:
            socket.send(masked(0x88, b"\x03\xe8") + text(HELLO))
            assert await socket.closed() == 1000

    asyncio.run(body())


def test_all_that_was_refused_left_nothing_behind(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            for data, _ in BAD.values():
                async with opened(place) as socket:
                    socket.send(text(HELLO, '{"verb":"subscribe","scope":"team.7","since":null}') + data)
                    await socket.closed()
            room = room_in(place)
            assert room is None or room.empty
            assert len(place.gateway.connections) == 0
            at = await place.publish()
            async with caller(place) as ann:
                await ann.join()
                await ann.reach(at)

    asyncio.run(body())


async def lines(socket: Raw) -> list[str]:
    first, payload = await socket.frame()
    assert first == 0x81
    return [json.loads(line)["verb"] for line in payload.decode().split("\n")]


def test_what_a_tick_brought_is_one_frame_for_everybody(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, opened(place) as socket:
            socket.send(text(HELLO, '{"verb":"subscribe","scope":"team.7","since":null}'))
            verbs: list[str] = []
            while "presence" not in verbs:
                verbs += await lines(socket)
            await asyncio.gather(*(place.publish() for _ in range(8)))
            found: list[str] = []
            frames = 0
            while found.count("event") < 8:
                found += await lines(socket)
                frames += 1
            assert frames < 8

    asyncio.run(body())
