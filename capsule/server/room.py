"""One scope in one gateway: every event once, in order, to every reader, or an explicit resync.

A room does no I/O. It asks its `Port` for what it needs (the scope's last id, a piece of the log, a
snapshot) and is told the answers. Frames come in as the commit script published them and go out as the same
bytes, put together once for all readers.

The room is at one event id. It accepts a frame whose predecessor is that id, drops one that it knows, and
for anything else catches up from the scope's log; if the log does not reach back so far (trimmed, or rolled
back by a power loss), the room starts anew and tells its readers to do the same.

A reader whose socket takes no more is lagging: it is sent nothing, and costs no memory but its place. When it takes
data again it goes on from the tail; if that no longer reaches back to it, it is told to resync.
"""

import logging
from enum import Enum

from capsule.server.blob import Blob
from capsule.server.held import Held
from capsule.server.limits import Limits
from capsule.server.ports import Direct, Port, Reader
from capsule.server.snapshot import with_contained
from capsule.server.spread import Spread
from capsule.server.tail import Frame, Tail, version
from capsule.shared.wire import NOTHING

logger = logging.getLogger("capsule.server.room")


class Mode(Enum):
    """`OPENING`: the room does not know where the scope stands. `BEHIND`: it has asked the log for what it missed."""

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
        self.live: dict[Reader, Direct | None] = {}
        self.joining: dict[Reader, str | None] = {}
        self.lagging: dict[Reader, str | None] = {}
        self._quiet: dict[Reader, int] = {}
        self._written = NOTHING
        self._said = self._said_written = 0
        self._spread = Spread()
        self._held: Held[Reader] = Held()
        self._pending: list[bytes] = []
        self._early: list[bytes] = []
        self._most_early = limits.tail_frames
        self._tail = Tail(limits.tail_frames, limits.tail_bytes)
        self._snapshot: tuple[str, Blob] | None = None
        self._asked_snapshot = False
        self._asked_logs: set[str] = set()
        self._ask_again = False
        port.ask_last()

    @property
    def version(self) -> int:
        return version(self.id)

    @property
    def empty(self) -> bool:
        return not (self.live or self.joining or self.lagging)

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
        self._said += 1
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
            self.id = self._written = event_id
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

    def snapshot(self, event_id: str, blob: Blob) -> None:
        """The `snapshot` message, for those who wait for one."""
        self._asked_snapshot = False
        if self.mode is Mode.OPENING:
            return  # perhaps of the history that we have just given up; who waits for one makes us ask again
        self._snapshot = (event_id, blob)
        if self.mode is Mode.LIVE:
            if version(event_id) < self.version and self._after(event_id) is None:
                self._start_over()
            else:
                self._admit_waiting()

    # -- readers

    def join(self, reader: Reader, since: str | None, *, blocked: bool = False) -> None:
        """Bring a reader from `since` (None: from nothing) to the present, then keep it there.

        `blocked`: its socket takes nothing; it begins when `resume` is called.
        """
        self.drop(reader)
        if blocked:
            self.lagging[reader] = since
            return
        self.joining[reader] = since
        if self.mode is Mode.LIVE:
            self._admit(reader)

    def lag(self, reader: Reader) -> None:
        """The reader's socket takes no more: send it nothing until `resume`, and remember where it is."""
        if reader in self.live:
            if reader in self._spread:
                self._spread.go(
                    self.live
                )  # it is still to be sent what others have: its place would be unclear
            self.live.pop(reader, None)
            self.lagging[reader] = self._written
            self._quiet[reader] = self._said_written
        elif reader in self.joining:
            self.lagging[reader] = self.joining.pop(reader)

    def resume(self, reader: Reader) -> None:
        """The reader's socket takes data again. Nothing happens if it is not lagging."""
        if reader in self.lagging:
            self.joining[reader] = self.lagging.pop(reader)
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
        self.lagging.pop(reader, None)
        self._quiet.pop(reader, None)

    def withdraw(self, reader: Reader) -> list[tuple[int, str]]:
        """Take the reader out, and what was held for it."""
        self.drop(reader)
        return self._held.take(reader)

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

    def flush(self, most: int | None = None) -> bool:
        """Write what this tick brought, as one message, then the results that waited for it.

        True: `most` readers have been written to and others are still to be; call again. Anything that needs the
        order of things writes the rest first.
        """
        if self._spread.go(self.live, most):
            return True
        if self._pending:
            blob = Blob(self._pending[0] if len(self._pending) == 1 else b"\n".join(self._pending))
            self._pending.clear()
            self._written, self._said_written = self.id, self._said
            self._spread.begin(blob, self.live)
            if self._spread.go(self.live, most):
                return True
        if self.mode is not Mode.OPENING:
            self._held.release(self.live, self.version)
        return False

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
        self._spread.stop()
        self._pending.clear()
        self._early.clear()
        self._tail.clear()
        self._snapshot = None
        self.joining = dict.fromkeys(self.joining)
        readers, self.live = self.live, {}
        blob = self._resync()
        for reader in readers:
            reader.write(blob)
        self.port.ask_last()

    def _resync(self) -> Blob:
        return Blob.of(f'{{"verb":"resync","scope":"{self.scope}"}}')

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
        if reader in self._quiet:
            self._go_on(reader, since)
            return
        if since is None:
            self._admit_from_snapshot(reader)
            return
        missed = self._after(since)
        if missed is None:
            self._ask_log(since)
        else:
            self._make_live(reader, [Blob(b"\n".join([*(frame.json for frame in missed), self._resumed()]))])

    def _go_on(self, reader: Reader, since: str | None) -> None:
        """A reader that lagged gets what it missed, and need not know that it did."""
        missed = None if since is None else self._after(since)
        said = self._quiet.pop(reader)
        if missed is None:
            # Not a snapshot unasked: only the client can say which of its actions are pending, and so in it.
            del self.joining[reader]
            reader.write(self._resync())
            reader.fell_behind()
            return
        # What this tick brought is part of `missed`; those who are live get it first.
        self.flush()
        del self.joining[reader]
        self.live[reader] = reader.direct
        if missed:
            reader.write(Blob(b"\n".join(frame.json for frame in missed)))
        if said != self._said_written:
            reader.arrived(self.scope)  # joins and leaves are not kept: show everybody who is here
        self.port.flush_soon()  # results may have waited for this

    def _resumed(self) -> bytes:
        return f'{{"verb":"resumed","scope":"{self.scope}","id":"{self.id}"}}'.encode()

    def _admit_from_snapshot(self, reader: Reader) -> None:
        if self._snapshot is not None:
            event_id, blob = self._snapshot
            missed = self._after(event_id)
            if missed is not None:
                blobs = [with_contained(blob, reader.contained(self.scope, version(event_id)))]
                if missed:
                    blobs.append(Blob(b"\n".join(frame.json for frame in missed)))
                self._make_live(reader, blobs)
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
                blob = Blob(b"\n".join([*(frame.json for frame in parsed + missed), self._resumed()]))
                for reader in readers:
                    if reader in self.joining:
                        self._make_live(reader, [blob])
            elif self.mode is Mode.LIVE:
                for reader in readers:
                    self.joining[reader] = None
        self._admit_waiting()

    def _make_live(self, reader: Reader, blobs: list[Blob]) -> None:
        # What this tick brought is part of `blobs`; those who are live get it first, or the newcomer would
        # get it twice.
        self.flush()
        del self.joining[reader]
        self.live[reader] = reader.direct
        for blob in blobs:
            reader.write(blob)
        reader.arrived(self.scope)
        self.port.flush_soon()  # results may have waited for this
