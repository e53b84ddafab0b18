"""One scope in one gateway: every event once, in order, to every reader, or an explicit resync.

A room does no I/O. It asks its `Port` for what it needs (the scope's last id, a piece of the log, a
snapshot) and is told the answers. Frames come in as the commit script published them and go out as the same
bytes, decoded once for all readers.

The room is at one event id. It accepts a frame whose predecessor is that id, drops one that it knows, and
for anything else catches up from the scope's log; if the log does not reach back so far (trimmed, or rolled
back by a power loss), the room starts anew and tells its readers to do the same.
"""

import logging
from enum import Enum
from typing import Protocol

from capsule.server.held import Held
from capsule.server.limits import Limits
from capsule.server.snapshot import Feeds, snapshot_text, with_contained
from capsule.server.tail import Frame, Tail, version
from capsule.shared.wire import NOTHING

logger = logging.getLogger("capsule.server.room")


class Reader(Protocol):
    """A subscribed session, as its room sees it."""

    def write(self, text: str) -> None:
        """Send a message, or put it aside, without waiting. May call `Room.drop`."""

    def contained(self, scope: str, at: int) -> list[int]:
        """Which of the client's pending numbers were applied at version `at` or before."""

    def arrived(self, scope: str) -> None:
        """This reader has just been brought up to date, and is live."""


class Port(Protocol):
    """What a room asks for. Each question is answered later by a call of the room's method of that name."""

    def flush_soon(self) -> None:
        """Call `flush` at the end of this event-loop tick."""

    def ask_last(self) -> None:
        """Answer: `last(event_id)`."""

    def ask_log(self, since: str) -> None:
        """Answer: `log(since, frames)`."""

    def ask_snapshot(self) -> None:
        """Answer: `snapshot(event_id, feeds)`."""


class Mode(Enum):
    """`OPENING`: the room does not know where the scope stands. `BEHIND`: it missed something and has asked
    the log.
    """

    OPENING = "opening"
    BEHIND = "behind"
    LIVE = "live"


