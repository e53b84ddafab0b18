"""Every key and channel of the contract, in one place.

The text in braces is the hash tag: all keys of one scope, or of one queue, live in one slot of a cluster. A
script is given the prefix as its only KEY and adds the rest itself; the prefix carries the tag, so the slot
is the declared one.
"""

from __future__ import annotations

MAJOR = "cap1"
CONTRACT = f"{MAJOR}:contract"
LAYOUT = f"{MAJOR}:layout"
GUARD = "guard"  # after a prefix: the second KEY of a script in a cluster; nobody ever writes it


def scope(name: str) -> str:
    """The prefix of a scope's keys: `cap1:{team.7}:`."""
    return f"{MAJOR}:{{{name}}}:"


def queue(name: str) -> str:
    """The prefix of a job queue's keys: `cap1:{actions}:jobs:`."""
    return f"{MAJOR}:{{{name}}}:jobs:"


def partitions(name: str) -> str:
    """Into how many queues a queue is divided: `cap1:{actions}:partitions`."""
    return f"{MAJOR}:{{{name}}}:partitions"


def handout(name: str) -> str:
    """The prefix of the keys of a queue that hands out at most once: `cap1:{mail}:queue:`."""
    return f"{MAJOR}:{{{name}}}:queue:"


def presence(name: str) -> str:
    """The prefix of a scope's presence keys: `cap1:{team.7}:presence:`."""
    return f"{MAJOR}:{{{name}}}:presence:"


# What follows a prefix: (suffix, Redis type, meaning). The contract's document and contract.json are checked
# against it.
SCOPE_KEYS = (
    (
        "meta",
        "HASH",
        "`last` the last event's id, `epoch` the highest seen, `bytes` held by the log, about, "
        "`trimmed` the version up to which it was",
    ),
    ("feeds", "ZSET", "the names of the scope's feeds, all with score 0, so that they sort by name"),
    ("types", "HASH", "feed -> `feed` or `sorted_feed`; then, after a space, its max_length, if it has one"),
    (
        "items:<feed>",
        "HASH",
        "item id -> JSON text, as given; `:<item id>` -> version of its last change; `.` -> version of the feed's",
    ),
    ("ids:<feed>", "ZSET", "item id -> rank"),
    ("ops", "HASH", "operation id -> id of the event that carried it"),
    ("opsold", "HASH", "the same, of the 48 hours or more before"),
    ("log", "STREAM", "id `<version>-<nonce>`, one field `f`: the frame"),
)
QUEUE_KEYS = (
    (
        "job",
        "HASH",
        "job id -> `<group> <reply stream><options>\\n<data>`; an option is ` <letter><integer>`",
    ),
    ("group:<group>", "LIST", "job ids that have not ended, in order; the first ones may be handed out"),
    ("ring", "ZSET", "groups that wait for a claimer -> turn"),
    ("ready", "ZSET", "jobs without a group that wait for a claimer -> turn - priority * 2^40"),
    ("later", "ZSET", "jobs without a group that wait for their time -> due time in ms"),
    (
        "suspects",
        "LIST",
        "jobs without a group that are handed out alone: one of them may bring its worker down",
    ),
    ("batch:<epoch>", "SET", "ids that a claim of jobs without a group holds"),
    ("leases", "ZSET", "claimed group, or `:<epoch>` for jobs without one -> deadline in ms"),
    ("claims", "HASH", "the same -> `<epoch> <jobs out> <jobs that its step handed out> <owner>`"),
    ("delayed", "ZSET", "group whose head backs off -> due time in ms"),
    ("solo", "HASH", "group -> how many jobs must still be handed out one at a time"),
    ("held", "HASH", "group that is not handed out -> 1 if its turn has come meanwhile, else 0"),
    ("fails", "HASH", "job id -> failed attempts"),
    ("expiring", "ZSET", "job id -> time in ms at which it is dropped if it has not begun"),
    ("progress", "HASH", "job id -> the last text that its worker said"),
    ("dead", "STREAM", "dead letters: fields id, group, attempts, reason, options, data"),
    ("buried", "HASH", "job id -> id of its last dead letter"),
    (
        "meta",
        "HASH",
        "`epoch`: the last one given, `seq`: turns, `odd`, `held`, and how many ended: `done dead expired cancelled`",
    ),
    ("wake", "LIST", "at most one token: there is something to claim"),
    ("chain:<client>", "STRING", "the number of the client's last put; expires"),
    ("result:<job id>", "STRING", "the result; expires"),
    (
        "reply:<stream>",
        "STREAM",
        "for one requester: fields id, result or progress, in turns; trimmed; expires",
    ),
    ("schedules", "HASH", "name -> specification of a recurring job, as its client writes it"),
    ("ticks", "ZSET", "the same -> when it is due next, in ms"),
)
HANDOUT_KEYS = (
    ("items", "ZSET", "`<number, 16 digits> <item>` -> minus its priority: the first is the next"),
    ("count", "STRING", "how many items were ever put"),
)
PRESENCE_KEYS = (
    ("leases", "ZSET", "session -> deadline in ms"),
    ("states", "HASH", "session -> JSON text"),
)
CHANNELS = (
    ("cap1:{<scope>}:events", "every frame of the scope, published by the commit that logged it"),
    ("cap1:{<scope>}:presence", "joins and leaves, as the client wire's presence message"),
)
