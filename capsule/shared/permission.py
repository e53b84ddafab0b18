"""Permission: `can*` rules, and the `safe*` calls that ask them before they do anything.

A rule allows by answering exactly True. None, a sentence, a Verdict, a coroutine, an exception: all
refuse. Every `safe*` call leaves its arguments alone and answers with a Verdict; all but `safeCall` are all or nothing.
"""

from typing import Any

from capsule.shared.blueprint import Blueprint
from capsule.shared.errors import PropError
from capsule.shared.node import Node
from capsule.shared.platform import (
    callMethod,
    className,
    classOf,
    copyJSON,
    cut,
    discard,
    emptyBag,
    fetch,
    hasTextKeys,
    holds,
    keysOf,
    leastArguments,
    member,
    put,
    raw,
)
from capsule.shared.untrusted import jsonProblem
from capsule.shared.values import show, typeName
from capsule.shared.verdict import Verdict, refusal


def userProblem(user: Any) -> Verdict | None:
    """Nobody is not a user: `user == self.get("owner")` would be true for None and an unset owner."""
    if isinstance(user, str) and len(user) > 0:
        return None
    return refusal("FORBIDDEN", "Log in first.", "user")


def ask(subject: Any, rule: str, args: list[Any]) -> Verdict:
    """One rule's answer. `args` starts with the user."""
    if not subject.anonymous:
        problem = userProblem(args[0])
        if problem is not None:
            return problem
    if member(subject, rule) is None:
        return refusal("FORBIDDEN", None, rule)
    before = subject._sentence
    subject._sentence = None
    try:
        answer = callMethod(subject, rule, args)
        sentence = subject._sentence
    except Exception:
        return refusal("FORBIDDEN", None, rule)
    finally:
        subject._sentence = before
    if answer is True:
        return Verdict(True)
    discard(answer)
    return refusal("FORBIDDEN", sentence, rule)


def attributesProblem(blueprint: Blueprint, attrs: Any, whitelist: list[str], rule: str) -> Verdict | None:
    """The whitelist, then the values: whatever the attributes are made of, bounded work and one verdict."""
    if not isinstance(attrs, dict):
        return refusal("INVALID", f"Attributes are an object, but a {typeName(attrs)} was given.", rule)
    if not hasTextKeys(attrs):
        return refusal("INVALID", "A key is a string.", rule)
    for attr in keysOf(attrs):
        if attr not in whitelist or attr == blueprint.idAttribute or attr in blueprint.nested:
            known = holds(blueprint.props, attr) or attr == blueprint.idAttribute or attr in blueprint.nested
            if known or not blueprint.typed:
                return refusal("FORBIDDEN", f"{show(attr)} may not be set from outside.", rule, cut(attr, 64))
            return refusal(
                "UNKNOWN_KEY", f"{blueprint.owner} has no property {show(attr)}.", rule, cut(attr, 64)
            )
    for attr in keysOf(attrs):
        problem = jsonProblem(raw(attrs, attr))
        if problem is not None:
            return refusal("INVALID", f'"{attr}" {problem}.', rule, attr)
    return None


def argumentsProblem(args: Any) -> Verdict | None:
    if not isinstance(args, list):
        return refusal("INVALID", f"Arguments are a list, but a {typeName(args)} was given.", "arguments")
    problem = jsonProblem(args)
    return None if problem is None else refusal("INVALID", f"The arguments: a value {problem}.", "arguments")


