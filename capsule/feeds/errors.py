"""Everything that the feeds room raises. Each class has a stable `code`; the sentence may change, the code
may not.

    CapsuleError
    ├── ConnectionLostError     CONNECTION          also a builtin ConnectionError
    ├── InputError              INPUT               also a ValueError; nothing was sent
    │   ├── NameInvalidError    NAME
    │   ├── ItemInvalidError    ITEM
    │   └── LimitError          LIMIT
    ├── ServerError             REDIS               Redis or Valkey answered with an error of its own
    │   ├── WrongTypeError      WRONGTYPE           a key of the contract holds something else
    │   └── ServerTooOldError   SERVER_TOO_OLD
    ├── ScriptError             SCRIPT              a script of the contract refused a whole call
    │   └── StaleError          STALE
    ├── ContractError           CONTRACT            two sides speak different versions
    ├── LayoutError             LAYOUT              the URL and the servers do not agree who holds what
    ├── UnsettledError          UNSETTLED           a large scope changed too fast to be read in parts
    ├── RefusedError            REFUSED             one write of a feed was refused; nothing was changed
    │   ├── ConflictError       CONFLICT            it was worked out on something that has changed
    │   ├── ItemExistsError     EXISTS
    │   ├── ItemNotFoundError   NOTFOUND            also a LookupError
    │   └── KindError           TYPE                a feed of the other kind
    └── EmbeddedError           EMBEDDED            the embedded server could not be started or joined

A refused *transaction* of a commit is not an exception: it is an Outcome, because the others of its commit went
through. The single writes of a Feed raise it.
"""

from __future__ import annotations


class CapsuleError(Exception):
    """The root of every error of this package. `code` is stable and made for programs."""

    code = "CAPSULE"


class ConnectionLostError(CapsuleError, ConnectionError):
    """The connection broke, or could not be made in time.

    A command that was on its way may or may not have run. It is never sent twice behind the caller's back:
    repeat it yourself, with the same operation or job id, and it takes effect once.
    """

    code = "CONNECTION"


class InputError(CapsuleError, ValueError):
    """An argument that can never be accepted. Nothing was sent."""

    code = "INPUT"


class NameInvalidError(InputError):
    """A scope, feed, item, operation, queue or job name outside the allowed characters."""

    code = "NAME"


class ItemInvalidError(InputError):
    """An item that is not one line of strict JSON."""

    code = "ITEM"


class LimitError(InputError):
    """A commit of too many operations or too many bytes."""

    code = "LIMIT"


class ServerError(CapsuleError):
    """Redis or Valkey refused a command. `reply` is its first word: OOM, READONLY, NOAUTH, NOPERM, ..."""

    code = "REDIS"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.reply = message.split(" ", 1)[0]


class WrongTypeError(ServerError):
    """A key of the contract holds a value of another type: somebody else writes under the same prefix."""

    code = "WRONGTYPE"


class ServerTooOldError(ServerError):
    """The server is older than Redis 7.0 or Valkey 8."""

    code = "SERVER_TOO_OLD"


class ScriptError(CapsuleError):
    """A script refused the whole call and wrote nothing."""

    code = "SCRIPT"


class StaleError(ScriptError):
    """The epoch is lower than one the scope has seen: another worker has claimed the group since."""

    code = "STALE"


class ContractError(CapsuleError):
    """This process and the data speak versions of the contract that do not fit; the sentence says which is
    too old.
    """

    code = "CONTRACT"


class LayoutError(CapsuleError):
    """REDIS_URL and the servers do not agree on what is where: the databases were written under another list
    or another order, a cluster was named as a single server, or the other way round.
    """

    code = "LAYOUT"


class UnsettledError(CapsuleError):
    """A scope that is too large for one call changed too fast to be put together from several."""

    code = "UNSETTLED"


class RefusedError(CapsuleError):
    """A write of a feed was refused, and changed nothing."""

    code = "REFUSED"


class ConflictError(RefusedError):
    """The item has changed since the version that the writer named."""

    code = "CONFLICT"


class ItemExistsError(RefusedError):
    """The feed has an item with this id already."""

    code = "EXISTS"


class ItemNotFoundError(RefusedError, LookupError):
    """The feed has no such item, or no item that a position names, or what the feed hangs below is gone."""

    code = "NOTFOUND"


class KindError(RefusedError):
    """The feed is of the other kind, or not sorted: a feed's first item decides."""

    code = "TYPE"


class EmbeddedError(CapsuleError):
    """The embedded server could not be started or joined."""

    code = "EMBEDDED"


def from_reply(message: str) -> CapsuleError:
    """The exception for an error reply, `<WORD> <sentence>`; scripts answer `CAP <CODE> <sentence>`."""
    word, _, rest = message.partition(" ")
    if word == "CAP":
        code, _, sentence = rest.partition(" ")
        known: dict[str, type[CapsuleError]] = {"STALE": StaleError, "LIMIT": LimitError}
        return known.get(code, ScriptError)(sentence)
    # An error raised by a command inside a script arrives wrapped on some servers, bare on others.
    if word == "WRONGTYPE" or "WRONGTYPE" in message:
        return WrongTypeError(message)
    return ServerError(message)
