"""Every error a client or a worker can meet, in one place: name, code, sentence.

The numbers are the article's (and HTTP's); the names are stable and are what a program should compare.
"""

from typing import Any

CODES: dict[str, int] = {
    "BAD_JSON": 422,
    "BAD_MESSAGE": 422,
    "UNKNOWN_VERB": 422,
    "UNKNOWN_KEY": 422,
    "USER_IN_PAYLOAD": 422,
    "HELLO_FIRST": 422,
    "HELLO_AGAIN": 422,
    "INVALID": 422,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "TAKEN": 409,
    "CONFLICT": 409,
    "EXPIRED": 410,
    "TOO_LARGE": 413,
    "GAP": 425,
    "PROTOCOL": 426,
    "TOO_MANY": 429,
    "INTERNAL": 500,
    "DRAINING": 503,
}

SENTENCES: dict[str, str] = {
    "BAD_JSON": "The message is not JSON.",
    "BAD_MESSAGE": "The message does not have the form that its verb asks for.",
    "UNKNOWN_VERB": "This server does not know that verb.",
    "UNKNOWN_KEY": "The message has a key that its verb does not have.",
    "USER_IN_PAYLOAD": "The user is whoever logged in; a message may not name one.",
    "HELLO_FIRST": "Say hello first.",
    "HELLO_AGAIN": "Hello was said already.",
    "INVALID": "The values are not valid.",
    "UNAUTHORIZED": "Log in first.",
    "FORBIDDEN": "You may not do that.",
    "NOT_FOUND": "There is no such thing here, or you may not see it.",
    "TAKEN": "That id is taken.",
    "CONFLICT": "Somebody else changed it at the same moment. Try again.",
    "EXPIRED": "This change is too old to be applied.",
    "TOO_LARGE": "The message is too large.",
    "GAP": "An earlier change of this page has not arrived. Send the pending ones again, in order.",
    "PROTOCOL": "This page speaks another version of the protocol. Reload it.",
    "TOO_MANY": "Too many requests. Slow down.",
    "INTERNAL": "Something went wrong on the server. It has been logged.",
    "DRAINING": "This server is going away. Connect again.",
}


def errorMessage(name: str, detail: str = "") -> dict[str, Any]:
    """The `error` line of the client protocol. `detail`, when given, replaces the general sentence."""
    return {
        "verb": "error",
        "code": CODES[name],
        "name": name,
        "sentence": detail if detail != "" else SENTENCES[name],
    }
