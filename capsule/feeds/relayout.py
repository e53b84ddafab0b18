"""Move data to another list of databases, or into a cluster: `python -m capsule.feeds.relayout FROM TO`.

FROM and TO are what REDIS_URL was and will be. Everybody is shut out meanwhile: the databases say that they are
moving, which no client takes, and connections are closed. Keys are copied, all of them, before the first one
is removed; so a run that breaks off is simply begun again.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from . import keys, layout
from .cluster import Cluster
from .errors import CapsuleError, LayoutError
from .link import Link, open_link
from .location import Location, locate

MOVING = "none: its data is being moved"
SHARED = (keys.CONTRACT.encode(), keys.LAYOUT.encode())  # each database has its own
BATCH = 200


class Move:
    """`sources` and `targets` are links to the databases; a cluster is a target of its own kind."""

    def __init__(self, sources: list[Link], targets: list[Link], cluster: Cluster | None) -> None:
        self.sources = sources
        self.targets = targets
        self.cluster = cluster
        self.names: dict[Link, str] = {}

    async def run(self) -> int:
        """Returns the number of keys that moved."""
        for link in [*self.sources, *self.targets]:
            self.names[link] = await _name(link)
        if len({self.names[link] for link in self.targets}) < len(self.targets):
            raise LayoutError("TO names one database twice.")
        epoch = 1 + max([int(await link.call("HGET", keys.LAYOUT, "epoch") or 1) for link in self.sources])
        # Where it was left behind a moment ago, data is where FROM says; elsewhere it would be mixed in.
        for link in self.targets:
            if self.names[link] not in {self.names[source] for source in self.sources}:
                await self._empty(link)
        for link in [*self.sources, *self.targets]:
            await link.call("HSET", keys.LAYOUT, "slots", MOVING)
        await self._shut_out()
        moved: list[tuple[Link, bytes]] = []
        for source in self.sources:
            async for key in _keys(source):
                if await self._copy(source, key):
                    moved.append((source, key))
        for source, key in moved:
            await source.call("UNLINK", key)
        await self._finish(epoch)
        return len(moved)

    async def _shut_out(self) -> None:
        """Close everybody's connections to these databases but ours: who connects again is refused."""
        links = {*self.sources, *self.targets}
        own = {(self._server(link), str(await link.call("CLIENT", "ID"))) for link in links}
        for link in links:
            db = self.names[link].partition("/")[2]
            for kind in ("normal", "pubsub"):
                listing = (await link.call("CLIENT", "LIST", "TYPE", kind)).decode()
                for number in re.findall(rf"^id=(\d+) .* db={db} ", listing, re.MULTILINE):
                    if (self._server(link), number) not in own:
                        await link.call("CLIENT", "KILL", "ID", number)

    def _server(self, link: Link) -> str:
        return self.names[link].partition("/")[0]

    async def _empty(self, link: Link) -> None:
        if await link.call("HGET", keys.LAYOUT, "slots") == MOVING.encode():
            return  # a run that broke off
        async for key in _keys(link):
            raise LayoutError(
                f"A database of TO has data of its own already, {key.decode()}: begin with empty ones."
            )

    async def _copy(self, source: Link, key: bytes) -> bool:
        target = (
            None if self.cluster else self.targets[layout.index_of(layout.slot_of(key), len(self.targets))]
        )
        if target is not None and self.names[target] == self.names[source]:
            return False
        dump, ttl = await asyncio.gather(source.call("DUMP", key), source.call("PTTL", key))
        if dump is not None:
            call = self.cluster.at(key.decode()).command if self.cluster else target.call if target else None
            assert call is not None
            await call("RESTORE", key, max(0, ttl), dump, "REPLACE")
        return True

    async def _finish(self, epoch: int) -> None:
        minors = [await source.call("HMGET", keys.CONTRACT, "minor", "min_client") for source in self.sources]
        newest = max(
            (found for found in minors if found[0] is not None), key=lambda found: int(found[0]), default=None
        )
        for index, link in enumerate(self.targets):
            if newest is not None:
                await link.call("HSET", keys.CONTRACT, "minor", newest[0], "min_client", newest[1])
            await link.call(
                "HSET", keys.LAYOUT, "slots", layout.text(index, len(self.targets)), "epoch", epoch
            )
        kept = {self.names[link] for link in self.targets}
        for link in self.sources:
            if self.names[link] not in kept:
                await link.call("UNLINK", keys.CONTRACT)
                # What is left behind stays closed, or a process with the old URL would begin anew there.
                await link.call("HSET", keys.LAYOUT, "slots", "none: its data has moved", "epoch", epoch)


async def relayout(source: str, target: str) -> int:
    """Move everything from one REDIS_URL to another; the number of keys that moved. Raises InputError,
    ConnectionLostError, ServerError, LayoutError.
    """
    old, new = locate(source), locate(target)
    if old.cluster:
        raise LayoutError("A cluster moves its slots itself: FROM is a list of databases.")
    async with AsyncExitStack() as stack:
        cluster = None
        if new.cluster:
            cluster = Cluster(new.cluster)
            stack.push_async_callback(cluster.close)
            await cluster.open()
        sources = await _open(stack, old)
        for index, link in enumerate(sources):
            if await link.call("HGET", keys.LAYOUT, "slots") != MOVING.encode():
                await layout.check(link, index, len(sources), None)
        return await Move(sources, await _open(stack, new), cluster).run()


async def _open(stack: AsyncExitStack, location: Location) -> list[Link]:
    links = []
    for where in location.databases:
        link = await open_link(where)
        stack.callback(link.close)
        links.append(link)
    return links


async def _name(link: Link) -> str:
    """Two URLs may mean one database: what it says of itself tells."""
    info, client = await asyncio.gather(link.call("INFO", "server"), link.call("CLIENT", "INFO"))
    run = re.search(rb"^run_id:(\w+)", info, re.MULTILINE)
    db = re.search(rb" db=(\d+) ", client)
    assert run is not None
    assert db is not None
    return f"{run[1].decode()}/{db[1].decode()}"


async def _keys(link: Link) -> AsyncIterator[bytes]:
    cursor = b"0"
    while True:
        cursor, found = await link.call("SCAN", cursor, "MATCH", f"{keys.MAJOR}:*", "COUNT", BATCH)
        for key in found:
            if key not in SHARED:
                yield key
        if cursor == b"0":
            return


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m capsule.feeds.relayout FROM TO, each as in REDIS_URL")
    try:
        print(f"{asyncio.run(relayout(sys.argv[1], sys.argv[2]))} keys moved")
    except CapsuleError as error:
        sys.exit(str(error))
