"""A gateway on a real port over a real Valkey, a worker that does what the tests need, and a client that
speaks the protocol by hand and holds the gateway to it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from capsule.feeds import Capsule, ConnectionLostError, Publish, Transaction
from capsule.server.asgi import TAKE_OVER, GatewayApp
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.limits import Limits
from capsule.server.readership import WHOLE
from capsule.server.room import Room
from capsule.server.standalone import Standalone
from capsule.server.standalone import server as standalone
from capsule.server.tail import version
from capsule.server.uvicorn_server import Server

OWN = ("roots", "origins", "schema", "authenticate", "authorize")
NUMBERS = itertools.count(1)
PATIENT: dict[str, Any] = {"open_timeout": 60, "ping_interval": None}  # of the `websockets` client
QUICK = {"presence_leave_delay": 0.1, "drain_spread": 0.05}


def who(handshake: Handshake) -> str | None:
    """The user is whoever the query says: these tests have no login page."""
    return handshake.query.get("as")


def may_read(user: str, scope: str) -> bool:
    """Everybody but eve may read the teams."""
    return scope.startswith("team.") and user != "eve"


class Site:
    """A running gateway, its store, and a writer."""

    def __init__(self, cap: Capsule, gateway: Gateway, server: Server | Standalone) -> None:
        self.cap = cap
        self.gateway = gateway
        self.server = server
        self.url = f"ws://127.0.0.1:{server.port}/"

    async def publish(self, scope: str = "team.7", op: str | None = None, size: int = 1) -> str:
        """Commit one event; its id."""
        number = next(NUMBERS)
        item = json.dumps({"id": f"i{number}", "text": "x" * size})
        name = op or f"test.{self.gateway.id}.{number}"
        [outcome] = await self.cap.scope(scope).commit(
            [Transaction(name, [Publish("chat", f"i{number}", item)])]
        )
        assert outcome.event_id is not None, outcome
        return outcome.event_id

    async def work(self, before_finish: Callable[[], Awaitable[None]] | None = None) -> None:
        """Be the worker: publish one event for each job, then answer it. Runs until cancelled."""
        while True:
            with suppress(ConnectionLostError):
                await self._work(before_finish)

    async def _work(self, before_finish: Callable[[], Awaitable[None]] | None) -> None:
        jobs = self.cap.jobs("actions")
        for claim in await jobs.claim(10, 1.0):
            for job in claim.jobs:
                at = await self.publish(claim.group, job.id)
                verdict = {"allowed": True, "code": 200, "rule": None, "field": None, "sentence": ""}
                result = {"code": 200, "id": at, "verdict": verdict}
                if before_finish is not None:
                    await before_finish()
                await jobs.finish(claim, [(job, json.dumps(result).encode())])


def mounted(gateway: Gateway) -> Any:
    """An application around the gateway, which uvicorn serves; the gateway takes over its sockets."""
    inner = GatewayApp(gateway)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)

    return app


def plain(gateway: Gateway) -> Any:
    """The same, on a server that gives the gateway nothing but ASGI."""
    inner = GatewayApp(gateway)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope.get("extensions", {}).pop(TAKE_OVER, None)
        await inner(scope, receive, send)

    return app


DRIVERS: dict[str, Callable[[Gateway], Any]] = {"own": GatewayApp, "uvicorn": mounted, "asgi": plain}
DRIVER = "own"


@asynccontextmanager
async def begun(server: Any) -> AsyncIterator[Any]:
    """A server with uvicorn's manners, from when it has started until it has ended."""
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the server did not start"
        await asyncio.sleep(0.005)
    try:
        yield server
    finally:
        server.should_exit = True
        await serving


def running(
    app: Any, limits: Limits | None = None, port: int = 0
) -> AbstractAsyncContextManager[Server | Standalone]:
    """The standalone server, by default on a free port."""
    return begun(standalone(app, port=port, limits=limits))


@asynccontextmanager
async def site(url: str, *, port: int = 0, driver: str = "", **options: Any) -> AsyncIterator[Site]:
    """A gateway with its own connections. Options are those of Limits and OWN, the gateway's."""
    own = {key: options.pop(key) for key in OWN if key in options}
    limits = Limits(**{**QUICK, **options})
    cap = await Capsule.connect(url)
    try:
        gateway = Gateway(cap, limits=limits, **{"authenticate": who, "authorize": may_read, **own})
        async with running(DRIVERS[driver or DRIVER](gateway), limits, port) as server:
            yield Site(cap, gateway, server)
    finally:
        await cap.close()


