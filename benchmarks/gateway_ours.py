"""Our gateway as a process of its own, for benchmarks/gateway.py.

    python -m benchmarks.gateway_ours own|views|uvicorn|asgi STORE_URL [PORT]

`own`: the standalone server. `views`: the same, where models with read rules say who sees what of every event.
`uvicorn`: mounted in an ASGI application, on uvicorn with our driver. `asgi`: the same application on uvicorn as it is
installed, which gives it nothing but ASGI. Prints `ready <port>`; answers a line on standard input, `tell`, with how
long the turns of its loop took since `watch`.
"""

import asyncio
import json
import logging
import selectors
import sys
import time
from typing import Any

import uvicorn

from capsule.feeds import Capsule
from capsule.server import Gateway, GatewayApp, Handshake, Limits
from capsule.server.metrics import Histogram
from capsule.server.standalone import server
from capsule.shared.collection import Collection
from capsule.shared.model import Model

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
# Nobody commits: the events are published as a commit would publish them, so the store has no versions to compare.
LIMITS = Limits(room_idle_check=1e9, sockets=19_000)


class Turns(selectors.DefaultSelector):
    """How long the loop is busy between two looks at its sockets: all the while nobody is served.

    By the clock, and in CPU time of this thread, which other work on the machine does not stretch.
    """

    def __init__(self) -> None:
        super().__init__()
        self._since: tuple[float, float] | None = None
        self.watching = False

    def watch(self) -> None:
        """Begin."""
        self.clock, self.cpu, self.watching, self._since = Histogram(BOUNDS), Histogram(BOUNDS), True, None

    def tell(self) -> dict[str, Any]:
        """End, and say what was seen."""
        self.watching = False
        return {
            name: {
                "turns": dict(zip((*map(str, BOUNDS), "more"), found.counts, strict=True)),
                "most": found.most,
            }
            for name, found in (("clock", self.clock), ("cpu", self.cpu))
        }

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self.watching:
            return super().select(timeout)
        if self._since is not None:
            self.clock.add(time.perf_counter() - self._since[0])
            self.cpu.add(time.thread_time() - self._since[1])
        found = super().select(timeout)
        self._since = (time.perf_counter(), time.thread_time())
        return found

    def asked(self) -> None:
        """A line on standard input."""
        word = sys.stdin.readline().strip()
        if word == "watch":
            self.watch()
        elif word == "tell":
            print(json.dumps(self.tell()), flush=True)
        else:
            asyncio.get_running_loop().remove_reader(sys.stdin)


class Task(Model):
    type = "task"
    props = {"id": "string", "title": "string", "cost": "number"}
    private = {"staff": ["cost"]}


class Tasks(Collection):
    model = Task


class Member(Model):
    type = "member"
    props = {"id": "string"}
    collections = {"tasks": Tasks}


class Members(Collection):
    model = Member


class Team(Model):
    type = "team"
    props = {"id": "string"}
    collections = {"members": Members}

    def canRead(self, user: str) -> bool:  # noqa: N802
        return True

    def canReadPrivate(self, user: str, audience: str) -> bool:  # noqa: N802
        return user[-1] in "02468"


def who(handshake: Handshake) -> str | None:
    return handshake.query.get("as")


async def main(driver: str, url: str, port: int, turns: Turns) -> None:
    cap = await Capsule.connect(url)
    rules: dict[str, Any] = (
        {"roots": [Team]} if driver == "views" else {"authorize": lambda user, scope: True}
    )
    gateway = Gateway(cap, authenticate=who, limits=LIMITS, **rules)
    inner = GatewayApp(gateway)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)

    standing: Any
    if driver == "asgi":
        settings: dict[str, Any] = {
            "log_level": "warning",
            "ws": "websockets-sansio",
            "ws_per_message_deflate": False,
        }
        standing = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="on", backlog=4096, **settings))
    else:
        standing = server(app if driver == "uvicorn" else gateway, port=port, reuse_port=port > 0)
    serving = asyncio.create_task(standing.serve())
    while not standing.started:  # noqa: ASYNC110  (uvicorn sets an attribute)
        await asyncio.sleep(0.01)
    asyncio.get_running_loop().add_reader(sys.stdin, turns.asked)
    print("ready", standing.servers[0].sockets[0].getsockname()[1], flush=True)
    await serving
    await cap.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    turns = Turns()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner:
        runner.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0, turns))
