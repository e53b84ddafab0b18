"""The Python driver: a thin WebSocket around a replica, for bots, tests and other services.

    replica = Replica(Team, "team.7", {"client": newClientId(), "user": "ann"})
    async with Client("ws://localhost:8000/live", replica, cookie="session=...") as client:
        operation = replica.root.members.get("ann").tasks.addServer({"title": "Write"})
        await client.settled(operation)

The replica decides what is said; this file only carries lines, and comes back when the connection is lost.
"""

import asyncio
import logging
import random
import secrets
import string
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from capsule.feeds.errors import CapsuleError
from capsule.server.closing import CloseCode
from capsule.shared.pending import PendingOperation
from capsule.shared.replica import Replica

logger = logging.getLogger("capsule.server.client")

# Knocking again would not help: the user must log in, or the program must be updated.
FINAL = (CloseCode.UNAUTHORIZED, CloseCode.PROTOCOL)
HEARTBEAT = 25.0
BACKOFF_FIRST, BACKOFF_MOST = 0.5, 30.0
BUSY = 1.0  # what the gateway had no time for is sent again after about this long
# A handshake takes several turns of the loop, and in a program that is busy a turn takes seconds.
OPEN_WITHIN = 30.0
CLOSE_WITHIN = 1.0


class RefusedError(CapsuleError):
    """The gateway will not have this client: nobody is logged in, the page is of another version, or the
    scope does not exist for this user."""

    code = "REFUSED"


