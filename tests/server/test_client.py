"""The Python driver: a replica kept connected through cuts, restarts and refusals."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from capsule.server.calls import Call
from capsule.server.client import Client, RefusedError, newClientId
from capsule.server.connection import Connection
from capsule.shared.replica import Replica
from capsule.shared.wire import isClientId
from tests.conftest import until

from .bang import bang, replica, titles
from .site import Site, site


def address(place: Site, user: str) -> str:
    return f"{place.url}?as={user}"


def cut(place: Site, user: str) -> None:
    """The network goes away under a client."""
    for connection in list(place.gateway.connections):
        if connection.session.user == user:
            connection.outlet.abort()


def test_client_ids_have_the_form_that_the_protocol_wants() -> None:
    ids = {newClientId() for _ in range(100)}
    assert len(ids) == 100
    assert all(isClientId(made) for made in ids)


def test_what_one_does_the_other_sees(url: str) -> None:
    async def body() -> None:
        async with bang(url) as place:
            ann, bob = replica("ann"), replica("dana")
            async with Client(address(place, "ann"), ann) as client, Client(address(place, "dana"), bob):
                assert client.status == "online"
                assert titles(ann, "ann") == titles(bob, "ann")
                operation = ann.root.members.get("ann").tasks.addServer({"title": "From Python"})
                assert "From Python" in titles(ann, "ann"), "at once, before the server has said anything"
                assert (await client.settled(operation)).state == "accepted"
                await until(lambda: "From Python" in titles(bob, "ann"))
                assert ann.root.xport() == bob.root.xport()

    asyncio.run(body())


def test_what_the_rules_forbid_never_leaves(url: str) -> None:
    async def body() -> None:
        async with bang(url) as place:
            ann = replica("ann")
            async with Client(address(place, "ann"), ann) as client:
                task = ann.root.members.get("dana").tasks.models[0]
                operation = await client.settled(task.setServer({"title": "mine now"}))
                assert operation.state == "rejected"
                assert operation.verdict is not None
                assert operation.verdict.sentence == "Only the owner may edit a task."

    asyncio.run(body())


def test_changes_made_while_cut_off_arrive_once_and_in_order(url: str) -> None:
    async def body() -> None:
        async with bang(url) as place:
            ann, bob = replica("ann"), replica("dana")
            async with Client(address(place, "ann"), ann) as client, Client(address(place, "dana"), bob):
                before = titles(bob, "ann")
                operations = []
                for number in range(20):
                    operations.append(ann.root.members.get("ann").tasks.addServer({"title": f"T{number}"}))
                    if number % 7 == 3:
                        cut(place, "ann")
                        await asyncio.sleep(0.01)
                for operation in operations:
                    assert (await client.settled(operation)).state == "accepted"
                wanted = before + [f"T{number}" for number in range(20)]
                assert titles(ann, "ann") == wanted
                await until(lambda: titles(bob, "ann") == wanted)
                assert ann.root.xport() == bob.root.xport()

    asyncio.run(body())


def test_a_client_survives_the_end_of_its_gateway(url: str) -> None:
    async def body() -> None:
        async with bang(url) as first, site(url) as second:
            ann = replica("ann")
            client = Client(address(second, "ann"), ann)
            async with client:
                client.url = address(first, "ann")
                operation = ann.root.members.get("ann").tasks.addServer({"title": "on the way"})
                second.server.should_exit = True
                assert (await client.settled(operation)).state == "accepted"
                await until(lambda: len(first.gateway.connections) == 1)
                assert titles(ann, "ann").count("on the way") == 1

    asyncio.run(body())


def test_an_answer_that_died_with_its_gateway_is_given_by_another(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[bytes] = []

    async def body() -> None:
        async with bang(url) as first, site(url) as second:
            answer = Connection._answer

            def dying(self: Connection, call: Call, about: dict[str, Any], result: bytes) -> None:
                if self.gateway is second.gateway:
                    lost.append(result)  # it was read from the reply stream, and never written
                else:
                    answer(self, call, about, result)

            monkeypatch.setattr(Connection, "_answer", dying)
            ann = replica("ann")
            client = Client(address(second, "ann"), ann)
            async with client:
                task = ann.root.members.get("ann").tasks.models[0]
                # It changes nothing: no event will tell what became of it.
                operation = task.setServer({"title": task.get("title")})
                await until(lambda: lost)
                assert operation.state == "pending"
                client.url = address(first, "ann")
                cut(second, "ann")
                assert (await client.settled(operation)).state == "accepted"

    asyncio.run(body())
    assert len(lost) == 1


def test_presence_is_shown_and_set(url: str) -> None:
    async def body() -> None:
        async with bang(url) as place:
            ann, bob = replica("ann"), replica("dana")
            async with Client(address(place, "ann"), ann), Client(address(place, "dana"), bob):
                bob.setPresence({"typing": True})
                await until(
                    lambda: {"user": "dana", "state": {"typing": True}} in list(ann.presence.values())
                )

    asyncio.run(body())


def test_a_listener_that_raises_does_not_cost_the_connection(url: str) -> None:
    async def body() -> None:
        async with bang(url) as place:
            ann, bob = replica("ann"), replica("dana")
            async with (
                Client(address(place, "ann"), ann) as client,
                Client(address(place, "dana"), bob) as other,
            ):

                def broken() -> None:
                    raise RuntimeError("the application's own trouble")

                ann.root.chat.on("add", broken)
                for text in ("one", "two"):
                    await other.settled(bob.root.chat.addServer({"text": text}))
                await until(lambda: [m.get("text") for m in ann.root.chat.models][-2:] == ["one", "two"])
                assert client.status == "online"

    asyncio.run(body())


@pytest.mark.parametrize(
    ("user", "scope", "reason"),
    [
        ("", "team.andyet", "4401"),
        ("ann", "secret.1", "no such thing"),
        ("eve", "team.andyet", "no such thing"),
    ],
)
def test_a_client_that_is_not_wanted_is_told_and_does_not_knock_again(
    url: str, user: str, scope: str, reason: str
) -> None:
    async def body() -> None:
        async with site(url) as place:
            wrong = Replica(type(replica("ann").root), scope, {"client": newClientId(), "user": user})
            with pytest.raises(RefusedError, match=reason):
                async with Client(address(place, user), wrong):
                    raise AssertionError("it was let in")
            await until(lambda: not place.gateway.connections)

    asyncio.run(body())


def test_settled_ends_when_the_connection_ends_for_good(url: str) -> None:
    async def body() -> None:
        async with bang(url) as place:
            ann = replica("ann")
            async with Client(address(place, "ann"), ann) as client:
                place.gateway._authenticate = lambda handshake: None
                cut(place, "ann")
                operation = ann.root.members.get("ann").tasks.addServer({"title": "too late"})
                with pytest.raises(RefusedError, match="closed before"):
                    await client.settled(operation)
                assert client.status == "closed"

    asyncio.run(body())


def test_what_was_sent_too_fast_is_sent_again(url: str) -> None:
    async def body() -> None:
        async with bang(url, rate=0.5, burst=4) as place:
            ann = replica("ann")
            busy: list[str] = []

            def hurry() -> None:
                """Seldom enough that it is too fast on any machine; from here on there is nothing to wait for."""
                busy.append("busy")
                for connection in place.gateway.connections:
                    connection.session._rate.rate = 1000.0

            ann.on("busy", hurry)
            async with Client(address(place, "ann"), ann) as client:
                tasks = ann.root.members.get("ann").tasks
                operations = [tasks.addServer({"title": f"hurried {number}"}) for number in range(8)]
                for operation in operations:
                    assert (await client.settled(operation)).state == "accepted"
                assert busy
                assert [title for title in titles(ann, "ann") if "hurried" in title] == [
                    f"hurried {number}" for number in range(8)
                ]

    asyncio.run(body())


@asynccontextmanager
async def scripted(answer: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    """A gateway that does what the test says."""
    async with serve(answer, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


WELCOME = {"verb": "welcome", "protocol": 1, "user": "ann", "session": "s", "heartbeat": 25_000}
SNAPSHOT = {"verb": "snapshot", "scope": "team.andyet", "id": "1-7", "feeds": []}


def event(version: int) -> dict[str, object]:
    made: dict[str, object] = {"verb": "event", "scope": "team.andyet", "id": f"{version}-7", "tx": []}
    return {**made, "prev": f"{version - 1}-7"}


def test_what_the_gateway_waits_for_is_said_in_the_first_message() -> None:
    said: list[str] = []

    async def answer(socket: ServerConnection) -> None:
        said.append(str(await socket.recv()))
        await socket.send(json.dumps(WELCOME) + "\n" + json.dumps(SNAPSHOT))
        await socket.wait_closed()

    async def body() -> None:
        async with scripted(answer) as url, Client(url, replica("ann")):
            pass

    asyncio.run(body())
    assert [json.loads(line)["verb"] for line in said[0].split("\n")] == ["hello", "subscribe"]


def test_messages_that_came_while_the_program_was_busy_are_taken_as_one() -> None:
    async def answer(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps(WELCOME) + "\n" + json.dumps(SNAPSHOT))
        for version in range(2, 7):
            await socket.send(json.dumps(event(version)))
        await socket.wait_closed()

    class Counted(Replica):
        taken: list[int]

        def receive(self, text: str) -> None:
            self.taken.append(text.count('"event"'))
            super().receive(text)

    async def body() -> None:
        ann = Counted(type(replica("ann").root), "team.andyet", {"client": newClientId(), "user": "ann"})
        ann.taken = []
        async with scripted(answer) as url, Client(url, ann):
            await until(lambda: ann.base.eventId == "6-7")
        assert [count for count in ann.taken if count > 0] == [5]

    asyncio.run(body())


def test_a_connection_on_which_nothing_can_be_said_any_more_is_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    connections = 0

    async def answer(socket: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        await socket.recv()
        await socket.send(json.dumps(WELCOME) + "\n" + json.dumps(SNAPSHOT))
        await socket.wait_closed()

    class Broken(Replica):
        broken = False

        def take(self) -> list[str]:
            if self.broken:
                self.broken = False
                raise RuntimeError("a bug")
            return super().take()

    async def body() -> None:
        ann = Broken(type(replica("ann").root), "team.andyet", {"client": newClientId(), "user": "ann"})
        async with scripted(answer) as url, Client(url, ann) as client:
            ann.broken = True
            ann.setPresence({})
            await until(lambda: connections == 2 and client.status == "online")

    with caplog.at_level(logging.ERROR, "capsule.server.client"):
        asyncio.run(body())
    assert "nothing more could be sent" in caplog.text
