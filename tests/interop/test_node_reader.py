"""A reader and a producer in Node, a worker and the models in Python."""

import asyncio
import json
import signal
import subprocess
import sys
from typing import Any

from capsule.feeds import Capsule
from tests.conftest import Run
from tests.interop.conftest import NODE, ROOT, Start
from tests.worker.seeded import SCOPE, TASKS, answer, put, seed

READER = ("node", str(NODE / "reader.mjs"))
WORKER = (sys.executable, "-m", "capsule.cli.main", "worker", "examples.bang.models")
PRODUCER = ("node", str(ROOT / "tests" / "interop" / "producer.mjs"))


async def line(reader: subprocess.Popen[str]) -> dict[str, Any]:
    """The next thing a reader says."""
    assert reader.stdout is not None
    async with asyncio.timeout(60):
        text = await asyncio.to_thread(reader.stdout.readline)
    return dict(json.loads(text))


async def stored(cap: Capsule) -> list[Any]:
    snapshot = await cap.scope(SCOPE).snapshot()
    return [
        [name, [[key, json.loads(item)] for key, item in items]] for name, items in snapshot.feeds if items
    ]


def test_it_reads_what_a_python_worker_writes_each_event_once_and_in_order(run: Run, start: Start) -> None:
    start(*WORKER)

    async def test(cap: Capsule) -> None:
        await seed(cap)
        first = await cap.scope(SCOPE).last()
        reader = start(*READER, SCOPE)
        assert await line(reader) == {"snapshot": first, "feeds": await stored(cap)}
        assert await line(reader) == {"current": first}
        actions: list[dict[str, Any]] = [
            {"do": "edit", "feed": TASKS, "id": "t1", "attrs": {"title": "Zoë 🐙"}},
            {"do": "move", "feed": TASKS, "id": "t3", "position": {"first": True}},
            {"do": "call", "feed": TASKS, "id": "t2", "method": "ship", "args": []},
            {"do": "delete", "feed": TASKS, "id": "t0"},
        ]
        for n, action in enumerate(actions, 1):
            await put(cap, f"ann.client01.{n}", action)
        ids = []
        for n in range(1, len(actions) + 1):
            found = await answer(cap, f"ann.client01.{n}")
            assert found["code"] == 200, found
            ids.append(found["id"])
        seen: list[tuple[str, str]] = []
        while len(seen) < len(actions):
            said = await line(reader)
            seen += [(operation, said["event"]) for operation, _ in said["tx"]]
        assert seen == [(f"ann.client01.{n}", event_id) for n, event_id in enumerate(ids, 1)]
        # A second reader, which comes from the first event, replays to the same end.
        again = start(*READER, SCOPE, first)
        events = []
        while "current" not in (said := await line(again)):
            events.append(said["event"])
        assert events == list(dict.fromkeys(ids))
        assert said == {"current": ids[-1]}
        reader.send_signal(signal.SIGTERM)
        assert reader.wait(10) == 0

    run(test)


def test_a_python_worker_answers_a_node_producer(run: Run, start: Start, url: str) -> None:
    start(*WORKER)

    async def test(cap: Capsule) -> None:
        await seed(cap)
        edit = {"do": "edit", "feed": TASKS, "id": "t0", "attrs": {"title": "from Node"}}
        jobs = [
            ["ann.node0001.1", {"user": "ann", "scope": SCOPE, "action": edit}],
            ["bob.node0001.1", {"user": "bob", "scope": SCOPE, "action": edit}],
        ]
        done = await asyncio.to_thread(
            subprocess.run,
            [*PRODUCER, "actions", SCOPE],
            input=json.dumps(jobs),
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "REDIS_URL": url},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        results = json.loads(done.stdout)
        assert results["ann.node0001.1"]["code"] == 200
        assert results["bob.node0001.1"]["code"] == 403
        assert results["bob.node0001.1"]["verdict"]["sentence"]
        [frame] = await cap.scope(SCOPE).log((await cap.scope(SCOPE).lookup(["seed"]))[0] or "") or []
        assert b'"ann.node0001.1"' in frame

    run(test)


def test_a_reader_that_is_told_no_scope_says_how_it_is_used() -> None:
    done = subprocess.run(READER, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr == "usage: node reader.mjs SCOPE [SINCE]\n"
