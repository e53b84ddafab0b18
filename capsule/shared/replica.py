"""The client's sync engine: the server's state, the user's own changes on top of it, and nothing lost in between.

It does no I/O. A driver feeds it the lines that arrive (`receive`) and sends the lines that it hands out (`take`). What
the page shows is optimistic.py's business; here is the conversation.
"""

from typing import Any

from capsule.shared.codes import SENTENCES
from capsule.shared.model import Model
from capsule.shared.paging import Paging
from capsule.shared.pending import PendingOperation
from capsule.shared.platform import dumpJSON, parseJSON
from capsule.shared.verdict import Verdict
from capsule.shared.windows import windowsOf
from capsule.shared.wire import NOTHING, PROTOCOL, isEventId, versionOf


class Replica(Paging):
    """One scope, as one user sees it.

    Options: "client" (8 to 16 letters and digits, new for each page load), "user" (until the server says who it is),
    "now" (a function that gives milliseconds; the stamp of optimistic changes), "schema" (the models' hash), "feeds"
    (the only feeds that are wanted).

    Events: "send" (there is something to `take`), "ready" (the first state is here), "synced" (after each catch-up),
    "pending" (an operation began), "settled" (operation; accepted or not), "rejected" (operation, verdict),
    "presence" (the map), "error" (the server's error line), "drain" (milliseconds), "busy" (something was sent too
    soon: `resend` in a second or so).

    `state` is the subscription's: "offline", "joining", "live" or "gone". What each line does in each of them is the
    table "States of a subscription" in docs/protocol.md.
    """

    def __init__(self, rootClass: type[Model], name: str, options: dict[str, Any]) -> None:
        super().__init__(rootClass, name, options)
        self.schema: str = options.get("schema") or ""
        self.session = ""
        self.heartbeat = 0
        self.presence: dict[str, Any] = {}
        self.feeds: list[str] = options.get("feeds") or []
        self.windows = len(windowsOf(rootClass)) > 0
        # Whether the state is "live".
        self.online = False
        self.ready = False
        self.outbox: list[str] = []
        # The view that the last snapshot was of; "" when nothing is hidden.
        self.seen = ""
        self.ownState: dict[str, Any] | None = None

    # -- the driver's side

    def hello(self) -> str:
        """The first line on a new connection."""
        return dumpJSON({"verb": "hello", "protocol": PROTOCOL, "client": self.client, "schema": self.schema})

    def connected(self) -> list[str]:
        """The lines that follow `hello`: where this replica stands, and what it still waits for."""
        self.become("joining")
        self.outbox = []
        return [dumpJSON(self.subscriptionMessage(self.since()))]

    def disconnected(self) -> None:
        """The connection is gone. Pending operations wait, and are sent again in order after the next catch-up."""
        self.become("offline")
        self.outbox = []
        for operation in self.pending:
            operation.sent = False
        for request in list(self.pages.values()):
            request.answer = None

    def become(self, state: str) -> None:
        self.state = state
        self.online = state == "live"

    def receive(self, text: str) -> None:
        """Take one message of one or more lines. What is not understood leads to a fresh snapshot.

        What listeners threw, or what a line lacked, is raised when all lines are done and the state is right.
        """
        for line in text.split("\n"):
            if line != "":
                self.receiveLine(line)
        self.show()
        self.rethrow()

    def receiveLine(self, line: str) -> None:
        try:
            message = parseJSON(line)
        except ValueError:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("verb"), str):
            self.resync()
            return
        try:
            self.handle(message)
        except Exception as error:
            # A line that lacks something: how much of it was done is unknown.
            self.failure = error
            self.resync()

    def take(self) -> list[str]:
        """The lines to send now, in order. They are handed out once."""
        lines = self.outbox
        self.outbox = []
        return lines

    # -- the models' side

    def setPresence(self, state: dict[str, Any]) -> None:
        """Tell the others in this scope something that is not kept (what is selected, typing...)."""
        self.ownState = state
        if self.online:
            self.post({"verb": "presence", "scope": self.scope, "state": state})

    def begun(self, operation: PendingOperation) -> None:
        if self.online:
            self.send(operation)
        self.trigger("pending", operation)
        if self.state == "gone":
            self.rejectAll([operation], "NOT_FOUND")

    # -- messages

    def handle(self, message: dict[str, Any]) -> None:
        verb = message["verb"]
        if verb == "welcome":
            if self.user not in ["", message["user"]]:
                # Somebody else has logged in since: what was begun is not theirs.
                self.rejectAll(self.pending, "UNAUTHORIZED")
            self.user = message["user"]
            self.session = message["session"]
            self.heartbeat = message["heartbeat"]
            return
        if self.state == "offline" or message.get("scope", self.scope) != self.scope:
            return  # of a connection that is gone: the next one begins with all that matters
        if verb == "event":
            self.onFrame(message)
            return
        self.show()
        if verb == "snapshot":
            self.onSnapshot(message)
        elif verb == "resumed":
            self.onResumed(message)
        elif verb == "page":
            if self.state == "live":
                self.onPage(message)
        elif verb == "result":
            self.onResult(message)
        elif verb == "presence":
            if self.state != "gone":
                self.onPresence(message)
        elif verb == "error":
            self.onError(message)
        elif verb == "resync":
            self.resync()
        elif verb == "drain":
            self.tell("drain", message.get("after", 0))

    def onFrame(self, frame: dict[str, Any]) -> None:
        if self.state == "gone":
            return
        if (
            not isEventId(frame.get("id"))
            or not isEventId(frame.get("prev"))
            or not isinstance(frame.get("tx"), list)
        ):
            self.resync()
            return
        outcome = self.advance(self.base, frame)
        if outcome == "gap":
            if self.state == "live":
                # What is still under way of the old subscription is a gap, too: one question is enough.
                self.subscribe(self.since())
        elif outcome == "lacks":
            self.resync()
        elif outcome == "applied":
            self.takeFrame(frame)
            self.tell("frame", frame)
            if len(self.pages) > 0:
                self.takePages()

    def onSnapshot(self, snapshot: dict[str, Any]) -> None:
        contained = {str(n): True for n in snapshot.get("contained", [])}
        self.seen = snapshot.get("view", "")
        self.load(snapshot, [operation for operation in self.pending if str(operation.n) in contained])
        self.onSynced(snapshot)

    def onResumed(self, message: dict[str, Any]) -> None:
        """Everything up to this event has been sent. Whoever stands elsewhere has lost something."""
        if self.state == "gone" or message["id"] != self.base.eventId:
            self.subscribe(None)
        elif self.state == "joining":
            self.onSynced(message)

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Show a state that was kept (saved.py), until the server says what has become of it."""
        self.seen = snapshot.get("view", "")
        self.load(snapshot, [])
        self.becomeReady()

    def becomeReady(self) -> None:
        if not self.ready:
            self.ready = True
            self.tell("ready")

    def onSynced(self, message: dict[str, Any]) -> None:
        """Current again: what is pending goes out once more, oldest first."""
        self.become("live")
        self.resend()
        if self.ownState is not None:
            self.setPresence(self.ownState)
        self.becomeReady()
        self.tell("synced", message["id"])

    def onResult(self, result: dict[str, Any]) -> None:
        if self.state == "joining" and versionOf(result["id"]) > versionOf(self.base.eventId):
            return  # its event was lost: the change would vanish until it comes again, and so does this answer
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
        name = error["name"]
        if "feed" in error:
            if name != "TOO_MANY":
                self.refusePage(error)
            elif self.state == "live":
                self.tell("busy")
            return
        if self.state != "gone":
            if name == "GAP":
                if self.state == "live":
                    self.resend()
                return
            if name == "TOO_MANY" and ("n" in error) == (self.state == "live"):
                self.tell("busy")  # not taken: a driver calls `resend` a little later
                return
            if name == "TOO_MANY" and "n" in error:
                return  # sent again with the others, once the subscription is answered
            if name == "NOT_FOUND" and "n" not in error:
                self.forget()
        operation = self.withdraw(error["n"]) if "n" in error else None
        if operation is not None:
            self.replay(operation.touched)
            sentence = error.get("sentence", SENTENCES["INTERNAL"])
            self.reject(operation, Verdict(False, error["code"], "server", None, sentence))
        self.tell("error", error)

    def forget(self) -> None:
        """The scope is not there for this user, or no longer. What was sent is still answered; the rest is refused."""
        self.become("gone")
        self.seen = ""
        if len(self.presence) > 0:
            self.onPresence({"all": {}})
        self.load({"id": NOTHING, "feeds": []}, [])
        self.rejectAll([operation for operation in self.pending if not operation.sent], "NOT_FOUND")
        self.refusePages(list(self.pages.values()), "NOT_FOUND")

    def onPresence(self, message: dict[str, Any]) -> None:
        if "all" in message:
            self.presence = dict(message["all"])
        else:
            self.presence.update(message.get("join", {}))
            for session in message.get("leave", []):
                self.presence.pop(session, None)
        self.tell("presence", self.presence)

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
        operation.sent = True
        operation.begun = True
        self.post(message)

    def resend(self) -> None:
        """Send all that is pending, oldest first; before that, what it all depends on: the subscription."""
        if self.state == "joining":
            self.subscribe(self.since())
        elif self.state == "live":
            for operation in self.pending:
                self.send(operation)
            self.askPages()

    def resync(self) -> None:
        """Begin anew, with a snapshot."""
        if self.state == "joining" or self.state == "live":
            self.subscribe(None)

    def subscribe(self, since: str | None) -> None:
        self.show()
        self.become("joining")
        self.post(self.subscriptionMessage(since))

    def since(self) -> str | None:
        return None if self.base.eventId == NOTHING else self.base.eventId

    def subscriptionMessage(self, since: str | None) -> dict[str, Any]:
        message: dict[str, Any] = {
            "verb": "subscribe",
            "scope": self.scope,
            "since": since,
            "pending": [operation.n for operation in self.pending],
        }
        if self.seen != "":
            message["view"] = self.seen
        if self.windows:
            message["windows"] = True
        if len(self.feeds) > 0:
            message["feeds"] = self.feeds
        return message

    def post(self, message: dict[str, Any]) -> None:
        self.outbox.append(dumpJSON(message))
        self.trigger("send")
