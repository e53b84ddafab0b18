"""A tape of what a client and its gateway said: made once by record_client.py, played to every later gateway.

A tape is a list of steps, one a line: {"open": connection, "user": ...}, {"say": line, "on": connection}, {"hear":
line, "on": connection}, {"cut": connection}, {"ended": connection, "code": close code}, {"commit": item} (by somebody
else), {"applied": operation id} (wait until the store has it) and {"drain": true}.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from capsule.feeds import Publish, Transaction
from capsule.worker.worker import Worker

from .recorded_models import Board
from .site import PATIENT, Site, site

FOLDER = Path(__file__).parent / "recorded"
SCOPE = "board.b1"
SCHEMA = "models-of-then"
EVENT_ID = re.compile(r"\d+-\d+")
MILLISECONDS = 10**12  # a number beyond this is a time, which no two runs share
# What a client shows or obeys, whatever it is.
FREE = ("sentence", "heartbeat", "after")

Line = dict[str, Any]


@asynccontextmanager
async def stage(url: str) -> AsyncIterator[Site]:
    """A gateway and a worker with one board."""
    everybody: dict[str, Any] = {
        "authorize": lambda user, scope: True,
        "roots": [Board],
        "schema": SCHEMA,
        "tail_frames": 4,
    }
    async with site(url, **everybody) as place:
        board = Publish(".", "b1", '{"id":"b1","name":"Board"}')
        await place.cap.scope(SCOPE).commit([Transaction("seed.board.1", [board])])
        worker = Worker(place.cap, [Board])
        working = asyncio.create_task(worker.run())
        try:
            yield place
        finally:
            worker.stop()
            await working


class Wire:
    """One connection, as lines."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.waiting: list[Line] = []

    async def say(self, line: Line) -> None:
        await self.socket.send(json.dumps(line, separators=(",", ":")))

    async def line(self) -> Line | None:
        """The next line, None at the end."""
        async with asyncio.timeout(30):
            while not self.waiting:
                try:
                    text = str(await self.socket.recv(decode=True))
                except ConnectionClosed:
                    return None
                self.waiting += [json.loads(line) for line in text.split("\n")]
        return self.waiting.pop(0)

    async def end(self) -> int | None:
        """The close code, when the gateway has closed. What it says before that is nobody's any more."""
        async with asyncio.timeout(30):
            await self.socket.wait_closed()
        return self.socket.close_code


async def opened(place: Site, user: str) -> Wire:
    return Wire(await connect(f"{place.url}?as={user}", max_size=None, compression=None, **PATIENT))


async def commit(place: Site, item: str) -> None:
    """Somebody else's item, so that the scope moves without the client."""
    publish = Publish("remarks", item, json.dumps({"id": item, "text": item}))
    await place.cap.scope(SCOPE).commit([Transaction(f"other.client.{item}", [publish])])


async def applied(place: Site, operation: str) -> None:
    async with asyncio.timeout(30):
        while await place.cap.scope(SCOPE).lookup([operation]) == [None]:
            await asyncio.sleep(0.01)


class Player:
    """Says what the client said then, and holds what it hears against what the client heard then."""

    def __init__(self, place: Site) -> None:
        self.place = place
        self.wires: dict[str, Wire] = {}
        # What has another name in each run (event ids, sessions, views), from the tape's to this run's.
        self.names: dict[str, str] = {}
        self.presence: dict[str, list[Line]] = {}
        self.later: dict[str, list[Line]] = {}
        # The verbs that the client knew.
        self.known: set[str] = set()

    async def play(self, steps: list[dict[str, Any]]) -> None:
        self.known = {step["hear"]["verb"] for step in steps if "hear" in step}
        try:
            for number, step in enumerate(steps, 1):
                try:
                    await self.step(step)
                except (AssertionError, TimeoutError) as error:
                    raise AssertionError(f"step {number}, {json.dumps(step)}: {error!r}") from error
        finally:
            for wire in self.wires.values():
                wire.socket.transport.abort()

    async def step(self, step: dict[str, Any]) -> None:
        match step:
            case {"open": name, "user": user}:
                self.wires[name] = await opened(self.place, user)
                self.presence[name], self.later[name] = [], []
            case {"say": line, "on": name}:
                await self.wires[name].say(self.now(line))
            case {"hear": {"verb": "presence"} as line, "on": name}:
                await self.meet(name, line)
            case {"hear": line, "on": name}:
                self.compare(line, await self.heard(name))
            case {"cut": name}:
                self.wires[name].socket.transport.abort()
            case {"ended": name, "code": code}:
                ended = await self.wires[name].end()
                assert ended == code, ended
            case {"commit": item}:
                await commit(self.place, item)
            case {"applied": operation}:
                await applied(self.place, operation)
            case {"drain": True}:
                self.place.server.should_exit = True
            case _:
                raise AssertionError("no such step")

    async def heard(self, name: str) -> Line:
        """The next line that is not about presence, whose moment is nobody's promise, nor of a verb that is younger
        than the client."""
        while not self.later[name]:
            await self.listen(name)
        return self.later[name].pop(0)

    async def listen(self, name: str) -> None:
        line = await self.wires[name].line()
        assert line is not None, "the connection has ended"
        if line["verb"] == "presence":
            self.presence[name].append(line)
        elif line["verb"] in self.known:
            self.later[name].append(line)

    async def meet(self, name: str, line: Line) -> None:
        """Wait until this was said of presence, now or before."""
        while not any(fits(self.now(line), told) for told in self.presence[name]):
            await self.listen(name)

    def now(self, value: Any) -> Any:
        """A part of the tape, with this run's names."""
        if isinstance(value, dict):
            return {self.now(key): self.now(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.now(part) for part in value]
        return self.names.get(value, value) if isinstance(value, str) else value

    def compare(self, then: Line, line: Line) -> None:
        for key in ("id", "session", "view"):
            if key in then and key in line and (key != "id" or EVENT_ID.fullmatch(then["id"])):
                self.names.setdefault(then[key], line[key])
        assert fits(self.now(then), line), f"heard {json.dumps(line)}"


def fits(then: Any, now: Any, key: str = "") -> bool:
    """Whether a client that understood the one understands the other: it has all keys of then, with the same values."""
    if isinstance(then, dict):
        return isinstance(now, dict) and all(
            name in now and fits(then[name], now[name], name) for name in then
        )
    if isinstance(then, list):
        return isinstance(now, list) and len(then) == len(now) and all(map(fits, then, now))
    if key in FREE or (type(then) is int and then > MILLISECONDS):
        return type(then) is type(now)
    return type(then) is type(now) and bool(then == now)


def load(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
