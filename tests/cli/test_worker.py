"""`capsule worker` as an operator runs it."""

import asyncio
import signal
import subprocess
import sys

from capsule.feeds import Capsule
from tests.worker.seeded import TASKS, answer, put, seed

COMMAND = [sys.executable, "-m", "capsule.cli.main", "worker", "examples.bang.models"]


def test_it_works_until_sigterm_and_leaves_with_status_0(url: str) -> None:
    process = subprocess.Popen([*COMMAND, "--redis", url], stderr=subprocess.PIPE, text=True)

    async def test() -> None:
        cap = await Capsule.connect(url)
        await seed(cap)
        await put(cap, "ann.client01.1", {"do": "delete", "feed": TASKS, "id": "t0"})
        assert (await answer(cap, "ann.client01.1"))["code"] == 200
        await cap.close()

    try:
        asyncio.run(test())
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    assert "working on actions for scopes of type team" in log


def test_a_module_that_is_not_there_is_said_in_a_sentence() -> None:
    done = subprocess.run(
        [*COMMAND[:-1], "no.such.module"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == ["capsule worker: there is no module no.such.module to import"]
