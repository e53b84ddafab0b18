"""Moving data to another list of databases."""

import asyncio
import subprocess
import sys

import pytest

from capsule.feeds import Capsule, LayoutError, Publish, Transaction, layout
from capsule.feeds.relayout import MOVING, relayout
from tests.conftest import ask, until

from .conftest import RunOn
from .real_cluster import RealCluster

SCOPES = [f"team.{n}" for n in range(30)]


def several(url: str, first: int, last: int) -> str:
    return ",".join(f"{url}?db={number}" for number in range(first, last + 1))


async def write(cap: Capsule) -> None:
    for name in SCOPES:
        await cap.scope(name).commit([Transaction("op.1", [Publish("chat", "m1", '{"x":1}')])])
        await cap.jobs("actions").put(f"{name}.1", "x", group=name)


async def is_all_there(cap: Capsule) -> None:
    for name in SCOPES:
        assert (await cap.scope(name).snapshot()).feeds == [("chat", [("m1", b'{"x":1}')])]
        [outcome] = await cap.scope(name).commit([Transaction("op.1", [Publish("chat", "m1", "{}")])])
        assert outcome.code == "known"
    groups = []
    while claims := await cap.jobs("actions").claim(1000):
        groups += [claim.group for claim in claims]
    assert sorted(groups) == sorted(SCOPES)


@pytest.mark.parametrize(
    ("old", "new"), [((0, 0), (0, 2)), ((0, 2), (0, 0)), ((0, 1), (1, 3)), ((0, 2), (3, 5))]
)
def test_every_key_is_found_under_the_new_list(
    run_on: RunOn, url: str, old: tuple[int, int], new: tuple[int, int]
) -> None:
    before, after = several(url, *old), several(url, *new)
    run_on(before, write)
    assert asyncio.run(relayout(before, after)) > 0
    run_on(after, is_all_there)
    parts = after.split(",")
    for index, part in enumerate(parts):
        first, last = layout.range_of(index, len(parts))
        held = asyncio.run(ask(part, "KEYS", "cap1:{*"))
        assert isinstance(held, list)
        assert all(first <= layout.slot_of(key) <= last for key in held)
    if old != new:
        with pytest.raises(LayoutError):
            run_on(before, write)


def test_data_moves_into_a_cluster_unchanged(run_on: RunOn, databases: str, cluster: RealCluster) -> None:
    run_on(databases, write)
    assert asyncio.run(relayout(databases, cluster.url)) > 60
    run_on(cluster.url, is_all_there)
    with pytest.raises(LayoutError, match="its data has moved"):
        run_on(databases, write)


def test_a_process_that_runs_is_shut_out(run_on: RunOn, url: str, databases: str) -> None:
    async def test(cap: Capsule) -> None:
        await write(cap)
        await relayout(url, databases)
        await until(lambda: isinstance(cap.connection.failure, LayoutError))
        assert cap.connection.link is None

    run_on(url, test)


def test_a_run_that_broke_off_is_begun_again(run_on: RunOn, url: str, databases: str) -> None:
    run_on(url, write)
    one, two, _ = databases.split(",")
    for part in (one, two):
        asyncio.run(ask(part, "HSET", "cap1:layout", "slots", MOVING))
    with pytest.raises(LayoutError, match="being moved"):
        run_on(url, write)
    assert asyncio.run(relayout(url, databases)) > 0
    run_on(databases, is_all_there)


def test_what_would_mix_or_lose_data_is_refused(run_on: RunOn, url: str, cluster: RealCluster) -> None:
    run_on(f"{url}?db=4", write)
    run_on(url, write)
    with pytest.raises(LayoutError, match="has data of its own already"):
        asyncio.run(relayout(url, f"{url},{url}?db=4"))
    with pytest.raises(LayoutError, match="names one database twice"):
        asyncio.run(relayout(url, f"{url}?db=7,{url}?db=7"))
    with pytest.raises(LayoutError, match="moves its slots itself"):
        asyncio.run(relayout(cluster.url, url))
    run_on(url, is_all_there)


def test_it_is_a_command(run_on: RunOn, url: str) -> None:
    run_on(url, write)
    command = [sys.executable, "-m", "capsule.feeds.relayout"]
    done = subprocess.run([*command, url, several(url, 0, 1)], capture_output=True, text=True, check=True)
    assert done.stdout.endswith(" keys moved\n")
    done = subprocess.run([*command, url, url], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "should hold" in done.stderr
    assert "usage" in subprocess.run(command, capture_output=True, text=True, check=False).stderr
