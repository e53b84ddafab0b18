"""What an operation costs the server in instructions: the same, whatever else the machine does.

    python -m benchmarks.instructions          (needs valgrind; a minute or two)

Counted by callgrind, without the kernel's part, over 2,000 operations after a warm-up. Beside ours: a plain SET, and a
script that returns at once and is given an edit's arguments.
"""

import asyncio
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from benchmarks import jobs_ours
from benchmarks.feeds import CHANGES, ITEM, edit, fill
from capsule.feeds import Capsule, ConnectionLostError, Move, Transaction
from capsule.feeds.embedded import binary

COUNT, SIZE, TOGETHER = 2_000, 1_000, 100

# Prepares, yields once, and then does COUNT operations.
Work = Callable[[Capsule], AsyncIterator[None]]


async def sets(cap: Capsule) -> AsyncIterator[None]:
    yield
    for _ in range(0, COUNT, TOGETHER):
        await asyncio.gather(*(cap.connection.command("SET", "key", "x" * 100) for _ in range(TOGETHER)))


async def script(cap: Capsule) -> AsyncIterator[None]:
    sha1 = await cap.connection.command("SCRIPT", "LOAD", "return 1")
    words = (1, "cap1:{edits}:", 12345, "", 1, "one.1", 0, 1, "edit", "tasks", "t5", ITEM, CHANGES, "")
    yield
    for _ in range(0, COUNT, TOGETHER):
        await asyncio.gather(*(cap.connection.command("EVALSHA", sha1, *words) for _ in range(TOGETHER)))


async def edits(cap: Capsule) -> AsyncIterator[None]:
    scope = cap.scope("edits")
    await fill(scope, SIZE)
    await asyncio.gather(*(scope.commit([edit(scope, f"warm.{n}", SIZE)]) for n in range(1_100)))
    yield
    for start in range(0, COUNT, TOGETHER):
        ops = (f"one.{start + n}" for n in range(TOGETHER))
        await asyncio.gather(*(scope.commit([edit(scope, op, SIZE)]) for op in ops))


async def batches(cap: Capsule) -> AsyncIterator[None]:
    scope = cap.scope("edits")
    await fill(scope, SIZE)
    yield
    for start in range(0, COUNT, TOGETHER):
        await scope.commit([edit(scope, f"one.{start + n}", SIZE) for n in range(TOGETHER)])


async def moves(cap: Capsule) -> AsyncIterator[None]:
    scope = cap.scope("edits")
    await fill(scope, SIZE)
    yield
    for start in range(0, COUNT, TOGETHER):
        pairs = [random.sample(range(SIZE), 2) for _ in range(TOGETHER)]
        await asyncio.gather(
            *(
                scope.commit([Transaction(f"move.{start + n}", [Move("tasks", f"t{item}", f"t{other}:")])])
                for n, (item, other) in enumerate(pairs)
            )
        )


def puts(groups: int | None) -> Work:
    async def work(cap: Capsule) -> AsyncIterator[None]:
        yield
        await jobs_ours.put(cap.jobs("bench"), COUNT, groups)

    return work


def done(groups: int | None) -> Work:
    async def work(cap: Capsule) -> AsyncIterator[None]:
        await jobs_ours.put(cap.jobs("bench"), COUNT, groups)
        yield
        await jobs_ours.work(cap.jobs("bench"), COUNT)

    return work


WORK: dict[str, Work] = {
    "plain SET": sets,
    "a script that does nothing, with an edit's arguments": script,
    "edit, a commit each": edits,
    "edit, 100 transactions a commit": batches,
    "move, a commit each": moves,
    "put": puts(None),
    "put, 100 groups": puts(100),
    "put, each job a group": puts(COUNT),
    "claimed and done with a result": done(None),
    "claimed and done, 100 groups": done(100),
    "claimed and done, each job a group": done(COUNT),
}


async def connect(url: str) -> Capsule:
    while True:
        try:
            return await Capsule.connect(url)
        except ConnectionLostError:
            await asyncio.sleep(0.2)


async def measure(work: Work, url: str, control: Callable[[str], None]) -> None:
    cap = await connect(url)
    steps = work(cap)
    await anext(steps)
    control("--instr=on")
    await anext(steps, None)
    control("--dump")
    await cap.close()


def count(work: Work) -> float:
    """Instructions an operation."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = "--port 0 --appendonly yes --appendfsync everysec --auto-aof-rewrite-percentage 0 --hz 1"
        counter = [
            "valgrind",
            "--tool=callgrind",
            "--instr-atstart=no",
            f"--callgrind-out-file={folder / 'out'}",
        ]
        server = subprocess.Popen(
            [
                *counter,
                binary(),
                "--dir",
                name,
                "--unixsocket",
                name + "/socket",
                "--save",
                "",
                *options.split(),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def control(word: str) -> None:
            command = ["callgrind_control", word, str(server.pid)]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

        try:
            asyncio.run(measure(work, f"unix://{name}/socket", control))
        finally:
            server.terminate()
            server.wait()
        total = re.search(r"^(?:totals|summary): (\d+)", (folder / "out.1").read_text(), re.MULTILINE)
        assert total is not None
        return int(total[1]) / COUNT


def main() -> None:
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not on the PATH: instructions cannot be counted without it.")
    print("| | instructions | in SETs |\n|---|---|---|")
    first = 0.0
    for name, work in WORK.items():
        found = count(work)
        first = first or found
        print(f"| {name} | {found:,.0f} | {found / first:.1f} |", flush=True)


if __name__ == "__main__":
    main()
