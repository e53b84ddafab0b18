"""What a rule says: a Verdict. And under whose name things are done: an Operation."""

from typing import Any

from capsule.shared.codes import REFUSALS
from capsule.shared.platform import fetch


class Verdict:
    """The answer to a `safe*` call, the same object in the browser and in the server's log.

    allowed   True or False: the only thing to ask
    code      200, or the code of the refusal (403, 409, 422, ...)
    rule      what refused: "canEdit", "clientEditable", "user", ... or None
    field     the attribute that was refused, or None
    sentence  for people
    """

    def __init__(
        self,
        allowed: bool,
        code: int = 200,
        rule: str | None = None,
        field: str | None = None,
        sentence: str = "",
    ) -> None:
        self.allowed = allowed
        self.code = code
        self.rule = rule
        self.field = field
        self.sentence = sentence

    def __bool__(self) -> bool:
        # A refusal is an object, and objects are true: `if verdict:` would let everybody in.
        raise TypeError("A Verdict is neither true nor false: ask verdict.allowed.")

    def __repr__(self) -> str:
        if self.allowed:
            return "Verdict(allowed)"
        return f"Verdict({self.code}, rule={self.rule!s}, field={self.field!s}, {self.sentence})"

    def toJSON(self, key: Any = None) -> dict[str, Any]:
        return {
            "allowed": self.allowed,
            "code": self.code,
            "rule": self.rule,
            "field": self.field,
            "sentence": self.sentence,
        }

    @staticmethod
    def fromJSON(data: dict[str, Any]) -> "Verdict":
        """The inverse of `toJSON`. Anything but exactly True is a refusal."""
        return Verdict(
            fetch(data, "allowed") is True,
            fetch(data, "code") or 500,
            fetch(data, "rule"),
            fetch(data, "field"),
            fetch(data, "sentence") or "",
        )


def refusal(
    name: str, sentence: str | None = None, rule: str | None = None, field: str | None = None
) -> Verdict:
    """A Verdict of refusal with the code of a name in `codes.py`, and its sentence unless another is given."""
    known = REFUSALS[name]
    return Verdict(False, known[0], rule, field, known[1] if sentence is None else sentence)


class Operation:
    """One user's act, while it is being done: what makes ids and times the same wherever it is replayed.

    op     the operation id, `<user>.<client>.<n>`
    user   the authenticated user's id
    now    the time it counts as done, integer milliseconds
    """

    def __init__(self, op: str, user: str, now: int) -> None:
        self.op = op
        self.user = user
        self.now = now
        self.made = 0

    def newId(self) -> str:
        """`<client>-<n>-<k>`: the same ids in the same order on every replay of this operation."""
        parts = self.op.split(".")
        self.made += 1
        return f"{parts[len(parts) - 2]}-{parts[len(parts) - 1]}-{self.made}"
