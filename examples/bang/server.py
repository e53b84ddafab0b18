"""The web server of &bang: a login page, the page, the compiled models, and the gateway at /ws.

Run `python -m examples.bang.server --port 8020`; a worker and a filled team (see seed.py) belong to it.
"""

import argparse
import asyncio
import html
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from capsule.feeds import Capsule
from capsule.server.asgi import GatewayApp
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.limits import Limits
from capsule.server.standalone import server
from capsule.shared import scope as shared
from examples.bang.models import Member, Team
from examples.bang.seed import SCOPE

HERE = Path(__file__).parent
PAGE = HERE / "page"
MODELS = HERE / "dist"
ENTRIES = ("main.js", "capsule.js")

COOKIE = "bang_user"
COOKIE_DAYS = 30
FORM_BYTES = 1000

HEADERS = {
    # Scripts, styles and sockets come from here and nowhere else; nothing inline runs, nobody frames us.
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    # The files are small and change while one works on them: ask every time, answer 304.
    "cache-control": "no-cache",
}


class Bang:
    """The routes. `cookie_key` signs the login cookies."""

    def __init__(self, cap: Capsule, cookie_key: str) -> None:
        self.cap = cap
        self.signer = URLSafeTimedSerializer(cookie_key, salt="bang login")
        self.gateway = Gateway(
            cap,
            authenticate=self.user,
            roots=[Team],  # Team.canRead decides who may see the team
            limits=Limits(drain_spread=0.5),  # one small team: a restart may send everybody away at once
        )

    def app(self) -> Starlette:
        """The ASGI application; it starts and stops the gateway with itself."""
        return Starlette(
            routes=[
                Route("/", self.index),
                Route("/login", self.login, methods=["GET"]),
                Route("/login", self.choose, methods=["POST"]),
                Route("/logout", self.logout, methods=["POST"]),
                Mount("/page", StaticFiles(directory=PAGE)),
                *(Route(f"/models/{name}", self.entry) for name in ENTRIES),
                Mount("/models", StaticFiles(directory=MODELS)),
                WebSocketRoute("/ws", GatewayApp(self.gateway)),
            ],
            middleware=[Middleware(Headers)],
            lifespan=self.gateway.lifespan,
        )

    # -- who

    def user(self, visitor: Handshake | Request) -> str | None:
        """The user of a signed cookie, or None."""
        try:
            user = self.signer.loads(visitor.cookies.get(COOKIE, ""), max_age=COOKIE_DAYS * 86_400)
        except BadSignature:
            return None
        return user if isinstance(user, str) else None

    async def may_read(self, user: str, scope: str) -> bool:
        """The model's own rule, `Team.canRead`, decides who may see the team."""
        if scope != SCOPE:
            return False
        team = await self.team()
        allowed: bool = team.can("read", user).allowed
        return allowed

    async def team(self) -> Team:
        """The team as it is stored now."""
        scope = shared.Scope(Team, SCOPE)
        scope.load((await self.cap.scope(SCOPE).snapshot()).parsed())
        team: Team = scope.root
        return team

    # -- pages

    async def index(self, request: Request) -> Response:
        user = self.user(request)
        if user is None or not await self.may_read(user, SCOPE):
            return RedirectResponse("/login", 303)
        page = Template((PAGE / "index.html").read_text())
        return HTMLResponse(page.substitute(user=html.escape(user)))

    async def entry(self, request: Request) -> Response:
        return entry(MODELS / Path(request.url.path).name)

    async def login(self, request: Request) -> Response:
        team = await self.team()
        people = "\n".join(face(member) for member in team.members.models)
        template = Template((PAGE / "login.html").read_text())
        name = html.escape(team.get("name") or "the team")
        return HTMLResponse(template.substitute(team=name, people=people or "<p>Nobody is here yet.</p>"))

    async def choose(self, request: Request) -> Response:
        user = await posted(request, "user")
        if not await self.may_read(user, SCOPE):
            return RedirectResponse("/login", 303)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE,
            str(self.signer.dumps(user)),
            max_age=COOKIE_DAYS * 86_400,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    async def logout(self, request: Request) -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response


class Headers:
    """Adds HEADERS to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def entry(path: Path) -> Response:
    """What the page imports the models from: after `capsule build --bundle`, one file instead of seventy."""
    bundle = path.with_name("bundle.js")
    if bundle.is_file() and bundle.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return Response('export * from "./bundle.js";\n', media_type="text/javascript")
    return FileResponse(path)


def face(member: Member) -> str:
    """A button of the login page. Colour as an SVG attribute: the policy forbids style attributes."""
    name = member.get("name")
    letters = "".join(word[0] for word in name.split()[:2]).upper()
    values: dict[str, Any] = {"id": member.id, "name": name, "color": member.get("color"), "letters": letters}
    return Template(
        '    <button name="user" value="$id"><svg viewBox="0 0 38 38" aria-hidden="true">'
        '<circle cx="19" cy="19" r="19" fill="$color"/><text x="19" y="24">$letters</text></svg>'
        "$name</button>"
    ).substitute({key: html.escape(str(value)) for key, value in values.items()})


async def posted(request: Request, field: str) -> str:
    """One field of a posted form, "" when it is not there. A body that no login form sends counts as none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            return ""
    return parse_qs(body.decode(errors="replace")).get(field, [""])[0]


async def serve(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM. Without BANG_COOKIE_KEY, logins end with this process."""
    cap = await Capsule.connect()
    try:
        app = Bang(cap, os.environ.get("BANG_COOKIE_KEY") or secrets.token_hex(32)).app()
        await server(app, host=host, port=port).serve()
    finally:
        await cap.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.bang.server", description="Serve &bang.")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8020, help="default: %(default)s")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(args.host, args.port))


if __name__ == "__main__":
    main()