def room_in(place: Site, scope: str = "team.7") -> Room | None:
    """The room of those who see all of a scope, if somebody reads it."""
    hall = place.gateway.rooms.get(scope)
    return None if hall is None else hall.rooms[WHOLE].room


class Caller:
    """A client by hand. It checks every event against its predecessor, and every result against its event."""

    def __init__(self, socket: ClientConnection, client: str) -> None:
        self.socket = socket
        self.client = client
        self.lines: list[dict[str, Any]] = []
        self.everything: list[dict[str, Any]] = []
        self.at: dict[str, str] = {}
        self.seen: list[str] = []
        self.closed: int | None = None
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def say(self, verb: str, **keys: Any) -> None:
        await self.socket.send(json.dumps({"verb": verb, **keys}))

    async def act(self, n: int, first: bool = True, scope: str = "team.7", **action: Any) -> None:
        edit = {"do": "edit", "feed": "chat", "id": "c1", "attrs": {"text": "hi"}, **action}
        await self.say("do", scope=scope, n=n, first=first, action=edit)

    async def join(
        self, scope: str = "team.7", since: str | None = None, pending: tuple[int, ...] = ()
    ) -> None:
        if since is not None:
            self.at[scope] = since
        await self.say("subscribe", scope=scope, since=since, pending=list(pending))
        await self.hear("resumed" if since is not None else "snapshot", scope=scope)

    async def hear(self, verb: str, **keys: Any) -> dict[str, Any]:
        """The next line of this verb with these values, from where the last `hear` stopped; waits for it."""
        async with asyncio.timeout(60):
            while True:
                for index, line in enumerate(self.lines):
                    if line["verb"] == verb and keys.items() <= line.items():
                        del self.lines[: index + 1]
                        return line
                assert self.closed is None, f"closed with {self.closed} before {verb} {keys}"
                await self.wait()

    async def reach(self, event_id: str, scope: str = "team.7") -> None:
        """Wait until this event has arrived."""
        async with asyncio.timeout(60):
            while self.at.get(scope) != event_id:
                assert self.closed is None, f"closed with {self.closed} before {event_id}"
                await self.wait()

    async def end(self) -> int:
        """Wait for the gateway to close the socket; the close code."""
        async with asyncio.timeout(60):
            await self._reader
        assert self.closed is not None
        return self.closed

    async def leave(self) -> None:
        """Close the socket. Raises what the reader found wrong with the lines."""
        if not self.socket.transport.is_closing():
            self.socket.transport.abort()
        with suppress(asyncio.CancelledError):
            await self._reader

    async def wait(self) -> None:
        """Wait for more lines."""
        self._news.clear()
        news = asyncio.ensure_future(self._news.wait())
        await asyncio.wait([news, self._reader], return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        if self._reader.done():
            self._reader.result()

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                for line in str(await self.socket.recv(decode=True)).split("\n"):
                    self._take(json.loads(line))
                self._news.set()
        self.closed = self.socket.close_code
        self._news.set()

    def _take(self, line: dict[str, Any]) -> None:
        scope = line.get("scope", "")
        if line["verb"] == "snapshot":
            self.at[scope] = line["id"]
        elif line["verb"] == "event":
            assert line["prev"] == self.at[scope], f"{line['id']} does not follow {self.at[scope]}"
            self.at[scope] = line["id"]
            self.seen.append(line["id"])
        elif line["verb"] == "error" and line["name"] == "NOT_FOUND" and "n" not in line:
            self.at[scope] = f"{2**53}-0"  # no more events: nothing that an answer could overtake
        elif line["verb"] == "result":
            assert version(line["id"]) <= version(self.at[scope]), "a result before its event"
        self.lines.append(line)
        self.everything.append(line)


@asynccontextmanager
async def caller(
    place: Site, user: str = "ann", client: str = "client01", hello: bool = True, **options: Any
) -> AsyncIterator[Caller]:
    """A connected client that has said hello."""
    async with connect(
        f"{place.url}?as={user}", max_size=None, compression=None, **PATIENT, **options
    ) as socket:
        made = Caller(socket, client)
        try:
            if hello:
                await made.say("hello", protocol=1, client=client)
                await made.hear("welcome")
            yield made
        finally:
            await made.leave()
