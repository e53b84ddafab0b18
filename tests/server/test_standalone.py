"""The standalone server: oversized frames are answered, its end is announced, and its operators are told."""

import asyncio
import gc
import os
import resource
import signal

import pytest

from capsule.feeds import Capsule
from capsule.server import Gateway, GatewayApp
from capsule.server.standalone import Standalone, descriptors
from capsule.server.standalone import server as standalone
from capsule.server.uvicorn_server import Server
from tests.conftest import until

from .raw import opened, raw
from .site import caller, may_read, mounted, site, who


@pytest.mark.parametrize("driver", ["own", "uvicorn"])
@pytest.mark.parametrize("size", [64 * 1024 + 1, 10_000_000], ids=["just above", "10 MB"])
def test_an_oversized_message_is_answered_and_only_its_own_socket_closed(
    url: str, size: int, driver: str
) -> None:
    async def body() -> None:
        async with (
            site(url, driver=driver) as place,
            caller(place, "bob") as bob,
            caller(place, "mallory") as mallory,
        ):
            await bob.join()
            sending = asyncio.create_task(mallory.socket.send("x" * size))
            error = await mallory.hear("error")
            assert (error["code"], error["name"]) == (413, "TOO_LARGE")
            assert await mallory.end() == 1009
            await asyncio.gather(sending, return_exceptions=True)
            await bob.reach(await place.publish())

    asyncio.run(body())


@pytest.mark.parametrize("driver", ["own", "uvicorn"])
def test_a_server_that_ends_drains_its_clients_first(url: str, driver: str) -> None:
    async def body() -> None:
        async with (
            site(url, drain_spread=0.2, driver=driver) as place,
            caller(place) as ann,
            caller(place, "bob") as bob,
        ):
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


@pytest.mark.parametrize("driver", ["own", "uvicorn"])
def test_a_server_whose_clients_have_left_does_not_wait(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, drain_spread=60.0, driver=driver) as place:
            async with caller(place) as ann:
                await ann.join()
                place.server.should_exit = True
                await ann.hear("drain")
            async with asyncio.timeout(60):
                while place.gateway.connections:
                    await asyncio.sleep(0.01)

    asyncio.run(body())


def test_the_first_sigterm_drains_and_the_second_does_not_wait(url: str) -> None:
    async def body() -> None:
        async with site(url, drain_spread=60.0) as place, caller(place) as ann:
            await ann.join()
            os.kill(os.getpid(), signal.SIGTERM)
            await ann.hear("drain")
            os.kill(os.getpid(), signal.SIGTERM)
            assert await ann.end() == 1012

    asyncio.run(body())


def test_a_second_process_may_share_the_port_and_a_stranger_may_not(url: str) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        servers: list[Standalone] = []
        runs: list[asyncio.Task[None]] = []
        for shared in (True, True, False):
            gateway = Gateway(cap, authenticate=who, authorize=may_read)
            port = servers[0].port if servers else 0
            made = standalone(gateway, port=port, reuse_port=shared)
            assert isinstance(made, Standalone)
            if not shared:
                with pytest.raises(OSError, match="ddress already in use"):
                    await made.serve()
                continue
            serving = asyncio.create_task(made.serve())
            while not made.started:
                assert not serving.done()
                await asyncio.sleep(0.005)
            servers.append(made)
            runs.append(serving)
        assert servers[0].port == servers[1].port
        for made in servers:
            made.should_exit = True
        await asyncio.gather(*runs)
        await cap.close()

    asyncio.run(body())


def test_the_operators_port_tells_what_happened_and_is_no_door_for_clients(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            await ann.join()
            office = Standalone(place.gateway, port=0, metrics=("127.0.0.1", 0))
            await office._listen(asyncio.get_running_loop())
            answers = []
            for path in ("/metrics", "/health", "/"):
                async with raw(place, port=office.metrics_port) as socket:
                    socket.send(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
                    answers.append((await socket.reader.read()).decode())
            assert "\ncapsule_sockets 1\n" in answers[0]
            assert "version=0.0.4" in answers[0]
            assert answers[1].endswith("\r\n\r\nok\n")
            assert answers[2].startswith("HTTP/1.1 404 ")
            for listener in office.servers:
                listener.close()

    asyncio.run(body())


def test_sockets_come_and_go_without_leaving_garbage(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            async with caller(place, "bob") as bob:
                await bob.join()
            async with opened(place) as socket:
                socket.send(b"\x88\x80\x00\x00\x00\x00")
                await socket.closed()
            gc.collect()
            gc.disable()
            try:
                async with opened(place) as socket:
                    socket.send(b"\x88\x80\x00\x00\x00\x00")
                    await socket.closed()
                await until(lambda: not place.gateway.connections)
                gc.set_debug(gc.DEBUG_SAVEALL)
                gc.collect()
                kinds = {type(each).__module__ for each in gc.garbage}
            finally:
                gc.set_debug(0)
                gc.garbage.clear()
                gc.enable()
            assert not any(kind.startswith("capsule.server") for kind in kinds), kinds

    asyncio.run(body())


def test_it_asks_for_as_many_descriptors_as_it_may_have() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, hard))
        assert descriptors(400) == 400
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 500
        assert descriptors(600) == 600
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 600
        if hard != resource.RLIM_INFINITY:
            assert descriptors(hard + 1) == hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_which_server_serves_what(url: str) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        gateway = Gateway(cap, authenticate=who, authorize=may_read)
        assert isinstance(standalone(gateway), Standalone)
        assert isinstance(standalone(GatewayApp(gateway)), Standalone)
        assert isinstance(standalone(mounted(gateway)), Server)
        await cap.close()

    asyncio.run(body())
