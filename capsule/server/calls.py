"""Actions on their way to a worker, and their results on the way back.

Every gateway has one reply stream, read on a blocking connection of its own. A job's id is the operation
id, so putting it again is harmless: that is how a store that was away, a lost reply and a client that
changed gateways are all handled.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from capsule.feeds import CapsuleError, Chain, Jobs, Partitions

logger = logging.getLogger("capsule.server.calls")


# Ticks, that is about seconds, after which an unanswered job is put again.
PUT_AGAIN = 10


@dataclass(slots=True, eq=False)
class Call:
    """One action. `answer` is told the worker's result (JSON), once; or `gap` that its predecessor never
    came.
    """

    id: str
    scope: str
    data: str
    chain: Chain
    answer: Callable[[bytes], None]
    gap: Callable[[], None]
    ticks: int = field(default=0)


class Calls:
    """The unanswered actions of one gateway. `stream` is the name of its reply stream."""

    def __init__(self, jobs: Jobs | Partitions, stream: str) -> None:
        self._jobs = jobs
        self._stream = stream
        self._waiting: dict[str, Call] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    async def put(self, call: Call) -> None:
        """Put the job. Raises CapsuleError (the action may or may not have been taken; put it again)."""
        # Before the put: a fast worker's result may overtake the answer to the put.
        self._waiting[call.id] = call
        await self._ask(call)

    async def _ask(self, call: Call) -> None:
        if self._waiting.get(call.id) is not call:
            return  # forgotten, or answered: who asks is who gets the answer, and that may be another gateway by now
        put = await self._jobs.put(call.id, call.data, group=call.scope, reply=self._stream, chain=call.chain)
        if put.state == "gap":
            if self._taken(call):
                call.gap()
        elif put.result is not None and self._taken(call):
            call.answer(put.result)

    def forget(self, call: Call) -> None:
        """Nobody waits for this answer any more."""
        self._taken(call)

    async def listen(self) -> None:
        """Hand out results as they come, until cancelled."""
        last = "0-0"
        while True:
            try:
                replies = await self._jobs.replies(self._stream, last, 5_000)
            except CapsuleError as error:
                logger.warning("reply stream %s: %s", self._stream, error)
                await asyncio.sleep(random.uniform(0.05, 0.5))
                continue
            for stream_id, job_id, result in replies:
                last = stream_id
                call = self._waiting.pop(job_id, None)
                if call is not None:
                    try:
                        call.answer(result)
                    except Exception:
                        logger.exception("the result of %s could not be delivered", job_id)

    async def tick(self) -> None:
        """Called about once a second: put again what has waited long. A reply, or a job, may have been lost
        with the store's last second; asking by id is the only way to know."""
        for call in self._waiting.values():
            call.ticks += 1
        late = [call for call in self._waiting.values() if call.ticks % PUT_AGAIN == 0]
        # Together, as they share round trips; and one that fails does not keep the others from being asked for.
        for failure in await asyncio.gather(*(self._ask(call) for call in late), return_exceptions=True):
            if failure is not None:
                logger.warning("an action could not be put again: %s", failure)

    def _taken(self, call: Call) -> bool:
        if self._waiting.get(call.id) is not call:
            return False
        del self._waiting[call.id]
        return True
