"""Following a scope: every event once, in order, or a snapshot to begin anew with. Never silence.

A frame is next if it names our last event as its predecessor. Any other frame, older or newer, makes us ask the
log: an old version proves nothing, because a server that lost its last moments uses versions again. What was
published before the log is asked is in its answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import ConnectionLostError, ServerError
from .events import Events
from .link import NOT_READY
from .names import check_event_id
from .snapshot import Snapshot

if TYPE_CHECKING:
    from .scope import Scope

log = logging.getLogger("capsule.feeds")

QUIET_SECONDS = 30.0  # PubSub may lose a message and say nothing: ask when it has been quiet for so long
MAX_WAITING = 10_000  # frames of a consumer that is slower than the events; then the log is asked instead
AGAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Frame:
    """One commit: for each transaction its operation id and its events, as the contract writes them."""

    event_id: str
    prev: str
    tx: list[tuple[str, list[list[Any]]]]


@dataclass(frozen=True, slots=True)
class Resync:
    """Begin anew with this: what was known before may have gaps, or never have happened."""

    snapshot: Snapshot

    @property
    def event_id(self) -> str:
        return self.snapshot.event_id


async def follow(
    scope: Scope, events: Events, since: str | None, feed: str = ""
) -> AsyncIterator[Frame | Resync]:
    """The frames of a scope after `since`, and a Resync where there is a gap; with `feed`, a Resync holds that
    one only.
    """
    last = since if since is None else check_event_id(since)
    news: asyncio.Queue[bytes | None] = asyncio.Queue()  # None: something may be missing

    def hear(frame: bytes) -> None:
        if news.qsize() < MAX_WAITING:
            news.put_nowait(frame)
        elif news.qsize() == MAX_WAITING:
            news.put_nowait(None)

    await events.subscribe(scope.channel, hear, lambda: news.put_nowait(None))
    try:
        behind = True
        while True:
            if behind:
                while not news.empty():
                    news.get_nowait()
                try:
                    frames = None if last is None else await scope.log(last)
                    if frames is None:
                        resync = Resync(await scope.snapshot(feed=feed))
                except (ConnectionLostError, ServerError) as error:
                    if isinstance(error, ServerError) and error.reply not in NOT_READY:
                        raise
                    # A broken connection is made again by itself; a server that is loading, or not yet the primary,
                    # will be. Whoever reads goes on where it was.
                    log.warning("Following %s: %s", scope.name, error)
                    await asyncio.sleep(AGAIN_SECONDS)
                    continue
                behind = False
                if frames is None:
                    last = resync.event_id
                    yield resync
                for text in frames or ():
                    frame = _frame(text)
                    last = frame.event_id
                    yield frame
                continue
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    waiting = await news.get()
            except TimeoutError:
                waiting = None
            if waiting is None:
                behind = True
                continue
            event_id, prev = waiting.split(b"\n", 1)[0].decode().split(" ")[:2]
            if prev == last:
                last = event_id
                yield _frame(waiting)
            elif event_id != last:
                behind = True
    finally:
        await events.unsubscribe(scope.channel, hear)


def _frame(text: bytes) -> Frame:
    data = json.loads(text.split(b"\n", 1)[1])
    return Frame(data["id"], data["prev"], [(op, events) for op, events in data["tx"]])
