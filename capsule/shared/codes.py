"""Every error a client or a worker can meet, in one place: name, code, sentence.

The numbers are the article's (and HTTP's); the names are stable and are what a program should compare.
"""

from typing import Any

from capsule.shared.platform import emptyBag, fetch, keysOf, put

# What a verdict says: the models alone need no more than these.
REFUSALS: dict[str, list[Any]] = {
    "UNKNOWN_VERB": [422, "This server does not know that verb."],
    "UNKNOWN_KEY": [422, "The message has a key that its verb does not have."],
    "INVALID": [422, "The values are not valid."],
    "FORBIDDEN": [403, "You may not do that."],
    "TAKEN": [409, "That id is taken."],
    "NOT_FOUND": [404, "There is no such thing here, or you may not see it."],
    "CONFLICT": [409, "Somebody else changed it at the same moment. Try again."],
    "BAD_JSON": [422, "The message is not JSON."],
    "INTERNAL": [500, "Something went wrong on the server. It has been logged."],
}

# What only the protocol says.
PROTOCOL: dict[str, list[Any]] = {
    "BAD_MESSAGE": [422, "The message does not have the form that its verb asks for."],
    "USER_IN_PAYLOAD": [422, "The user is whoever logged in; a message may not name one."],
    "HELLO_FIRST": [422, "Say hello first."],
    "HELLO_AGAIN": [422, "Hello was said already."],
    "UNAUTHORIZED": [401, "Log in first."],
    "EXPIRED": [410, "This change is too old to be applied."],
    "CANCELLED": [410, "The job was cancelled before it began."],
    "TOO_LARGE": [413, "The message is too large."],
    "GAP": [425, "An earlier change of this page has not arrived. Send the pending ones again, in order."],
    "PROTOCOL": [426, "This page speaks another version of the protocol. Reload it."],
    "TOO_MANY": [429, "Too many requests. Slow down."],
    "DRAINING": [503, "This server is going away. Connect again."],
}


def column(index: int) -> dict[str, Any]:
    found = emptyBag()
    for table in [REFUSALS, PROTOCOL]:
        for name in keysOf(table):
            put(found, name, fetch(table, name)[index])
    return found


CODES: dict[str, int] = column(0)
SENTENCES: dict[str, str] = column(1)


def errorMessage(name: str, detail: str = "") -> dict[str, Any]:
    """The `error` line of the client protocol. `detail`, when given, replaces the general sentence."""
    return {
        "verb": "error",
        "code": CODES[name],
        "name": name,
        "sentence": detail if detail != "" else SENTENCES[name],
    }