class Permission(Node):
    """A model that can be asked. In the class body:

    clientEditable        the attributes that `safeSet` takes
    clientAddable         those that an add takes (when not given: the same)
    exposedServerMethods  the methods that `safeCall` calls
    anonymous             True: the rules are asked about nobody (None, "") too
    """

    clientEditable: list[str] = []
    clientAddable: list[str] | None = None
    exposedServerMethods: list[str] = []
    anonymous: bool = False
    _sentence: str | None = None

    # The rules, for an app to write: canRead(user), canEdit(user, attrs), canDelete(user), canMove(user, position),
    # canCall(user, method, args), and on a root canReadPrivate(user, audience). Each may declare fewer parameters.
    # Without a rule the answer is no.
    canRead: Any
    canReadPrivate: Any
    canEdit: Any
    canDelete: Any
    canMove: Any
    canCall: Any

    def stamp(self, user: Any, now: int) -> None:
        """Sets what the server owns on a model that a user adds: its owner, its time."""

    def deny(self, sentence: str) -> bool:
        """For rules: `return user == self.get("owner") or self.deny("Only the owner may edit.")`."""
        self._sentence = sentence
        return False

    def can(self, action: str, user: Any, *args: Any) -> Verdict:
        """The verdict without the deed: can("edit", user, attrs?), can("delete", user), can("move",
        user, position?), can("call", user, method, args?), can("read", user).
        """
        first = args[0] if len(args) > 0 else None
        if action == "edit":
            return self._askEdit(emptyBag() if first is None else first, user)
        if action == "delete":
            return self._askDelete(user)
        if action == "move":
            return self._askMove({"last": True} if first is None else first, user)
        if action == "call":
            return self._askCall(first, args[1] if len(args) > 1 else None, user)
        if action == "read":
            return ask(self, "canRead", [user])
        return refusal("UNKNOWN_VERB", f"A model cannot be asked about {show(action)}.")

    # -- deeds

    def safeSet(self, attrs: Any, user: Any) -> Verdict:
        """Set what a user asks to set: whitelist, types, `canEdit`, `validate`, and only then."""
        verdict = self._askEdit(attrs, user)
        if verdict.allowed:
            self.set(copyJSON(attrs))
        return verdict

    def safeDelete(self, user: Any) -> Verdict:
        verdict = self._askDelete(user)
        if verdict.allowed:
            self.collection.remove(self)
        return verdict

    def safeMove(self, position: Any, user: Any) -> Verdict:
        """Move in a `sorted` collection: {"before": id}, {"after": id}, {"first": True} or {"last": True}."""
        verdict = self._askMove(position, user)
        if verdict.allowed:
            self.collection.moveItem(self.id, copyJSON(position))
        return verdict

    def safeCall(self, method: Any, args: Any, user: Any) -> Verdict:
        """Call an exposed method. If it answers with a Verdict (of a `safe*` call inside), that is the answer.

        The one deed that can be refused half done, when the method sets what a prop refuses: whoever calls undoes it
        (recorder.py).
        """
        given = [] if args is None else args
        verdict = self._askCall(method, given, user)
        if not verdict.allowed:
            return verdict
        try:
            answer = callMethod(self, method, copyJSON(given))
        except PropError as error:
            return refusal("INVALID", error.sentence, "props", error.field)
        return answer if isinstance(answer, Verdict) else verdict

    # -- inside

    def _askEdit(self, attrs: Any, user: Any) -> Verdict:
        if not self.anonymous:
            problem = userProblem(user)
            if problem is not None:
                return problem
        problem = attributesProblem(self._blueprint, attrs, self.clientEditable, "clientEditable")
        if problem is None:
            problem = self._valuesProblem(attrs)
        if problem is not None:
            return problem
        verdict = ask(self, "canEdit", [user, copyJSON(attrs)])
        if verdict.allowed:
            problem = self._wholeProblem(attrs)
        return verdict if problem is None else problem

    def _valuesProblem(self, attrs: Any) -> Verdict | None:
        """Types, constraints and setOnce, without setting anything."""
        if not self._blueprint.typed:
            return None
        try:
            self._typed(attrs, {})
        except Exception as error:
            if isinstance(error, PropError):
                return refusal("INVALID", error.sentence, "props", error.field)
            # A prop's own test threw: it was not written for this value.
            return refusal("INVALID", None, "props")
        return None

    def _wholeProblem(self, attrs: Any) -> Verdict | None:
        """Required props and `validate`, asked about the attributes as they would be."""
        whole = emptyBag()
        for source in [self.attributes, attrs]:
            for attr in keysOf(source):
                put(whole, attr, copyJSON(raw(source, attr)))
        try:
            error = self._complaint(whole, {})
        except Exception:
            return refusal("INVALID", None, "validate")
        if error is None:
            return None
        discard(error)
        if isinstance(error, dict):
            return refusal("INVALID", fetch(error, "sentence"), "validate", fetch(error, "field"))
        return refusal("INVALID", error if isinstance(error, str) else None, "validate", self._missing(whole))

    def _missing(self, whole: Any) -> str | None:
        for prop in self._blueprint.required:
            if fetch(whole, prop.name) is None:
                return str(prop.name)
        return None

    def _askDelete(self, user: Any) -> Verdict:
        verdict = ask(self, "canDelete", [user])
        if verdict.allowed and self.collection is None:
            return refusal("INVALID", f"This {className(classOf(self))} is in no collection.", "canDelete")
        return verdict

    def _askMove(self, position: Any, user: Any) -> Verdict:
        problem = None if self.anonymous else userProblem(user)
        if problem is not None:
            return problem
        if self.collection is None or not self.collection.sorted:
            return refusal("INVALID", f"A {className(classOf(self))} cannot be moved here.", "sorted")
        sentence = self.collection.positionProblem(position, self.id)
        if sentence is not None:
            return refusal("INVALID", sentence, "position", "position")
        return ask(self, "canMove", [user, copyJSON(position)])

    def _askCall(self, method: Any, args: Any, user: Any) -> Verdict:
        problem = None if self.anonymous else userProblem(user)
        if problem is not None:
            return problem
        if not isinstance(method, str) or method not in self.exposedServerMethods:
            return refusal(
                "FORBIDDEN", f"{show(method)} cannot be called from outside.", "exposedServerMethods"
            )
        given = [] if args is None else args
        problem = argumentsProblem(given)
        if problem is not None:
            return problem
        if args is not None and len(given) < leastArguments(member(self, method)):
            return refusal("INVALID", f"{method} needs more than {len(given)} arguments.", "arguments")
        return ask(self, "canCall", [user, method, copyJSON(given)])
