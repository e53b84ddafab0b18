"""Kill -9 of the server and of workers, workers that sleep past their lease, cut subscribers, while jobs
become events.

What must hold however often that happens: no acknowledged job is lost, none takes effect twice, each group's
effects are in the order of its puts, and a reader gets every event once, in order. Run it longer with
CAPSULE_CHAOS_SECONDS=600.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from capsule.feeds import (
    Capsule,
    Chain,
    Claim,
    ConnectionLostError,
    Fail,
    Finish,
    Publish,
    ReadScope,
    Report,
    ServerError,
    StaleError,
    Transaction,
)
from capsule.feeds.embedded import Server, ensure

SECONDS = float(os.environ.get("CAPSULE_CHAOS_SECONDS", "15"))
WORKERS = 3
GROUPS = 4
LEASE = 0.8
ATTEMPTS = 1_000_000  # kills are nobody's fault here: no job may become a dead letter
FAILS = 0.01


async def work(url: str) -> None:
    """A worker as simple as one can be: what it claims it commits under its epoch, then finishes."""
    cap = await Capsule.connect(url)
    jobs = cap.jobs("actions", lease=LEASE, attempts=ATTEMPTS, backoff=(0.01, 0.05))
    reports: list[Report] = []
    while True:
        try:
            step = await jobs.step(reports, 20)
            reports = []
            if not step.claims:
                await jobs.wait(0.1)
            for claim in step.claims:
                if (report := await decide(cap, claim)) is not None:
                    reports.append(report)
        except ConnectionLostError:
            # Reports may have been taken: sent again, they change nothing. Claims come back with their
            # leases.
            await asyncio.sleep(0.02)


async def decide(cap: Capsule, claim: Claim) -> Report | None:
    scope = cap.scope(claim.group)
    if random.random() < FAILS:
        return Report(claim, (Fail(claim.jobs[0], "no luck"),))
    while True:
        known = await scope.lookup([job.id for job in claim.jobs])
        version = int((await scope.last()).split("-")[0])
        transactions = [
            Transaction(
                job.id, [Publish("done", f"j{json.loads(job.data)}", job.data.decode())], [ReadScope(version)]
            )
            for job, event_id in zip(claim.jobs, known, strict=True)
            if event_id is None
        ]
        try:
            outcomes = await scope.commit(transactions, epoch=claim.epoch)
        except StaleError:
            return None
        if all(outcome.code in ("applied", "known") for outcome in outcomes):
            events = {job.id: event_id for job, event_id in zip(claim.jobs, known, strict=True)}
            events |= {made.op: out.event_id for made, out in zip(transactions, outcomes, strict=True)}
            return Report(claim, tuple(Finish(job, (events[job.id] or "").encode()) for job in claim.jobs))


class Reader:
    """A reader of one scope, as a gateway is one: live frames, and the log when one is missing."""

    def __init__(self, cap: Capsule, name: str) -> None:
        self.scope = cap.scope(name)
        self.cap = cap
        self.last = "0-0"
        self.operations: list[str] = []
        self.missed = asyncio.Event()
        self.live = self.caught_up = 0

    async def run(self) -> None:
        await self.cap.events.subscribe(self.scope.channel, self.receive, self.missed.set)
        self.missed.set()
        while True:
            await self.missed.wait()
            self.missed.clear()
            try:
                frames = await self.scope.log(self.last)
            except (ConnectionLostError, ServerError):
                self.missed.set()
                await asyncio.sleep(0.05)
                continue
            assert frames is not None, (
                f"{self.scope.name}: {self.last} is not in the log: an event was rolled back"
            )
            for frame in frames:
                if self.apply(frame):
                    self.caught_up += 1

    def receive(self, frame: bytes) -> None:
        if self.apply(frame):
            self.live += 1

    def apply(self, frame: bytes) -> bool:
        header, line = frame.split(b"\n")
        event_id, prev, _ = header.decode().split(" ", 2)
        if int(event_id.split("-")[0]) <= int(self.last.split("-")[0]):
            return False
        if prev != self.last:
            self.missed.set()
            return False
        self.last = event_id
        self.operations += [op for op, _ in json.loads(line)["tx"]]
        return True


class Chaos:
    """The server, the workers, and what was done to them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.server: Server = ensure(directory)
        self.workers = [self.start_worker() for _ in range(WORKERS)]
        self.counts: Counter[str] = Counter()

    def start_worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "tests.chaos.test_feeds_kills", self.server.url])

    async def run(self, cap: Capsule, seconds: float) -> None:
        end = time.monotonic() + seconds
        next_server = time.monotonic() + 1.0
        while time.monotonic() < end:
            await asyncio.sleep(random.uniform(0.2, 0.5))
            with contextlib.suppress(ConnectionLostError):
                self.counts["subscribers cut"] += await cap.connection.command(
                    "CLIENT", "KILL", "TYPE", "pubsub"
                )
            n = random.randrange(WORKERS)
            if random.random() < 0.3:
                await self.freeze(n)
            else:
                self.workers[n].kill()
                self.workers[n].wait()
                self.workers[n] = self.start_worker()
                self.counts["workers killed"] += 1
            if time.monotonic() > next_server:
                self.kill_server()
                await asyncio.sleep(random.uniform(0, 0.3))
                self.server = ensure(self.directory)
                self.counts["servers killed"] += 1
                next_server = time.monotonic() + random.uniform(1.5, 3.0)

    async def freeze(self, n: int) -> None:
        """A worker that sleeps past its lease and wakes up believing that it still holds its claims."""
        self.workers[n].send_signal(signal.SIGSTOP)
        await asyncio.sleep(LEASE * 1.5)
        self.workers[n].send_signal(signal.SIGCONT)
        self.counts["workers frozen past their lease"] += 1

    def kill_server(self) -> None:
        assert self.server.process is not None
        self.server.process.kill()
        self.server.process.wait()

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.server.stop()


