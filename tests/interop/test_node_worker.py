"""A worker in Node, jobs from Python: everything in effect once, in order, also when workers are killed."""

import asyncio
import json
import signal
from typing import Any

import pytest

from capsule.feeds import Capsule, Publish, Retract, Transaction
from tests.conftest import Run
from tests.interop.conftest import NODE, Start

WORKER = ("node", str(NODE / "worker.mjs"), "chores")
SCOPE = "team.7"
LEASE = "60000"  # ms: no pause of the machine ends it, `expire` does


async def put(cap: Capsule, job_id: str, action: dict[str, Any], group: str = SCOPE) -> None:
    put = await cap.jobs("chores").put(job_id, json.dumps(action), group=group, reply="tests")
    assert put.state == "queued"


async def answers(cap: Capsule, count: int) -> dict[str, dict[str, Any]]:
    """The results of `count` jobs, each answered once."""
    found: dict[str, dict[str, Any]] = {}
    last = "0-0"
    async with asyncio.timeout(120):
        while len(found) < count:
            for stream_id, job_id, result in await cap.jobs("chores").replies("tests", last, 200):
                assert job_id not in found
                last, found[job_id] = stream_id, json.loads(result)
    return found


async def count(cap: Capsule) -> int:
    """How many jobs have not ended."""
    reply: int = await cap.connection.command("HLEN", f"{cap.jobs('chores').prefix}job")
    return reply


async def items(cap: Capsule, feed: str, scope: str = SCOPE) -> list[tuple[str, Any]]:
    snapshot = await cap.scope(scope).snapshot()
    return [(key, json.loads(item)) for name, found in snapshot.feeds if name == feed for key, item in found]


async def expire(cap: Capsule) -> None:
    """Every claim's lease has run out."""
    leases = f"{cap.jobs('chores').prefix}leases"
    for group in await cap.connection.command("ZRANGE", leases, 0, -1):
        await cap.connection.command("ZADD", leases, "XX", 1, group)


def test_it_writes_what_python_reads_and_answers_whom_python_asks_for(run: Run, start: Start) -> None:
    start(*WORKER)

    async def test(cap: Capsule) -> None:
        for n in range(3):
            action = {
                "do": "add",
                "feed": "tasks",
                "id": f"t{n}",
                "attrs": {"title": f"é{n}"},
                "position": "begin:",
            }
            await put(cap, f"ann.c1.{n}", action)
        await put(cap, "ann.c1.3", {"do": "edit", "feed": "tasks", "id": "t1", "attrs": {"done": True}})
        await put(cap, "ann.c1.4", {"do": "move", "feed": "tasks", "id": "t0", "position": ":t2"})
        await put(cap, "ann.c1.5", {"do": "delete", "feed": "tasks", "id": "t2"})
        found = await answers(cap, 6)
        assert {result["code"] for result in found.values()} == {200}
        assert await items(cap, "tasks") == [
            ("t0", {"id": "t0", "title": "é0"}),
            ("t1", {"id": "t1", "title": "é1", "done": True}),
        ]
        ids = [f"ann.c1.{n}" for n in range(6)]
        assert await cap.scope(SCOPE).lookup(ids) == [found[job_id]["id"] for job_id in ids]

    run(test)


def test_a_refused_job_is_answered_and_holds_up_nobody(run: Run, start: Start) -> None:
    start(*WORKER)

    async def test(cap: Capsule) -> None:
        add = {"do": "add", "feed": "tasks", "id": "t1", "attrs": {}}
        await put(cap, "a.1", add)
        await put(cap, "a.2", add)
        await put(cap, "a.3", {"do": "edit", "feed": "tasks", "id": "nobody", "attrs": {}})
        await put(cap, "a.4", {"do": "dance", "feed": "tasks", "id": "t1"})
        await put(cap, "a.5", {"do": "add", "feed": "no/feed", "id": "t1", "attrs": {}})
        await cap.jobs("chores").put("a.6", "no JSON", group=SCOPE, reply="tests")
        await put(cap, "a.7", {"do": "edit", "feed": "tasks", "id": "t1", "attrs": {"big": "x" * 600_000}})
        await put(cap, "a.8", {**add, "id": "t3"})
        codes = {job_id: result["code"] for job_id, result in (await answers(cap, 8)).items()}
        assert codes == {
            "a.1": 200,
            "a.2": 409,
            "a.3": 404,
            "a.4": 422,
            "a.5": 422,
            "a.6": 422,
            "a.7": 413,
            "a.8": 200,
        }
        assert [key for key, _ in await items(cap, "tasks")] == ["t1", "t3"]

    run(test)


