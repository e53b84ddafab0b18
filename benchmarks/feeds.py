"""Commits, moves, snapshots and event intake, and how their cost grows with the size of a scope.

python -m benchmarks.feeds [--large]       (--large: also with a million items; takes a minute)
"""

import argparse
import asyncio
import json
import random
import tempfile

from benchmarks.measure import Table
from capsule.feeds import Capsule, Edit, Move, Publish, Scope, Transaction

ITEM = json.dumps({"id": "t1", "text": "x" * 80})
CHANGES = json.dumps({"text": "x" * 80})


async def fill(scope: Scope, count: int) -> None:
    for start in range(0, count, 1000):
        numbers = range(start, min(start + 1000, count))
        operations = [Publish("tasks", f"t{n}", ITEM, ":end", "sorted_feed") for n in numbers]
        await scope.commit([Transaction(f"fill.{start}", operations)])


def edit(scope: Scope, op: str, size: int) -> Transaction:
    return Transaction(op, [Edit("tasks", f"t{random.randrange(size)}", ITEM, CHANGES)])


async def edits(table: Table, scope: Scope) -> None:
    size, count = 1000, 20_000
    await fill(scope, size)

    async def caller(number: int) -> None:
        for n in range(count // 100):
            await scope.commit([edit(scope, f"one.{number}.{n}", size)])

    async with table.row("edit, 100 callers, a commit each", count):
        await asyncio.gather(*(caller(number) for number in range(100)))
    async with table.row("edit, one caller, awaited each", 3000):
        for n in range(3000):
            await scope.commit([edit(scope, f"lone.{n}", size)])
    async with table.row("edit, 100 transactions a commit", count):
        await asyncio.gather(
            *(
                scope.commit([edit(scope, f"batch.{b}.{n}", size) for n in range(100)])
                for b in range(count // 100)
            )
        )


async def intake(table: Table, cap: Capsule) -> None:
    count, heard = 100_000, 0
    done = asyncio.Event()

    def hear(message: bytes) -> None:
        nonlocal heard
        heard += 1
        if heard == count:
            done.set()

    await cap.events.subscribe("intake", hear, lambda: None)
    loop = f"for i = 1, {count // 10} do redis.call('PUBLISH', 'intake', ARGV[1]) end"
    async with table.row("event heard (135 bytes)", count):
        for _ in range(10):
            await cap.connection.command("EVAL", loop, 0, "x" * 135)
        await done.wait()


async def plain_edit(cap: Capsule, scope: Scope, size: int) -> None:
    name = f"t{random.randrange(size)}"
    await cap.connection.command("HSET", f"{scope.prefix}items:tasks", f":{name}", 1, name, ITEM)


async def plain_move(cap: Capsule, scope: Scope, size: int) -> None:
    rank = random.randrange(size) * 1048576 + random.randrange(1048576)
    await cap.connection.command("ZADD", f"{scope.prefix}ids:tasks", rank, f"t{random.randrange(size)}")


async def sizes(table: Table, cap: Capsule, large: bool) -> None:
    """What grows with a feed, and what must not."""
    for size in (100, 10_000, 1_000_000) if large else (100, 10_000, 100_000):
        scope = cap.scope(f"size.{size}")
        await fill(scope, size)
        await table.settled()
        tasks, name = scope.sorted_feed("tasks"), f"t{size // 2}"
        async with table.row(f"edit among {size:,}", 5000):
            await asyncio.gather(*(scope.commit([edit(scope, f"e.{n}", size)]) for n in range(5000)))
        async with table.row(f"move among {size:,}", 5000):
            moves = []
            for n in range(5000):
                item, other = random.sample(range(size), 2)
                moves.append(scope.commit([Transaction(f"m.{n}", [Move("tasks", f"t{item}", f"t{other}:")])]))
            await asyncio.gather(*moves)
        # The floor: the one large write of an edit and of a move, in the same keys, with nothing around it.
        async with table.row(f"plain HSET of an item and its version among {size:,}", 5000):
            await asyncio.gather(*(plain_edit(cap, scope, size) for _ in range(5000)))
        async with table.row(f"plain ZADD of a rank among {size:,}", 5000):
            await asyncio.gather(*(plain_move(cap, scope, size) for _ in range(5000)))
        async with table.row(f"one item of {size:,}", 5000):
            await asyncio.gather(*(tasks.get(f"t{random.randrange(size)}") for _ in range(5000)))
        async with table.row(f"100 ids before an item of {size:,}", 2000):
            await asyncio.gather(*(tasks.page(before=name, count=100, ids_only=True) for _ in range(2000)))
        async with table.row(f"100 items before an item of {size:,}", 1000):
            await asyncio.gather(*(tasks.page(before=name, count=100) for _ in range(1000)))
        async with table.row(f"window of 100 of {size:,}", 1000):
            await asyncio.gather(*(scope.snapshot({"tasks": 100}) for _ in range(1000)))
        if size <= 100_000:
            async with table.row(f"snapshot of {size:,}", 5):
                for _ in range(5):
                    await scope.snapshot()


async def memory(table: Table, cap: Capsule) -> None:
    """What a feed takes: bytes of the server an item, an event in the log, an operation id."""
    scope, count = cap.scope("memory"), 20_000
    await fill(scope, count)
    await cap.connection.command("UNLINK", f"{scope.prefix}log")  # of frames with a thousand items each
    for n in range(0, 1000, 100):
        await asyncio.gather(*(scope.commit([edit(scope, f"one.{n + k}", count)]) for k in range(100)))

    async def used(key: str) -> int:
        command = ("MEMORY", "USAGE", f"{scope.prefix}{key}", "SAMPLES", 0)
        return int(await cap.connection.command(*command))

    items, log = await used("items:tasks") + await used("ids:tasks"), await used("log")
    frames = await cap.connection.command("XLEN", f"{scope.prefix}log")
    ops = await cap.connection.command("HLEN", f"{scope.prefix}ops")
    print(f"an item of {len(ITEM)} bytes takes {items / count:,.0f} bytes of the server,")
    print(
        f"an edit {log / frames:,.0f} in the log (which keeps 1,000), {await used('ops') / ops:,.0f} for its id"
    )


async def handout(table: Table, cap: Capsule) -> None:
    queue, count = cap.queue("mail"), 20_000
    async with table.row("queue: put, 100 callers", count):
        await asyncio.gather(*(queue.put({"to": n}) for n in range(count)))
    async with table.row("queue: get, 100 at a time", count):
        while await queue.get(100):
            pass


async def main(large: bool) -> None:
    with tempfile.TemporaryDirectory() as directory:
        cap = await Capsule.connect(data_dir=directory)
        try:
            table = Table(cap)
            await table.begin()
            await edits(table, cap.scope("edits"))
            await intake(table, cap)
            await memory(table, cap)
            await handout(table, cap)
            await sizes(table, cap, large)
            await table.print()
        finally:
            await cap.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", action="store_true")
    asyncio.run(main(parser.parse_args().large))
