"""The standalone server: oversized frames are answered, and its end is announced."""

import asyncio

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from capsule.server.standalone import SocketProtocol

from .site import caller, site


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10_000_000], ids=["just above", "10 MB"])
def test_an_oversized_message_is_answered_and_only_its_own_socket_closed(url: str, size: int) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "bob") as bob, caller(place, "mallory") as mallory:
            await bob.join()
            sending = asyncio.create_task(mallory.socket.send("x" * size))
            error = await mallory.hear("error")
            assert (error["code"], error["name"]) == (413, "TOO_LARGE")
            assert await mallory.end() == 1009
            await asyncio.gather(sending, return_exceptions=True)
            await bob.reach(await place.publish())

    asyncio.run(body())


def test_a_server_that_ends_drains_its_clients_first(url: str) -> None:
    async def body() -> None:
        async with site(url, drain_spread=0.2) as place, caller(place) as ann, caller(place, "bob") as bob:
            await ann.join()
            await bob.join()
            place.server.should_exit = True
            drain = await ann.hear("drain")
            assert 0 <= drain["after"] <= 200
            await ann.say("subscribe", scope="team.8", since=None)
            assert (await ann.hear("error"))["name"] == "DRAINING"
            await bob.reach(await place.publish())
            assert await ann.end() == 1012

    asyncio.run(body())


def test_a_server_whose_clients_have_left_does_not_wait(url: str) -> None:
    async def body() -> None:
        async with site(url, drain_spread=60.0) as place:
            async with caller(place) as ann:
                await ann.join()
                place.server.should_exit = True
                await ann.hear("drain")
            async with asyncio.timeout(10):
                while place.gateway.connections:
                    await asyncio.sleep(0.01)

    asyncio.run(body())


def test_the_hooks_that_we_override_are_still_uvicorns() -> None:
    for name in ("handle_connect", "handle_parser_exception"):
        assert name in vars(WebSocketsSansIOProtocol)
        assert name in vars(SocketProtocol)
