"""The scopes a worker holds inflated, brought forward by their logs."""

import json
from collections import OrderedDict

from capsule.feeds import Capsule
from capsule.shared.model import Model
from capsule.shared.scope import Scope

SCOPES_KEPT = 256


class Inflated:
    """Re-inflated roots by scope name, the least recently used dropped beyond `SCOPES_KEPT`.

    A held scope stays valid across claims: `current` asks the log for what happened since, and takes a snapshot only
    when the log no longer reaches back (trimmed, or the server lost its last moments).
    """

    def __init__(self, cap: Capsule, roots: dict[str, type[Model]]) -> None:
        self.cap = cap
        self.roots = roots
        self.scopes: OrderedDict[str, Scope] = OrderedDict()

    def root_class(self, name: str) -> type[Model] | None:
        """The class for a scope's name (`team.7` -> the class whose type is `team`)."""
        return self.roots.get(name.split(".", 1)[0])

    async def current(self, name: str) -> Scope:
        """The scope as of now. The name's type must be known (`root_class`)."""
        held = await self.take(name)
        self.give(held)
        return held

    async def take(self, name: str) -> Scope:
        """The scope as of now, for the caller alone until `give`: whoever asks meanwhile gets another copy."""
        held = self.scopes.pop(name, None)
        if held is None or not await self.catch_up(held):
            root_class = self.roots[name.split(".", 1)[0]]
            held = Scope(root_class, name)
            held.load((await self.cap.scope(name).snapshot()).parsed())
        return held

    def give(self, held: Scope) -> None:
        """Keep a scope that holds exactly what is stored at its event id."""
        self.scopes[held.name] = held
        self.scopes.move_to_end(held.name)
        while len(self.scopes) > SCOPES_KEPT:
            self.scopes.popitem(last=False)

    async def catch_up(self, held: Scope) -> bool:
        frames = await self.cap.scope(held.name).log(held.eventId)
        if frames is None:
            return False
        return all(held.apply(json.loads(frame.split(b"\n", 1)[1])) != "gap" for frame in frames)

    def drop(self, name: str) -> None:
        """Forget a scope whose models hold something that was not committed."""
        self.scopes.pop(name, None)
