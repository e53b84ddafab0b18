"""Random puts, claims, reports, expired leases, backoffs, delays, holds and rescues, against a model of the queue."""

import asyncio
import itertools
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from capsule.feeds import Capsule, Claim, Fail, Finish, Jobs, Release, Report, Terms
from tests.feeds.queue_model import ATTEMPTS, Entry, QueueModel

GROUPS = ["a", "b", "c"]
IDS = st.integers(0, 40)


class Machine(RuleBasedStateMachine):
    """One queue. Time is in our hands: leases, backoffs, delays and expiries are long, and are ended by moving their
    times.
    """

    queues = itertools.count()

    def __init__(self, runner: asyncio.Runner, cap: Capsule) -> None:
        super().__init__()
        self.runner, self.cap = runner, cap
        name = f"random.{next(self.queues)}"
        self.jobs: Jobs = cap.jobs(name, attempts=ATTEMPTS, lease=600, backoff=(600, 600))
        self.model = QueueModel()
        self.claims: list[Claim] = []
        self.moments = itertools.count(1)

    def ask(self, *arguments: str | int) -> Any:
        command, suffix, *rest = arguments
        return self.runner.run(self.cap.connection.command(command, f"{self.jobs.prefix}{suffix}", *rest))

    def texts(self, *arguments: str | int) -> list[str]:
        return [text.decode() for text in self.ask(*arguments)]

    def table(self, suffix: str) -> dict[str, str]:
        flat = self.texts("HGETALL", suffix)
        return dict(zip(flat[::2], flat[1::2], strict=True))

    @rule(numbers=st.lists(IDS, min_size=1, max_size=5), random=st.randoms(use_true_random=False))
    def put(self, numbers: list[int], random: Random) -> None:
        """Some at once: they travel together."""
        entries, delays, puts = [], [], []  # no coroutine yet: drawing may end the example here
        for n in numbers:
            group = ["", *GROUPS][n % 4]
            priority = random.choice([0, 0, 5, -5]) if not group else 0
            entries.append(Entry(group, priority, random.choice([1, ATTEMPTS]), random.random() < 0.2))
            delays.append(not group and random.random() < 0.3)
            terms = Terms(
                delay=600 if delays[-1] else None,
                priority=priority,
                attempts=entries[-1].most,
                expires=600 if entries[-1].pending else None,
            )
            puts.append((n, group or None, terms))

        async def together() -> Any:
            return await asyncio.gather(
                *(self.jobs.put(f"j{n}", f"{n}", group=group, terms=terms) for n, group, terms in puts)
            )

        found = self.runner.run(together())
        expected = [
            self.model.put(f"j{n}", entry, delayed)
            for n, entry, delayed in zip(numbers, entries, delays, strict=True)
        ]
        assert [put.state for put in found] == expected
        assert all((put.result is not None) == (put.state == "done") for put in found)

    @rule(n=st.integers(1, 8))
    def claim(self, n: int) -> None:
        claims = self.runner.run(self.jobs.claim(n))
        expected = self.model.claim(n)
        assert [(claim.group, [(job.id, job.attempts) for job in claim.jobs]) for claim in claims] == expected
        for claim in claims:
            assert claim.epoch > max((held.epoch for held in self.model.claims.values()), default=0)
        self.model.took(claims)
        self.claims = self.claims[-4:] + claims

    @rule(random=st.randoms(use_true_random=False))
    def report(self, random: Random) -> None:
        reports = []
        for claim in random.sample(self.claims, min(len(self.claims), random.randint(1, 2))):
            entries: list[Finish | Fail | Release] = []
            for job in claim.jobs if random.random() < 0.8 else random.sample(claim.jobs, len(claim.jobs)):
                chance = random.random()
                if chance < 0.7:
                    entries.append(Finish(job, b"ok"))
                elif chance < 0.9:
                    entries.append(Fail(job, "no luck", retry=chance < 0.85))
                elif chance < 0.95:
                    entries.append(Release())
            reports.append(Report(claim, tuple(entries)))
        expected = [outcome for report in reports for outcome in self.model.report(report)]
        assert self.runner.run(self.jobs.step(reports)).outcomes == expected

    @rule(random=st.randoms(use_true_random=False))
    def time_passes(self, random: Random) -> None:
        model = self.model
        for unit in model.claims:
            if unit not in model.expired and random.random() < 0.4:
                self.ask("ZADD", "leases", "XX", next(self.moments), unit)
                model.expired.append(unit)
        for suffix, waiting in (("delayed", model.delayed), ("later", model.later)):
            for name in [name for name, due in waiting.items() if not due and random.random() < 0.6]:
                self.ask("ZADD", suffix, "XX", next(self.moments), name)
                waiting[name] = waiting.pop(name) or True  # in the order of their times
        for job_id, entry in model.jobs.items():
            if entry.pending and job_id not in model.overdue and random.random() < 0.3:
                self.ask("ZADD", "expiring", "XX", next(self.moments), job_id)
                model.overdue.append(job_id)

    @rule(numbers=st.lists(IDS, min_size=1, max_size=3, unique=True))
    def cancel(self, numbers: list[int]) -> None:
        ids = [f"j{n}" for n in numbers]
        expected = [self.model.cancel(job_id) for job_id in ids]
        assert self.runner.run(self.jobs.cancel(*ids)) == expected

    @rule(numbers=st.lists(IDS, min_size=1, max_size=6, unique=True))
    def retry(self, numbers: list[int]) -> None:
        ids = [f"j{n}" for n in numbers]
        expected = [self.model.retry(job_id) for job_id in ids]
        assert self.runner.run(self.jobs.retry(*ids)) == expected

    @rule(group=st.sampled_from([None, *GROUPS]), hold=st.booleans())
    def hold_or_resume(self, group: str | None, hold: bool) -> None:
        change, expected = (
            (self.jobs.hold, self.model.hold) if hold else (self.jobs.resume, self.model.resume)
        )
        assert self.runner.run(change(group)) == expected(group)

    @rule(random=st.randoms(use_true_random=False), drop=st.booleans())
    def rescue_dead_letters(self, random: Random, drop: bool) -> None:
        ids = random.sample([f"j{n}" for n in range(41)], 20)
        change, expected = (
            (self.jobs.drop, self.model.drop) if drop else (self.jobs.redrive, self.model.redrive)
        )
        assert self.runner.run(change(*ids)) == expected(ids)

    @rule()
    def rescue_all_dead_letters(self) -> None:
        dead = self.texts("HKEYS", "buried")
        assert self.runner.run(self.jobs.redrive_all()) == len(self.model.letters) == len(dead)
        self.model.redrive(list(self.model.letters))

    @invariant()
    def the_queue_is_the_models(self) -> None:
        model = self.model
        for group in GROUPS:
            assert self.texts("LRANGE", f"group:{group}", 0, -1) == model.groups.get(group, [])
        assert self.texts("ZRANGE", "ring", 0, -1) == model.served(model.ring)
        assert self.texts("ZRANGE", "ready", 0, -1) == model.served(model.ready)
        assert self.texts("LRANGE", "suspects", 0, -1) == model.suspects
        assert sorted(self.texts("ZRANGE", "later", 0, -1)) == sorted(model.later)
        assert sorted(self.texts("ZRANGE", "delayed", 0, -1)) == sorted(model.delayed)
        assert sorted(self.texts("ZRANGE", "leases", 0, -1)) == sorted(model.claims)
        assert {unit: text.split(" ")[:3] for unit, text in self.table("claims").items()} == {
            unit: [str(held.epoch), str(len(held.out)), str(held.of)] for unit, held in model.claims.items()
        }
        pending = [job_id for job_id, entry in model.jobs.items() if entry.pending]
        assert sorted(self.texts("ZRANGE", "expiring", 0, -1)) == sorted(pending)
        assert {job_id: int(n) for job_id, n in self.table("fails").items()} == model.fails
        assert {group: int(n) for group, n in self.table("solo").items()} == model.solo
        assert {group: parked == "1" for group, parked in self.table("held").items()} == model.held
        assert sorted(self.texts("HKEYS", "job")) == sorted(model.jobs)

    @invariant()
    def every_job_is_seen_as_it_is(self) -> None:
        ids = [f"j{n}" for n in range(41)]
        views = self.runner.run(self.jobs.look(*ids))
        assert [(view.id, view.state) for view in views] == [
            (job_id, self.model.state(job_id)) for job_id in ids
        ]
        for view in views:
            if view.state not in ("done", "unknown"):
                assert view.data == view.id[1:].encode()

    @invariant()
    def the_numbers_are_right(self) -> None:
        model = self.model
        stats = self.runner.run(self.jobs.stats())
        active = sum(len(held.out) for held in model.claims.values())
        assert (stats["jobs"], stats["active"], stats["delayed"]) == (
            len(model.jobs),
            active,
            len(model.later),
        )
        assert (stats["dead"], stats["groups_waiting"]) == (len(model.letters), len(model.ring))
        assert {how: stats[f"ended_{how}"] for how in model.counts} == model.counts

    @invariant()
    def what_has_ended_has_a_result(self) -> None:
        results = {"done": b"ok", "dead": b'"code": 500', "expired": b"EXPIRED", "cancelled": b"CANCELLED"}
        for job_id, how in self.model.ended.items():
            found = self.ask("GET", f"result:{job_id}")
            assert results[how] in found or (how == "dead" and b'"code":500' in found)


def test_random_work_follows_the_rules_of_the_queue(url: str) -> None:
    with asyncio.Runner() as runner:
        cap = runner.run(Capsule.connect(url))
        try:
            run_state_machine_as_test(
                lambda: Machine(runner, cap),  # type: ignore[arg-type]
                settings=settings(
                    max_examples=60,
                    stateful_step_count=40,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(cap.close())
