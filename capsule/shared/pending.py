"""An operation that the user began and the server has not answered yet."""

from typing import Any

from capsule.shared.events import Events
from capsule.shared.touched import Touched
from capsule.shared.verdict import Verdict


class PendingOperation(Events):
    """What `setServer` and its kin return.

    `state` is "pending", then "accepted" or "rejected" (with `verdict`); "settled" fires once, with this operation.
    `n` counts a client's operations from 1; `now` is the optimistic stamp in milliseconds.
    """

    def __init__(self, n: int, action: dict[str, Any], now: int) -> None:
        super().__init__()
        self.n = n
        self.action = action
        self.now = now
        self.state = "pending"
        # Whether it has been sent on the present connection, and whether on any.
        self.sent = False
        self.begun = False
        self.verdict: Verdict | None = None
        self.touched = Touched()

    def touches(self, model: Any) -> bool:
        """Whether what is shown of this model is owed to this operation: for a mark beside what is not saved yet."""
        path = model.path
        return path[1] in self.touched.items.get(path[0], {})
