"""The real thing on a free port: embedded Valkey, a worker and a gateway as processes, with its own data."""

import os
import signal
from functools import cache
from pathlib import Path

from capsule.cli.demo import HOST, MODELS, environment
from capsule.cli.supervisor import Supervisor, wait_for
from capsule.compiler.build import build
from capsule.feeds import embedded
from tests.conftest import steady
from tests.feeds.real_cluster import free_ports


@cache
def build_page() -> None:
    """Compile the models for the page, once for all stacks of a run."""
    build(MODELS, MODELS.parent / "dist")


class Stack:
    """&bang with a filled team and no bots. `folder` takes the data and the logs."""

    def __init__(self, folder: Path) -> None:
        [self.port] = free_ports(1)
        self.url = f"http://{HOST}:{self.port}"
        self.store = self.open_store(folder)
        shared = {**environment(folder), "REDIS_URL": self.store.url}
        self.supervisor = Supervisor(folder / "logs", shared)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def open_store(self, folder: Path) -> embedded.Server:
        return steady(folder)

    def start(self) -> None:
        build_page()
        self.supervisor.finish("seed", "examples.bang.seed")
        self.start_worker()
        self.start_gateway()

    def start_worker(self) -> None:
        self.supervisor.start("worker", "capsule.cli.main", "worker", "examples.bang.models")

    def start_gateway(self) -> None:
        self.supervisor.start("gateway", "examples.bang.server", "--port", str(self.port))
        wait_for(self.supervisor, f"{self.url}/login")

    def kill(self, name: str) -> None:
        """`kill -9` of one of the processes, as by a power failure."""
        process = self.supervisor.running.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        self.supervisor.stop()
        self.store.stop()
