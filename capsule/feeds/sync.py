"""The same objects without `await`, for Django, Flask and scripts.

    from capsule.feeds import sync

    with sync.connect() as cap:
        users = cap.feed("users")
        users.publish({"name": "Ann"}, "42")

`sync.connect` takes what `Capsule.connect` takes, and answers a Face of the Capsule. A Face has the methods of
what it stands for: those that are awaited there block here, what is iterated with `async for` there is iterated
with `for`, and the errors are the same. There is no second implementation: one thread of the process runs the
event loop, and callers wait for it. So commands of many threads share its connections, as those of many tasks
do.

**Threads**: use one Face from as many as you like. **Fork** (gunicorn's `preload_app`, multiprocessing):
neither threads nor connections survive one, and the parent still uses its own. A child notices that it is
another process when it first calls, leaves what it inherited alone, and connects anew. Only an iteration must
not be carried over a fork.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from .capsule import Capsule
from .errors import CapsuleError
from .events import Events
from .items import Items
from .jobs import Jobs
from .partitions import Partitions
from .presence import Presence
from .queue import Queue
from .schedule import Schedules
from .scope import Scope

T = TypeVar("T")

# What is used through a Face itself. Everything else that a method answers is data.
_FACED = (Capsule, Scope, Items, Queue, Jobs, Partitions, Presence, Schedules)


def connect(url: str | None = None, *, data_dir: Path | str | None = None) -> Face:
    """Connect as Capsule.connect does, at once, so that its errors come here."""
    portal = Portal(url, data_dir)
    portal.capsule()
    return Face(portal, lambda cap: cap)


class Portal:
    """The event loop's thread and the Capsule of this process. Another one, after a fork, gets its own of both."""

    def __init__(self, url: str | None, data_dir: Path | str | None) -> None:
        self._url = url
        self._data_dir = data_dir
        self._lock = threading.Lock()
        self._pid = 0
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._cap: Capsule | None = None
        # A parent's loop and connections: collected, they would be closed, and the sockets are the parent's too.
        self._inherited: list[object] = []
        _portals.append(self)

    def capsule(self) -> Capsule:
        """This process's Capsule, connected if it is not yet. Raises what Capsule.connect raises."""
        with self._lock:
            if self._closed:
                raise CapsuleError("This connection has been closed.")
            if self._pid != os.getpid():
                self._start()
            if self._cap is None:
                self._cap = self.run(Capsule.connect(self._url, data_dir=self._data_dir))
            return self._cap

    def close(self) -> None:
        """Close the connections of this process and end its thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            _portals.remove(self)
            if self._pid != os.getpid() or self._loop is None or self._thread is None:
                return
            if self._cap is not None:
                self.run(self._cap.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def forked(self) -> None:
        """In the child: whoever held the lock is not here."""
        self._lock = threading.Lock()

    def _start(self) -> None:
        self._inherited += [self._loop, self._thread, self._cap]
        self._cap = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="capsule.feeds.sync", daemon=True)
        self._thread.start()
        self._pid = os.getpid()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run it on the loop's thread, and wait for it. Interrupted (Ctrl-C), it is cancelled."""
        assert self._loop is not None
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError(
                "This is the event loop's own thread: to wait for it here would wait for ever."
            )
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


_portals: list[Portal] = []


def _after_fork() -> None:
    for portal in _portals:
        portal.forked()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_after_fork)


class Face:
    """Stands for a Capsule, or for what one of its methods made: a scope, a feed, a queue, jobs, presence."""

    def __init__(self, portal: Portal, find: Callable[[Capsule], Any]) -> None:
        self._portal = portal
        self._find = find
        self._found: tuple[Capsule, Any] | None = None

    def _target(self) -> Any:
        """What this stands for: found once in each process."""
        cap = self._portal.capsule()
        if self._found is None or self._found[0] is not cap:
            self._found = cap, self._find(cap)
        return self._found[1]

    def __getattr__(self, name: str) -> Any:
        target = self._target()
        value = getattr(target, name)
        if name == "close" and isinstance(target, Capsule):
            return self._portal.close
        if isinstance(value, Events):
            raise AttributeError("Callbacks of events need an event loop: iterate `subscribe` instead.")
        if isinstance(value, _FACED):
            return Face(self._portal, lambda _: getattr(self._target(), name))
        return self._method(name) if inspect.ismethod(value) else value

    def __enter__(self) -> Face:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._portal.close()

    def _method(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            answer = getattr(self._target(), name)(*args, **kwargs)
            if inspect.iscoroutine(answer):
                return self._portal.run(answer)
            if isinstance(answer, AsyncIterator):
                return self._iterate(answer)
            if isinstance(answer, _FACED):
                return Face(self._portal, lambda _: getattr(self._target(), name)(*args, **kwargs))
            return answer

        return call

    def _iterate(self, answers: AsyncIterator[T]) -> Iterator[T]:
        async def following() -> tuple[T, ...]:
            async for answer in answers:
                return (answer,)
            return ()

        try:
            while found := self._portal.run(following()):
                yield found[0]
        finally:
            if inspect.isasyncgen(answers):
                self._portal.run(answers.aclose())
