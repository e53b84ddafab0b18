"""Jobs beside RQ, arq, saq, dramatiq, taskiq, Celery and BullMQ: putting them, and doing them with a result.

    python -m benchmarks.jobs [ROUNDS]

One Valkey on TCP for all (append-only file, everysec), emptied before each; one worker process; every part in a process
of its own. Rates move with whatever else the machine does, so each has a ratio to plain SETs measured right before it
(`redis-benchmark -t set -c 50 -d 100`), and its CPU time; medians of ROUNDS (default 3).
"""

import asyncio
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import jobs_ours, rivals
from capsule.feeds import Capsule
from capsule.feeds.embedded import binary

HERE = Path(__file__).parent
SETS = 100_000
SECONDS = 120  # of one part; a rival that takes longer is stopped, and says so


class Server:
    """A Valkey of our own on a TCP port: where redis-benchmark and all rivals measure."""

    def __init__(self, directory: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        options = (
            f"--port {self.port} --bind 127.0.0.1 --appendonly yes --appendfsync everysec --dir {directory}"
        )
        self.process = subprocess.Popen(
            [binary(), *options.split(), "--save", "", "--maxmemory-policy", "noeviction"],
            stdout=subprocess.DEVNULL,
        )
        self.url = f"redis://127.0.0.1:{self.port}"
        self.plain_costs: list[float] = []  # microseconds of its CPU for a plain SET, at different moments
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return

    def ask(self, *words: str) -> str:
        with socket.create_connection(("127.0.0.1", self.port)) as link:
            link.sendall(
                b"".join([b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words)])
            )
            text = link.recv(1 << 20).decode()
        return text

    def cpu(self) -> float:
        return sum(map(float, re.findall(r"used_cpu_(?:sys|user):([\d.]+)", self.ask("INFO", "cpu"))))

    def plain_sets(self) -> float:
        program = shutil.which("redis-benchmark") or shutil.which("valkey-benchmark")
        if program is None:
            return 0.0
        command = [program, "-p", str(self.port), *f"-t set -c 50 -d 100 -n {SETS} --csv".split()]
        before = self.cpu()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        self.plain_costs.append((self.cpu() - before) / SETS * 1e6)
        return float(re.findall(r'"SET","([\d.]+)"', done.stdout)[0])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def running() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as directory:
        server = Server(directory)
        try:
            yield server
        finally:
            server.stop()