async def produce(cap: Capsule, group: int, acknowledged: list[str], stop: asyncio.Event) -> None:
    jobs = cap.jobs("actions")
    n = 0
    while not stop.is_set():
        n += 1
        while True:
            try:
                job_id = f"user{group}.client{group}.{n}"
                chain = Chain(f"user{group}.client{group}", n)
                put = await jobs.put(
                    job_id, json.dumps(n), group=f"team.{group}", reply="producer", chain=chain
                )
                assert put.state != "gap"
                acknowledged.append(job_id)
                break
            except (ConnectionLostError, ServerError):
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.002)


async def collect(cap: Capsule, results: dict[str, bytes]) -> None:
    jobs = cap.jobs("actions")
    last = "0-0"
    while True:
        try:
            for stream_id, job_id, result in await jobs.replies("producer", last, 500):
                last = stream_id
                assert results.setdefault(job_id, result) == result, "one job, two results"
        except (ConnectionLostError, ServerError):
            await asyncio.sleep(0.02)


async def storm(directory: Path) -> dict[str, int]:
    chaos = Chaos(directory)
    acknowledged: list[list[str]] = [[] for _ in range(GROUPS)]
    results: dict[str, bytes] = {}
    tasks: list[asyncio.Task[None]] = []
    cap = await Capsule.connect(chaos.server.url)
    try:
        readers = [Reader(cap, f"team.{group}") for group in range(GROUPS)]
        tasks = [asyncio.create_task(reader.run()) for reader in readers]
        tasks.append(asyncio.create_task(collect(cap, results)))
        stop = asyncio.Event()
        producers = [asyncio.create_task(produce(cap, n, acknowledged[n], stop)) for n in range(GROUPS)]
        await chaos.run(cap, SECONDS)
        stop.set()
        await asyncio.gather(*producers)
        total = sum(map(len, acknowledged))
        deadline = time.monotonic() + 60
        while (
            len(results) < total
            or any(len(r.operations) < len(acknowledged[n]) for n, r in enumerate(readers))
        ) and (time.monotonic() < deadline):
            for task in tasks:
                if task.done():
                    task.result()  # a broken promise ends its task: say which
            await asyncio.sleep(0.05)
        for group, reader in enumerate(readers):
            jobs = acknowledged[group]
            assert reader.operations == jobs, (
                "every job took effect once, in the order of the puts, and was heard of"
            )
            snapshot = await reader.scope.snapshot()
            assert snapshot.event_id == reader.last
            assert snapshot.feeds == [("done", [(f"j{n}", str(n).encode()) for n in range(1, len(jobs) + 1)])]
            events = await reader.scope.lookup(jobs)
            assert [results[job].decode() for job in jobs] == events
        assert await cap.connection.command("XLEN", f"{cap.jobs('actions').prefix}dead") == 0
        return {
            **chaos.counts,
            "jobs acknowledged": total,
            "events live": sum(reader.live for reader in readers),
            "events from the log": sum(reader.caught_up for reader in readers),
        }
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await cap.close()
        chaos.stop()


@pytest.mark.chaos
def test_no_acknowledged_job_is_lost_or_doubled_and_every_event_is_heard_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = asyncio.run(storm(tmp_path / "data"))
    with capsys.disabled():
        print(f"\nchaos, {SECONDS:g} s: " + ", ".join(f"{count} {what}" for what, count in report.items()))
    assert report["workers killed"] > 0
    assert report["servers killed"] > 0
    assert report["jobs acknowledged"] > 100


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work(sys.argv[1]))
