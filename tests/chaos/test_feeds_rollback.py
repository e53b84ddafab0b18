"""Power loss: the append-only file loses its end, so the server forgets events that readers have seen.

Nothing can bring those back. What must hold is that every reader that is ahead of the server finds out, also
when the server has meanwhile reached the same version again with other events.
"""

import asyncio
import random
from pathlib import Path

import pytest

from capsule.feeds import Capsule, Publish, ReadScope, Transaction
from capsule.feeds.embedded import Server
from tests.conftest import steady

ROUNDS = 5


def cut(server: Server) -> None:
    """Kill the server and cut its newest append-only file, as an unsynced tail is lost."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    newest = max(
        (server.data_dir / "appendonlydir").glob("*.incr.aof"), key=lambda path: path.stat().st_mtime
    )
    size = newest.stat().st_size
    with newest.open("r+b") as file:
        file.truncate(size - random.randint(1, min(5000, size // 2)))


async def publish(cap: Capsule, name: str) -> str:
    [outcome] = await cap.scope("team.7").commit([Transaction(f"op.{name}", [Publish("chat", name, "{}")])])
    assert outcome.event_id is not None
    return outcome.event_id


async def rounds(directory: Path) -> tuple[int, int]:
    server = steady(directory)
    behind = detected = 0
    try:
        for n in range(ROUNDS):
            cap = await Capsule.connect(server.url)
            seen = [await publish(cap, f"m{n}-{i}") for i in range(30)]
            await cap.close()
            cut(server)
            server = steady(directory)
            cap = await Capsule.connect(server.url)
            scope = cap.scope("team.7")
            last, snapshot = await scope.last(), await scope.snapshot()
            assert last == snapshot.event_id
            assert last in seen, "a script's writes are lost together or not at all"
            ahead = seen[seen.index(last) + 1 :]
            behind += len(ahead)
            detected += sum([await scope.log(event_id) is None for event_id in ahead])
            for event_id in ahead:
                reads = [ReadScope(int(event_id.split("-")[0]))]
                [outcome] = await scope.commit([Transaction("ahead", [Publish("chat", "x", "{}")], reads)])
                assert outcome.code == "conflict", "a writer that read the future may not write"
            # Others write on, until the version is past everything that was seen.
            for i in range(len(ahead) + 1):
                await publish(cap, f"again{n}-{i}")
            for event_id in ahead:
                assert await scope.log(event_id) is None
            assert len(await scope.log(last) or []) == len(ahead) + 1
            await cap.close()
    finally:
        server.stop()
    return behind, detected


@pytest.mark.chaos
def test_every_reader_that_is_ahead_after_a_power_loss_finds_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    behind, detected = asyncio.run(rounds(tmp_path / "data"))
    with capsys.disabled():
        print(f"\npower loss, {ROUNDS} times: {behind} events rolled back, {detected} readers found out")
    assert behind > 0
    assert detected == behind
