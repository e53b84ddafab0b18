"""Every key and channel of the contract, in one place.

The text in braces is the hash tag: all keys of one scope, or of one queue, live in one slot of a cluster. A
script is given the prefix as its only KEY and adds the rest itself; the prefix carries the tag, so the slot
is the declared one.
"""

from __future__ import annotations

MAJOR = "cap1"
CONTRACT = f"{MAJOR}:contract"


def scope(name: str) -> str:
    """The prefix of a scope's keys: `cap1:{team.7}:`."""
    return f"{MAJOR}:{{{name}}}:"


def queue(name: str) -> str:
    """The prefix of a job queue's keys: `cap1:{actions}:jobs:`."""
    return f"{MAJOR}:{{{name}}}:jobs:"


def presence(name: str) -> str:
    """The prefix of a scope's presence keys: `cap1:{team.7}:presence:`."""
    return f"{MAJOR}:{{{name}}}:presence:"


# What follows a prefix: (suffix, Redis type, meaning). The contract's document and contract.json are checked
# against it.
SCOPE_KEYS = (
    (
        "meta",
        "HASH",
        "`v` the version, `last` the last event's id, `epoch` the highest seen, `bytes` held by the log",
    ),
    ("feeds", "ZSET", "the names of the scope's feeds, all with score 0, so that they sort by name"),
    ("types", "HASH", "feed -> `feed` or `sorted_feed`"),
    ("revs", "HASH", "feed -> version of its last change"),
    ("items:<feed>", "HASH", "item id -> JSON text, as given"),
    ("ids:<feed>", "ZSET", "item id -> rank"),
    ("revs:<feed>", "HASH", "item id -> version of its last change"),
    ("ops", "HASH", "operation id -> id of the event that carried it"),
    ("opage", "LIST", "one `<ms> <operation id> ...` a commit, oldest first: what to forget by age"),
    ("log", "STREAM", "id `<version>-<nonce>`, one field `f`: the frame"),
)
QUEUE_KEYS = (
    ("job", "HASH", "job id -> `<group> <reply stream>\\n<data>`"),
    ("group:<group>", "LIST", "job ids that are not finished, in order; the first ones may be handed out"),
    ("ring", "LIST", "groups that wait for a claimer, served in turn"),
    ("leases", "ZSET", "claimed group -> deadline in ms"),
    ("claims", "HASH", "claimed group -> `<epoch> <jobs handed out> <owner>`"),
    ("delayed", "ZSET", "group whose head backs off -> due time in ms"),
    ("solo", "HASH", "group -> how many jobs must still be handed out one at a time"),
    ("fails", "HASH", "job id -> failed attempts"),
    ("dead", "STREAM", "dead letters: fields id, group, attempts, reason, data"),
    ("meta", "HASH", "`epoch`: the last one given"),
    ("wake", "LIST", "at most one token: there is something to claim"),
    ("chain:<client>", "STRING", "the number of the client's last put; expires"),
    ("result:<job id>", "STRING", "the result; expires"),
    ("reply:<stream>", "STREAM", "results for one requester: fields id, result; trimmed; expires"),
)
PRESENCE_KEYS = (
    ("leases", "ZSET", "session -> deadline in ms"),
    ("states", "HASH", "session -> JSON text"),
)
CHANNELS = (
    ("cap1:{<scope>}:events", "every frame of the scope, published by the commit that logged it"),
    ("cap1:{<scope>}:presence", "joins and leaves, as the client wire's presence message"),
)
