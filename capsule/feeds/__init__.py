"""feeds: the Redis contract. State in scopes, events on channels, work in queues; see docs/contract.md.

Thoonk's idea (Nathan Fritz, 2011): Redis as memory shared by processes and languages, which all keep the same
rules. Thoonk's verbs are kept: publish, edit, retract, position. The rules are the Lua files in `scripts/`.
"""

from .backlog import JobView
from .capsule import Capsule
from .errors import (
    CapsuleError,
    ConflictError,
    ConnectionLostError,
    ContractError,
    EmbeddedError,
    InputError,
    ItemExistsError,
    ItemInvalidError,
    ItemNotFoundError,
    KindError,
    LayoutError,
    LimitError,
    NameInvalidError,
    RefusedError,
    ScriptError,
    ServerError,
    ServerTooOldError,
    StaleError,
    UnsettledError,
    WrongTypeError,
)
from .events import Events
from .feed import Feed
from .items import Event, Written
from .job import Chain, Claim, Fail, Finish, Job, Put, Release, Report, Step, Terms
from .jobs import Jobs
from .operation import (
    Configure,
    Delete,
    Edit,
    Move,
    Outcome,
    Publish,
    ReadFeed,
    ReadItem,
    ReadScope,
    Retract,
    Transaction,
)
from .page import Item, Page
from .partitions import Partitions
from .presence import Presence
from .queue import Queue
from .schedule import Schedule
from .scope import Scope
from .snapshot import NOTHING_YET, Snapshot
from .sorted_feed import SortedFeed
from .subscription import Frame, Resync

__all__ = [
    "NOTHING_YET",
    "Capsule",
    "CapsuleError",
    "Chain",
    "Claim",
    "Configure",
    "ConflictError",
    "ConnectionLostError",
    "ContractError",
    "Delete",
    "Edit",
    "EmbeddedError",
    "Event",
    "Events",
    "Fail",
    "Feed",
    "Finish",
    "Frame",
    "InputError",
    "Item",
    "ItemExistsError",
    "ItemInvalidError",
    "ItemNotFoundError",
    "Job",
    "JobView",
    "Jobs",
    "KindError",
    "LayoutError",
    "LimitError",
    "Move",
    "NameInvalidError",
    "Outcome",
    "Page",
    "Partitions",
    "Presence",
    "Publish",
    "Put",
    "Queue",
    "ReadFeed",
    "ReadItem",
    "ReadScope",
    "RefusedError",
    "Release",
    "Report",
    "Resync",
    "Retract",
    "Schedule",
    "Scope",
    "ScriptError",
    "ServerError",
    "ServerTooOldError",
    "Snapshot",
    "SortedFeed",
    "StaleError",
    "Step",
    "Terms",
    "Transaction",
    "UnsettledError",
    "Written",
    "WrongTypeError",
]
