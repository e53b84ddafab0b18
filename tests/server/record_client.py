"""Records what a client of today and its gateway say, for every later gateway to be tried with: see
test_recorded_client.py.

Run `python -m tests.server.record_client` when the version of the protocol has changed, or when a client says something
new. It writes recorded/protocol-<version>-<number>.jsonl, and never over another: older clients are still out there.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from capsule.feeds import Capsule
from capsule.shared.replica import Replica
from capsule.shared.wire import PROTOCOL

from .recorded_models import Board
from .site import Site
from .tape import FOLDER, SCHEMA, SCOPE, Line, Wire, applied, commit, opened, stage


class Recorder:
    """A replica whose connections are put on tape."""

    def __init__(self, place: Site, steps: list[dict[str, Any]], user: str, client: str) -> None:
        self.place = place
        self.steps = steps
        self.user = user
        options = {"client": client, "schema": SCHEMA, "now": lambda: 1}
        self.replica = Replica(Board, SCOPE, options)
        self.name = ""
        self.wire: Wire

    async def open(self, name: str) -> None:
        self.name = name
        self.steps.append({"open": name, "user": self.user})
        self.wire = await opened(self.place, self.user)

    async def connect(self, name: str, answer: str) -> None:
        """As the driver does it, until the replica is current."""
        await self.open(name)
        await self.say(self.replica.hello(), *self.replica.connected())
        await self.until(answer)
        await self.surrounded()
        await self.flush()

    async def say(self, *lines: str) -> None:
        for line in lines:
            self.steps.append({"say": json.loads(line), "on": self.name})
            await self.wire.say(json.loads(line))

    async def flush(self) -> None:
        await self.say(*self.replica.take())

    async def until(self, verb: str) -> Line:
        """Hear up to the next line of a verb. What is heard of presence depends on the moment: see `present`."""
        while True:
            line = await self.hear()
            if line["verb"] != "presence":
                self.steps.append({"hear": line, "on": self.name})
            if line["verb"] == verb:
                return line

    async def hear(self) -> Line:
        line = await self.wire.line()
        assert line is not None, "the connection has ended"
        self.replica.receive(json.dumps(line))
        return line

    async def surrounded(self) -> None:
        """Hear who is here. Who that is depends on the moment; whether this session is among them, too."""
        while "all" not in (line := await self.hear()):
            assert line["verb"] == "presence", line
        self.steps.append({"hear": {"verb": "presence", "scope": SCOPE, "all": {}}, "on": self.name})

    async def present(self, key: str, state: Line, session: str = "") -> None:
        """Hear that a session (this one) is there with this state, or has left. The tape has that, no more."""
        session = session or self.replica.session
        while True:
            line = await self.hear()
            assert line["verb"] == "presence", line
            told = line.get(key, {})
            if key == "leave" and session in told:
                part: Any = [session]
            elif key != "leave" and session in told and told[session]["state"] == state:
                part = {session: told[session]}
            else:
                continue
            self.steps.append({"hear": {"verb": "presence", "scope": SCOPE, key: part}, "on": self.name})
            return

    async def settle(self, answer: str = "result") -> None:
        """Send what was asked for, and hear its answer."""
        await self.flush()
        await self.until(answer)

    async def refused(self) -> None:
        await self.open("nobody")
        await self.until("error")
        await self.ended()

    async def ended(self) -> None:
        self.steps.append({"ended": self.name, "code": await self.wire.end()})

    def cut(self) -> None:
        self.steps.append({"cut": self.name})
        self.wire.socket.transport.abort()
        self.replica.disconnected()

    async def commit(self, item: str) -> None:
        self.steps.append({"commit": item})
        await commit(self.place, item)

    async def applied(self, operation: str) -> None:
        self.steps.append({"applied": operation})
        await applied(self.place, operation)


async def actions(tape: Recorder) -> None:
    """Each kind of action, one that is refused, and what else a client says."""
    replica = tape.replica
    notes = replica.root.notes
    for text in ("first", "second"):
        notes.addServer({"text": text, "price": 3})
        await tape.settle()
    first, second = notes.models
    first.setServer({"text": "first, edited"})
    await tape.settle()
    second.moveServer({"before": first.id})
    await tape.settle()
    first.callServerMethod("finish", "well done")
    await tape.settle()
    second.deleteServer()
    await tape.settle()
    await tape.commit("r1")
    await tape.until("event")
    replica.setPresence({"active": first.id})
    await tape.flush()
    await tape.present("join", {"active": first.id})
    await tape.say('{"verb":"ping"}')
    await tape.until("pong")


async def refusals(tape: Recorder, n: int) -> None:
    """What the gateway refuses, by code. Said past the replica, which would not."""
    edit: Line = {"do": "edit", "feed": "notes", "id": "nobody", "attrs": {"text": "x"}}
    do: Line = {"verb": "do", "scope": SCOPE, "n": n, "first": True, "action": edit}
    await tape.say(json.dumps({**do, "n": n - 1}))
    assert (await tape.until("result"))["code"] == 200, "the recorded answer to what was done"
    for line in (
        {**do, "n": n + 5, "first": False},
        {**do, "user": "eve"},
        {**do, "action": {**edit, "do": "burn"}},
        {"verb": "sing"},
        {"verb": "ping", "loud": True},
    ):
        await tape.say(json.dumps(line))
        await tape.until("error")
    await tape.say(json.dumps(do))
    assert (await tape.until("result"))["code"] == 404
    await tape.say(json.dumps({"verb": "subscribe", "scope": "other.none", "since": None}))
    await tape.until("error")
    await tape.say(json.dumps({"verb": "unsubscribe", "scope": SCOPE}), json.dumps({**do, "n": n + 1}))
    await tape.until("error")


async def record(place: Site) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    ann = Recorder(place, steps, "ann", "recordedann1")
    await ann.connect("first", "snapshot")
    await actions(ann)

    # Cut with an action under way, which is done: the events that were missed, then its answer.
    ann.replica.root.notes.addServer({"text": "under way", "price": 4})
    await ann.flush()
    await ann.applied("ann.recordedann1.7")
    await ann.commit("r2")
    ann.cut()
    await ann.connect("again", "resumed")
    assert ann.replica.pending == []

    # The same, with so old an event that nobody knows it: a snapshot, which says what of the pending it contains.
    ann.replica.root.notes.addServer({"text": "contained", "price": 5})
    await ann.flush()
    await ann.applied("ann.recordedann1.8")
    ann.cut()
    ann.replica.base.eventId = "1-1"
    await ann.connect("anew", "snapshot")
    assert ann.replica.pending == []
    await refusals(ann, 9)
    ann.cut()

    # Somebody who sees less of it, is refused, and comes back.
    bob = Recorder(place, steps, "bob", "recordedbob1")
    await bob.connect("bob", "snapshot")
    note = bob.replica.root.notes.at(0).id
    edit = {"do": "edit", "feed": "notes", "id": note, "attrs": {"text": "not his"}}
    await bob.say(json.dumps({"verb": "do", "scope": SCOPE, "n": 1, "first": True, "action": edit}))
    assert (await bob.until("result"))["code"] == 403
    bob.cut()
    await bob.connect("bob again", "resumed")

    # Somebody comes and goes.
    visitor = Recorder(place, steps, "ann", "recordedann2")
    await visitor.connect("visitor", "snapshot")
    await bob.present("join", {}, visitor.replica.session)
    visitor.cut()
    await bob.present("leave", {}, visitor.replica.session)

    # Who is not let in: a client of a later version, one of other models, nobody.
    hello = json.loads(ann.replica.hello())
    for name, line in (
        ("later", {**hello, "protocol": PROTOCOL + 1}),
        ("other models", {**hello, "schema": "other"}),
    ):
        await ann.open(name)
        await ann.say(json.dumps(line))
        await ann.until("error")
        await ann.ended()
    await Recorder(place, steps, "", "recordedno1").refused()

    bob.steps.append({"drain": True})
    place.server.should_exit = True
    await bob.until("drain")
    await bob.ended()
    return steps


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        cap = await Capsule.connect(data_dir=Path(folder))
        try:
            async with stage(cap.url) as place:
                steps = await record(place)
        finally:
            await cap.close()
    FOLDER.mkdir(exist_ok=True)
    number = 1 + len(list(FOLDER.glob(f"protocol-{PROTOCOL}-*.jsonl")))
    path = FOLDER / f"protocol-{PROTOCOL}-{number}.jsonl"
    path.write_text("".join(json.dumps(step) + "\n" for step in steps))
    print(f"{path}: {len(steps)} steps")


if __name__ == "__main__":
    asyncio.run(main())
