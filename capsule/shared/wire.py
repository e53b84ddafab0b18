"""The words of the client protocol (docs/protocol.md) and the forms of what they carry.

Both ends import this file: the browser builds what the gateway checks. Nothing here reads a clock or a socket.
"""

from typing import Any

from capsule.shared.platform import isId as isId

PROTOCOL = 1
ROOT_FEED = "."
NOTHING = "0-0"

SCOPE_LENGTH = 128
NAME_LENGTH = 200
# Items of one page, and feeds that one subscription names.
MOST_ITEMS = 1000
MOST_FEEDS = 16
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
ID_CHARACTERS = LETTERS + DIGITS + "_-"
NAME_CHARACTERS = ID_CHARACTERS + ".~"

# The keys of each message from a client. A trailing "?" marks the ones that may be left out.
CLIENT_VERBS: dict[str, list[str]] = {
    "hello": ["protocol", "client", "schema?"],
    "subscribe": ["scope", "since", "pending?", "view?", "windows?", "feeds?"],
    "unsubscribe": ["scope"],
    "page": ["scope", "feed", "before", "count"],
    "do": ["scope", "n", "first", "action", "client?"],
    "presence": ["scope", "state"],
    "ping": [],
}

ACTIONS: dict[str, list[str]] = {
    "edit": ["feed", "id", "attrs"],
    "add": ["feed", "id", "attrs", "position?"],
    "delete": ["feed", "id"],
    "move": ["feed", "id", "position"],
    "call": ["feed", "id", "method", "args"],
}


def isMadeOf(text: Any, characters: str, most: int) -> bool:
    """A string of 1 to `most` of the given characters."""
    if not isinstance(text, str):
        return False
    if len(text) == 0 or len(text) > most:
        return False
    for character in text:
        if character not in characters:
            return False
    return True


def isClientId(value: Any) -> bool:
    return isMadeOf(value, LETTERS + DIGITS, 16) and len(value) >= 8


def isFeed(value: Any) -> bool:
    """`.` (the root's own feed), or a path `collection(.id.collection)*`."""
    if value == ROOT_FEED:
        return True
    if not isMadeOf(value, ID_CHARACTERS + ".", NAME_LENGTH):
        return False
    parts = value.split(".")
    if len(parts) % 2 == 0:
        return False
    for part in parts:
        if not isId(part):
            return False
    return True


def isScope(value: Any) -> bool:
    return isMadeOf(value, NAME_CHARACTERS, SCOPE_LENGTH)


def isCount(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1 and value <= 9007199254740991


def isEventId(value: Any) -> bool:
    if not isMadeOf(value, DIGITS + "-", 40):
        return False
    parts = value.split("-")
    return len(parts) == 2 and len(parts[0]) > 0 and len(parts[0]) < 16 and len(parts[1]) > 0


def versionOf(eventId: str) -> int:
    """The version in an event id `<version>-<nonce>`."""
    return int(eventId.split("-")[0])


def isPosition(value: Any) -> bool:
    """`{}` (last), or exactly one of before, after, first, last."""
    if not isinstance(value, dict):
        return False
    if len(value) > 1:
        return False
    for key in value:
        if key == "before" or key == "after":
            if not isId(value[key]):
                return False
        elif key == "first" or key == "last":
            if value[key] is not True:
                return False
        else:
            return False
    return True


def keyProblem(message: dict[str, Any], keys: list[str], what: str) -> list[str] | None:
    """[name, sentence] when the message lacks a key or has one too many, else None. `what` is its own key."""
    known = {what: True}
    for key in keys:
        if key.endswith("?"):
            known[key[:-1]] = True
        else:
            known[key] = True
            if key not in message:
                return ["BAD_MESSAGE", f'"{message[what]}" needs the key "{key}".']
    for key in message:
        if key not in known:
            if key == "user":
                return ["USER_IN_PAYLOAD", ""]
            return ["UNKNOWN_KEY", f'"{message[what]}" has no key "{key[:40]}".']
    return None


def formProblem(field: str, value: Any) -> bool:
    """Whether the value of a field has the wrong form. Fields mean the same in every message."""
    if field == "scope":
        return not isScope(value)
    if field == "feed":
        return not isFeed(value)
    if field == "id":
        return not isId(value)
    if field == "client":
        return not isClientId(value)
    if field == "n":
        return not isCount(value)
    if field == "first" or field == "windows":
        return not isinstance(value, bool)
    if field == "before":
        return value is not None and not isId(value)
    if field == "count":
        return not isCount(value) or value > MOST_ITEMS
    if field == "feeds":
        wrong = not isinstance(value, list) or len(value) < 1 or len(value) > MOST_FEEDS
        return wrong or not all([isFeed(name) for name in value])
    if field == "since":
        return value is not None and not isEventId(value)
    if field == "pending":
        return not isinstance(value, list) or len(value) > 1000 or not all([isCount(n) for n in value])
    if field == "attrs" or field == "state" or field == "action":
        return not isinstance(value, dict)
    if field == "args":
        return not isinstance(value, list)
    if field == "position":
        return not isPosition(value)
    if field == "method" or field == "schema" or field == "view":
        return not isinstance(value, str) or len(value) > NAME_LENGTH
    return False


def fieldProblem(message: dict[str, Any]) -> list[str] | None:
    for key in message:
        if formProblem(key, message[key]):
            return ["BAD_MESSAGE", f'"{key}" does not have the form it must have.']
    return None


def actionProblem(action: Any) -> list[str] | None:
    """[name, sentence] for an action that no worker would look at, else None."""
    if not isinstance(action, dict):
        return ["BAD_MESSAGE", "An action is an object."]
    what = action.get("do")
    if not isinstance(what, str) or what not in ACTIONS:
        return ["UNKNOWN_VERB", "An action does one of: edit, add, delete, move, call."]
    problem = keyProblem(action, ACTIONS[what], "do")
    if problem is None:
        problem = fieldProblem(action)
    return problem


def messageProblem(message: Any) -> list[str] | None:
    """[name, sentence] for a client's message of the wrong form, else None. The values are not looked into."""
    if not isinstance(message, dict):
        return ["BAD_MESSAGE", "A message is a JSON object."]
    verb = message.get("verb")
    if not isinstance(verb, str) or verb not in CLIENT_VERBS:
        return ["UNKNOWN_VERB", ""]
    problem = keyProblem(message, CLIENT_VERBS[verb], "verb")
    if problem is None:
        problem = fieldProblem(message)
    if problem is None and verb == "do":
        problem = actionProblem(message["action"])
    return problem


def positionText(position: dict[str, Any] | None) -> str:
    """Thoonk's position grammar: `begin:`, `:end`, `X:` (after X), `:X` (before X)."""
    if position is None:
        return ":end"
    if "before" in position:
        return ":" + position["before"]
    if "after" in position:
        return position["after"] + ":"
    if "first" in position:
        return "begin:"
    return ":end"


def positionFrom(text: str) -> dict[str, Any]:
    """The inverse of `positionText`."""
    if text == "begin:":
        return {"first": True}
    if text == ":end":
        return {"last": True}
    if text.startswith(":"):
        return {"before": text[1:]}
    return {"after": text[:-1]}
