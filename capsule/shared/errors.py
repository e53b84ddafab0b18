"""What the models raise. Each has a stable `code`; the sentence names what was wrong and what was given.

ModelError(Exception)
 ├── DeclarationError     a class body that cannot work: raised when the class is first used
 ├── PropError            a value that a prop refuses (`field`)
 └── InputError           data from outside that is not what it claims to be (`field`)
"""


class ModelError(Exception):
    """The base of them all."""

    code = 500

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


def raiseFirst(failures: list[Exception]) -> None:
    """Listeners threw while several things were done: all of them were done, and the first is heard of."""
    if len(failures) > 0:
        raise failures[0]


class DeclarationError(ModelError):
    """A mistake of the developer: two meanings for a name, an unknown type, a default that would be shared."""


class PropError(ModelError):
    """A value of the wrong type, out of range, not among the allowed ones, or set a second time."""

    code = 422


class InputError(ModelError):
    """Data that no honest peer sends: too deep, too large, not finite, not text, not an id."""

    code = 422
