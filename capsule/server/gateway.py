"""The gateway: sessions in front, the store behind, and rooms between.

    gateway = Gateway(cap, authenticate=who, roots=[Team])
    app = GatewayApp(gateway)        # capsule.server.asgi

`authenticate(handshake)` gives the user id of a handshake, or None. Who may read a scope, and what of it, the models
say: `roots` are the classes of the scopes that are served, and their rules (canRead, canReadPrivate) are asked when
somebody subscribes and whenever what they look at changes. `authorize(user, scope)`, if given, must answer exactly
True besides. Both functions may be coroutine functions. An exception in either is a refusal, and is logged.
"""

import asyncio
import inspect
import logging
import random
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

from capsule.feeds import Capsule
from capsule.server.calls import Calls
from capsule.server.closing import CloseCode
from capsule.server.connection import Connection
from capsule.server.handshake import Handshake
from capsule.server.limits import Limits
from capsule.server.metrics import Counts, Histogram
from capsule.server.presence import Board
from capsule.server.rooms import Rooms
from capsule.server.session import Session
from capsule.server.wheel import Wheel
from capsule.shared.model import Model

logger = logging.getLogger("capsule.server.gateway")

# A user id is part of every operation id, `<user>.<client>.<n>`, which has 200 characters.
USER = re.compile(r"[A-Za-z0-9._~-]{1,128}")
TICK = 1.0
# A socket is looked at once in five seconds; a part of them is looked at 10 times a second.
TURN, SPOKES = 0.1, 50
TURNS = round(TICK / TURN)

Authenticate = Callable[[Handshake], str | Awaitable[str | None] | None]
Authorize = Callable[[str, str], bool | Awaitable[bool]]


class Gateway:
    """One gateway of any number: nothing here has to be kept for a client to resume elsewhere.

    `origins`: pages, beside the gateway's own host, that may open a socket (`"https://app.example"`, or
    `"*"`). `schema`: hash of the models that are served; a page with another one is told to reload. Empty
    accepts every page. `queue`: the job queue that workers claim actions from.
    """

    def __init__(
        self,
        cap: Capsule,
        *,
        authenticate: Authenticate,
        roots: Iterable[type[Model]] = (),
        authorize: Authorize | None = None,
        limits: Limits | None = None,
        origins: Iterable[str] = (),
        schema: str = "",
        queue: str = "actions",
    ) -> None:
        self.cap = cap
        self.limits = limits or Limits()
        self.origins = frozenset(origins)
        self.schema = schema
        self.id = f"gateway-{secrets.token_hex(8)}"
        self.rooms = Rooms(cap, self.limits, roots)
        if not self.rooms.roots and authorize is None:
            raise ValueError(
                "A gateway needs `roots`, whose canRead is asked, or `authorize`; else nobody may read."
            )
        self.calls = Calls(cap.partitions(queue), self.id)
        self.board = Board(cap, self.limits)
        self.connections: Wheel[Connection] = Wheel(SPOKES)
        self.counts = Counts()
        self.late = Histogram()
        self.started = False
        self.draining = False
        self._authenticate = authenticate
        self._authorize = authorize
        self._tasks: set[asyncio.Task[Any]] = set()

    # -- life

    async def start(self) -> None:
        """Listen for results and begin to keep time. Call it once, on the event loop that serves.

        Raises RuntimeError when the gateway has been started before.
        """
        if self.started:
            raise RuntimeError("This gateway has been started before. Each server process makes its own.")
        self.started = True
        self._spawn(self.calls.listen())
        self._spawn(self._keep_time())
        self._spawn(self._keep_asking())

    async def drain(self) -> None:
        """Send everybody elsewhere, spread over `drain_spread` seconds, and close what stays with 1012."""
        self.draining = True
        spread = self.limits.drain_spread
        for connection in list(self.connections):
            connection.drain(round(random.uniform(0, spread) * 1000))
        deadline = self.now() + spread + 1.0
        while self.connections and self.now() < deadline:  # noqa: ASYNC110  (an event would have one waiter, once)
            await asyncio.sleep(0.05)
        for connection in list(self.connections):
            connection.cut(CloseCode.RESTART)

    async def stop(self) -> None:
        """Close what is open. What clients have asked for is in the store, and is answered by another
        gateway.
        """
        self.draining = True
        for connection in list(self.connections):
            connection.cut(CloseCode.RESTART)
            connection.lost()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.board.close()
        await self.rooms.close()

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """For the application that this gateway is mounted in: `Starlette(lifespan=gateway.lifespan)`."""
        async with self:
            yield

    async def __aenter__(self) -> "Gateway":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def now(self) -> float:
        """The loop's clock, in seconds."""
        return asyncio.get_running_loop().time()

    # -- at the door

    def who(self, handshake: Handshake) -> str | Awaitable[str | None] | None:
        """The authenticated user of a handshake, or None; to be awaited if `authenticate` is."""
        try:
            user = self._authenticate(handshake)
        except Exception:
            logger.exception("authenticate failed")
            return None
        return self._user(user) if isinstance(user, str) or user is None else self._who_later(user)

    async def _who_later(self, found: object) -> str | None:
        try:
            user = await found if inspect.isawaitable(found) else found
        except Exception:
            logger.exception("authenticate failed")
            return None
        return self._user(user)

    def _user(self, user: object) -> str | None:
        if user is None or user == "":
            return None
        if not isinstance(user, str) or not USER.fullmatch(user):
            logger.error("authenticate gave a user id that does not match %s: %r", USER.pattern, user)
            return None
        return user

    async def may_read(self, user: str, scope: str) -> bool:
        """Whether the application lets the user subscribe to the scope."""
        if self._authorize is None:
            return True  # the models' rules are asked in the room
        try:
            allowed = self._authorize(user, scope)
            if inspect.isawaitable(allowed):
                allowed = await allowed
        except Exception:
            logger.exception("authorize failed for %s in %s", user, scope)
            return False
        return allowed is True

    def connect(self, user: str) -> Connection:
        """A new socket of an authenticated user.

        Tell the connection when it is `opened`, give it what is received, and `disconnect` it at the end.
        """
        session = Session(secrets.token_hex(8), user, self.limits, self.now(), self.schema)
        connection = Connection(self, session)
        self.connections.add(connection)
        self.counts.accepted += 1
        return connection

    def disconnect(self, connection: Connection) -> None:
        """The socket is gone."""
        self.connections.discard(connection)
        connection.lost()

    # -- time

    async def _keep_time(self) -> None:
        turns = 0
        due = self.now()
        while True:
            due += TURN
            await asyncio.sleep(due - self.now())
            self.late.add(max(0.0, self.now() - due))
            due = max(due, self.now() - TICK)  # after a long stop, do not run after the lost time
            turns += 1
            try:
                now = self.now()
                for connection in self.connections.turn():
                    connection.sweep(now)
                if turns % TURNS == 0:
                    self.rooms.tick()
                    self.board.tick(TICK)
            except Exception:
                logger.exception("the clock's work failed")

    async def _keep_asking(self) -> None:
        """Apart from the clock, which must not wait for the store."""
        while True:
            await asyncio.sleep(TICK)
            await self.calls.tick()

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
