"""`scripts/demo` as a person uses it: one command, one URL, and after Ctrl-C nothing is left but the data."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from capsule.cli.demo import HOST
from capsule.feeds import embedded
from capsule.server.client import Client, newClientId
from capsule.shared.replica import Replica
from examples.bang.bots import log_in
from examples.bang.models import Team
from examples.bang.seed import SCOPE
from tests.feeds.real_cluster import free_ports

ROOT = Path(__file__).parents[2]
PROC = Path("/proc")
PATIENCE = 120.0  # seconds: a cold machine compiles the models first

pytestmark = pytest.mark.skipif(not PROC.exists(), reason="processes are counted in /proc")


class Demo:
    """A running demo, in a process group of its own as a shell would start it."""

    def __init__(self, *options: str, command: tuple[str, ...] = ()) -> None:
        command = command or (sys.executable, "-m", "capsule.cli.main", "demo")
        environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(iter(output.readline, ""))

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)

    def descendants(self) -> dict[int, str]:
        """Every process below this one: pid to command line."""
        parents: dict[int, int] = {}
        for entry in PROC.iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text()
                except OSError:
                    continue
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
        found = {self.process.pid}
        while True:
            more = {pid for pid, parent in parents.items() if parent in found} - found
            if not more:
                return {pid: command_of(pid) for pid in found}
            found |= more

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal as Ctrl-C would: to the whole foreground group. Answers the exit status."""
        os.killpg(self.process.pid, number)
        return self.join()

    def join(self) -> int:
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return status


def command_of(pid: int) -> str:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def still_running(processes: dict[int, str]) -> dict[int, str]:
    """Those that live on; a pid may by now be somebody else's."""
    return {pid: command for pid, command in processes.items() if command and command_of(pid) == command}


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    """Every demo that a test appends here is ended with it."""
    started: list[Demo] = []
    yield started
    for demo in started:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)


def run(demos: list[Demo], data: Path, *options: str, command: tuple[str, ...] = ()) -> tuple[Demo, int]:
    """Start a demo and wait until it is up; answers it and its port."""
    [port] = free_ports(1)
    demo = Demo("--port", str(port), "--data", str(data), *options, command=command)
    demos.append(demo)
    demo.wait_for(f"http://{HOST}:{port}")
    demo.wait_for("Ctrl-C stops everything")
    return demo, port


def chat_of(port: int, *, say: str = "") -> list[str]:
    """The lines of the team's chat; `say` adds one first."""

    async def talk() -> list[str]:
        cookie = await asyncio.to_thread(log_in, f"http://{HOST}:{port}", "ann")
        replica = Replica(Team, SCOPE, {"client": newClientId()})
        async with (
            asyncio.timeout(PATIENCE),
            Client(f"ws://{HOST}:{port}/ws", replica, cookie=cookie) as client,
        ):
            if say:
                operation = await client.settled(replica.root.chat.addServer({"text": say}))
                assert operation.state == "accepted"
            return [message.get("text") for message in replica.root.chat.models]

    return asyncio.run(talk())


def test_ctrl_c_leaves_no_process_behind_and_a_second_run_keeps_the_data(
    demos: list[Demo], tmp_path: Path
) -> None:
    demo, port = run(demos, tmp_path, command=("scripts/demo",))
    processes = demo.descendants()
    roles = " ".join(processes.values())
    for role in (
        "valkey-server",
        "worker examples.bang.models",
        "examples.bang.server",
        "examples.bang.bots",
    ):
        assert role in roles
    said = chat_of(port, say="Remember me")
    assert said[-1] == "Remember me" or "Remember me" in said
    assert demo.end(signal.SIGINT) == 0, demo.text
    assert still_running(processes) == {}

    demo, port = run(demos, tmp_path, "--no-bots")
    assert "examples.bang.bots" not in " ".join(demo.descendants().values())
    assert "The team is there already." in demo.text
    assert "Remember me" in chat_of(port)
    processes = demo.descendants()
    assert demo.end(signal.SIGTERM) == 0, demo.text
    assert still_running(processes) == {}

    demo, port = run(demos, tmp_path, "--no-bots", "--fresh")
    assert "The team is filled." in demo.text
    assert "Remember me" not in chat_of(port)


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = Demo("--port", str(port), "--data", str(tmp_path))
        assert demo.join() == 1
    assert re.search(rf"port {port} cannot be used \(.+\)\. Choose another one: --port {port + 1}", demo.text)
    assert "store" not in demo.text


def test_one_dead_process_ends_the_demo_with_its_name_and_its_log(demos: list[Demo], tmp_path: Path) -> None:
    demo, _port = run(demos, tmp_path, "--no-bots")
    processes = demo.descendants()
    [worker] = [pid for pid, command in processes.items() if "worker examples.bang.models" in command]
    os.kill(worker, signal.SIGKILL)
    assert demo.join() == 1
    assert "`worker` has ended (SIGKILL)" in demo.text
    assert "working on actions" in demo.text, "the end of the log is shown"
    assert still_running(processes) == {}


def test_two_demos_do_not_share_data(demos: list[Demo], tmp_path: Path) -> None:
    run(demos, tmp_path, "--no-bots")
    second = Demo("--port", str(*free_ports(1)), "--data", str(tmp_path), "--fresh")
    assert second.join() == 1
    assert "another demo runs with the data in" in second.text


def test_fresh_does_not_empty_a_store_that_somebody_uses(tmp_path: Path) -> None:
    store = embedded.ensure(tmp_path)
    try:
        demo = Demo("--port", str(*free_ports(1)), "--data", str(tmp_path), "--fresh")
        assert demo.join() == 1
        assert "--fresh would empty a store that is in use" in demo.text
    finally:
        store.stop()


def test_ctrl_c_while_it_starts_leaves_no_process_behind(demos: list[Demo], tmp_path: Path) -> None:
    demo = Demo("--port", str(*free_ports(1)), "--data", str(tmp_path))
    demos.append(demo)
    demo.wait_for("embedded Valkey")
    processes = demo.descendants()
    assert demo.end(signal.SIGINT) == 0, demo.text
    assert still_running(processes) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_a_killed_demo_takes_its_processes_with_it(demos: list[Demo], tmp_path: Path) -> None:
    demo, _port = run(demos, tmp_path)
    processes = demo.descendants()
    assert len(processes) >= 5
    demo.process.kill()
    demo.join()
    deadline = time.monotonic() + PATIENCE
    while left := still_running(processes):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
