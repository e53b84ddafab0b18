"""A scope, its room and its readers, where a seeded chance decides what happens next."""

import random
from collections import deque
from collections.abc import Callable

from capsule.server.limits import Limits
from capsule.server.room import Room

from .scripted import Page, Script, frame, result, root


class World:
    """Commits, lost or late frames, slow answers, power loss, readers that come, go and come back."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.history: list[bytes] = []
        self.ids = ["0-0"]
        self.wire: deque[bytes] = deque()
        self.questions: deque[str] = deque()
        self.script = Script()
        self.room = Room("team.7", self.script, Limits(tail_frames=6))
        self.pages: list[Page] = []
        self.owed: list[Page] = []
        self.taken_back: set[int] = set()

    def step(self) -> None:
        moves: list[Callable[[], None]] = [
            *(self.commit, self.deliver, self.answer) * 3, self.come, self.come_back, self.leave, self.lose,
            self.block, self.unblock, self.interrupt, self.tick, self.power_loss,
        ]  # fmt: skip
        weights = [1.0] * 15 + [0.3, 1.0, 0.1]
        self.chance.choices(moves, weights)[0]()
        self.questions.extend(self.script.taken())
        if self.chance.random() < 0.5:
            self.room.flush(self.chance.choice([None, 1]))

    def commit(self) -> None:
        number = len(self.ids)
        prev = self.ids[-1]
        nonce = self.chance.randrange(1, 2**31)
        data = frame(number, nonce, prev)
        self.history.append(data)
        self.ids.append(f"{number}-{nonce}")
        self.wire.append(data)
        live = [page for page in self.pages if page in self.room.live]
        if live and self.chance.random() < 0.5:
            page = self.chance.choice(live)
            self.room.hold(page, number, result(number, nonce))
            self.owed.append(page)

    def deliver(self) -> None:
        if self.wire:
            self.room.frame(self.wire.popleft())

    def block(self) -> None:
        if self.pages:
            page = self.chance.choice(self.pages)
            self.room.lag(page)
            page.blocked = True

    def unblock(self) -> None:
        blocked = [page for page in self.pages if page.blocked]
        if blocked:
            page = self.chance.choice(blocked)
            page.blocked = False
            self.room.resume(page)

    def lose(self) -> None:
        if self.wire:
            self.wire.popleft()

    def interrupt(self) -> None:
        self.wire.clear()
        self.room.gap()

    def tick(self) -> None:
        self.room.tick()
        self.questions.append("last")

    def power_loss(self) -> None:
        keep = max(0, len(self.history) - self.chance.randrange(1, 4))
        self.taken_back.update(int(lost.partition("-")[2]) for lost in self.ids[keep + 1 :])
        del self.history[keep:], self.ids[keep + 1 :]
        self.wire.clear()
        self.owed.clear()
        self.room.gap()

    def answer(self) -> None:
        if not self.questions:
            return
        what, _, since = self.questions.popleft().partition(" ")
        if what == "last":
            self.room.last(self.ids[-1])
        elif what == "snapshot":
            self.room.snapshot(*root(self.ids[-1]))
        else:
            known = since in self.ids and len(self.ids) - self.ids.index(since) <= 12
            self.room.log(since, self.history[self.ids.index(since) :] if known else None)

    def come(self) -> None:
        page = Page(str(len(self.pages)))
        page.taken_back = self.taken_back
        self.pages.append(page)
        self.room.join(page, None)

    def come_back(self) -> None:
        if self.pages:
            page = self.chance.choice(self.pages)
            if page.at is not None and self.chance.random() < 0.5:
                self.room.drop(page)
            self.room.join(page, page.at, blocked=page.blocked)

    def leave(self) -> None:
        if self.pages:
            page = self.chance.choice(self.pages)
            self.room.leave(page)
            self.pages.remove(page)

    def settle(self) -> None:
        for _ in range(200):
            self.unblock()
            self.deliver()
            self.questions.extend(self.script.taken())
            self.answer()
            self.questions.extend(self.script.taken())
            self.room.flush()
            for page in self.pages:
                here = page in self.room.live or page in self.room.joining or page in self.room.lagging
                if not here and not page.blocked:
                    self.room.join(page, None)  # a client that was told to resync
            if not self.wire and not self.questions:
                self.tick()
