"""The real thing on a free port: embedded Valkey, a worker and a gateway as processes, with its own data."""

import os
import signal
import socket
from pathlib import Path

from capsule.cli.demo import HOST, MODELS, environment
from capsule.cli.supervisor import Supervisor, wait_for
from capsule.feeds import embedded


class Stack:
    """&bang with a filled team and no bots. `folder` takes the data and the logs."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.store = embedded.ensure(folder)
        shared = {**environment(folder), "REDIS_URL": self.store.url}
        self.supervisor = Supervisor(folder / "logs", shared)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        dist = str(MODELS.parent / "dist")
        self.supervisor.finish("build", "capsule.cli.main", "build", str(MODELS), "-o", dist)
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
