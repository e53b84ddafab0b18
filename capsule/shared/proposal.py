"""A model that somebody wants to add to a collection, and everything that is asked before it is in."""

from typing import Any

from capsule.shared.blueprint import blueprintOf
from capsule.shared.errors import PropError
from capsule.shared.permission import ask, attributesProblem, userProblem
from capsule.shared.place import POSITIONS
from capsule.shared.platform import (
    callMethod,
    classMember,
    classOf,
    construct,
    copyJSON,
    cut,
    emptyBag,
    fetch,
    holds,
    isClass,
    keysOf,
    pair,
    put,
)
from capsule.shared.untrusted import idProblem, jsonProblem
from capsule.shared.values import show, typeName
from capsule.shared.verdict import Verdict, refusal


class Proposal:
    """The model knows its collection, but is not in it."""

    def __init__(self, collection: Any, attrs: Any, user: Any, options: Any) -> None:
        self.collection = collection
        self.attrs = attrs
        self.user = user
        self.options: Any = {} if options is None else options
        self.id: Any = None
        self.at: Any = None
        self.model: Any = None

    def judge(self, whole: bool) -> Verdict:
        """Every check in order. `whole`: these are all the attributes, so what is required must be there."""
        problem = None if self.collection.anonymous else userProblem(self.user)
        if problem is None:
            problem = self.optionsProblem()
        if problem is None:
            problem = self.build()
        if problem is not None:
            return problem
        callMethod(self.model, "stamp", [self.user, self.now()])
        if whole:
            problem = self.model._wholeProblem({})
        return ask(self.collection, "canAdd", [self.user, self.model]) if problem is None else problem

    def withdraw(self) -> None:
        if self.model is not None:
            self.model.collection = None
            self.model.stopListening()

    def optionsProblem(self) -> Verdict | None:
        if not isinstance(self.options, dict):
            return refusal(
                "INVALID", f"Options are an object, but a {typeName(self.options)} was given.", "options"
            )
        position = emptyBag()
        for key in keysOf(self.options):
            if key in POSITIONS:
                put(position, key, fetch(self.options, key))
            elif key != "id":
                return refusal("UNKNOWN_KEY", f"An add has no option {show(key)}.", "options", cut(key, 64))
        sentence = self.collection.positionProblem(position, None)
        if sentence is not None:
            return refusal("INVALID", sentence, "position", "position")
        if len(keysOf(position)) > 0:
            if not self.collection.sorted and not holds(position, "last"):
                return refusal(
                    "INVALID", "This collection is not sorted: it grows at the end.", "sorted", "position"
                )
            self.at = self.collection.indexAt(position, None)
        return self.idProblem()

    def idProblem(self) -> Verdict | None:
        root = self.collection.root
        operation = None if root is None else root.operation
        if not holds(self.options, "id") and operation is not None:
            self.id = operation.newId()
            return None
        self.id = fetch(self.options, "id")
        problem = idProblem(self.id)
        if problem is not None:
            return refusal("INVALID", f'"id" {problem}.', "id", "id")
        if self.collection.get(self.id) is not None:
            return refusal("TAKEN", None, "id", "id")
        return None

    def build(self) -> Verdict | None:
        """The whitelist, then the model. What a factory makes is asked for its whitelist when it is made."""
        factory = self.collection.model
        if not isinstance(self.attrs, dict):
            given = typeName(self.attrs)
            return refusal("INVALID", f"Attributes are an object, but a {given} was given.", "clientAddable")
        if isClass(factory):
            problem = self.whitelistProblem(factory)
        else:
            trouble = jsonProblem(self.attrs)
            problem = (
                None if trouble is None else refusal("INVALID", f"The value {trouble}.", "clientAddable")
            )
        if problem is not None:
            return problem
        data = copyJSON(self.attrs)
        try:
            self.model = construct(factory, data, {"collection": self.collection})
            if isClass(factory):
                self.model._change(pair(self.model.idAttribute, self.id), [], True, {})
                return None
            problem = self.whitelistProblem(classOf(self.model))
            self.model._change(pair(self.model.idAttribute, self.id), [], True, {})
        except PropError as error:
            return refusal("INVALID", error.sentence, "props", error.field)
        return problem

    def whitelistProblem(self, cls: Any) -> Verdict | None:
        whitelist = classMember(cls, "clientAddable")
        if whitelist is None:
            whitelist = classMember(cls, "clientEditable")
        return attributesProblem(blueprintOf(cls), self.attrs, whitelist, "clientAddable")

    def now(self) -> int:
        """The operation's time; 0 for a mere question, which nobody keeps."""
        root = self.collection.root
        operation = None if root is None else root.operation
        return 0 if operation is None else operation.now
