"""A queue as dictionaries and lists: what the scripts should do, written as simply as can be."""

from dataclasses import dataclass, field

from capsule.feeds import Claim, Finish, Release, Report

ATTEMPTS = 3


@dataclass
class Entry:
    """A job that has not ended."""

    group: str
    priority: int = 0
    most: int = ATTEMPTS
    pending: bool = False  # it will expire if it does not begin


@dataclass
class Held:
    """A claim: its epoch, the ids that are out, and how many its step handed out."""

    epoch: int
    group: str
    out: list[str]
    of: int


@dataclass
class QueueModel:
    """Units are groups, and `:<epoch>` for claims of jobs without a group."""

    jobs: dict[str, Entry] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    ring: dict[str, int] = field(default_factory=dict)
    ready: dict[str, int] = field(default_factory=dict)
    later: dict[str, bool] = field(default_factory=dict)  # -> whether its time has come
    suspects: list[str] = field(default_factory=list)
    claims: dict[str, Held] = field(default_factory=dict)
    delayed: dict[str, bool] = field(default_factory=dict)
    expired: list[str] = field(default_factory=list)  # units whose lease has run out, in this order
    overdue: list[str] = field(default_factory=list)  # jobs that came too late, in this order
    solo: dict[str, int] = field(default_factory=dict)
    held: dict[str, bool] = field(default_factory=dict)  # -> parked
    paused: bool = False
    fails: dict[str, int] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)  # -> done, dead, expired, cancelled
    letters: dict[str, Entry] = field(default_factory=dict)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("done", "dead", "expired", "cancelled"), 0)
    )
    turn: int = 0
    odd: int = 0

    def next_turn(self) -> int:
        self.turn += 1
        return self.turn

    def served(self, waiting: dict[str, int]) -> list[str]:
        return sorted(waiting, key=waiting.__getitem__)

    def make_ready(self, job_id: str) -> None:
        self.ready[job_id] = self.next_turn() - self.jobs[job_id].priority * 2**40

    def enter(self, job_id: str) -> None:
        group = self.jobs[job_id].group
        if not group:
            self.make_ready(job_id)
            return
        self.groups.setdefault(group, []).append(job_id)
        if len(self.groups[group]) == 1:
            self.ring[group] = self.next_turn()

    def put(self, job_id: str, entry: Entry, delayed: bool) -> str:
        if job_id in self.ended:
            return "done"
        if job_id in self.jobs:
            return "waiting"
        self.jobs[job_id] = entry
        if delayed:
            self.later[job_id] = False
        else:
            self.enter(job_id)
        return "queued"

    # Reports

    def report(self, report: Report) -> list[str]:
        unit = report.claim.group or f":{report.claim.epoch}"
        held = self.claims.get(unit)
        if held is not None and held.epoch != report.claim.epoch:
            held = None
        outcomes = []
        for entry in report.entries:
            outcome = "lost" if held is None else "ok"
            if held is not None and isinstance(entry, Release):
                self.give_back(unit)
                held = None
            elif held is not None and not isinstance(entry, Release) and entry.job.id in held.out:
                job_id = entry.job.id
                if isinstance(entry, Finish):
                    self.leave(held, job_id)
                    self.end(job_id, "done")
                    if held.group in self.solo:
                        self.solo[held.group] -= 1
                        self.solo = {group: left for group, left in self.solo.items() if left}
                elif self.charge(job_id) < self.jobs[job_id].most and entry.retry:
                    outcome = "retry"
                    if held.group:
                        self.give_back(unit, delayed=True)
                        held = None
                    else:
                        held.out.remove(job_id)
                        self.later[job_id] = False
                else:
                    self.leave(held, job_id)
                    self.bury(job_id)
                    outcome = "dead"
            outcomes.append(outcome)
        if held is not None and not held.out:
            self.give_back(unit)
        return outcomes

    def leave(self, held: Held, job_id: str) -> None:
        held.out.remove(job_id)
        if held.group:
            self.groups[held.group].remove(job_id)

    def give_back(self, unit: str, delayed: bool = False) -> None:
        held = self.claims.pop(unit)
        if unit in self.expired:
            self.expired.remove(unit)
        if not held.group:
            for job_id in sorted(held.out):
                self.make_ready(job_id)
        elif not self.groups[unit]:
            del self.groups[unit]
        elif delayed:
            self.delayed[unit] = False
        else:
            self.ring[unit] = self.next_turn()

    def charge(self, job_id: str) -> int:
        self.fails[job_id] = self.fails.get(job_id, 0) + 1
        return self.fails[job_id]

    def end(self, job_id: str, how: str) -> None:
        del self.jobs[job_id]
        self.fails.pop(job_id, None)
        if job_id in self.overdue:
            self.overdue.remove(job_id)
        self.ended[job_id] = how
        self.counts[how] += 1

    def bury(self, job_id: str) -> None:
        self.letters[job_id] = self.jobs[job_id]
        self.end(job_id, "dead")

    # Claims

    def claim(self, n: int) -> list[tuple[str, list[tuple[str, int]]]]:
        """The jobs handed out, by group ("" for none); the epochs are noted by `took`."""
        for unit in list(self.expired):
            self.lease_over(unit)
        self.expired = []
        for group in [group for group, due in self.delayed.items() if due]:
            del self.delayed[group]
            self.ring[group] = self.next_turn()
        for job_id in [job_id for job_id, due in self.later.items() if due]:
            del self.later[job_id]
            self.make_ready(job_id)
        for job_id in list(self.overdue):
            self.remove(job_id)
            self.end(job_id, "expired")
        if self.paused:
            return []
        taken: list[tuple[str, list[str]]] = []
        alone = self.alone()
        if alone:
            taken = [alone]
        else:
            urgent = sum(score < 0 for score in self.ready.values())
            self.take_ready(min(n, max((n + self.odd) // 2, urgent)), taken)
            while room := n - sum(len(ids) for _, ids in taken):
                turn = self.next_group()
                if turn is None or (turn in self.solo and taken):
                    break
                del self.ring[turn]
                taken.append((turn, self.groups[turn][: 1 if turn in self.solo else room]))
                if turn in self.solo:
                    break
            self.take_ready(n - sum(len(ids) for _, ids in taken), taken)
            if n % 2:
                self.odd = 1 - self.odd
        for _, ids in taken:
            for job_id in ids:
                self.jobs[job_id].pending = False
        return [(group, [(job_id, self.fails.get(job_id, 0)) for job_id in ids]) for group, ids in taken]

    def took(self, claims: list[Claim]) -> None:
        of = sum(len(claim.jobs) for claim in claims)
        for claim in claims:
            out = [job.id for job in claim.jobs]
            self.claims[claim.group or f":{claim.epoch}"] = Held(claim.epoch, claim.group, out, of)

    def take_ready(self, most: int, taken: list[tuple[str, list[str]]]) -> None:
        ids = self.served(self.ready)[:most]
        for job_id in ids:
            del self.ready[job_id]
        if ids:
            taken.append(("", ids))

    def next_group(self) -> str | None:
        """The next group in turn; held ones before it are parked."""
        for group in self.served(self.ring):
            if group not in self.held:
                return group
            del self.ring[group]
            self.held[group] = True
        return None

    def alone(self) -> tuple[str, list[str]] | None:
        if self.suspects:
            return "", [self.suspects.pop(0)]
        if self.solo and (group := self.next_group()) in self.solo and group is not None:
            del self.ring[group]
            return group, self.groups[group][:1]
        return None

    def lease_over(self, unit: str) -> None:
        held = self.claims.pop(unit)
        for job_id in sorted(held.out) if not held.group else held.out[:1]:
            dead = held.of == 1 and self.charge(job_id) >= self.jobs[job_id].most
            if dead:
                self.bury(job_id)
            if held.group and dead:
                self.groups[unit].remove(job_id)
            elif held.group:
                self.solo[unit] = len(held.out) if held.of > 1 else self.solo.get(unit, 1)
            elif not dead:
                self.suspects.append(job_id)
        if held.group and self.groups[unit]:
            self.ring[unit] = self.next_turn()
        elif held.group:
            del self.groups[unit]

    # Looking after it

    def state(self, job_id: str) -> str:
        entry = self.jobs.get(job_id)
        if entry is None:
            # What died can be seen for longer than its result.
            return "dead" if job_id in self.letters else "done" if job_id in self.ended else "unknown"
        if any(job_id in held.out for held in self.claims.values()):
            return "active"
        if not entry.group:
            return "delayed" if job_id in self.later else "waiting"
        if entry.group in self.delayed and self.groups[entry.group][0] == job_id:
            return "delayed"
        return "held" if entry.group in self.held else "waiting"

    def remove(self, job_id: str) -> None:
        group = self.jobs[job_id].group
        if not group:
            self.ready.pop(job_id, None)
            self.later.pop(job_id, None)
            if job_id in self.suspects:
                self.suspects.remove(job_id)
            return
        self.groups[group].remove(job_id)
        if not self.groups[group]:
            for where in (self.groups, self.ring, self.delayed, self.solo):
                where.pop(group, None)
            if group in self.held:
                self.held[group] = False

    def cancel(self, job_id: str) -> str:
        state = self.state(job_id)
        if state in ("active", "unknown"):
            return state
        if state in ("done", "dead"):
            return "done"
        self.remove(job_id)
        self.end(job_id, "cancelled")
        return "cancelled"

    def retry(self, job_id: str) -> str:
        state = self.state(job_id)
        if state != "delayed":
            return {"held": "waiting", "dead": "done"}.get(state, state)
        group = self.jobs[job_id].group
        if group:
            del self.delayed[group]
            self.ring[group] = self.next_turn()
        else:
            del self.later[job_id]
            self.make_ready(job_id)
        return "ready"

    def hold(self, group: str | None) -> bool:
        already = self.paused if group is None else group in self.held
        if group is None:
            self.paused = True
        else:
            self.held.setdefault(group, False)
        return not already

    def resume(self, group: str | None) -> bool:
        if group is None:
            was, self.paused = self.paused, False
            return was
        if group not in self.held:
            return False
        if self.held.pop(group) and group in self.groups:
            self.ring[group] = self.next_turn()
        return True

    def redrive(self, job_ids: list[str]) -> list[str]:
        taken = [job_id for job_id in dict.fromkeys(job_ids) if job_id in self.letters]
        for job_id in taken:
            entry = self.letters.pop(job_id)
            del self.ended[job_id]
            self.jobs[job_id] = Entry(entry.group, entry.priority, entry.most)
            self.enter(job_id)
        return taken

    def drop(self, job_ids: list[str]) -> list[str]:
        taken = [job_id for job_id in dict.fromkeys(job_ids) if job_id in self.letters]
        for job_id in taken:
            del self.letters[job_id]
        return taken
