"""Kill -9 of the server and of workers, workers that sleep past their lease, cut subscribers, while jobs
become events.

What must hold however often that happens is in ledger.py. Run it longer with CAPSULE_CHAOS_SECONDS=600.
"""

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from capsule.feeds import Capsule, ConnectionLostError
from tests.chaos.ledger import Ledger
from tests.chaos.plain_worker import LEASE
from tests.chaos.victims import Victims, tell

SECONDS = float(os.environ.get("CAPSULE_CHAOS_SECONDS", "15"))
WORKERS = 3
GROUPS = 4


async def storm(directory: Path) -> dict[str, int]:
    victims = Victims("tests.chaos.plain_worker", WORKERS, directory)
    cap = await Capsule.connect(victims.server.url)

    async def cut() -> None:
        with contextlib.suppress(ConnectionLostError):
            victims.counts["subscribers cut"] += await cap.connection.command(
                "CLIENT", "KILL", "TYPE", "pubsub"
            )

    try:
        async with Ledger(cap, GROUPS) as ledger:
            await victims.strike(SECONDS, LEASE, lambda: ledger.total > 100, cut)
            return {**await ledger.close(), **victims.counts}
    finally:
        await cap.close()
        victims.stop()


@pytest.mark.chaos
def test_no_acknowledged_job_is_lost_or_doubled_and_every_event_is_heard_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = asyncio.run(storm(tmp_path / "data"))
    tell(capsys, "chaos", SECONDS, report)
    assert report["workers killed"] > 0
    assert report["servers killed"] > 0
    assert report["jobs acknowledged"] > 100
