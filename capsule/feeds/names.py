"""The names of the contract and what they may look like. A name is checked before it is sent, and again by
the script.

The characters are few on purpose: names go into keys, channels and JSON text without escaping, and an item's
id has no dot, so that no id can build the name of another feed (`42.tasks.T1`).
"""

from __future__ import annotations

import re

from .errors import NameInvalidError

SCOPE = r"[A-Za-z0-9._~-]{1,128}"
ITEM_ID = r"[A-Za-z0-9_-]{1,64}"
FEED = r"\.|[A-Za-z][A-Za-z0-9_-]{0,63}(\.[A-Za-z0-9_-]{1,64}\.[A-Za-z][A-Za-z0-9_-]{0,63})*"
OPERATION = r"[A-Za-z0-9._~-]{1,200}"
POSITION = r"begin:|:end|[A-Za-z0-9_-]{1,64}:|:[A-Za-z0-9_-]{1,64}"
EVENT_ID = r"(0|[1-9][0-9]{0,15})-(0|[1-9][0-9]{0,9})"

# `begin:` would otherwise mean both "first" and "after the item called begin".
RESERVED_IDS = frozenset({"begin", "end"})

_SCOPE = re.compile(SCOPE)
_ITEM_ID = re.compile(ITEM_ID)
_FEED = re.compile(FEED)
_OPERATION = re.compile(OPERATION)
_POSITION = re.compile(POSITION)
_EVENT_ID = re.compile(EVENT_ID)


def _check(pattern: re.Pattern[str], what: str, value: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise NameInvalidError(f"{what} must match {pattern.pattern}, not {str(value)[:80]!r}.")
    return value


def check_scope(value: str) -> str:
    """A scope, a queue or a reply stream: `team.7`. It becomes the hash tag of its keys."""
    return _check(_SCOPE, "A scope, queue or stream name", value)


def check_item_id(value: str) -> str:
    """An item's id; `begin` and `end` are taken by the position grammar."""
    if value in RESERVED_IDS:
        raise NameInvalidError(f"An item may not be called {value!r}: positions use the word.")
    return _check(_ITEM_ID, "An item's id", value)


def check_feed(value: str) -> str:
    """A feed's name inside its scope: `.`, `members`, `members.42.tasks`."""
    return _check(_FEED, "A feed's name", value)


def check_operation(value: str) -> str:
    """An operation's or a job's id: `ann.k3x9q0ab.17`."""
    return _check(_OPERATION, "An operation's id", value)


def check_position(value: str) -> str:
    """Thoonk's grammar: `begin:`, `:end`, `X:` (after X), `:X` (before X)."""
    return _check(_POSITION, "A position", value)


def check_event_id(value: str) -> str:
    """`<version>-<nonce>`; `0-0` is the state before the first event."""
    return _check(_EVENT_ID, "An event id", value)
