"""Collection: an ordered set of models that can be a feed.

events.py (Events) -> selection.py (looking through) -> sequence.py (Backbone's Collection) -> place.py
(its place in a tree) -> here (permission, and asking the server).
"""

from typing import Any

from capsule.shared.model import linkOf
from capsule.shared.permission import ask
from capsule.shared.place import Place
from capsule.shared.platform import className, classOf, member
from capsule.shared.proposal import Proposal
from capsule.shared.values import show
from capsule.shared.verdict import Verdict, refusal


class Collection(Place):
    """What an app's own collections extend."""

    anonymous: bool = False
    _sentence: str | None = None

    # The rules, for an app to write: canAdd(user, model), without which the answer is no, and canRead(user), without
    # which whoever reads the root reads this too (audiences.py).
    canRead: Any
    canAdd: Any

    def deny(self, sentence: str) -> bool:
        """For rules: `return self.parent.id == user or self.deny("Only your own.")`."""
        self._sentence = sentence
        return False

    def can(self, action: str, user: Any, attrs: Any = None, options: Any = None) -> Verdict:
        """The verdict without the deed: can("add", user, attrs?, options?), can("read", user). Without
        attributes it says whether the user may add here at all.
        """
        if action == "read":
            if member(self, "canRead") is None and self.root is not None:
                return self.root.can("read", user)
            return ask(self, "canRead", [user])
        if action == "add":
            proposal = Proposal(self, {} if attrs is None else attrs, user, options)
            verdict = proposal.judge(attrs is not None)
            proposal.withdraw()
            return verdict
        return refusal("UNKNOWN_VERB", f"A collection cannot be asked about {show(action)}.")

    # -- long feeds

    @property
    def hasOlder(self) -> bool:
        """Whether the feed has items before the first one here: they come by `loadOlder`."""
        return self._older > 0

    @property
    def totalLength(self) -> int:
        """How many items the feed has, here or not."""
        return self._older + len(self.models)

    def loadOlder(self, count: int = 50) -> Any:
        """Ask the server for up to `count` (at most 1,000) items that come before these. What it returns has a `state`
        and fires "settled" when they are here.
        """
        owner = className(classOf(self))
        root = self.root
        if root is None:
            raise RuntimeError(f"This {owner} is not connected: it is not part of a tree.")
        return linkOf(root, owner).loadOlder(self.path, count)

    # -- deeds

    def safeAdd(self, attrs: Any, user: Any, options: Any = None) -> Verdict:
        """Add what a user asks to add. Options: "id" (made by who asks; inside an operation one is made
        if it is left out), and a position as in `safeMove`.

        In this order: whitelist (`clientAddable`), types, a model that has its place but is not in it
        yet, `stamp`, `validate`, `canAdd`, and only then the add.
        """
        proposal = Proposal(self, attrs, user, options)
        verdict = proposal.judge(True)
        if not verdict.allowed:
            proposal.withdraw()
            return verdict
        if self._isBeforeAll(options):
            proposal.withdraw()
        else:
            self.add(proposal.model, {} if proposal.at is None else {"at": proposal.at})
        return verdict

    def addServer(self, attrs: dict[str, Any], position: dict[str, Any] | None = None) -> Any:
        """Ask the server for a `safeAdd`; it is done at once here, and taken back if the server refuses."""
        owner = className(classOf(self))
        root = self.root
        if root is None:
            raise RuntimeError(f"This {owner} is not connected: it is not part of a tree.")
        link = linkOf(root, owner)
        action = {"do": "add", "feed": self.path, "id": link.newId(), "attrs": attrs}
        if position is not None:
            action["position"] = position
        return link.request(action)
