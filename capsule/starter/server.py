"""The web server: who you are, the page, the compiled models, and the gateway at /ws. `capsule dev` runs it."""

import json
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs

from itsdangerous import BadSignature, URLSafeSerializer
from models import Board
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from capsule.feeds import Capsule, Publish, Transaction
from capsule.server import Gateway, GatewayApp, Handshake, Limits

HERE = Path(__file__).parent
SCOPE = "board.main"
COOKIE = "user"
NAME = re.compile(r"[a-z0-9]{1,20}")

# Cookies are signed, so that nobody can be somebody else. Without SECRET_KEY a restart logs everybody out.
signer = URLSafeSerializer(os.environ.get("SECRET_KEY") or secrets.token_hex(32), salt="login")


def user(visitor: Handshake | Request) -> str | None:
    """Who asks, or None: the gateway believes this function, and nothing that the page says."""
    try:
        name: str = signer.loads(visitor.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return name


async def index(request: Request) -> Response:
    return FileResponse(HERE / "page" / ("index.html" if user(request) else "login.html"))


async def login(request: Request) -> Response:
    """A name is enough here. A real app asks for a password, or another service."""
    form = parse_qs((await request.body())[:1000].decode(errors="replace"))
    name = form.get("name", [""])[0].strip().lower()
    response = RedirectResponse("/", 303)
    if NAME.fullmatch(name):
        response.set_cookie(
            COOKIE,
            str(signer.dumps(name)),
            max_age=30 * 86_400,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return response


async def logout(request: Request) -> Response:
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE)
    return response


async def create(cap: Capsule) -> None:
    """The board, unless it is there already."""
    scope = cap.scope(SCOPE)
    if not await scope.has(".", "main"):
        board = json.dumps(Board({"id": "main", "title": "Our board"}).itemJSON())
        await scope.commit([Transaction("create", (Publish(".", "main", board),))])


def app(cap: Capsule) -> Starlette:
    # Few people: when the server begins again, all may leave it within half a second.
    gateway = Gateway(cap, authenticate=user, roots=[Board], limits=Limits(drain_spread=0.5))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await create(cap)
        async with gateway:
            yield

    return Starlette(
        routes=[
            Route("/", index),
            Route("/login", login, methods=["POST"]),
            Route("/logout", logout, methods=["POST"]),
            Mount("/page", StaticFiles(directory=HERE / "page")),
            Mount("/models", StaticFiles(directory=HERE / "dist")),
            WebSocketRoute("/ws", GatewayApp(gateway)),
        ],
        lifespan=lifespan,
    )
