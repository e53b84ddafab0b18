"""The client's sync engine: the server's state, the user's own changes on top of it, and nothing lost in between.

It does no I/O. A driver feeds it the lines that arrive (`receive`) and sends the lines that it hands out (`take`).

What the page shows is always *confirmed + pending replayed*. `base` holds the confirmed state; `view` holds what is
shown. While nothing is pending a frame is applied to both. Otherwise the pending operations are replayed on `base`,
the view is brought to that, place by place, and `base` is taken back: so the page sees one change from old to new,
never the steps between.
"""

from typing import Any

from capsule.shared.actions import perform
from capsule.shared.codes import SENTENCES
from capsule.shared.events import Events
from capsule.shared.model import Model
from capsule.shared.patching import patchView
from capsule.shared.pending import PendingOperation
from capsule.shared.platform import dumpJSON, parseJSON
from capsule.shared.recorder import Recorder
from capsule.shared.scope import Scope
from capsule.shared.touched import Touched
from capsule.shared.verdict import Operation, Verdict
from capsule.shared.wire import NOTHING, PROTOCOL


class Replica(Events):
    """One scope, as one user sees it.

    Options: "client" (8 to 16 letters and digits, new for each page load), "user" (until the server says who it is),
    "now" (a function that gives milliseconds; the stamp of optimistic changes), "schema" (the models' hash).

    Events: "send" (there is something to `take`), "ready" (the first state is here), "synced" (after each catch-up),
    "pending" (an operation began), "settled" (operation; accepted or not), "rejected" (operation, verdict),
    "presence" (the map), "error" (the server's error line), "drain" (milliseconds).
    """

    def __init__(self, rootClass: type[Model], name: str, options: dict[str, Any]) -> None:
        super().__init__()
        self.scope = name
        self.client: str = options["client"]
        self.user: str = options.get("user") or ""
        self.schema: str = options.get("schema") or ""
        self.clock: Any = options.get("now")
        self.session = ""
        self.heartbeat = 0
        self.base = Scope(rootClass, name)
        self.view = Scope(rootClass, name)
        self.root: Any = self.view.root
        self.root.link = self
        self.pending: list[PendingOperation] = []
        self.presence: dict[str, Any] = {}
        self.online = False
        self.ready = False
        self.counter = 0
        self.outbox: list[str] = []
        self.ownState: dict[str, Any] | None = None
        self.kept: dict[str, Any] = {}
        self.failure: Exception | None = None

    # -- the driver's side

    def hello(self) -> str:
        """The first line on a new connection."""
        return dumpJSON({"verb": "hello", "protocol": PROTOCOL, "client": self.client, "schema": self.schema})

    def connected(self) -> list[str]:
        """The lines that follow `welcome`: where this replica stands, and what it still waits for."""
        since = None if self.base.eventId == NOTHING else self.base.eventId
        return [self.subscription(since)]

    def disconnected(self) -> None:
        """The connection is gone. Pending operations wait, and are sent again in order after the next catch-up."""
        self.online = False
        self.outbox = []

    def receive(self, text: str) -> None:
        """Take one message of one or more lines. What is not understood leads to a fresh snapshot, never to a throw."""
        for line in text.split("\n"):
            if line != "":
                self.receiveLine(line)
        self.rethrow()

    def receiveLine(self, line: str) -> None:
        try:
            message = parseJSON(line)
        except ValueError:
            message = None
        if isinstance(message, dict) and isinstance(message.get("verb"), str):
            self.handle(message)
        else:
            self.resync()

    def take(self) -> list[str]:
        """The lines to send now, in order. They are handed out once."""
        lines = self.outbox
        self.outbox = []
        return lines

    # -- the models' side

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
        if self.online:
            self.send(operation)
        self.trigger("pending", operation)
        return operation

    def setPresence(self, state: dict[str, Any]) -> None:
        """Tell the others in this scope something that is not kept (what is selected, typing...)."""
        self.ownState = state
        if self.online:
            self.post({"verb": "presence", "scope": self.scope, "state": state})

    # -- messages

    def handle(self, message: dict[str, Any]) -> None:
        verb = message["verb"]
        if verb == "welcome":
            self.user = message["user"]
            self.session = message["session"]
            self.heartbeat = message["heartbeat"]
            return
        if message.get("scope", self.scope) != self.scope:
            return
        if verb == "event":
            self.onFrame(message)
        elif verb == "snapshot":
            self.onSnapshot(message)
        elif verb == "resumed":
            self.onSynced(message)
        elif verb == "result":
            self.onResult(message)
        elif verb == "presence":
            self.onPresence(message)
        elif verb == "error":
            self.onError(message)
        elif verb == "resync":
            self.resync()
        elif verb == "drain":
            self.tell("drain", message.get("after", 0))

    def onFrame(self, frame: dict[str, Any]) -> None:
        outcome = self.advance(self.base, frame)
        if outcome == "gap":
            self.online = False
            self.post(self.subscriptionMessage(self.base.eventId))
        elif outcome == "applied":
            if len(self.pending) == 0:
                self.advance(self.view, frame)
            else:
                self.showUnderPending(frame)
            self.tell("frame", frame)

    def advance(self, scope: Scope, frame: dict[str, Any]) -> str:
        try:
            return scope.apply(frame)
        except Exception as error:
            self.failure = error
            return "applied"

    def showUnderPending(self, frame: dict[str, Any]) -> None:
        touched = Touched()
        touched.addFrame(frame)
        named = {transaction[0]: True for transaction in frame["tx"]}
        done = [operation for operation in self.pending if self.idOf(operation) in named]
        self.pending = [operation for operation in self.pending if self.idOf(operation) not in named]
        for operation in done:
            touched.addAll(operation.touched)
        self.view.eventId = self.base.eventId
        self.replay(touched)
        for operation in done:
            self.accept(operation)

    def onSnapshot(self, snapshot: dict[str, Any]) -> None:
        contained = {str(n): True for n in snapshot.get("contained", [])}
        done = [operation for operation in self.pending if str(operation.n) in contained]
        self.pending = [operation for operation in self.pending if str(operation.n) not in contained]
        self.base.load(snapshot)
        touched = Touched()
        touched.everything = True
        self.view.eventId = self.base.eventId
        self.replay(touched)
        for operation in done:
            self.accept(operation)
        self.onSynced(snapshot)

    def onSynced(self, message: dict[str, Any]) -> None:
        """Current again: what is pending goes out once more, oldest first."""
        self.online = True
        for operation in self.pending:
            self.send(operation)
        if self.ownState is not None:
            self.setPresence(self.ownState)
        if not self.ready:
            self.ready = True
            self.tell("ready")
        self.tell("synced", message["id"])

    def onResult(self, result: dict[str, Any]) -> None:
        operation = self.withdraw(result["n"])
        if operation is None:
            return
        self.replay(operation.touched)
        if result["code"] == 200:
            self.accept(operation)
        else:
            self.reject(operation, Verdict.fromJSON(result["verdict"]))

    def onError(self, error: dict[str, Any]) -> None:
        """An error that names an operation refuses it; but GAP asks for all that is pending, in order."""
        if error["name"] == "GAP":
            for waiting in self.pending:
                self.send(waiting)
            return
        operation = self.withdraw(error["n"]) if "n" in error else None
        if operation is not None:
            self.replay(operation.touched)
            sentence = error.get("sentence", SENTENCES["INTERNAL"])
            self.reject(operation, Verdict(False, error["code"], "server", None, sentence))
        self.tell("error", error)

    def onPresence(self, message: dict[str, Any]) -> None:
        if "all" in message:
            self.presence = dict(message["all"])
        else:
            self.presence.update(message.get("join", {}))
            for session in message.get("leave", []):
                self.presence.pop(session, None)
        self.tell("presence", self.presence)

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

    # -- lines

    def send(self, operation: PendingOperation) -> None:
        first = self.pending[0].n == operation.n
        message = {
            "verb": "do",
            "scope": self.scope,
            "n": operation.n,
            "first": first,
            "action": operation.action,
        }
        self.post(message)

    def resync(self) -> None:
        self.online = False
        self.post(self.subscriptionMessage(None))

    def subscription(self, since: str | None) -> str:
        return dumpJSON(self.subscriptionMessage(since))

    def subscriptionMessage(self, since: str | None) -> dict[str, Any]:
        return {
            "verb": "subscribe",
            "scope": self.scope,
            "since": since,
            "pending": [operation.n for operation in self.pending],
        }

    def post(self, message: dict[str, Any]) -> None:
        self.outbox.append(dumpJSON(message))
        self.trigger("send")