def newClientId() -> str:  # noqa: N802  (the same name in the browser's driver)
    """A client id for a new replica: 12 letters and digits."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(12))


class Client:
    """Keeps a replica connected while the `async with` block runs.

    Entering waits for the replica's first state. Raises RefusedError when the gateway says that there will
    be none. `status` is "connecting", "online" (the replica is current), "offline" or "closed".
    """

    def __init__(
        self, url: str, replica: Replica, *, cookie: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        self.url = url
        self.replica = replica
        self.status = "connecting"
        self._headers = dict(headers or {})
        if cookie:
            self._headers["Cookie"] = cookie
        self._attempt = 0
        self._heard = self._pinged = 0.0
        self._wake = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._arrived: list[str] = []
        self._runner: asyncio.Task[None] | None = None
        self._leave: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "Client":
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[None] = loop.create_future()

        def on_ready() -> None:
            if not begun.done():
                begun.set_result(None)

        def on_error(error: dict[str, object]) -> None:
            if error["name"] == "NOT_FOUND" and "n" not in error and not begun.done():
                begun.set_exception(RefusedError(str(error["sentence"])))

        self.replica.on("ready", on_ready, self)
        self.replica.on("error", on_error, self)
        self.replica.on("send", self._wake.set, self)
        self.replica.on("synced", self._synced, self)
        self.replica.on("drain", self._drain, self)
        self.replica.on("busy", self._busy, self)
        self._runner = loop.create_task(self._run())
        try:
            await asyncio.wait([begun, self._runner], return_when=asyncio.FIRST_COMPLETED)
            await (begun if begun.done() else self._runner)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Leave. What is pending stays pending in the replica."""
        self.status = "closed"
        self.replica.off(None, None, self)
        self._forget()
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)

    async def settled(self, operation: PendingOperation) -> PendingOperation:
        """Wait until the server has answered an operation: its `state` is then "accepted" or "rejected"."""
        if operation.state == "pending":
            done = asyncio.Event()
            operation.once("settled", done.set)
            waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(done.wait())]
            if self._runner is not None:
                waiting.append(self._runner)
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting[0].cancel()
            if not done.is_set():
                raise RefusedError("The connection was closed before the operation was answered.")
        return operation

    # -- the connection

    async def _run(self) -> None:
        while True:
            self.status = "connecting"
            code: int | None = None
            try:
                # No size limit: a snapshot is as large as the scope. No compression: see the gateway. No pings but
                # ours: a pong waits behind what is not read yet, and a program that is busy would cut itself off.
                async with connect(
                    self.url,
                    additional_headers=self._headers,
                    max_size=None,
                    compression=None,
                    ping_interval=None,
                    open_timeout=OPEN_WITHIN,
                    close_timeout=CLOSE_WITHIN,
                ) as socket:
                    code = await self._converse(socket)
            except InvalidStatus as error:
                logger.warning("%s: %s", self.url, error)
            except (OSError, TimeoutError, WebSocketException) as error:
                logger.info("%s: %s", self.url, error)
            self.replica.disconnected()
            if code in FINAL:
                self.status = "closed"
                raise RefusedError(f"The gateway closed the connection with {code}.")
            self.status = "offline"
            # Full jitter: after a restart of the gateway, nobody comes at the same moment as anybody else.
            await asyncio.sleep(random.uniform(0, min(BACKOFF_MOST, BACKOFF_FIRST * 2**self._attempt)))
            self._attempt += 1

    async def _converse(self, socket: ClientConnection) -> int | None:
        """Carry lines both ways until the socket closes; return the close code."""
        loop = asyncio.get_running_loop()
        self._socket = socket
        self._heard = self._pinged = loop.time()
        sender: asyncio.Task[None] | None = None
        try:
            # Now, and not when a task of its own has its turn: a gateway waits only so long for them.
            await socket.send("\n".join([self.replica.hello(), *self.replica.connected()]))
            sender = asyncio.create_task(self._send(socket))
            sender.add_done_callback(self._sender_ended)
            while True:
                text = await socket.recv(decode=True)
                self._arrived.append(str(text))
                if len(self._arrived) == 1:
                    loop.call_soon(self._hear)
        except ConnectionClosed:
            self._hear()
            return socket.close_code
        finally:
            self._arrived.clear()
            self._socket = None
            self._forget()  # a drain of this connection must not close the next one
            if sender is not None:
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)

    def _hear(self) -> None:
        """Take all that has come in one go: a program that was busy shows it as one change, and catches up."""
        if not self._arrived:
            return
        text = "\n".join(self._arrived)
        self._arrived.clear()
        self._heard = asyncio.get_running_loop().time()
        try:
            self.replica.receive(text)
        except Exception:
            # A listener of the application raised. The state is right, and the connection is not to blame.
            logger.exception("a listener of %s failed", self.replica.scope)

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            self._wake.clear()
            for line in self.replica.take():
                await socket.send(line)
            heartbeat = self.replica.heartbeat / 1000 or HEARTBEAT
            try:
                async with asyncio.timeout(heartbeat):
                    await self._wake.wait()
            except TimeoutError:
                if self._heard < self._pinged:
                    return  # nothing came since the last ping: the connection is dead
                self._pinged = asyncio.get_running_loop().time()
                await socket.send('{"verb":"ping"}')

    def _sender_ended(self, sender: "asyncio.Task[None]") -> None:
        """Whatever ended it: a connection on which nothing is said is of no use."""
        error = None if sender.cancelled() else sender.exception()
        if error is not None and not isinstance(error, ConnectionClosed):
            logger.error("%s: nothing more could be sent", self.url, exc_info=error)
        self._leave_now()

    # -- what the replica says

    def _synced(self) -> None:
        self._attempt = 0
        self.status = "online"

    def _drain(self, after: int) -> None:
        loop = asyncio.get_running_loop()
        self._leave = loop.call_later(after / 1000, self._leave_now)

    def _busy(self) -> None:
        if self._again is None:
            loop = asyncio.get_running_loop()
            self._again = loop.call_later(BUSY * random.uniform(0.5, 1.5), self._send_again)

    def _send_again(self) -> None:
        self._again = None
        self.replica.resend()

    def _forget(self) -> None:
        for timer in (self._leave, self._again):
            if timer is not None:
                timer.cancel()
        self._leave = self._again = None

    def _leave_now(self) -> None:
        if self._socket is not None:
            task = asyncio.ensure_future(self._socket.close())
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
