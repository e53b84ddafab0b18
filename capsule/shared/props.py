"""Typed properties: what a declaration such as `{"type": "string", "max": 80}` accepts, and what it
says when it does not.

The manners are ampersand-state's (by Capsule's author): a class body that declares everything, and
errors that name the property, the type and the value given. Types: string, number, integer, boolean,
time (integer milliseconds since 1970), list, object, any (JSON), ref (another model's id). Keys beside
"type": required, default (a value, or a function called for each instance), values (the allowed ones),
setOnce, allowNull, test (a function or the name of a method: it gets the value and answers a sentence
if it is wrong), min and max (length, for strings and lists), to (a ref's model type).
"""

from typing import Any

from capsule.shared.errors import DeclarationError, PropError
from capsule.shared.platform import (
    call,
    callMethod,
    copyJSON,
    fetch,
    holds,
    isIndex,
    isInteger,
    isNumber,
    keysOf,
    same,
    sizeOf,
)
from capsule.shared.untrusted import idProblem, jsonProblem
from capsule.shared.values import described, show

ARTICLES: dict[str, str] = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "a boolean",
    "time": "a time in integer milliseconds",
    "list": "a list",
    "object": "an object",
    "any": "a JSON value",
    "ref": "the id of a model",
}

KEYS: list[str] = [
    "type",
    "required",
    "default",
    "values",
    "setOnce",
    "allowNull",
    "test",
    "min",
    "max",
    "to",
]


class Prop:
    """One declared property of one class. `session` props stay in their process: they are never stored or sent."""

    def __init__(self, owner: str, name: str, declaration: Any, session: bool) -> None:
        self.owner = owner
        self.name = name
        self.session = session
        if isinstance(declaration, str):
            declaration = {"type": declaration}
        self._checkDeclaration(declaration)
        self.type: str = declaration["type"]
        self.required = fetch(declaration, "required") is True
        self.setOnce = fetch(declaration, "setOnce") is True
        self.allowNull = fetch(declaration, "allowNull") is True
        self.hasDefault = holds(declaration, "default")
        self.default: Any = fetch(declaration, "default")
        self.values: list[Any] | None = fetch(declaration, "values")
        self.test: Any = fetch(declaration, "test")
        self.min: Any = fetch(declaration, "min")
        self.max: Any = fetch(declaration, "max")
        self.to: str | None = fetch(declaration, "to")
        # Lists and objects are copied in and out, so that nobody changes a model by changing what it
        # was given.
        self.copies = self.type == "list" or self.type == "object" or self.type == "any"
        self.plain = self.values is None and self.test is None and self.min is None and self.max is None
        # What most values are is told apart at once.
        self.plainText = self.plain and self.type == "string"
        self.plainNumber = self.plain and self.type in ["number", "integer", "time"]
        self.plainTruth = self.plain and self.type == "boolean"

    def accept(self, model: Any, value: Any) -> Any:
        """The value as the model keeps it. Raises PropError."""
        if (self.plainText and isinstance(value, str)) or (self.plainTruth and isinstance(value, bool)):
            return value
        if value is None:
            if self.allowNull:
                return None
            self.refuse(f"must be {ARTICLES[self.type]}, but null was given")
        kept = self._accept(value)
        if not self.plain:
            self._constrain(model, kept)
        return kept

    def receive(self, value: Any) -> Any:
        """The value as the model keeps it, from whoever has the last word: its type counts, not the
        constraints, which may have been narrowed since it was stored.
        """
        if value is None and not self.required:
            return None
        return self._accept(value)

    def valueOfDefault(self) -> Any:
        """The default of one more instance: nobody shares a list with another."""
        make: Any = self.default
        return copyJSON(make() if callable(make) else make)

    def refuse(self, problem: str) -> None:
        raise PropError(f'Property "{self.name}" of {self.owner} {problem}.', self.name)

    def _accept(self, value: Any) -> Any:
        kind = self.type
        problem: str | None = None
        good = False
        if kind == "string":
            if isinstance(value, str):
                return value
        elif kind == "boolean":
            if isinstance(value, bool):
                return value
        elif kind == "number":
            good = isNumber(value)
        elif kind == "integer" or kind == "time":
            good = isInteger(value)
        elif kind == "list":
            good = isinstance(value, list)
        elif kind == "object":
            good = isinstance(value, dict)
        elif kind == "any":
            good = True
        elif kind == "ref":
            good = idProblem(value) is None
        if good and self.copies:
            problem = jsonProblem(value)
        if problem is not None:
            self.refuse(problem)
        if not good:
            self.refuse(f"must be {ARTICLES[kind]}, but {described(value)} was given")
        return copyJSON(value)

    def _constrain(self, model: Any, value: Any) -> None:
        if self.values is not None and not self._isAllowed(value):
            self.refuse(f"must be one of {show(self.values)}, but {show(value)} was given")
        if self.min is not None or self.max is not None:
            self._measure(value)
        if self.test is not None:
            if isinstance(self.test, str):
                complaint = callMethod(model, self.test, [value])
            else:
                complaint = call(self.test, [value, model])
            if complaint is not None and complaint is not False and complaint != "":
                self.refuse(f"is refused: {complaint!s}")

    def _isAllowed(self, value: Any) -> bool:
        for allowed in self.values or []:
            if same(allowed, value):
                return True
        return False

    def _measure(self, value: Any) -> None:
        sized = isinstance(value, str) or isinstance(value, list)
        size = sizeOf(value) if sized else value
        what = "have a length of" if sized else "be"
        if self.min is not None and size < self.min:
            self.refuse(f"must {what} at least {self.min!s}, but {show(value)} was given")
        if self.max is not None and size > self.max:
            self.refuse(f"must {what} at most {self.max!s}, but {show(value)} was given")

    def _checkDeclaration(self, declaration: Any) -> None:
        if not isinstance(declaration, dict):
            self._misdeclared("is a type's name, or an object such as {'type': 'string'}")
        kind = fetch(declaration, "type")
        if not isinstance(kind, str) or not holds(ARTICLES, kind):
            self._misdeclared(
                f"has an unknown type {show(kind)}; the types are {', '.join(keysOf(ARTICLES))}"
            )
        if isIndex(self.name) or self.name == "":
            self._misdeclared("needs a name that is not a number")
        for key in keysOf(declaration):
            if key not in KEYS:
                self._misdeclared(f"has an unknown key {show(key)}; the keys are {', '.join(KEYS)}")
        default = fetch(declaration, "default")
        if isinstance(default, dict) or isinstance(default, list):
            self._misdeclared(
                "cannot have a list or an object as its default; write a function that makes one"
            )

    def _misdeclared(self, problem: str) -> None:
        raise DeclarationError(f'Property "{self.name}" of {self.owner} {problem}.', self.name)