def measure(server: Server, command: list[str], count: int) -> dict[str, float]:
    """Run a part; operations a second, and CPU microseconds of client and server an operation."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)
    try:
        assert process.stdout is not None
        while (line := process.stdout.readline()) != "ready\n":
            if not line:
                break
        before = server.cpu()
        out, errors = process.communicate("go\n", timeout=SECONDS)
    finally:
        process.kill()
        process.wait()
    found = [line for line in out.splitlines() if line.startswith('{"seconds"')]
    if not found:
        raise RuntimeError(errors.strip().splitlines()[-1] if errors.strip() else "it said nothing")
    cost = json.loads(found[-1])
    return {
        "rate": count / cost["seconds"],
        "client": cost["cpu"] / count * 1e6,
        "server": (server.cpu() - before) / count * 1e6,
    }


def ours(kind: str) -> Callable[[str], list[str]]:
    return lambda phase: [sys.executable, "-m", "benchmarks.jobs_ours", kind, phase]


def python_rival(name: str, environment: str) -> Callable[[str], list[str]]:
    interpreter = str(rivals.python(environment))
    return lambda phase: [interpreter, str(HERE / "rivals_jobs.py"), name, phase]


def bullmq() -> Callable[[str], list[str]]:
    if not (HERE / "node_modules" / "bullmq").exists():
        subprocess.run(
            ["npm", "--prefix", str(HERE), "ci", "--silent", "--no-audit", "--no-fund"], check=True
        )
    return lambda phase: ["node", str(HERE / "rivals_jobs.mjs"), phase]


SYSTEMS: list[tuple[str, int, Callable[[], Callable[[str], list[str]]]]] = [
    ("**capsule**", 30_000, lambda: ours("alone")),
    ("**capsule**, 100 groups", 30_000, lambda: ours("groups")),
    ("**capsule**, each job a group", 20_000, lambda: ours("singles")),
    ("**capsule**, a function with a schema", 10_000, lambda: ours("function")),
    ("BullMQ 6.7", 10_000, bullmq),
    ("dramatiq 2.2, 8 threads", 2_000, lambda: python_rival("dramatiq", "jobs")),
    ("taskiq 0.12", 2_000, lambda: python_rival("taskiq", "jobs")),
    ("saq 0.26", 2_000, lambda: python_rival("saq", "jobs")),
    ("arq 0.28", 2_000, lambda: python_rival("arq", "arq")),
    ("Celery 5.7, solo", 1_000, lambda: python_rival("celery", "jobs")),
    ("RQ 3.0, SimpleWorker", 500, lambda: python_rival("rq", "jobs")),
]


def compare(server: Server, rounds: int) -> None:
    print("| | put/s | to SET | put client us | put server us | done/s | to SET | client us | server us |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, count, make in SYSTEMS:
        try:
            command = make()
            found: dict[str, list[dict[str, float]]] = {"put": [], "work": []}
            for _ in range(rounds):
                server.ask("FLUSHALL")
                for phase, costs in found.items():
                    plain = server.plain_sets()
                    cost = measure(server, [*command(phase), server.url, str(count)], count)
                    costs.append({**cost, "ratio": cost["rate"] / plain if plain else 0.0})
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            print(f"| {name} | could not be measured: {str(error)[:120]} |", flush=True)
            continue
        cells = []
        for costs in found.values():
            rate, ratio, client, spent = (
                statistics.median(cost[key] for cost in costs)
                for key in ("rate", "ratio", "client", "server")
            )
            cells += [f"{rate:,.0f}", f"{ratio:.3f}", f"{client:,.1f}", f"{spent:,.1f}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


async def plain(cap: Capsule, prefix: str, number: int) -> None:
    command = cap.connection.command
    for n in range(number, 5_000, jobs_ours.CALLERS):
        await asyncio.gather(
            command("HSET", f"{prefix}job", f"p{n}", f" gateway\n{jobs_ours.DATA}"),
            command("ZADD", f"{prefix}ready", 10**9 + n, f"p{n}"),
        )
        oldest, _ = await command("ZPOPMIN", f"{prefix}ready")
        await asyncio.gather(
            command("HGET", f"{prefix}job", oldest),
            command("HDEL", f"{prefix}job", oldest),
            command("SET", b"%sresult:%s" % (prefix.encode(), oldest), jobs_ours.RESULT, "PX", 3_600_000),
        )


async def sizes(server: Server) -> None:
    """Does the cost grow with what waits? One put and one job done, above a backlog; beside it, as the floor, what no
    queue can do without, as plain commands to the same keys: keep a job, line it up, take the oldest, drop it, keep
    its result.
    """
    cap = await Capsule.connect(server.url)
    print("\n| above | put and done/s | server us | plain commands: server us |\n|---|---|---|---|")
    for backlog in (100, 10_000, 100_000, 1_000_000):
        server.ask("FLUSHALL")
        await cap.connection.command("CONFIG", "SET", "auto-aof-rewrite-percentage", 0)
        jobs = cap.jobs("bench")
        await jobs_ours.put(jobs, backlog, None)
        before, started = server.cpu(), time.perf_counter()
        await jobs_ours.put(jobs, 5_000, None, "k")
        await jobs_ours.work(jobs, 5_000)
        seconds, spent = time.perf_counter() - started, server.cpu() - before
        before = server.cpu()
        await asyncio.gather(*(plain(cap, jobs.prefix, number) for number in range(jobs_ours.CALLERS)))
        floor = server.cpu() - before
        cells = f"{5_000 / seconds:,.0f} | {spent / 5_000 * 1e6:.1f} | {floor / 5_000 * 1e6:.1f}"
        print(f"| {backlog:,} waiting | {cells} |", flush=True)
    await cap.close()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with suppress(OSError):
        os.nice(-10)  # as root: for all parts alike, what else the machine does weighs less
    with running() as server:
        sets = server.plain_sets()
        print(
            f"Valkey on TCP, Python {platform.python_version()}, {os.cpu_count()} cores, median of {rounds}"
        )
        print(f"plain SET: {sets:,.0f}/s\n" if sets else "no redis-benchmark on PATH: no ratios\n")
        compare(server, rounds)
        if server.plain_costs:
            print(
                f"\nplain SET: {statistics.median(server.plain_costs):.1f} us of server CPU, over all of these"
            )
        asyncio.run(sizes(server))


if __name__ == "__main__":
    main()
