"""Several servers, for the tests of what is spread over them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from capsule.feeds import Capsule

from .real_cluster import RealCluster

RunOn = Callable[[str, Callable[[Capsule], Awaitable[object]]], None]


@pytest.fixture(scope="session")
def started_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    with RealCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(started_cluster: RealCluster) -> RealCluster:
    """Three real nodes, emptied; which slots they own is left from the test before."""
    for node in started_cluster.nodes:
        node.ask("FLUSHALL")
    started_cluster.agreed()
    return started_cluster


@pytest.fixture
def databases(url: str) -> str:
    """Three databases of one server: what matters is that they do not know of each other."""
    return ",".join(f"{url}?db={number}" for number in range(3))


@pytest.fixture
def run_on() -> RunOn:
    """Run `test(cap)` with a Capsule connected to a URL, and close it."""

    def run_on(url: str, test: Callable[[Capsule], Awaitable[object]]) -> None:
        async def body() -> None:
            cap = await Capsule.connect(url)
            try:
                await test(cap)
            finally:
                await cap.close()

        asyncio.run(body())

    return run_on
