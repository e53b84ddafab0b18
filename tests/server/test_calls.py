"""Actions and their results, over a real queue: a lost reply, a lost stream and a lost connection change
nothing.
"""

import asyncio
from collections.abc import Callable

from capsule.feeds import Capsule, Chain
from capsule.server.calls import Call, Calls
from tests.conftest import until


class Asker:
    """Makes calls and writes down what they are told."""

    def __init__(self, cap: Capsule, stream: str = "gateway-1") -> None:
        self.calls = Calls(cap.jobs("actions"), stream)
        self.told: list[tuple[str, bytes | str]] = []

    def call(self, n: int, first: bool = False, answer: Callable[[bytes], None] | None = None) -> Call:
        name = f"ann.client01.{n}"
        return Call(
            name,
            "team.7",
            "{}",
            Chain("ann.client01", n, first),
            answer or (lambda result: self.told.append((name, result))),
            lambda: self.told.append((name, "gap")),
        )


async def finish_all(cap: Capsule) -> None:
    jobs = cap.jobs("actions")
    for claim in await jobs.claim(100, 1.0):
        await jobs.finish(claim, [(job, b"done " + job.id.encode()) for job in claim.jobs])


def run(url: str, test: Callable[[Capsule, Asker], object]) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        try:
            outcome = test(cap, Asker(cap))
            assert asyncio.iscoroutine(outcome)
            await outcome
        finally:
            await cap.close()

    asyncio.run(body())


def test_results_are_handed_out_as_they_come(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        listening = asyncio.create_task(asker.calls.listen())
        for n in (1, 2, 3):
            await asker.calls.put(asker.call(n))
        assert len(asker.calls) == 3
        await finish_all(cap)
        await until(lambda: len(asker.told) == 3)
        assert asker.told == [(f"ann.client01.{n}", b"done ann.client01.%d" % n) for n in (1, 2, 3)]
        assert len(asker.calls) == 0
        listening.cancel()

    run(url, test)


def test_a_call_out_of_order_is_told_gap_and_forgotten(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        await asker.calls.put(asker.call(2))
        assert asker.told == [("ann.client01.2", "gap")]
        assert len(asker.calls) == 0

    run(url, test)


def test_a_call_that_was_answered_before_is_answered_at_once(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        await asker.calls.put(asker.call(1))
        await finish_all(cap)
        await asker.calls.put(asker.call(1))
        assert asker.told == [("ann.client01.1", b"done ann.client01.1")]

    run(url, test)


def test_a_reply_that_was_lost_is_asked_for_again(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        await asker.calls.put(asker.call(1))
        await finish_all(cap)
        for _ in range(10):
            assert asker.told == []
            await asker.calls.tick()
        assert asker.told == [("ann.client01.1", b"done ann.client01.1")]

    run(url, test)


def test_one_that_cannot_be_put_again_does_not_keep_the_others_from_it(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        for n in (1, 2):
            await asker.calls.put(asker.call(n))
        await finish_all(cap)
        asker.calls._waiting["ann.client01.1"].data = "x" * (2 << 20)
        for _ in range(10):
            await asker.calls.tick()
        assert asker.told == [("ann.client01.2", b"done ann.client01.2")]
        assert len(asker.calls) == 1

    run(url, test)


def test_a_call_that_is_forgotten_before_it_is_put_again_is_left_to_who_asks_now(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        gone = asker.call(1)
        await asker.calls.put(gone)
        other = Asker(cap, "gateway-2")
        await other.calls.put(other.call(1))
        for _ in range(9):
            await asker.calls.tick()
        again = asyncio.create_task(asker.calls.tick())
        await asyncio.sleep(0)  # it has begun, and asks in the next turn of the loop
        asker.calls.forget(gone)
        await again
        await finish_all(cap)
        assert len(asker.calls) == 0
        listening = asyncio.create_task(other.calls.listen())
        await until(lambda: other.told)
        listening.cancel()

    run(url, test)


def test_a_forgotten_call_is_told_nothing(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        listening = asyncio.create_task(asker.calls.listen())
        gone = asker.call(1)
        await asker.calls.put(gone)
        asker.calls.forget(gone)
        await asker.calls.put(asker.call(2))
        await finish_all(cap)
        await until(lambda: asker.told)
        assert [name for name, _ in asker.told] == ["ann.client01.2"]
        listening.cancel()

    run(url, test)


def test_the_newest_call_of_an_id_is_the_one_that_is_answered(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        told: list[str] = []
        old = asker.call(1, answer=lambda _: told.append("old"))
        new = asker.call(1, answer=lambda _: told.append("new"))
        await asker.calls.put(old)
        await asker.calls.put(new)
        asker.calls.forget(old)
        await finish_all(cap)
        for _ in range(10):
            await asker.calls.tick()
        assert told == ["new"]

    run(url, test)


def test_listening_survives_a_lost_connection_and_a_failing_answer(url: str) -> None:
    async def test(cap: Capsule, asker: Asker) -> None:
        def fail(result: bytes) -> None:
            raise RuntimeError("the socket's own trouble")

        listening = asyncio.create_task(asker.calls.listen())
        await asker.calls.put(asker.call(1, answer=fail))
        await finish_all(cap)
        await until(lambda: len(asker.calls) == 0)
        await cap.connection.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await asker.calls.put(asker.call(2))
        await finish_all(cap)
        await until(lambda: asker.told)
        assert asker.told == [("ann.client01.2", b"done ann.client01.2")]
        listening.cancel()

    run(url, test)
