"""A real cluster of three nodes: finding the owner of a slot, and what happens when it moves."""

import asyncio

import pytest

from capsule.feeds import (
    Capsule,
    ConnectionLostError,
    ContractError,
    LayoutError,
    Publish,
    Schedule,
    ServerError,
    Terms,
    Transaction,
    keys,
    layout,
    script,
)
from capsule.feeds import cluster as cluster_module
from capsule.feeds.address import Address
from capsule.feeds.cluster import Cluster
from capsule.feeds.link import open_link
from capsule.feeds.slots import Peer, read_slots
from tests.conftest import until

from .conftest import RunOn
from .proxy import Proxy
from .real_cluster import ClusterNode, RealCluster, wait_for

SCOPES = [f"team.{n}" for n in range(30)]
SCOPE = "team.7"
SLOT = layout.slot_of(keys.scope(SCOPE))


def write(n: int) -> list[Transaction]:
    return [Transaction(f"op.{n}", [Publish("chat", f"m{n}", "{}")])]


def other(cluster: RealCluster, slot: int = SLOT) -> ClusterNode:
    owner = cluster.owner(slot)
    return next(node for node in cluster.nodes if node is not owner)


def test_scopes_queues_and_presences_work_wherever_their_slot_is(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        heard: list[bytes] = []
        for name in SCOPES:
            scope = cap.scope(name)
            await cap.events.subscribe(scope.channel, heard.append, lambda: None)
            [outcome] = await scope.commit(write(1))
            assert outcome.code == "applied"
            assert (await scope.snapshot()).feeds == [("chat", [("m1", b"{}")])]
            assert await scope.lookup(["op.1"]) == [outcome.event_id]
            jobs = cap.jobs(f"queue.{name}")
            waiting = asyncio.create_task(jobs.claim(1, wait=60))
            await jobs.put("j1", b"x", group=name, reply="me")
            [claim] = await waiting
            assert await jobs.finish(claim, [(claim.jobs[0], b"done")])
            assert [result for _, _, result in await jobs.replies("me", "0-0", 60_000)] == [b"done"]
            presence = cap.presence(name)
            await cap.events.subscribe(presence.channel, heard.append, lambda: None)
            await presence.join({"s1": "{}"}, lease=60)
            assert await presence.all() == {"s1": b"{}"}
        await until(lambda: len(heard) == 2 * len(SCOPES))

    run_on(cluster.url, test)
    assert all(node.ask("DBSIZE") > 20 for node in cluster.nodes)


def test_every_datatype_keeps_to_one_slot(run_on: RunOn, cluster: RealCluster) -> None:
    """A script or a command that touched two would be refused, for some of these names."""

    async def test(cap: Capsule) -> None:
        for n in range(6):
            feed, tasks, queue = cap.feed(f"users{n}"), cap.sorted_feed(f"tasks{n}"), cap.queue(f"mail{n}")
            await feed.publish({"a": 1}, "u1")
            await tasks.append({"a": 1}, "t1")
            await tasks.prepend({"a": 2}, "t2")
            assert (await feed.ids(), await tasks.ids()) == (["u1"], ["t2", "t1"])
            await queue.put({"to": "ann"})
            assert await queue.get() == [{"to": "ann"}]
            jobs = cap.jobs(f"mail{n}")
            for m, terms in enumerate((Terms(delay=60), Terms(expires=60, priority=3), None)):
                await jobs.put(f"j{m}", b"", reply="me", terms=terms)
            await jobs.schedules.set(Schedule("nightly", "0 3 * * *"))
            claim = (await jobs.claim(3, wait=60))[0]
            assert await jobs.progress(claim, claim.jobs[0], "half")
            assert await jobs.fail(claim, claim.jobs[0], "no luck", retry=False) == "dead"
            assert await jobs.cancel("j0") == ["cancelled"]
            assert len(await jobs.messages("me", "0-0", 60_000)) == 3

    run_on(cluster.url, test)


def test_events_travel_on_sharded_channels_only(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        await cap.events.subscribe(cap.scope(SCOPE).channel, lambda message: None, lambda: None)
        owner = cluster.owner(SLOT)
        assert owner.ask("PUBSUB", "SHARDNUMSUB", cap.scope(SCOPE).channel) == [cap.scope(SCOPE).channel, 1]
        assert owner.ask("PUBSUB", "NUMSUB", cap.scope(SCOPE).channel) == [cap.scope(SCOPE).channel, 0]

    run_on(cluster.url, test)


def test_a_moved_slot_is_followed_and_its_listeners_are_told(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope(SCOPE)
        heard: list[bytes] = []
        gaps: list[int] = []
        await cap.events.subscribe(scope.channel, heard.append, lambda: gaps.append(1))
        for n in range(1, 5):
            move = cluster.move if n % 2 else cluster.move_at_once
            await asyncio.to_thread(move, SLOT, other(cluster))
            await until(lambda n=n: len(gaps) >= n)  # type: ignore[misc]
            [outcome] = await scope.commit(write(n))
            assert outcome.code == "applied"
            await until(lambda n=n: len(heard) == n)  # type: ignore[misc]
        assert await scope.lookup(["op.1", "op.4"]) != [None, None]

    run_on(cluster.url, test)


def test_nothing_runs_in_a_slot_while_it_is_half_moved(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope(SCOPE)
        await scope.commit(write(1))
        target = other(cluster)
        source = cluster.open_move(SLOT, target)
        waiting = [asyncio.create_task(scope.commit(write(n))) for n in (2, 3)]
        asked = asyncio.create_task(cap.jobs(SCOPE).put("j1", b"", group=SCOPE))
        while cluster.move_keys(SLOT, source, target, 1):
            await asyncio.sleep(0.02)
            assert not any(task.done() for task in [*waiting, asked])
        cluster.close_move(SLOT, source, target)
        outcomes = await asyncio.gather(*waiting)
        assert [outcome.code for [outcome] in outcomes] == ["applied", "applied"]
        assert (await asked).state == "queued"
        assert (await scope.last()).startswith("3-")

    run_on(cluster.url, test)


def test_a_client_that_follows_ask_is_kept_out_by_the_server_itself(
    run_on: RunOn, cluster: RealCluster
) -> None:
    log, prefix = script.load("log"), keys.scope(SCOPE)

    async def follow(port: int, *names: str | int) -> object:
        link = await open_link(Address("127.0.0.1", port))
        try:
            await link.call("ASKING")
            return await link.call("EVAL", log.source, *names, "0-0")
        finally:
            link.close()

    async def test(cap: Capsule) -> None:
        await cap.scope(SCOPE).commit(write(1))
        target = other(cluster)
        source = cluster.open_move(SLOT, target)
        with pytest.raises(ServerError, match=f"ASK {SLOT} 127.0.0.1:{target.port}"):
            await follow(source.port, 2, prefix, prefix + keys.GUARD)
        with pytest.raises(ServerError, match="TRYAGAIN"):
            await follow(target.port, 2, prefix, prefix + keys.GUARD)
        # What the second key is for: with one, the target would answer for a scope that is not there yet.
        assert await follow(target.port, 1, prefix) == []
        while cluster.move_keys(SLOT, source, target):
            pass
        cluster.close_move(SLOT, source, target)
        assert len(await cap.scope(SCOPE).log("0-0") or []) == 1

    run_on(cluster.url, test)


def test_scripts_are_taught_to_each_node(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        for node in cluster.nodes:
            node.ask("SCRIPT", "FLUSH")
        done = await asyncio.gather(*(cap.scope(name).commit(write(1)) for name in SCOPES))
        assert {outcome.code for [outcome] in done} == {"applied"}

    run_on(cluster.url, test)


def test_one_node_that_answers_is_enough_to_find_the_others(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        assert isinstance(cap.store, Cluster)
        assert {str(node.where) for node in cap.store.nodes()} == {
            f"127.0.0.1:{node.port}" for node in cluster.nodes
        }

    run_on(f"redis+cluster://127.0.0.1:1,127.0.0.1:{cluster.nodes[1].port}", test)
    with pytest.raises(ConnectionLostError):
        asyncio.run(Capsule.connect("redis+cluster://127.0.0.1:1,127.0.0.1:2"))


def test_a_cluster_and_a_single_server_are_not_taken_for_each_other(cluster: RealCluster, url: str) -> None:
    with pytest.raises(LayoutError, match=r"use redis\+cluster:// instead of redis://"):
        asyncio.run(Capsule.connect(f"redis://127.0.0.1:{cluster.nodes[0].port}"))

    async def body() -> None:
        async with Proxy(url.removeprefix("unix://")) as proxy:
            with pytest.raises(LayoutError, match=r"use redis:// instead of redis\+cluster://"):
                await Capsule.connect(proxy.url.replace("redis:", "redis+cluster:"))

    asyncio.run(body())


def test_there_is_no_one_connection_to_a_cluster(run_on: RunOn, cluster: RealCluster) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(LayoutError, match=r"Capsule\.at"):
            cap.connection  # noqa: B018

    run_on(cluster.url, test)


def test_the_contract_is_compared_once_for_the_whole_cluster(cluster: RealCluster) -> None:
    owner = cluster.owner(layout.slot_of(keys.CONTRACT))
    owner.ask("HSET", keys.CONTRACT, "minor", 9, "min_client", 9)
    with pytest.raises(ContractError, match="This process is too old"):
        asyncio.run(Capsule.connect(cluster.url))


def test_a_refused_channel_is_an_error_at_once(run_on: RunOn, cluster: RealCluster) -> None:
    for node in cluster.nodes:
        node.ask("ACL", "SETUSER", "deaf", "on", ">pw", "~*", "+@all", "resetchannels")

    async def test(cap: Capsule) -> None:
        with pytest.raises(ServerError) as caught:
            await cap.events.subscribe("cap1:{team.7}:events", lambda message: None, lambda: None)
        assert caught.value.reply == "NOPERM"

    try:
        run_on(cluster.url.replace("://", "://deaf:pw@"), test)
    finally:
        for node in cluster.nodes:
            node.ask("ACL", "DELUSER", "deaf")


def test_a_channel_that_nobody_owns_is_asked_for_until_somebody_does(
    run_on: RunOn, cluster: RealCluster
) -> None:
    async def test(cap: Capsule) -> None:
        assert isinstance(cap.store, Cluster)
        cap.store._owners = [None] * layout.SLOTS
        await cap.events.subscribe(cap.scope(SCOPE).channel, lambda message: None, lambda: None)

    run_on(cluster.url, test)


def test_closing_leaves_no_task_and_no_connection(cluster: RealCluster) -> None:
    async def body() -> None:
        cap = await Capsule.connect(cluster.url)
        await cap.events.subscribe("cap1:{team.7}:events", lambda message: None, lambda: None)
        waiting = asyncio.create_task(cap.jobs("actions").claim(1, wait=60))
        await until(
            lambda: any(node.ask("INFO", "clients")["blocked_clients"] == 1 for node in cluster.nodes)
        )
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await cap.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(body())
    for node in cluster.nodes:
        wait_for(lambda node=node: not node.ask("CLIENT", "LIST", "TYPE", "pubsub"))


def test_a_node_without_slots_is_let_go(
    run_on: RunOn, cluster: RealCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "RETIRE_SECONDS", 0.05)

    async def test(cap: Capsule) -> None:
        store = cap.store
        assert isinstance(store, Cluster)
        peers = await map_of(store)
        gone = next(peer for peer in peers if peer is not None)
        store._adopt([None if peer == gone else peer for peer in peers])
        await until(lambda: len(store.nodes()) == 2)
        assert Address(*gone) not in [node.where for node in store.nodes()]
        store.refresh()
        await until(lambda: len(store.nodes()) == 3)
        assert (await cap.scope(SCOPE).commit(write(1)))[0].code == "applied"

    run_on(cluster.url, test)


async def map_of(store: Cluster) -> list[Peer | None]:
    link = store.nodes()[0].connection.link
    assert link is not None
    return await read_slots(link, "127.0.0.1")
