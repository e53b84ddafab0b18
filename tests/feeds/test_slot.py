"""Commands to one slot of a real cluster: what is sent again, and for how long."""

import asyncio

import pytest

from capsule.feeds import (
    Capsule,
    ConnectionLostError,
    Publish,
    ServerError,
    Transaction,
    connection,
    keys,
    layout,
)
from capsule.feeds.cluster import Cluster
from capsule.feeds.slot import Patience
from tests.conftest import until

from .conftest import RunOn
from .real_cluster import ClusterNode, RealCluster

SCOPE = "team.7"
SLOT = layout.slot_of(keys.scope(SCOPE))


def write(n: int) -> list[Transaction]:
    return [Transaction(f"op.{n}", [Publish("chat", f"m{n}", "{}")])]


def other(cluster: RealCluster) -> ClusterNode:
    owner = cluster.owner(SLOT)
    return next(node for node in cluster.nodes if node is not owner)


def test_a_slot_that_is_half_moved_for_too_long_is_an_error_that_says_so(
    run_on: RunOn, cluster: RealCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WAIT_SECONDS", 0.2)

    async def test(cap: Capsule) -> None:
        target = other(cluster)
        source = cluster.open_move(SLOT, target)
        with pytest.raises(ConnectionLostError, match=rf"Slot {SLOT} was not served for 0\.2 seconds: ASK"):
            await cap.scope(SCOPE).commit(write(1))
        cluster.close_move(SLOT, source, target)
        [outcome] = await cap.scope(SCOPE).commit(write(1))
        assert outcome.code == "applied"

    run_on(cluster.url, test)


def test_a_wait_on_the_server_follows_its_slot(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs(SCOPE)
        waiting = asyncio.create_task(jobs.replies("me", "0-0", 60_000))
        await until(lambda: cluster.owner(SLOT).ask("INFO", "clients")["blocked_clients"] == 1)
        await asyncio.to_thread(cluster.move, SLOT, other(cluster))
        await jobs.put("j1", b"", group=SCOPE, reply="me")
        [claim] = await jobs.claim(1, wait=60)
        await jobs.finish(claim, [(claim.jobs[0], b"done")])
        assert [result for _, _, result in await waiting] == [b"done"]

    run_on(cluster.url, test)


def test_a_slot_that_nobody_owns_is_waited_for(
    run_on: RunOn, cluster: RealCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(Cluster, "refresh", lambda self: None)

    async def test(cap: Capsule) -> None:
        assert isinstance(cap.store, Cluster)
        cap.store._owners[SLOT] = None
        with pytest.raises(ConnectionLostError, match="nobody owns it"):
            await cap.scope(SCOPE).last()
        monkeypatch.undo()
        assert await cap.scope(SCOPE).last() == "0-0"

    run_on(cluster.url, test)


def test_an_error_of_the_command_itself_is_raised_at_once(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        slot = cap.at(keys.scope(SCOPE))
        with pytest.raises(ServerError, match="unknown command"):
            await slot.command("NONSENSE")
        with pytest.raises(ServerError, match="CROSSSLOT"):
            await slot.command("MGET", "{a}x", "{b}x")
        await slot.command("SET", f"{{{SCOPE}}}x", 1)
        with pytest.raises(ServerError, match="WRONGTYPE"):
            await cap.waiting(keys.scope(SCOPE)).call("BLPOP", f"{{{SCOPE}}}x", 1, seconds=1)

    run_on(cluster.url, test)


def test_a_map_that_is_wrong_everywhere_is_put_right_by_the_servers(
    run_on: RunOn, cluster: RealCluster
) -> None:
    async def test(cap: Capsule) -> None:
        store = cap.store
        assert isinstance(store, Cluster)
        store._owners = store._owners[-5000:] + store._owners[:-5000]
        done = await asyncio.gather(*(cap.scope(f"team.{n}").commit(write(1)) for n in range(50)))
        assert {outcome.code for [outcome] in done} == {"applied"}

    run_on(cluster.url, test)


def test_patience_waits_longer_each_time_and_ends() -> None:
    async def wait() -> None:
        patience = Patience(7, 0.1)
        while True:
            await patience.wait("because")

    with pytest.raises(ConnectionLostError, match=r"Slot 7 was not served for 0\.1 seconds: because\."):
        asyncio.run(wait())
