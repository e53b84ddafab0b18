"""Our gateway as a process of its own, for benchmarks/gateway.py.

    python -m benchmarks.gateway_ours own|uvicorn|asgi STORE_URL [PORT]

`own`: the standalone server. `uvicorn`: mounted in an ASGI application, on uvicorn with our driver. `asgi`: the same
application on uvicorn as it is installed, which gives it nothing but ASGI. Prints `ready <port>`; answers a line on
standard input, `tell`, with what the loop's clock saw since `watch`.
"""

import asyncio
import json
import logging
import sys
from typing import Any

import uvicorn

from capsule.feeds import Capsule
from capsule.server import Gateway, GatewayApp, Handshake, Limits
from capsule.server.metrics import Histogram
from capsule.server.standalone import server

PROBE = 0.005
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
# Nobody commits: the events are published as a commit would publish them, so the store has no versions to compare.
LIMITS = Limits(room_idle_check=1e9, sockets=19_000)


class Stalls:
    """How late the loop is for a timer that rings every 5 ms."""

    def __init__(self) -> None:
        self.late = Histogram(BOUNDS)
        self.task: asyncio.Task[None] | None = None

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + PROBE
            await asyncio.sleep(PROBE)
            self.late.add(max(0.0, loop.time() - due))

    def asked(self) -> None:
        """`watch` begins, for it is itself some work; `tell` ends it with what it saw."""
        loop = asyncio.get_running_loop()
        word = sys.stdin.readline().strip()
        if not word:
            loop.remove_reader(sys.stdin)
        elif word == "watch":
            self.late = Histogram(BOUNDS)
            self.task = loop.create_task(self.watch())
        elif self.task is not None:
            self.task.cancel()
            counts = dict(zip((*map(str, BOUNDS), "more"), self.late.counts, strict=True))
            print(json.dumps({"late": counts, "most": self.late.most}), flush=True)


def who(handshake: Handshake) -> str | None:
    return handshake.query.get("as")


async def main(driver: str, url: str, port: int) -> None:
    cap = await Capsule.connect(url)
    gateway = Gateway(cap, authenticate=who, authorize=lambda user, scope: True, limits=LIMITS)
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
        standing = server(gateway if driver == "own" else app, port=port, reuse_port=port > 0)
    serving = asyncio.create_task(standing.serve())
    while not standing.started:  # noqa: ASYNC110  (uvicorn sets an attribute)
        await asyncio.sleep(0.01)
    stalls = Stalls()
    asyncio.get_running_loop().add_reader(sys.stdin, stalls.asked)
    print("ready", standing.servers[0].sockets[0].getsockname()[1], flush=True)
    await serving
    await cap.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0))
