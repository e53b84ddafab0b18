"""Custom jobs: the functions that an application writes for its own queues, and their worker."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from capsule.feeds import Capsule, Schedule
from capsule.shared.model import Model
from capsule.worker.inflated import Inflated
from capsule.worker.shift import Craft, Function, Shift


class Workshop:
    """`worker = Workshop()` in a module, then `@worker.job("mail")`; `capsule worker MODELS --jobs MODULE` runs it.

    Each kind of job is a queue of its name; anybody puts with `cap.jobs("mail").put(...)`.
    """

    def __init__(self) -> None:
        self.crafts: dict[str, Craft] = {}
        self.schedules: list[tuple[str, Schedule]] = []

    def job(
        self,
        name: str,
        *,
        schema: Mapping[str, Any] | None = None,
        concurrency: int = 10,
        timeout: float | None = None,
    ) -> Callable[[Function], Function]:
        """Register `async def function(job: Assignment)` for the queue `name`.

        `schema`: JSON Schema of the data; what does not fit is answered 422 and never begun. `concurrency`: how many at
        a time in this process. `timeout`: seconds after which an attempt has failed. What the function returns is the
        result, as JSON; what it raises is an attempt that failed, and is tried again later (RefusedError: never again).
        Raises jsonschema's SchemaError, and ValueError for a name that is taken.
        """
        if name in self.crafts:
            raise ValueError(f"There is a function for {name} already.")
        if schema is not None:
            Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema) if schema is not None else None

        def register(function: Function) -> Function:
            self.crafts[name] = Craft(name, function, validator, concurrency, timeout)
            return function

        return register

    def every(self, queue: str, schedule: Schedule) -> None:
        """Put a job into `queue` as the schedule says, from when this workshop runs."""
        self.schedules.append((queue, schedule))

    async def run(
        self, cap: Capsule, roots: Iterable[type[Model]] = (), *, stopping: asyncio.Event | None = None
    ) -> None:
        """Work on all queues, and put what recurs in them, until `stopping`. Any number may run, on any machine."""
        stopping = stopping or asyncio.Event()
        inflated = Inflated(cap, {root.type: root for root in roots})
        queues = {name: cap.jobs(name) for name in {*self.crafts, *(queue for queue, _ in self.schedules)}}
        for queue, schedule in self.schedules:
            await queues[queue].schedules.set(schedule)
        shifts = [Shift(cap, queues[name], craft, inflated, stopping) for name, craft in self.crafts.items()]
        clocks = [asyncio.create_task(jobs.schedules.run(stopping.is_set)) for jobs in queues.values()]
        try:
            await asyncio.gather(*(shift.run() for shift in shifts))
            await stopping.wait()
        finally:
            for clock in clocks:
                clock.cancel()
            await asyncio.gather(*clocks, return_exceptions=True)
