"""Every cell of "States of a subscription" in docs/protocol.md, on the compiled replica: it does what Python's does."""

import json
from pathlib import Path
from typing import Any

from capsule.shared.replica import Replica
from examples.bang.models import Team
from tests.parity.node import run_node
from tests.shared.test_replica_states import CELLS, DRIVER, LINES, error, snapshot

Call = list[Any]

OPTIONS = {"client": "client01", "user": "ann"}
LIVE: list[Call] = [
    ["connected", None],
    ["receive", snapshot("5-5")],
    ["request", {"do": "add", "feed": "chat", "id": "client01-1", "attrs": {"text": "mine"}}],
    ["setPresence", {"typing": True}],
]
OFFLINE: list[Call] = [*LIVE, ["disconnected", None]]
BEFORE: dict[str, list[Call]] = {
    "offline": OFFLINE,
    "joining": [*OFFLINE, ["connected", None]],
    "live": LIVE,
    "gone": [*LIVE, ["receive", error("NOT_FOUND")]],
}
DRIVERS: list[Call] = [
    ["connected", None],
    ["disconnected", None],
    ["request", {"do": "add", "feed": "chat", "id": "client01-2", "attrs": {"text": "more"}}],
    ["setPresence", {"typing": False}],
    ["loadOlder", ["chat", 5]],
    ["resend", None],
]
TAKE: Call = ["take", None]
PAGE: list[Call] = [["loadOlder", ["chat", 5]], TAKE]
AFTER: list[Call] = [TAKE, ["receive", snapshot("12-1")], TAKE]


def sequences() -> list[list[Call]]:
    driver = dict(zip(DRIVER, DRIVERS, strict=True))
    return [
        [*BEFORE[state], TAKE, *(PAGE if "`page`" in what or "`feed`" in what else []), call, *AFTER]
        for what, state, _ in CELLS
        for call in ([driver[what]] if what in driver else [["receive", text] for text in LINES[what]])
    ]


def trace(calls: list[Call]) -> list[dict[str, Any]]:
    replica = Replica(Team, "team.andyet", OPTIONS)
    events: list[str] = []
    replica.on("all", lambda name, *rest: events.append(name))
    entries: list[dict[str, Any]] = []
    for name, argument in calls:
        events.clear()
        answer, raised = None, False
        try:
            given = argument if isinstance(argument, list) else [] if argument is None else [argument]
            answer = getattr(replica, name)(*given)
        except Exception:
            raised = True
        entry = {
            "answer": [json.loads(line) for line in answer or []] if name in ("connected", "take") else None,
            "raised": raised,
            "events": events,
            "state": replica.state,
            "at": replica.base.eventId,
            "pending": [operation.n for operation in replica.pending],
            "shown": replica.root.xport(),
            "older": replica.view.older(),
            "total": replica.root.chat.totalLength,
            "pages": list(replica.pages),
            "presence": replica.presence,
        }
        entries.append(json.loads(json.dumps(entry)))
    return entries


def test_every_cell_is_the_same_in_the_browser(bang_bundle: Path, tmp_path: Path) -> None:
    asked = sequences()
    got = run_node(
        "subscription_trace.mjs",
        bang_bundle,
        [{"options": OPTIONS, "calls": calls} for calls in asked],
        tmp_path,
    )
    for calls, javascript in zip(asked, got, strict=True):
        assert javascript == trace(json.loads(json.dumps(calls))), calls[-4]
