"""Golden transcripts: JSON files, one conversation each, and what they may say.

    {"title": ..., "section": 5, "clause": "a sentence of docs/contract.md", "steps": [...]}

A step is one of these; each may name its own `clause`.

    {"ask": REQUEST, "answer": PATTERN}      the client under test; `"later": NAME` takes the answer in a later step,
                                             `"again": true` repeats it while it answers CONNECTION
    {"take": NAME, "answer": PATTERN}        the answer of a `later`
    {"other": REQUEST, "answer": PATTERN}    another client of the same server, which keeps the contract
    {"server": [WORD, ...], "reply": PATTERN}  a bare Redis command: what is stored, or somebody else's doing
    {"cut": true} {"let in": true}           break the connections of the client, and let it connect again
    {"split": true}                          from now on its replies arrive in parts of a few bytes
    {"lose reply": SCRIPT}                   the next call of the script runs, and its answer never arrives
    {"sent": SCRIPT, "times": N}             how often the client has sent that script since
    {"save": PREFIX} {"restore": PREFIX}     keys, as a power loss or a failover takes them back
    {"nonces": [NAME, ...]}                  the events bound to these names have random nonces
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from capsule.feeds.errors import CapsuleError

ACTIONS = (
    "ask",
    "take",
    "other",
    "server",
    "cut",
    "let in",
    "split",
    "lose reply",
    "sent",
    "save",
    "restore",
    "nonces",
)
OPTIONS = frozenset({"answer", "reply", "later", "again", "times", "clause"})


class TranscriptError(CapsuleError):
    """A transcript that makes no sense."""

    code = "TRANSCRIPT"


@dataclass(frozen=True, slots=True)
class Step:
    """`action` is the key of the table above, `subject` its value."""

    action: str
    subject: Any
    clause: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation. `section` is that of docs/contract.md."""

    name: str
    title: str
    section: int
    connects: bool
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, name: str, text: str) -> Transcript:
        """Raises TranscriptError."""
        try:
            data = json.loads(text)
            steps = tuple(_step(step, data["clause"]) for step in data["steps"])
            return cls(name, data["title"], int(data["section"]), data.get("connect", True), steps)
        except (ValueError, KeyError, TypeError) as error:
            raise TranscriptError(f"The transcript {name} is malformed: {error!r}.") from error


def _step(data: dict[str, Any], clause: str) -> Step:
    actions = [key for key in data if key in ACTIONS]
    unknown = set(data) - set(ACTIONS) - OPTIONS
    if len(actions) != 1 or unknown:
        raise ValueError(f"a step has one action, not {sorted(data)}")
    options = {key: value for key, value in data.items() if key != actions[0]}
    return Step(actions[0], data[actions[0]], options.pop("clause", clause), options)


def load_all() -> list[Transcript]:
    """The transcripts that come with capsule, by name."""
    folder = files("capsule.feeds") / "transcripts"
    found = {
        entry.name.removesuffix(".json"): entry for entry in folder.iterdir() if entry.name.endswith(".json")
    }
    return [Transcript.parse(name, found[name].read_text(encoding="utf-8")) for name in sorted(found)]
