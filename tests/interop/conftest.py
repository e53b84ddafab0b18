"""A real Valkey, and the programs of examples/node as an operator runs them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NODE = ROOT / "examples" / "node"
PYTHON_CLIENT = [sys.executable, "-m", "capsule.feeds.conformance.reference"]
NODE_CLIENT = ["node", str(NODE / "conformance.mjs")]

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(url: str) -> Iterator[Start]:
    """Start a program with REDIS_URL and its output on a pipe. What still runs at the end of the test is stopped."""
    running: list[subprocess.Popen[str]] = []

    def start(*command: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "REDIS_URL": url}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
