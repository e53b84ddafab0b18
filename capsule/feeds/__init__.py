"""feeds: the Redis contract. State in scopes, events on channels, work in queues; see docs/contract.md.

Thoonk's idea (Nathan Fritz, 2011): Redis as memory shared by processes and languages, which all keep the same
rules. Thoonk's verbs are kept: publish, edit, retract, position. The rules are the Lua files in `scripts/`.
"""

from .capsule import Capsule
from .errors import (
    CapsuleError,
    ConnectionLostError,
    ContractError,
    EmbeddedError,
    InputError,
    ItemInvalidError,
    LimitError,
    NameInvalidError,
    ScriptError,
    ServerError,
    ServerTooOldError,
    StaleError,
    WrongTypeError,
)
from .events import Events
from .job import Chain, Claim, Fail, Finish, Job, Put, Release, Report, Step
from .jobs import Jobs
from .operation import Edit, Move, Outcome, Publish, ReadFeed, ReadItem, ReadScope, Retract, Transaction
from .presence import Presence
from .scope import Scope
from .snapshot import NOTHING_YET, Snapshot

__all__ = [
    "NOTHING_YET",
    "Capsule",
    "CapsuleError",
    "Chain",
    "Claim",
    "ConnectionLostError",
    "ContractError",
    "Edit",
    "EmbeddedError",
    "Events",
    "Fail",
    "Finish",
    "InputError",
    "ItemInvalidError",
    "Job",
    "Jobs",
    "LimitError",
    "Move",
    "NameInvalidError",
    "Outcome",
    "Presence",
    "Publish",
    "Put",
    "ReadFeed",
    "ReadItem",
    "ReadScope",
    "Release",
    "Report",
    "Retract",
    "Scope",
    "ScriptError",
    "ServerError",
    "ServerTooOldError",
    "Snapshot",
    "StaleError",
    "Step",
    "Transaction",
    "WrongTypeError",
]
