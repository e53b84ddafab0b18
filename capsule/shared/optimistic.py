"""The state that a user sees: what the server has confirmed, and the user's own changes replayed on top of it.

`base` holds the confirmed state; `view` holds what is shown. While nothing is pending a frame is applied to both.
Otherwise the pending operations are replayed on `base`, the view is brought to that, place by place, and `base` is
taken back: so the page sees one change from old to new, never the steps between.
"""

from typing import Any

from capsule.shared.actions import perform
from capsule.shared.codes import CODES, SENTENCES
from capsule.shared.events import Events
from capsule.shared.model import Model
from capsule.shared.patching import patchView
from capsule.shared.pending import PendingOperation
from capsule.shared.recorder import Recorder
from capsule.shared.scope import Scope
from capsule.shared.touched import Touched
from capsule.shared.verdict import Operation, Verdict


class Optimistic(Events):
    """Two trees of one scope, and the operations between them. Who sends them, and when, is the replica's business.

    Options: "client", "user", "now", as the replica's.
    """

    def __init__(self, rootClass: type[Model], name: str, options: dict[str, Any]) -> None:
        super().__init__()
        self.scope = name
        self.client: str = options["client"]
        self.user: str = options.get("user") or ""
        self.clock: Any = options.get("now")
        self.base = Scope(rootClass, name)
        self.view = Scope(rootClass, name)
        self.root: Any = self.view.root
        self.root.link = self
        self.pending: list[PendingOperation] = []
        self.counter = 0
        self.kept: dict[str, Any] = {}
        # What frames have brought since the view was last shown, and which operations are done by it.
        self.unshown: Touched | None = None
        self.done: list[PendingOperation] = []
        self.failure: Exception | None = None

    # -- operations

    def newId(self) -> str:
        """The id of what the next operation adds."""
        return f"{self.client}-{self.counter + 1}"

    def request(self, action: dict[str, Any]) -> PendingOperation:
        """Do the action at once if the rules allow it here, and ask the server. Refused here, it is never sent."""
        operation = PendingOperation(self.counter + 1, action, self.stamp())
        recorder = Recorder(self.root)
        try:
            verdict = self.perform(self.view, operation)
        except Exception:
            recorder.undo()
            raise
        if not verdict.allowed:
            recorder.undo()
            self.reject(operation, verdict)
            self.rethrow()
            return operation
        recorder.stop()
        self.counter += 1
        operation.touched = recorder.touched
        self.keep(recorder.events)
        self.pending.append(operation)
        self.begun(operation)
        return operation

    def begun(self, operation: PendingOperation) -> None:
        """An operation was done here, and is to be sent."""
        raise NotImplementedError

    def advance(self, scope: Scope, frame: dict[str, Any]) -> str:
        try:
            return scope.apply(frame)
        except Exception as error:
            self.failure = error
            return "applied"

    def takeFrame(self, frame: dict[str, Any]) -> None:
        """A frame that `base` has taken. While something is pending it is shown by `show`, with others that came in the
        same message: to replay what is pending costs as much for one frame as for many.
        """
        if self.unshown is None:
            if len(self.pending) == 0:
                self.advance(self.view, frame)
                return
            self.unshown = Touched()
        self.unshown.addFrame(frame)
        named = {transaction[0]: True for transaction in frame["tx"]}
        for operation in self.pending:
            if self.idOf(operation) in named:
                self.done.append(operation)

    def show(self) -> None:
        """Show what frames have brought below what stays pending. Their own operations are done."""
        touched = self.unshown
        if touched is not None:
            done = self.done
            self.unshown = None
            self.done = []
            self.settleAll(done, touched)

    def settleAll(self, done: list[PendingOperation], touched: Touched) -> None:
        """The server has done these: what is shown of them is confirmed now."""
        over = {str(operation.n): True for operation in done}
        self.pending = [operation for operation in self.pending if str(operation.n) not in over]
        for operation in done:
            touched.addAll(operation.touched)
        self.view.eventId = self.base.eventId
        self.replay(touched)
        for operation in done:
            self.accept(operation)

    def load(self, snapshot: dict[str, Any], done: list[PendingOperation]) -> None:
        """Begin anew from a snapshot, which holds what these operations did."""
        self.base.load(snapshot)
        touched = Touched()
        touched.everything = True
        self.settleAll(done, touched)

    def rejectAll(self, operations: list[PendingOperation], name: str) -> None:
        """Take these back, for a reason that is none of the models'."""
        for operation in operations:
            self.withdraw(operation.n)
        for operation in operations:
            self.replay(operation.touched)
            self.reject(operation, Verdict(False, CODES[name], "server", None, SENTENCES[name]))

    # -- state

    def perform(self, scope: Scope, operation: PendingOperation) -> Verdict:
        return perform(scope, operation.action, Operation(self.idOf(operation), self.user, operation.now))

    def replay(self, touched: Touched) -> None:
        """Show confirmed + pending: replay what is pending on `base`, bring the view to it, take it back."""
        done: list[Recorder] = []
        for operation in self.pending:
            touched.addAll(operation.touched)
            recorder = self.replayOne(operation)
            touched.addAll(operation.touched)
            done.append(recorder)
        try:
            patchView(self.view, self.base, touched, self.kept)
        except Exception as error:
            self.failure = error
        for index in range(len(done) - 1, -1, -1):
            done[index].undo()
        if len(self.pending) == 0:
            self.kept = {}

    def replayOne(self, operation: PendingOperation) -> Recorder:
        """An operation that does not apply here any more stays pending without effect: the server decides."""
        recorder = Recorder(self.base.root)
        try:
            allowed = self.perform(self.base, operation).allowed
        except Exception:
            allowed = False
        operation.touched = recorder.touched
        if allowed:
            recorder.stop()
        else:
            recorder.undo()
        return recorder

    def keep(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            if event["event"] == "remove":
                self.kept[event["collection"].path + "/" + event["model"].id] = event["model"]

    def withdraw(self, n: int) -> PendingOperation | None:
        found: PendingOperation | None = None
        for waiting in self.pending:
            if waiting.n == n:
                found = waiting
        if found is not None:
            self.pending = [operation for operation in self.pending if operation.n != n]
        return found

    def accept(self, operation: PendingOperation) -> None:
        operation.state = "accepted"
        self.settle(operation)

    def reject(self, operation: PendingOperation, verdict: Verdict) -> None:
        operation.state = "rejected"
        operation.verdict = verdict
        self.tell("rejected", operation, verdict)
        self.settle(operation)

    def settle(self, operation: PendingOperation) -> None:
        self.tell("settled", operation)
        try:
            operation.trigger("settled", operation)
        except Exception as error:
            self.failure = error

    def tell(self, name: str, *args: Any) -> None:
        """Trigger an event. A listener of the page that throws must not keep the replica from its work: what it threw
        is raised when the work is done."""
        try:
            self.trigger(name, *args)
        except Exception as error:
            self.failure = error

    def rethrow(self) -> None:
        failure = self.failure
        self.failure = None
        if failure is not None:
            raise failure

    def idOf(self, operation: PendingOperation) -> str:
        return f"{self.user}.{self.client}.{operation.n}"

    def stamp(self) -> int:
        """The browser's guess of the time; the worker's own stamp replaces it."""
        return 0 if self.clock is None else self.clock()
