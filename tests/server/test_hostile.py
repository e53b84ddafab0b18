"""Whatever a socket carries, on every driver: it is answered with a code, and the neighbour misses nothing.

Single cases with their exact codes are in test_websocket (bytes), test_asgi (messages), test_door (requests) and
test_connection (slow and silent ones). Here is what nobody thought of.
"""

import asyncio
import json
import logging
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capsule.shared.codes import CODES

from .raw import HELLO, Raw, masked, opened, text
from .site import DRIVERS, Caller, Site, caller, site
from .test_websocket import BAD

SUBSCRIBE = {"verb": "subscribe", "scope": "team.7", "since": None, "pending": [1]}
DELETE = {"do": "delete", "feed": "chat", "id": "c1"}
MESSAGES: list[dict[str, Any]] = [
    {"verb": "hello", "protocol": 1, "client": "mallory1", "schema": ""},
    SUBSCRIBE,
    {"verb": "unsubscribe", "scope": "team.7"},
    {"verb": "do", "scope": "team.7", "n": 1, "first": True, "action": DELETE},
    {"verb": "presence", "scope": "team.7", "state": {"at": 1}},
    {"verb": "ping"},
]
# What is odd, and what is nearly right: names of other tenants, versions from the future, properties of objects.
ODD: list[Any] = [
    *(
        "team.7",
        "team.8",
        "other.1",
        "chat",
        "members.1.tasks",
        "*",
        "",
        "__proto__",
        "constructor",
        "../team.7",
    ),
    *("99999999-7", "1-1", "0-0", "-1-1", "\ud800", "a" * 5_000, [], {}, [1, 1], 0, -1, 2**53, 10**400, 1.5),
    *(
        float("nan"),
        float("inf"),
        True,
        False,
        None,
        DELETE,
        {"__proto__": 1},
        *(each["verb"] for each in MESSAGES),
    ),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A message, as it should be or with something changed."""
    message: Any = dict(draw(st.sampled_from(MESSAGES)))
    for key in draw(st.lists(st.sampled_from([*message, "user", "id", "__class__"]), max_size=2)):
        if draw(st.booleans()):
            message[key] = draw(ANYTHING)
        else:
            message.pop(key, None)
    said = json.dumps(draw(ANYTHING) if draw(st.integers(0, 9)) == 0 else message)
    return said[: draw(st.integers(0, len(said)))] if draw(st.integers(0, 9)) == 0 else said


def frames() -> st.SearchStrategy[bytes]:
    sizes = st.none() | st.sampled_from([0, 1, 125, 126, 65_535, 65_536, 66_000, 2**31, 2**63])
    return st.builds(masked, st.integers(0, 255), st.binary(max_size=130), sizes)


def streams() -> st.SearchStrategy[list[bytes]]:
    """What a client sends, in the pieces in which it comes."""
    said = st.lists(lines(), min_size=1, max_size=4).map(lambda each: text(*each))
    packets = st.lists(said | said | said | frames() | st.binary(max_size=40), max_size=8)
    whole = st.tuples(st.booleans(), packets).map(lambda both: text(HELLO) * both[0] + b"".join(both[1]))
    return st.tuples(whole, st.lists(st.integers(0, 2_000), max_size=4)).map(
        lambda both: [
            both[0][a:b] for a, b in zip([0, *sorted(both[1])], [*sorted(both[1]), None], strict=True)
        ]
    )


def checked(answer: bytes) -> None:
    """All that the server sent: lines with known codes, pongs, and at most one close, with a code, at the end."""
    at = 0
    while at < len(answer):
        first, size, head = answer[at], answer[at + 1], 2
        if size >= 126:
            head = 4 if size == 126 else 10
            size = int.from_bytes(answer[at + 2 : at + head], "big")
        payload = answer[at + head : at + head + size]
        assert len(payload) == size
        at += head + size
        if first == 0x81:
            for line in payload.decode().split("\n"):
                said = json.loads(line)
                if said["verb"] == "error":
                    assert CODES[said["name"]] == said["code"], said
                    assert said["sentence"], said
        elif first == 0x88:
            code = int.from_bytes(payload[:2], "big")
            # 0: a close without a code is answered with one.
            assert code == 0 or 1000 <= code <= 1014 or 3000 <= code <= 4999, code
            assert at == len(answer), "something follows the close"
        else:
            assert first in (0x89, 0x8A), first


async def attack(place: Site, bob: Caller, pieces: list[bytes]) -> None:
    async with opened(place) as mallory:
        for piece in pieces:
            mallory.send(piece)
            await asyncio.sleep(0)
        await bob.reach(await place.publish())
        checked(await rest(mallory))
    async with asyncio.timeout(60):
        while len(place.gateway.connections) > 1:
            await asyncio.sleep(0)


async def rest(mallory: Raw) -> bytes:
    """Leave without a word, and hear what was said until then; nothing, where the server was quicker to cut."""
    async with asyncio.timeout(60):
        try:
            if not mallory.writer.transport.is_closing():
                mallory.writer.write_eof()
            return await mallory.reader.read()
        except OSError:
            return b""


@pytest.mark.parametrize("driver", DRIVERS)
def test_no_stream_of_bytes_disturbs_the_neighbour_or_goes_without_an_answer(
    url: str, driver: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "capsule")
    with asyncio.Runner() as runner:

        async def begin() -> tuple[AsyncExitStack, Site, Caller]:
            stack = AsyncExitStack()
            place = await stack.enter_async_context(site(url, driver=driver, presence_leave_delay=0.01))
            bob = await stack.enter_async_context(caller(place, "bob"))
            await bob.join()
            return stack, place, bob

        async def jobs() -> list[dict[str, Any]]:
            claims = await place.cap.jobs("actions").claim(1_000, 0.0)
            return [json.loads(job.data) for claim in claims for job in claim.jobs]

        stack, place, bob = runner.run(begin())
        try:

            @settings(max_examples=100, deadline=None)
            @given(streams())
            def attacks(pieces: list[bytes]) -> None:
                runner.run(attack(place, bob, pieces))

            attacks()
            for job in runner.run(jobs()):
                assert (job["user"], job["scope"]) == ("mallory", "team.7"), "in nobody else's name or place"
            assert [each for each in caplog.records if each.name.startswith("capsule")] == []
        finally:
            runner.run(stack.aclose())


# uvicorn counts bytes and not pieces, and answers a close without a code with one.
OTHERWISE = {"a message in too many pieces", "a close without a code"}


def test_every_bad_frame_has_its_close_code_on_a_server_that_is_not_ours(url: str) -> None:
    async def body() -> None:
        async with site(url, driver="asgi") as place, caller(place, "bob") as bob:
            await bob.join()
            for name in BAD.keys() - OTHERWISE:
                data, code = BAD[name]
                async with opened(place) as socket:
                    socket.send(text(HELLO))
                    assert (await socket.line())["verb"] == "welcome", name
                    socket.send(data)
                    assert await socket.closed() == code, name
                await bob.reach(await place.publish())
            async with asyncio.timeout(60):
                while len(place.gateway.connections) > 1:
                    await asyncio.sleep(0)

    asyncio.run(body())
