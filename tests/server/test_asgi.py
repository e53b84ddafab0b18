"""The door: who is let in, and that what a socket carries is answered without its neighbours noticing."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from capsule.feeds import Capsule
from capsule.server.asgi import GatewayApp
from capsule.server.gateway import Gateway
from capsule.server.limits import Limits

from .site import DRIVERS, Site, caller, may_read, running, site, who

DELETE = {"do": "delete", "feed": "chat", "id": "c1"}


def test_nobody_is_told_so_and_closed(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, connect(place.url) as socket:
            error = json.loads(await socket.recv())
            assert (error["code"], error["name"]) == (401, "UNAUTHORIZED")
            await socket.wait_closed()
            assert socket.close_code == 4401

    asyncio.run(body())


@pytest.mark.parametrize("user", ["a b", "a/b", "x" * 129, "é"])
def test_a_user_id_that_cannot_name_operations_is_nobody(url: str, user: str) -> None:
    async def body() -> None:
        async with site(url, authenticate=lambda _: user) as place, connect(place.url) as socket:
            await socket.wait_closed()
            assert socket.close_code == 4401

    asyncio.run(body())


def test_an_authenticate_that_raises_lets_nobody_in(url: str) -> None:
    async def body() -> None:
        def broken(_: object) -> str:
            raise RuntimeError("the session store is away")

        async with site(url, authenticate=broken) as place, connect(place.url) as socket:
            await socket.wait_closed()
            assert socket.close_code == 4401

    asyncio.run(body())


def test_a_page_of_another_site_is_not_let_in(url: str) -> None:
    async def body() -> None:
        async with site(url, origins=["https://app.example"]) as place:
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"{place.url}?as=ann", origin="https://evil.example")  # type: ignore[arg-type]
            assert refused.value.response.status_code == 403
            own = f"http://127.0.0.1:{place.server.port}"
            for origin in (own, "https://app.example"):
                async with caller(place, origin=origin) as ann:
                    await ann.join()

    asyncio.run(body())


def test_a_plain_request_is_told_that_this_is_a_websocket(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            reader, writer = await asyncio.open_connection("127.0.0.1", place.server.port)
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 426 ")
            writer.close()

    asyncio.run(body())


@pytest.mark.parametrize("route", [WebSocketRoute, Mount])
def test_it_can_be_mounted_in_a_larger_application(
    url: str, route: type[WebSocketRoute] | type[Mount]
) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        gateway = Gateway(cap, authenticate=who, authorize=may_read)
        app = Starlette(routes=[route("/live/", GatewayApp(gateway))], lifespan=gateway.lifespan)
        async with running(app) as server:
            place = Site(cap, gateway, server)
            place.url += "live/"
            async with caller(place) as ann:
                await ann.join()
                await ann.reach(await place.publish())
        await cap.close()

    asyncio.run(body())


def test_a_gateway_that_nobody_started_lets_nobody_in(url: str, caplog: pytest.LogCaptureFixture) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        gateway = Gateway(cap, authenticate=who, authorize=may_read)
        async with running(Starlette(routes=[WebSocketRoute("/", GatewayApp(gateway))])) as server:
            with pytest.raises(InvalidStatus):
                await connect(f"ws://127.0.0.1:{server.port}/?as=ann")
        assert "give gateway.lifespan to the application" in caplog.text
        await cap.close()

    asyncio.run(body())


def test_a_gateway_is_started_once(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            with pytest.raises(RuntimeError, match="started before"):
                await place.gateway.start()

    asyncio.run(body())


@pytest.mark.parametrize("extension", [True, False])
def test_one_too_many_is_asked_to_come_back_later(url: str, extension: bool) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        gateway = Gateway(cap, authenticate=who, authorize=may_read, limits=Limits(sockets=0, retry_after=3))
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        async with gateway:
            extensions: dict[str, Any] = {"websocket.http.response": {}} if extension else {}
            scope = {"type": "websocket", "path": "/", "headers": [], "extensions": extensions}
            await GatewayApp(gateway)(scope, receive, send)
        if extension:
            assert sent[0]["status"] == 503
            assert 3 <= int(sent[0]["headers"][0][1]) <= 6
        else:
            assert sent == [{"type": "websocket.close", "code": 1013}]
        assert gateway.counts.shed == 1
        await cap.close()

    asyncio.run(body())


HOSTILE: list[tuple[str | bytes, int, str]] = [
    ("{not json", 422, "BAD_JSON"),
    ("[]", 422, "BAD_MESSAGE"),
    ("null", 422, "BAD_MESSAGE"),
    ('"do"', 422, "BAD_MESSAGE"),
    ("\x00", 422, "BAD_JSON"),
    ('{"verb":"shout"}', 422, "UNKNOWN_VERB"),
    ('{"verb":"__class__"}', 422, "UNKNOWN_VERB"),
    ('{"verb":"ping","constructor":1}', 422, "UNKNOWN_KEY"),
    (json.dumps({"verb": "do", "scope": "team.7", "n": 1, "first": True, "action": DELETE, "user": "bob"}), 422,
     "USER_IN_PAYLOAD"),
    (json.dumps({"verb": "do", "scope": "team.7", "n": 1, "first": True, "action": {**DELETE, "user": "bob"}}), 422,
     "USER_IN_PAYLOAD"),
    (json.dumps({"verb": "do", "scope": "other.1", "n": 1, "first": True, "action": DELETE}), 404, "NOT_FOUND"),
    ('{"verb":"subscribe","scope":"other.1","since":null}', 404, "NOT_FOUND"),
    ('{"verb":"subscribe","scope":"team.7","since":"99"}', 422, "BAD_MESSAGE"),
    ("[" * 50_000, 422, "BAD_JSON"),
    (b"\x00\x01", 422, "BAD_MESSAGE"),
]  # fmt: skip


@pytest.mark.parametrize("driver", DRIVERS)
def test_hostile_messages_get_their_code_change_nothing_and_disturb_nobody(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver) as place, caller(place, "bob") as bob:
            await bob.join()
            async with caller(place, "mallory") as mallory:
                await mallory.join()
                for message, code, name in HOSTILE:
                    await mallory.socket.send(message)
                    error = await mallory.hear("error")
                    assert (error["code"], error["name"]) == (code, name), message[:80]
                    assert error["sentence"]
                    await bob.reach(await place.publish())
                await mallory.reach(bob.at["team.7"])
            assert await place.cap.jobs("actions").claim(1) == []

    asyncio.run(body())


@pytest.mark.parametrize("driver", DRIVERS)
def test_invalid_utf8_and_broken_frames_end_only_their_own_socket(url: str, driver: str) -> None:
    async def body() -> None:
        async with site(url, driver=driver) as place, caller(place, "bob") as bob:
            await bob.join()
            for garbage in (b"\x81\x82\x00\x00\x00\x00\xff\xff", b"\xff\xff\xff\xff", b"\x81\x02no mask"):
                reader, writer = await asyncio.open_connection("127.0.0.1", place.server.port)
                key = b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n"
                head = b"GET /?as=ann HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                writer.write(head + key + b"\r\n")
                assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
                writer.write(garbage)
                async with asyncio.timeout(60):
                    await reader.read()
                writer.close()
                await bob.reach(await place.publish())

    asyncio.run(body())
