"""Random puts, claims, reports, expired leases and backoffs, against a model of the queue's rules."""

import asyncio
import itertools
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from capsule.feeds import Capsule, Claim, Fail, Finish, Jobs, Release, Report

GROUPS = ["a", "b", "c"]
ATTEMPTS = 3


class QueueModel:
    """A queue as dictionaries and lists."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[str]] = {group: [] for group in GROUPS}
        self.ring: list[str] = []
        self.held: dict[str, int] = {}  # group -> jobs handed out
        self.epochs: dict[str, int] = {}
        self.delayed: list[str] = []
        self.expired: set[str] = set()
        self.due: set[str] = set()
        self.solo: dict[str, int] = {}
        self.fails: dict[str, int] = {}
        self.ended: dict[str, bytes] = {}
        self.dead: list[str] = []

    def put(self, job_id: str, group: str) -> str:
        if job_id in self.ended:
            return "done"
        if job_id in self.waiting[group]:
            return "waiting"
        self.waiting[group].append(job_id)
        if len(self.waiting[group]) == 1:
            self.ring.append(group)
        return "queued"

    def claim(self, n: int) -> list[tuple[str, list[tuple[str, int]]]]:
        for group in sorted(self.expired):
            head, left = self.waiting[group][0], self.held[group]
            if left > 1:
                self.solo[group] = left
            elif self._charge(head) >= ATTEMPTS:
                self._end(group, head, dead=True)
            else:
                self.solo.setdefault(group, 1)
            self._close(group)
        for group in sorted(self.due):
            self.delayed.remove(group)
            self.ring.append(group)
        self.expired, self.due = set(), set()
        claims = []
        while n and self.ring:
            group = self.ring.pop(0)
            ids = self.waiting[group][: 1 if group in self.solo else n]
            self.held[group] = len(ids)
            claims.append((group, [(job_id, self.fails.get(job_id, 0)) for job_id in ids]))
            n -= len(ids)
        return claims

    def report(self, report: Report) -> list[str]:
        group, outcomes = report.claim.group, []
        current = group in self.held and self.epochs[group] == report.claim.epoch
        for entry in report.entries:
            if not current:
                outcomes.append("lost")
            elif isinstance(entry, Release):
                self._close(group)
                current = False
                outcomes.append("ok")
            elif isinstance(entry, Finish):
                if entry.job.id in self.waiting[group]:
                    self._end(group, entry.job.id)
                    if group in self.solo:
                        self.solo[group] -= 1
                        if not self.solo[group]:
                            del self.solo[group]
                    self.held[group] -= 1
                outcomes.append("ok")
            elif entry.job.id not in self.waiting[group]:
                outcomes.append("ok")
            elif self._charge(entry.job.id) < ATTEMPTS and entry.retry:
                self._close(group, delayed=True)
                current = False
                outcomes.append("retry")
            else:
                self._end(group, entry.job.id, dead=True)
                self.held[group] -= 1
                outcomes.append("dead")
        if current and self.held[group] <= 0:
            self._close(group)
        return outcomes

    def _charge(self, job_id: str) -> int:
        self.fails[job_id] = self.fails.get(job_id, 0) + 1
        return self.fails[job_id]

    def _end(self, group: str, job_id: str, dead: bool = False) -> None:
        self.waiting[group].remove(job_id)
        self.fails.pop(job_id, None)
        self.ended[job_id] = b"dead" if dead else b"ok"
        if dead:
            self.dead.append(job_id)

    def _close(self, group: str, delayed: bool = False) -> None:
        del self.held[group]
        self.expired.discard(group)
        if self.waiting[group]:
            (self.delayed if delayed else self.ring).append(group)


class Machine(RuleBasedStateMachine):
    """One queue. Time is in our hands: leases and backoffs are long, and are ended by moving their
    deadlines.
    """

    queues = itertools.count()

    def __init__(self, runner: asyncio.Runner, cap: Capsule) -> None:
        super().__init__()
        self.runner, self.cap = runner, cap
        self.jobs: Jobs = cap.jobs(
            f"random.{next(self.queues)}", attempts=ATTEMPTS, lease=600, backoff=(600, 600)
        )
        self.model = QueueModel()
        self.claims: list[Claim] = []

    def ask(self, *arguments: str | int) -> list[bytes]:
        command, suffix, *rest = arguments
        reply = self.runner.run(self.cap.connection.command(command, f"{self.jobs.prefix}{suffix}", *rest))
        assert isinstance(reply, list | int)
        return reply if isinstance(reply, list) else []

    @rule(numbers=st.lists(st.integers(0, 30), min_size=1, max_size=5))
    def put(self, numbers: list[int]) -> None:
        for n in numbers:
            group = GROUPS[n % len(GROUPS)]
            put = self.runner.run(self.jobs.put(f"j{n}", f"{n}", group=group))
            assert put.state == self.model.put(f"j{n}", group)
            assert (put.result is not None) == (put.state == "done")

    @rule(n=st.integers(1, 6))
    def claim(self, n: int) -> None:
        claims = self.runner.run(self.jobs.claim(n))
        expected = self.model.claim(n)
        assert [(claim.group, [(job.id, job.attempts) for job in claim.jobs]) for claim in claims] == expected
        for claim in claims:
            assert claim.epoch > max(self.model.epochs.values(), default=0)
            self.model.epochs[claim.group] = claim.epoch
        self.claims = self.claims[-3:] + claims

    @rule(random=st.randoms(use_true_random=False))
    def report(self, random: Random) -> None:
        if not self.claims:
            return
        claim = random.choice(self.claims)
        entries: list[Finish | Fail | Release] = []
        for job in claim.jobs if random.random() < 0.8 else random.sample(claim.jobs, len(claim.jobs)):
            chance = random.random()
            if chance < 0.75:
                entries.append(Finish(job, b"ok"))
            elif chance < 0.9:
                entries.append(Fail(job, "no luck", retry=chance < 0.85))
            elif chance < 0.95:
                entries.append(Release())
        report = Report(claim, tuple(entries))
        assert self.runner.run(self.jobs.step([report])).outcomes == self.model.report(report)

    @rule(random=st.randoms(use_true_random=False))
    def time_passes(self, random: Random) -> None:
        for group in GROUPS:
            if group in self.model.held and random.random() < 0.5:
                self.ask("ZADD", "leases", 1, group)
                self.model.expired.add(group)
            elif group in self.model.delayed and random.random() < 0.7:
                self.ask("ZADD", "delayed", 1, group)
                self.model.due.add(group)

    @invariant()
    def the_queue_is_the_models(self) -> None:
        model = self.model
        for group in GROUPS:
            assert [name.decode() for name in self.ask("LRANGE", f"group:{group}", 0, -1)] == model.waiting[
                group
            ]
        assert [name.decode() for name in self.ask("LRANGE", "ring", 0, -1)] == model.ring
        assert sorted(name.decode() for name in self.ask("ZRANGE", "leases", 0, -1)) == sorted(model.held)
        assert sorted(name.decode() for name in self.ask("HKEYS", "claims")) == sorted(model.held)
        assert sorted(name.decode() for name in self.ask("ZRANGE", "delayed", 0, -1)) == sorted(model.delayed)
        flat = [text.decode() for text in self.ask("HGETALL", "fails")]
        assert dict(zip(flat[::2], map(int, flat[1::2]), strict=True)) == model.fails
        flat = [text.decode() for text in self.ask("HGETALL", "solo")]
        assert dict(zip(flat[::2], map(int, flat[1::2]), strict=True)) == model.solo

    @invariant()
    def what_has_ended_has_a_result(self) -> None:
        for job_id, result in self.model.ended.items():
            found = self.runner.run(self.jobs.result(job_id))
            assert (found == b"ok") is (result == b"ok")
            assert found is not None
        entries: list[Any] = [*self.ask("XRANGE", "dead", "-", "+")]
        letters = [fields[1].decode() for _, fields in entries]
        assert letters == self.model.dead


def test_random_work_follows_the_rules_of_the_queue(url: str) -> None:
    with asyncio.Runner() as runner:
        cap = runner.run(Capsule.connect(url))
        try:
            run_state_machine_as_test(
                lambda: Machine(runner, cap),  # type: ignore[arg-type]
                settings=settings(
                    max_examples=60,
                    stateful_step_count=30,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(cap.close())
