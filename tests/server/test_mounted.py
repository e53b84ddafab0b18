"""The gateway inside the applications of others: real Starlette, FastAPI and Django, beside their own pages.

Served by our server, and by uvicorn as people install it: with uvloop, and without our driver.
"""

import asyncio
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import uvicorn
import uvloop
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from fastapi import FastAPI, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from capsule.feeds import Capsule
from capsule.server.asgi import GatewayApp
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.websocket import WebSocket

from .site import Site, begun, caller, may_read, running

if not settings.configured:
    settings.configure(SECRET_KEY="of the tests", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)


def cookie(handshake: Handshake) -> str | None:
    """Who the framework's own login page said it is."""
    return handshake.cookies.get("user")


def starlette(gateway: Gateway) -> Any:
    async def login(request: Request) -> PlainTextResponse:
        answer = PlainTextResponse("welcome")
        answer.set_cookie("user", request.query_params["user"])
        return answer

    routes = [Route("/login", login), WebSocketRoute("/live/", GatewayApp(gateway))]
    return Starlette(routes=routes, lifespan=gateway.lifespan)


def fastapi(gateway: Gateway) -> Any:
    app = FastAPI(lifespan=gateway.lifespan)
    app.mount("/live", GatewayApp(gateway))

    @app.get("/login")
    async def login(user: str, response: Response) -> str:
        response.set_cookie("user", user)
        return "welcome"

    return app


def django_login(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse("welcome")
    answer.set_cookie("user", request.GET["user"])
    return answer


urlpatterns = [path("login", django_login)]


def django(gateway: Gateway) -> Any:
    pages, live = get_asgi_application(), GatewayApp(gateway)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        # Django knows neither WebSockets nor lifespan.
        await (pages if scope["type"] == "http" else live)(scope, receive, send)

    return app


class Stock(uvicorn.Server):
    """uvicorn without anything of ours."""

    @property
    def port(self) -> int:
        number: int = self.servers[0].sockets[0].getsockname()[1]
        return number


def stock(app: Any) -> AbstractAsyncContextManager[Any]:
    return begun(Stock(uvicorn.Config(app, port=0, log_config=None)))


@asynccontextmanager
async def gateways(url: str) -> AsyncIterator[Gateway]:
    cap = await Capsule.connect(url)
    try:
        yield Gateway(cap, authenticate=cookie, authorize=may_read)
    finally:
        await cap.close()


@pytest.mark.parametrize("served", ["our server", "uvicorn on uvloop"])
@pytest.mark.parametrize("framework", [starlette, fastapi, django])
def test_the_gateway_lives_in_an_application_beside_its_pages(
    url: str, framework: Callable[[Gateway], Any], served: str
) -> None:
    ours = served == "our server"

    async def body() -> None:
        async with gateways(url) as gateway:
            app = framework(gateway)
            async with running(app) if ours else stock(app) as server:
                place = Site(gateway.cap, gateway, server)
                address = f"http://127.0.0.1:{server.port}/login?user=ann"
                with await asyncio.to_thread(urllib.request.urlopen, address, timeout=60) as answer:
                    assert b"welcome" in answer.read()
                    given = answer.headers["set-cookie"].partition(";")[0]
                place.url += "live/"
                working = asyncio.create_task(place.work())
                async with caller(place, additional_headers={"Cookie": given}) as ann:
                    await ann.join()
                    await ann.reach(await place.publish())
                    await ann.act(1)
                    assert (await ann.hear("result", n=1))["code"] == 200
                    [connection] = gateway.connections
                    assert connection.session.user == "ann"
                    assert isinstance(connection.outlet, WebSocket) is ours
                working.cancel()
            assert not gateway.connections

    with asyncio.Runner(loop_factory=None if ours else uvloop.new_event_loop) as runner:
        runner.run(body())


def test_our_own_server_runs_on_uvloop_too(url: str) -> None:
    async def body() -> None:
        async with gateways(url) as gateway, running(gateway) as server:
            place = Site(gateway.cap, gateway, server)
            async with caller(place, additional_headers={"Cookie": "user=ann"}) as ann:
                await ann.join()
                ids = [await place.publish(size=100_000) for _ in range(20)]
                await ann.reach(ids[-1])
                assert ann.seen == ids

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(body())
