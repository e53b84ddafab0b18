"""The promises of the main job, with `kill -9`: a worker, the gateway, the store."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from capsule.shared.pending import PendingOperation
from tests.chaos.crowd import User, assert_all_equal, crowd, stored
from tests.examples.stack import Stack

pytestmark = pytest.mark.chaos
TASKS = 24


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    yield stack
    stack.stop()


def titles(models: list[object]) -> Counter[str]:
    return Counter(model.get("title") or model.get("text") for model in models)  # type: ignore[attr-defined]


async def add_tasks(user: User, count: int) -> list[str]:
    operations = [user.member.tasks.addServer({"title": f"chaos {number}"}) for number in range(count)]
    assert await user.done(operations) == ["accepted"] * count
    return [operation.action["id"] for operation in operations]


def test_a_worker_killed_while_shipping_ships_everything_exactly_once(stack: Stack) -> None:
    async def test() -> None:
        async with crowd(stack, "ann", "chidi") as users:
            ann = users[0]
            keys = await add_tasks(ann, TASKS)
            operations: list[PendingOperation] = []
            for number, key in enumerate(keys):
                operations.append(ann.member.tasks.get(key).callServerMethod("ship"))
                if number in (TASKS // 3, 2 * TASKS // 3):
                    await asyncio.sleep(0.003)  # somewhere between claim, commit and report
                    stack.kill("worker")
                    stack.start_worker()
                await asyncio.sleep(0.002)
            assert await ann.done(operations) == ["accepted"] * TASKS
            await assert_all_equal(stack, users)
            shipped = titles(ann.member.shipped.models)
            cards = titles(ann.replica.root.chat.models)
            for number in range(TASKS):
                assert shipped[f"chaos {number}"] == 1
                assert cards[f"chaos {number}"] == 1
            for user in users:
                user.assert_saw_everything_once()
            print(
                f"killed 2 workers under {TASKS} ships: each shipped once, {len(ann.frames)} frames in order"
            )

    asyncio.run(test())


@pytest.mark.parametrize("moment", ["before-commit", "after-commit"])
def test_a_worker_killed_at_the_worst_moment_ships_exactly_once(stack: Stack, moment: str) -> None:
    async def test() -> None:
        async with crowd(stack, "ann", "chidi") as users:
            ann = users[0]
            [key] = await add_tasks(ann, 1)
            stack.kill("worker")
            stack.supervisor.start("worker", "tests.chaos.dying_worker", moment)
            operation = ann.member.tasks.get(key).callServerMethod("ship")
            dead = stack.supervisor.running.pop("worker")
            assert await asyncio.to_thread(dead.wait, 120) == -signal.SIGKILL
            stack.start_worker()
            assert await ann.done([operation]) == ["accepted"]
            await assert_all_equal(stack, users)
            assert titles(ann.member.shipped.models)["chaos 0"] == 1
            assert titles(ann.replica.root.chat.models)["chaos 0"] == 1

    asyncio.run(test())


def test_a_killed_gateway_leaves_every_browser_complete(stack: Stack) -> None:
    async def test() -> None:
        async with crowd(stack, "ann", "chidi", "dana") as users:
            ann, chidi, dana = users
            for number in range(3):
                before = [user.member.tasks.addServer({"title": f"before {number}"}) for user in users]
                stack.kill("gateway")
                during = [user.member.tasks.addServer({"title": f"during {number}"}) for user in users]
                await asyncio.to_thread(stack.start_gateway)
                after = [user.member.tasks.addServer({"title": f"after {number}"}) for user in users]
                for user, *operations in zip(users, before, during, after, strict=True):
                    assert await user.done(operations) == ["accepted"] * 3
            await assert_all_equal(stack, users)
            for user in (ann, chidi, dana):
                user.assert_saw_everything_once()
                found = titles(user.member.tasks.models)
                assert all(
                    found[f"{when} {number}"] == 1
                    for when in ("before", "during", "after")
                    for number in range(3)
                )
            print(f"killed 3 gateways: {len(ann.frames)} frames, none missing, none twice")

    asyncio.run(test())


@pytest.mark.parametrize("how", ["kill", "terminate"])
def test_restarting_the_store_loses_nothing_that_was_acknowledged(stack: Stack, how: str) -> None:
    async def test() -> None:
        async with crowd(stack, "ann", "chidi") as users:
            ann = users[0]
            await add_tasks(ann, TASKS)
            under_way = [ann.member.tasks.addServer({"title": f"under way {number}"}) for number in range(5)]
            assert stack.store.process is not None
            getattr(stack.store.process, how)()
            stack.store.process.wait()
            stack.store = stack.open_store(stack.store.data_dir)
            assert await ann.done(under_way) == ["accepted"] * 5
            await assert_all_equal(stack, users)
            _, team = await stored(stack)
            [tasks] = [member["tasks"] for member in team["members"] if member["id"] == "ann"]
            found = Counter(task["title"] for task in tasks)
            assert all(found[f"chaos {number}"] == 1 for number in range(TASKS))
            assert all(found[f"under way {number}"] == 1 for number in range(5))
            for user in users:
                user.assert_saw_everything_once()

    asyncio.run(test())