def test_a_job_that_a_dead_worker_had_committed_is_answered_and_not_done_again(
    run: Run, start: Start
) -> None:
    async def test(cap: Capsule) -> None:
        await put(cap, "a.1", {"do": "delete", "feed": "tasks", "id": "t1"})
        jobs = cap.jobs("chores", lease=0.05)
        [claim] = await jobs.claim(1)
        scope = cap.scope(SCOPE)
        await scope.commit([Transaction("seed", [Publish("tasks", "t1", "{}", kind="sorted_feed")])])
        # Committed as the job, then dead: judged by the state it left, the item is not there.
        [outcome] = await scope.commit([Transaction("a.1", [Retract("tasks", "t1")])], epoch=claim.epoch)
        start(*WORKER)
        assert await answers(cap, 1) == {"a.1": {"code": 200, "id": outcome.event_id}}

    run(test)


def test_workers_that_are_killed_lose_nothing_double_nothing_and_keep_the_order(
    run: Run, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    groups, each = [f"team.{n}" for n in range(6)], 100

    async def test(cap: Capsule) -> None:
        for n in range(each):
            for group in groups:
                action = {"do": "add", "feed": "tasks", "id": f"t{n}", "attrs": {"n": n}}
                await put(cap, f"{group}.{n}", action, group)
        open_jobs = []
        # one less than would make a dead letter of a job that is out alone
        for seconds in (0.01, 0.03, 0.06):
            worker = start(*WORKER, LEASE)
            assert worker.stdout is not None
            await asyncio.to_thread(worker.stdout.readline)
            await asyncio.sleep(seconds)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            await expire(cap)
            open_jobs.append(await count(cap))
        start(*WORKER, LEASE)
        found = await answers(cap, each * len(groups))
        assert {result["code"] for result in found.values()} == {200}
        for group in groups:
            assert await items(cap, "tasks", group) == [
                (f"t{n}", {"id": f"t{n}", "n": n}) for n in range(each)
            ]
        with capsys.disabled():
            print(
                f"\nkilled 3 Node workers while {open_jobs} of {len(found)} jobs were open: each once, in order"
            )

    run(test)


def test_a_worker_that_sleeps_past_its_lease_and_wakes_changes_nothing(run: Run, start: Start) -> None:
    each = 300

    async def test(cap: Capsule) -> None:
        sleeper = start(*WORKER, LEASE)
        for n in range(each):
            await put(cap, f"a.{n}", {"do": "add", "feed": "tasks", "id": f"t{n}", "attrs": {"n": n}})
        sleeper.send_signal(signal.SIGSTOP)
        held = await count(cap)
        await expire(cap)
        start(*WORKER, LEASE)
        async with asyncio.timeout(60):
            while held and await count(cap) == held:  # until the other one has begun
                await asyncio.sleep(0.005)
        sleeper.send_signal(signal.SIGCONT)
        found = await answers(cap, each)
        assert {result["code"] for result in found.values()} == {200}
        assert await items(cap, "tasks") == [(f"t{n}", {"id": f"t{n}", "n": n}) for n in range(each)]

    run(test)


def test_it_leaves_with_status_0_when_it_is_told_to(start: Start) -> None:
    worker = start(*WORKER)
    assert worker.stdout is not None
    assert json.loads(worker.stdout.readline()) == {"working on": "chores"}
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
