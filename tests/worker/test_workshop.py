"""Custom jobs: registered, validated, run, answered, scheduled."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jsonschema
import pytest

from capsule.feeds import Capsule, Schedule
from capsule.worker.assignment import Assignment, RefusedError
from capsule.worker.workshop import Workshop
from examples.bang.models import Team
from tests.conftest import Run

SCHEMA = {"type": "object", "required": ["to"], "properties": {"to": {"type": "string"}}}


@asynccontextmanager
async def open_shop(cap: Capsule, shop: Workshop) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    task = asyncio.create_task(shop.run(cap, [Team], stopping=stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(task, 60)


async def result(cap: Capsule, queue: str, job_id: str) -> Any:
    async with asyncio.timeout(60):
        while (found := await cap.jobs(queue).result(job_id)) is None:
            await asyncio.sleep(0.005)
    return json.loads(found)


def test_a_function_gets_the_data_and_its_value_is_the_result(run: Run) -> None:
    shop = Workshop()

    @shop.job("mail", schema=SCHEMA)
    async def mail(job: Assignment) -> str:
        return f"{job.id} to {job.data['to']}"

    async def test(cap: Capsule) -> None:
        async with open_shop(cap, shop):
            await cap.jobs("mail").put("m1", '{"to":"Zoë"}')
            assert await result(cap, "mail", "m1") == {"code": 200, "result": "m1 to Zoë"}

    run(test)


def test_what_does_not_fit_the_schema_is_answered_and_never_begun(run: Run) -> None:
    shop, begun = Workshop(), []

    @shop.job("mail", schema=SCHEMA)
    async def mail(job: Assignment) -> None:
        begun.append(job.id)

    async def test(cap: Capsule) -> None:
        async with open_shop(cap, shop):
            for job_id, data in (("m1", '{"to":5}'), ("m2", "no json"), ("m3", '{"to":"a"}')):
                await cap.jobs("mail").put(job_id, data)
            answers = [await result(cap, "mail", job_id) for job_id in ("m1", "m2", "m3")]
        assert [answer["code"] for answer in answers] == [422, 422, 200]
        assert answers[0]["sentence"] == "data['to']: 5 is not of type 'string'"
        assert begun == ["m3"]

    run(test)


def test_a_refusal_is_final_and_an_exception_is_tried_again_and_then_a_dead_letter(run: Run) -> None:
    shop, seen = Workshop(), []

    @shop.job("mail")
    async def mail(job: Assignment) -> None:
        seen.append((job.id, job.attempts))
        if job.id == "refused":
            raise RefusedError("No such address.", 404, "NOT_FOUND")
        if job.id == "broken" or job.attempts == 0:
            raise OSError("the mail server is away")

    async def test(cap: Capsule) -> None:
        from capsule.feeds import Terms

        terms = Terms(attempts=2, backoff=(0.01, 0.01))
        async with open_shop(cap, shop):
            for job_id in ("refused", "broken", "second"):
                await cap.jobs("mail").put(job_id, "", terms=terms)
            answers = [await result(cap, "mail", job_id) for job_id in ("refused", "broken", "second")]
        assert [answer["code"] for answer in answers] == [404, 500, 200]
        assert answers[1]["sentence"] == "OSError: the mail server is away"
        assert sorted(seen) == [("broken", 0), ("broken", 1), ("refused", 0), ("second", 0), ("second", 1)]
        assert [view.id for view in await cap.jobs("mail").page("dead")] == ["broken"]

    run(test)


def test_jobs_run_side_by_side_up_to_the_concurrency_and_a_groups_one_by_one(run: Run) -> None:
    shop = Workshop()
    running: list[str] = []
    most: list[int] = []
    order: list[str] = []

    @shop.job("mail", concurrency=3)
    async def mail(job: Assignment) -> None:
        running.append(job.group or "")
        most.append(len(running))
        assert running.count("g") <= 1
        await asyncio.sleep(0.01)
        running.remove(job.group or "")
        order.append(job.id)

    async def test(cap: Capsule) -> None:
        for n in range(10):
            await cap.jobs("mail").put(f"a{n}", "")
            await cap.jobs("mail").put(f"g{n}", "", group="g")
        async with open_shop(cap, shop):
            for n in range(10):
                await result(cap, "mail", f"a{n}")
                await result(cap, "mail", f"g{n}")

    run(test)
    assert max(most) == 3
    assert [job_id for job_id in order if job_id[0] == "g"] == [f"g{n}" for n in range(10)]


def test_an_attempt_has_a_timeout(run: Run) -> None:
    shop = Workshop()

    @shop.job("mail", timeout=0.02)
    async def mail(job: Assignment) -> None:
        await asyncio.sleep(60)

    async def test(cap: Capsule) -> None:
        from capsule.feeds import Terms

        async with open_shop(cap, shop):
            await cap.jobs("mail").put("m1", "", terms=Terms(attempts=1))
            assert (await result(cap, "mail", "m1"))["sentence"] == "TimeoutError: "

    run(test)


def test_stopping_finishes_what_has_begun_and_gives_back_the_rest_of_a_group(run: Run) -> None:
    shop, begun, stopping = Workshop(), asyncio.Event(), asyncio.Event()

    @shop.job("mail")
    async def mail(job: Assignment) -> None:
        begun.set()
        await stopping.wait()

    async def test(cap: Capsule) -> None:
        for n in range(3):
            await cap.jobs("mail").put(f"g{n}", "", group="g")
        working = asyncio.create_task(shop.run(cap, [Team], stopping=stopping))
        await begun.wait()
        stopping.set()
        await working
        numbers = await cap.jobs("mail").stats()
        assert (numbers["ended_done"], numbers["waiting"], numbers["active"]) == (1, 2, 0)

    run(test)


def test_recurring_jobs_are_put_while_it_runs(run: Run) -> None:
    shop, ids = Workshop(), []
    shop.every("tick", Schedule("secondly", "* * * * * *"))

    @shop.job("tick")
    async def tick(job: Assignment) -> None:
        ids.append(job.id)

    async def test(cap: Capsule) -> None:
        async with open_shop(cap, shop), asyncio.timeout(60):
            while len(ids) < 2:
                await asyncio.sleep(0.01)

    run(test)
    assert len(set(ids)) == len(ids)
    assert all(name.startswith("secondly.") for name in ids)


def test_two_functions_of_one_name_and_wrong_schemas_are_refused() -> None:
    shop = Workshop()
    with pytest.raises(jsonschema.SchemaError):
        shop.job("mail", schema={"type": "strange"})
    shop.job("mail")(lambda job: asyncio.sleep(0))
    with pytest.raises(ValueError, match="a function for mail already"):
        shop.job("mail")