class Room:
    """The readers of one scope, and what is needed to keep them complete."""

    def __init__(self, scope: str, port: Port, limits: Limits) -> None:
        self.scope = scope
        self.port = port
        self.id = NOTHING
        self.mode = Mode.OPENING
        self.live: dict[Reader, None] = {}
        self.joining: dict[Reader, str | None] = {}
        self._held: Held[Reader] = Held()
        self._pending: list[bytes] = []
        self._early: list[bytes] = []
        self._most_early = limits.tail_frames
        self._tail = Tail(limits.tail_frames, limits.tail_bytes)
        self._snapshot: tuple[str, str] | None = None
        self._asked_snapshot = False
        self._asked_logs: set[str] = set()
        self._ask_again = False
        port.ask_last()

    @property
    def version(self) -> int:
        return version(self.id)

    @property
    def empty(self) -> bool:
        return not self.live and not self.joining

    # -- what the store says

    def frame(self, data: bytes) -> None:
        """A commit was published."""
        if self.mode is Mode.LIVE:
            self._accept(data)
        elif len(self._early) < self._most_early:
            self._early.append(data)

    def say(self, line: bytes) -> None:
        """A line that is no event (presence) goes to everybody, in its place among the events."""
        self._pending.append(line)
        self.port.flush_soon()

    def gap(self) -> None:
        """Frames may have been missed: the subscription was interrupted."""
        if self.mode is not Mode.LIVE:
            # What we have asked may be answered from before this gap.
            self._ask_again = True
            return
        self.mode = Mode.BEHIND
        if self.id in self._asked_logs:
            self._ask_again = True
        self._ask_log(self.id)

    def last(self, event_id: str) -> None:
        """Where the scope stands. Frames that came while we asked follow it, or are contained in it."""
        if self.mode is Mode.OPENING:
            self.id = event_id
            if not self._catch_up_again():
                self._go_live()
        elif event_id != self.id:
            self.gap()

    def log(self, since: str, frames: list[bytes] | None) -> None:
        """The frames after `since`; None when the log does not reach back to it."""
        self._asked_logs.discard(since)
        if self.mode is Mode.BEHIND and since == self.id:
            self._caught_up(frames)
        elif self.mode is Mode.LIVE:
            self._resume(since, frames)

    def snapshot(self, event_id: str, feeds: Feeds) -> None:
        """A snapshot for those who wait for one. Items are the stored bytes: nothing is parsed."""
        self._asked_snapshot = False
        if self.mode is Mode.OPENING:
            return  # perhaps of the history that we have just given up; who waits for one makes us ask again
        self._snapshot = (event_id, snapshot_text(self.scope, event_id, feeds))
        if self.mode is Mode.LIVE:
            if version(event_id) < self.version and self._after(event_id) is None:
                self._start_over()
            else:
                self._admit_waiting()

    # -- readers

    def join(self, reader: Reader, since: str | None) -> None:
        """Bring a reader from `since` (None: from nothing) to the present, then keep it there."""
        self.live.pop(reader, None)
        self.joining[reader] = since
        if self.mode is Mode.LIVE:
            self._admit(reader)

    def leave(self, reader: Reader) -> None:
        """The reader is gone, and what was held for it."""
        self.drop(reader)
        self._held.forget(reader)

    def drop(self, reader: Reader) -> None:
        """Send this reader nothing more until it joins again. What is held for it stays held."""
        self.live.pop(reader, None)
        self.joining.pop(reader, None)

    def hold(self, reader: Reader, at: int, text: str) -> None:
        """Write this result once the reader has been sent the event of version `at`."""
        self._held.add(reader, at, text)
        self.port.flush_soon()

    def tick(self) -> None:
        """Called about once a second: a result that still waits for its event makes the room ask for it.

        PubSub may lose a message without breaking the connection.
        """
        if self._held.look(self.live):
            self.gap()
        if self._snapshot is not None and self._after(self._snapshot[0]) is None:
            self._snapshot = None

    def flush(self) -> None:
        """Write what this tick brought, as one message, then the results that waited for it."""
        if self._pending:
            text = b"\n".join(self._pending).decode()
            self._pending.clear()
            for reader in list(self.live):
                reader.write(text)
        if self.mode is not Mode.OPENING:
            self._held.release(self.live, self.version)

    # -- keeping the chain

    def _accept(self, data: bytes) -> None:
        try:
            frame = Frame.parse(data)
        except ValueError:
            logger.exception("scope %s: a frame that no commit script wrote", self.scope)
            self._start_over()
            return
        if frame.prev == self.id:
            self.id = frame.id
            self._tail.append(frame)
            self._pending.append(frame.json)
            self.port.flush_soon()
        elif self._after(frame.id) is None:
            # The frame itself need not be kept: what was published before we ask is in the log.
            self.gap()

    def _caught_up(self, frames: list[bytes] | None) -> None:
        if frames is None:
            self._start_over()
            return
        self.mode = Mode.LIVE
        for data in frames:
            self._accept(data)
            if self.mode is not Mode.LIVE:
                # The log itself does not follow from where we are.
                self._start_over()
                return
        if self._catch_up_again():
            return
        if not frames and self._snapshot is not None and version(self._snapshot[0]) > self.version:
            self._snapshot = None  # of a history that a power loss took back
        self._go_live()
        if not frames and self.mode is Mode.LIVE:
            # What was overdue when we asked, and is of no version that the log knows, was taken back by a
            # power loss. Its owner hears it now rather than never.
            self._held.release(self.live, self.version, overdue=True)

    def _catch_up_again(self) -> bool:
        """Ask once more if a gap came while we were asking."""
        again, self._ask_again = self._ask_again, False
        if again:
            self.mode = Mode.BEHIND
            self._ask_log(self.id)
        return again

    def _go_live(self) -> None:
        self.mode = Mode.LIVE
        early, self._early = self._early, []
        for data in early:
            # A frame that the answer already covered is older than where we stand now; it must not look
            # like a gap.
            if version(data.partition(b"-")[0].decode("ascii", "replace") or "0") > self.version:
                self.frame(data)
        if self.mode is Mode.LIVE:
            self._admit_waiting()
            self.flush()

    def _start_over(self) -> None:
        """Another history than ours: forget, ask where the scope stands, and let the readers begin anew."""
        self.mode = Mode.OPENING
        self._ask_again = False
        self._pending.clear()
        self._early.clear()
        self._tail.clear()
        self._snapshot = None
        self.joining = dict.fromkeys(self.joining)
        readers, self.live = self.live, {}
        text = f'{{"verb":"resync","scope":"{self.scope}"}}'
        for reader in readers:
            reader.write(text)
        self.port.ask_last()

    def _ask_log(self, since: str) -> None:
        if since not in self._asked_logs:
            self._asked_logs.add(since)
            self.port.ask_log(since)

    # -- bringing readers up to date

    def _after(self, event_id: str) -> list[Frame] | None:
        return [] if event_id == self.id else self._tail.after(event_id)

    def _admit_waiting(self) -> None:
        for reader in list(self.joining):
            if self.mode is Mode.LIVE and reader in self.joining:
                self._admit(reader)

    def _admit(self, reader: Reader) -> None:
        since = self.joining[reader]
        if since is None:
            self._admit_from_snapshot(reader)
            return
        missed = self._after(since)
        if missed is None:
            self._ask_log(since)
        else:
            self._make_live(reader, [frame.json.decode() for frame in missed] + [self._resumed()])

    def _resumed(self) -> str:
        return f'{{"verb":"resumed","scope":"{self.scope}","id":"{self.id}"}}'

    def _admit_from_snapshot(self, reader: Reader) -> None:
        if self._snapshot is not None:
            event_id, text = self._snapshot
            missed = self._after(event_id)
            if missed is not None:
                text = with_contained(text, reader.contained(self.scope, version(event_id)))
                self._make_live(reader, [text, *(frame.json.decode() for frame in missed)])
                return
            if version(event_id) > self.version:
                self.gap()
                return
        if not self._asked_snapshot:
            self._asked_snapshot = True
            self.port.ask_snapshot()

    def _resume(self, since: str, frames: list[bytes] | None) -> None:
        """The log's answer for readers that came from beyond the tail."""
        readers = [reader for reader, at in self.joining.items() if at == since]
        if frames is None:
            for reader in readers:
                self.joining[reader] = None
        elif not frames:
            # `since` is the scope's last event and we have not heard of it.
            self.gap()
        else:
            try:
                parsed = [Frame.parse(data) for data in frames]
            except ValueError:
                logger.exception("scope %s: its log holds a frame that no commit script wrote", self.scope)
                self.log(since, None)
                return
            if parsed[-1].version > self.version:
                # The frames that we have not heard of go to everybody: the room catches up, and asks for
                # `since` again.
                self.gap()
            missed = self._after(parsed[-1].id)
            if self.mode is Mode.LIVE and missed is not None:
                lines = [frame.json.decode() for frame in parsed + missed] + [self._resumed()]
                for reader in readers:
                    self._make_live(reader, lines)
            elif self.mode is Mode.LIVE:
                for reader in readers:
                    self.joining[reader] = None
        self._admit_waiting()

    def _make_live(self, reader: Reader, lines: list[str]) -> None:
        # What this tick brought is part of `lines`; those who are live get it first, or the newcomer would
        # get it twice.
        self.flush()
        del self.joining[reader]
        self.live[reader] = None
        reader.write("\n".join(lines))
        reader.arrived(self.scope)
        self.port.flush_soon()  # results may have waited for this
