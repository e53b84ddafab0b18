"""Several databases that do not know of each other, by hash slot."""

import asyncio
import logging
from pathlib import Path

import pytest

from capsule.feeds import Capsule, ConnectionLostError, LayoutError, Publish, ServerError, Transaction, layout
from capsule.feeds.address import Address
from capsule.feeds.databases import Databases
from capsule.feeds.embedded import ensure
from tests.conftest import ask, until

from .conftest import RunOn

SCOPES = [f"team.{n}" for n in range(30)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
def test_a_key_is_where_the_layout_says(count: int) -> None:
    store = Databases([Address(port=n) for n in range(count)])
    nodes = store.nodes()
    for n in range(500):
        key = f"cap1:{{team.{n}}}:"
        index = [node.connection for node in nodes].index(store.at(key))  # type: ignore[arg-type]
        first, last = layout.range_of(index, count)
        assert first <= layout.slot_of(key) <= last


def test_scopes_queues_and_presences_spread_and_work_as_on_one(run_on: RunOn, databases: str) -> None:
    async def test(cap: Capsule) -> None:
        heard: list[bytes] = []
        for name in SCOPES:
            scope = cap.scope(name)
            await cap.events.subscribe(scope.channel, heard.append, lambda: None)
            [outcome] = await scope.commit([Transaction("op.1", [Publish("chat", "m1", "{}")])])
            assert outcome.code == "applied"
            assert (await scope.snapshot()).feeds == [("chat", [("m1", b"{}")])]
            assert await scope.lookup(["op.1"]) == [outcome.event_id]
            jobs = cap.jobs(f"queue.{name}")
            await jobs.put("j1", b"x", group=name, reply="me")
            [claim] = await jobs.claim(1, wait=60)
            assert await jobs.finish(claim, [(claim.jobs[0], b"done")])
            assert [result for _, _, result in await jobs.replies("me", "0-0", 60_000)] == [b"done"]
            await cap.presence(name).join({"s1": "{}"}, lease=60)
            assert await cap.presence(name).all() == {"s1": b"{}"}
        await until(lambda: len(heard) == len(SCOPES))

    run_on(databases, test)
    held = []
    for index, part in enumerate(databases.split(",")):
        first, last = layout.range_of(index, 3)
        names = asyncio.run(ask(part, "KEYS", "cap1:{*"))
        assert isinstance(names, list)
        assert all(first <= layout.slot_of(name) <= last for name in names)
        held.append(len(names))
    assert min(held) > 0


def test_another_order_or_number_or_one_of_them_alone_is_refused(databases: str) -> None:
    async def connect(url: str) -> None:
        await (await Capsule.connect(url)).close()

    asyncio.run(connect(databases))
    one, two, three = databases.split(",")
    for url in (f"{two},{one},{three}", f"{one},{two}", f"{one},{two},{three},{one}", one, two):
        with pytest.raises(LayoutError, match="every process must name the same databases in the same order"):
            asyncio.run(connect(url))
    asyncio.run(connect(databases))


def test_the_same_database_twice_is_a_mistake(url: str) -> None:
    with pytest.raises(LayoutError, match="Database 2 of REDIS_URL holds slots 0-8191 of 2"):
        asyncio.run(Capsule.connect(f"{url},{url}"))


def test_there_is_no_one_connection_to_several_servers(run_on: RunOn, databases: str) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(LayoutError, match=r"Capsule\.at"):
            cap.connection  # noqa: B018
        assert await cap.at("cap1:{team.7}:").command("PING") == b"PONG"

    run_on(databases, test)


def test_a_process_that_runs_while_the_layout_changes_is_shut_out_when_its_connection_breaks(
    run_on: RunOn, databases: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(cap: Capsule) -> None:
        for part in databases.split(","):
            await ask(part, "HSET", "cap1:layout", "epoch", 2)
        with caplog.at_level(logging.WARNING, "capsule.feeds"):
            await ask(databases.split(",")[0], "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            await until(lambda: "the data was moved. Start it again." in caplog.text)

    run_on(databases, test)


def test_what_is_in_the_other_databases_goes_on_when_one_is_away(tmp_path: Path) -> None:
    servers = [ensure(tmp_path / name) for name in ("a", "b")]

    async def body() -> None:
        cap = await Capsule.connect(",".join(server.url for server in servers))
        names = {layout.slot_of(cap.scope(name).prefix) // 8192: name for name in SCOPES}
        servers[0].stop()
        [outcome] = await cap.scope(names[1]).commit([Transaction("op.1", [Publish("chat", "m1", "{}")])])
        assert outcome.code == "applied"
        waiting = asyncio.create_task(cap.scope(names[0]).last())
        await asyncio.sleep(0.1)
        assert await cap.scope(names[1]).last() == outcome.event_id
        servers[0].process = ensure(tmp_path / "a").process
        try:
            assert await waiting == "0-0"
        except ConnectionLostError:  # it was on its way when the server went
            assert await cap.scope(names[0]).last() == "0-0"
        await cap.close()

    try:
        asyncio.run(body())
    finally:
        for server in servers:
            server.stop()


def test_a_replica_is_refused_and_names_its_primary(url: str) -> None:
    asyncio.run(ask(url, "REPLICAOF", "192.0.2.1", 7000))
    try:
        with pytest.raises(ServerError, match=r"a replica of 192\.0\.2\.1: name that") as caught:
            asyncio.run(Capsule.connect(url))
        assert caught.value.reply == "READONLY"
    finally:
        asyncio.run(ask(url, "REPLICAOF", "NO", "ONE"))
