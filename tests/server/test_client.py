"""The Python driver: a replica kept connected through cuts, restarts and refusals."""

import asyncio

import pytest

from capsule.server.client import Client, RefusedError, newClientId
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
        async with bang(url, rate=30.0, burst=4) as place:
            ann = replica("ann")
            busy: list[str] = []
            ann.on("busy", lambda: busy.append("busy"))
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
