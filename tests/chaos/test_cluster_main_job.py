"""The main job on a cluster: browsers, a gateway and a worker as processes, clicks in partitions, and the scope
and its queue change servers while tasks are shipped.
"""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from capsule.feeds import Capsule, embedded
from capsule.feeds.layout import slot_of
from examples.bang.seed import SCOPE
from tests.chaos.crowd import assert_all_equal, crowd
from tests.chaos.test_main_job import TASKS, add_tasks, titles
from tests.conftest import until
from tests.examples.stack import Stack
from tests.feeds.real_cluster import RealCluster

PARTITIONS = 3


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[RealCluster]:
    with RealCluster(tmp_path / "cluster") as cluster:
        yield cluster


@pytest.fixture
def stack(cluster: RealCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    async def divide() -> None:
        cap = await Capsule.connect(cluster.url)
        await cap.partitions("actions").divide(PARTITIONS)
        await cap.close()

    asyncio.run(divide())
    store = embedded.Server(cluster.url, tmp_path, None)
    monkeypatch.setattr(Stack, "open_store", lambda stack, folder: store)
    stack = Stack(tmp_path)
    yield stack
    stack.stop()


@pytest.mark.chaos
def test_tasks_are_shipped_exactly_once_while_their_slots_move(
    stack: Stack, cluster: RealCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = f"{{actions.{slot_of(SCOPE) % PARTITIONS}}}"
    moves = 0

    async def move(stop: asyncio.Event) -> None:
        nonlocal moves
        while not stop.is_set():
            slot = slot_of(random.choice([f"{{{SCOPE}}}", queue]))
            target = random.choice([node for node in cluster.nodes if node is not cluster.owner(slot)])
            await asyncio.to_thread(random.choice([cluster.move, cluster.move_at_once]), slot, target)
            moves += 1
            await asyncio.sleep(random.uniform(0, 0.2))

    async def test() -> None:
        async with crowd(stack, "ann", "chidi") as users:
            ann, chidi = users
            keys = await add_tasks(ann, TASKS)
            stop = asyncio.Event()
            moving = asyncio.create_task(move(stop))
            operations = []
            for key in keys:
                operations.append(ann.member.tasks.get(key).callServerMethod("ship"))
                operations.append(chidi.member.tasks.addServer({"title": f"beside {key}"}))
                await asyncio.sleep(0.05)
            await until(lambda: moves > 1)
            stop.set()
            await moving
            assert await ann.done(operations[::2]) == ["accepted"] * TASKS
            assert await chidi.done(operations[1::2]) == ["accepted"] * TASKS
            await assert_all_equal(stack, users)
            shipped = titles(ann.member.shipped.models)
            assert all(shipped[f"chaos {number}"] == 1 for number in range(TASKS))
            for user in users:
                user.assert_saw_everything_once()
            with capsys.disabled():
                print(
                    f"\n{moves} slots moved under {2 * TASKS} clicks: each once, {len(ann.frames)} frames in order"
                )

    asyncio.run(test())
