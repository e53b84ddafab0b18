"""The gateway mounted on uvicorn: it takes over its own sockets, and no others."""

import asyncio
import gc
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import connect

from capsule.feeds import Capsule
from capsule.server.asgi import GatewayApp
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.limits import Limits
from capsule.server.uvicorn_server import FREEZE_AT, SocketProtocol, uvicorn_server
from capsule.server.websocket import WebSocket as OurSocket

from .raw import HELLO, raw, text, upgrade
from .site import Site, caller, may_read, running, site, who


async def echo(socket: WebSocket) -> None:
    await socket.accept(subprotocol="echo")
    await socket.send_text(await socket.receive_text())
    await socket.close()


def test_sockets_of_other_endpoints_stay_uvicorns(url: str) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        gateway = Gateway(cap, authenticate=who, authorize=may_read)
        routes = [WebSocketRoute("/live/", GatewayApp(gateway)), WebSocketRoute("/echo", echo)]
        async with running(Starlette(routes=routes, lifespan=gateway.lifespan)) as server:
            place = Site(cap, gateway, server)
            place.url += "live/"
            async with caller(place) as ann:
                await ann.join()
                async with connect(f"ws://127.0.0.1:{server.port}/echo", subprotocols=["echo"]) as socket:  # type: ignore[list-item]
                    await socket.send("hello")
                    assert await socket.recv() == "hello"
                await ann.reach(await place.publish())
                [connection] = gateway.connections
                assert isinstance(connection.outlet, OurSocket)
        await cap.close()

    asyncio.run(body())


def test_a_socket_that_was_taken_over_is_given_back_at_its_end(url: str) -> None:
    async def body() -> None:
        async with site(url, driver="uvicorn") as place:
            async with caller(place) as ann:
                await ann.join()
                state: Any = place.server.server_state  # type: ignore[union-attr]
                assert len(state.connections) == 1
                assert len(state.tasks) == 1
            async with asyncio.timeout(60):
                while state.connections or state.tasks:
                    await asyncio.sleep(0.01)

    asyncio.run(body())


def test_a_client_that_did_not_wait_for_the_answer_is_served_by_way_of_asgi(url: str) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slowly(handshake: Handshake) -> str | None:
        asked.set()
        await answer.wait()
        return handshake.query.get("as")

    async def body() -> None:
        async with site(url, driver="uvicorn", authenticate=slowly) as place, raw(place) as socket:
            socket.send(upgrade())
            await asked.wait()
            state: Any = place.server.server_state  # type: ignore[union-attr]
            [protocol] = state.connections
            socket.send(text(HELLO))
            async with asyncio.timeout(60):
                while protocol.queue.empty():
                    await asyncio.sleep(0.01)
            answer.set()
            assert " 101 " in await socket.head()
            assert (await socket.line())["verb"] == "welcome"
            [connection] = place.gateway.connections
            assert not isinstance(connection.outlet, OurSocket)

    asyncio.run(body())


def test_the_parts_of_uvicorn_that_we_use_are_still_there() -> None:
    for name in ("handle_connect", "shutdown", "stop_keepalive", "connection_lost"):
        assert name in vars(WebSocketsSansIOProtocol)
    assert {"handle_connect", "shutdown"} <= set(vars(SocketProtocol))


def test_many_new_sockets_are_frozen_and_fewer_are_not() -> None:
    async def body() -> None:
        server = uvicorn_server(None, host="127.0.0.1", port=0, limits=Limits())
        open_sockets: set[Any] = server.server_state.connections
        before = gc.get_freeze_count()
        open_sockets.update(range(FREEZE_AT - 1))
        await server.on_tick(1)
        assert gc.get_freeze_count() == before
        open_sockets.update(range(FREEZE_AT))
        kept = [[number] for number in range(1_000)]
        await server.on_tick(2)
        assert gc.get_freeze_count() >= before + len(kept)
        before = gc.get_freeze_count()
        for sockets in (1, FREEZE_AT):
            open_sockets.clear()
            open_sockets.update(range(sockets))
            await server.on_tick(3)
        assert gc.get_freeze_count() == before
        open_sockets.add(FREEZE_AT)
        more = [[number] for number in range(1_000)]
        await server.on_tick(4)
        assert gc.get_freeze_count() >= before + len(more)

    try:
        asyncio.run(body())
    finally:
        gc.unfreeze()
