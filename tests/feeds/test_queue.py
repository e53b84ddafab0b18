"""A queue: at most once, by priority, then in order."""

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from capsule.feeds import (
    Capsule,
    InputError,
    ItemInvalidError,
    LimitError,
    NameInvalidError,
    ScriptError,
    WrongTypeError,
    script,
)
from tests.conftest import Run, blocked

JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


class Machine(RuleBasedStateMachine):
    names = itertools.count()

    def __init__(self, runner: asyncio.Runner, cap: Capsule) -> None:
        super().__init__()
        self.runner = runner
        self.queue = cap.queue(f"random.{next(self.names)}")
        self.model: list[tuple[int, Any]] = []

    @rule(values=st.lists(JSON, min_size=1, max_size=4), priority=st.integers(-2, 2) | st.just(1_000_000))
    def put(self, values: list[Any], priority: int) -> None:
        self.model += [(priority, value) for value in values]
        assert self.runner.run(self.queue.put(*values, priority=priority)) == len(self.model)

    @rule(n=st.integers(1, 5), patient=st.booleans())
    def get(self, n: int, patient: bool) -> None:
        self.model.sort(key=lambda entry: -entry[0])  # a stable sort: equal ones stay in order
        expected, self.model = self.model[:n], self.model[n:]
        wait = 60.0 if patient and expected else 0.0  # a server takes 0.1 s to notice the end of any wait
        assert self.runner.run(self.queue.get(n, wait=wait)) == [value for _, value in expected]

    @invariant()
    def its_length_is_the_models(self) -> None:
        assert self.runner.run(self.queue.length()) == len(self.model)


def test_random_use_of_a_queue(url: str) -> None:
    with asyncio.Runner() as runner:
        cap = runner.run(Capsule.connect(url))
        try:
            run_state_machine_as_test(
                lambda: Machine(runner, cap),  # type: ignore[arg-type]
                settings=settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)),
            )
        finally:
            runner.run(cap.close())


def test_who_waits_is_served_by_the_next_put(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        queue = cap.queue("mail")
        waiting = asyncio.create_task(queue.get(5, wait=60))
        await blocked(cap.url, 1)
        await queue.put(1, 2, 3)
        assert await waiting == [1, 2, 3]

    run(test)


def test_of_many_who_take_each_item_reaches_one(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        queue = cap.queue("mail")
        taken: list[int] = []

        async def take() -> None:
            while len(taken) < 500:
                taken.extend(await queue.get(3, wait=0.1))

        takers = [asyncio.create_task(take()) for _ in range(8)]
        await asyncio.gather(*(queue.put(*range(n, n + 5), priority=n % 3) for n in range(0, 500, 5)))
        await asyncio.gather(*takers)
        assert sorted(taken) == list(range(500))

    run(test)


def test_a_thousand_items_and_almost_a_mebibyte_pass(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        queue = cap.queue("mail")
        await queue.put(*("x" * 1000 for _ in range(1000)))
        assert await queue.get(1000) == ["x" * 1000] * 1000

    run(test)


def test_what_cannot_be_put_is_refused_before_it_is_sent(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        queue = cap.queue("mail")
        with pytest.raises(InputError):
            await queue.put()
        for priority in (1.5, 1_000_001, "high", None):
            with pytest.raises(InputError, match="priority"):
                await queue.put("x", priority=priority)  # type: ignore[arg-type]
        for value in (float("nan"), {1, 2}, "\ud800", b"x"):
            with pytest.raises(ItemInvalidError):
                await queue.put(value)
        for values in ([0] * 1001, ["x" * (1 << 20)], ["x" * 600_000] * 2):
            with pytest.raises(LimitError):
                await queue.put(*values)
        for n in (0, 1001):
            with pytest.raises(InputError):
                await queue.get(n)
        with pytest.raises(NameInvalidError):
            cap.queue("a b")
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "ARGS"),
        ((1,), "ARGS"),
        (("soon", "{}"), "ARGS"),
        ((0.5, "{}"), "ARGS"),
        ((1_000_001, "{}"), "ARGS"),
        ((0, ""), "ARGS"),
        ((0, "[\n]"), "ARGS"),
        ((0, *["{}"] * 1001), "LIMIT"),
        ((0, "x" * ((1 << 20) + 1)), "LIMIT"),
    ],
)
def test_a_client_that_does_not_check_is_refused_and_changes_nothing(
    run: Run, arguments: tuple[Any, ...], code: str
) -> None:
    async def test(cap: Capsule) -> None:
        wanted: tuple[type[Exception], ...] = (LimitError,) if code == "LIMIT" else (ScriptError,)
        with pytest.raises(wanted):
            await cap.connection.run(script.load("queue"), cap.queue("mail").prefix, *arguments)
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)


@pytest.mark.parametrize("suffix", ["items", "count"])
def test_a_key_of_another_type_is_an_error_before_anything_is_written(run: Run, suffix: str) -> None:
    async def test(cap: Capsule) -> None:
        queue = cap.queue("mail")
        await cap.connection.command("SADD", f"{queue.prefix}{suffix}", "x")
        with pytest.raises(WrongTypeError):
            await queue.put("x")
        assert await cap.connection.command("KEYS", "cap1:{*") == [f"{queue.prefix}{suffix}".encode()]

    run(test)
