"""The seam: everything that CPython and JavaScript do differently, in a few small functions.

`capsule/compiler/js/platform.js` is the other half: same names, same contract (tests/parity holds both
to it). Shared code imports nothing else from the world. The hot primitives are here too, because a
plain dict operation, compiled, has to ask what it is looking at, and these need not.

A *bag* is a str-keyed dict whose keys may be anything a user sends: `__proto__`, `constructor`, `toString`.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from capsule.shared.dispatch import fire as fire
from capsule.shared.dispatch import noteArity as noteArity
from capsule.shared.dispatch import runHandlers as runHandlers
from capsule.shared.marks import MISSING as MISSING
from capsule.shared.marks import MOST_INTEGER as MOST_INTEGER
from capsule.shared.marks import SAME as SAME
from capsule.shared.ordering import sortByKey as sortByKey
from capsule.shared.ordering import sortByOrder as sortByOrder
from capsule.shared.shortcut import setQuickly as setQuickly
from capsule.shared.shortcut import takeQuickly as takeQuickly
from capsule.shared.signatures import fitted, signature
from capsule.shared.texts import MOST_TEXT as MOST_TEXT
from capsule.shared.texts import after as after
from capsule.shared.texts import cut as cut
from capsule.shared.texts import dumpJSON as dumpJSON
from capsule.shared.texts import isId as isId
from capsule.shared.texts import isLong as isLong
from capsule.shared.texts import isWellFormed as isWellFormed
from capsule.shared.texts import parseJSON as parseJSON
from capsule.shared.texts import words as words

_counter = 0


def uniqueId(prefix: str) -> str:
    """A name that is new in this process. Never sent, never compared with another process's."""
    global _counter
    _counter += 1
    return prefix + str(_counter)


# -- bags


def emptyBag() -> dict[str, Any]:
    return {}


def table() -> dict[str, Any]:
    """A bag for `look`, that never leaves its owner."""
    return {}


def look(table: dict[str, Any], key: str) -> Any:
    """`fetch`, from a table."""
    return table.get(key)


def pair(key: str, value: Any) -> dict[str, Any]:
    return {key: value}


def copyBag(bag: dict[str, Any]) -> dict[str, Any]:
    return dict(bag)


def copyInto(target: dict[str, Any], source: Any) -> dict[str, Any]:
    """`target` with the source's pairs; None adds nothing."""
    if source is not None:
        target.update(source)
    return target


def holds(bag: dict[str, Any], key: str) -> bool:
    return key in bag


def fetch(bag: dict[str, Any], key: str) -> Any:
    """The value, or None."""
    return bag.get(key)


def attribute(bag: dict[str, Any], key: str) -> Any:
    """`fetch`, for `model.get` alone."""
    return bag.get(key)


def raw(bag: dict[str, Any], key: str) -> Any:
    """The value, or MISSING."""
    return bag.get(key, MISSING)


def put(bag: dict[str, Any], key: str, value: Any) -> None:
    bag[key] = value


def drop(bag: dict[str, Any], key: str) -> None:
    bag.pop(key, None)


def keysOf(bag: Any) -> list[str]:
    """The keys, integer-like ones first and in order: JavaScript's objects cannot do otherwise."""
    for key in bag:
        if key < ":" and isIndex(key):
            indices = [key for key in bag if isIndex(key)]
            indices.sort(key=int)
            return indices + [key for key in bag if not isIndex(key)]
    return list(bag)


def isIndex(key: str) -> bool:
    """What JavaScript calls an array index: the text of an integer from 0 to 2**32 - 2."""
    if not (key.isascii() and key.isdigit()) or len(key) > 10:
        return False
    return (key == "0" or key[0] != "0") and int(key) < 4294967295


def shallowCopy(bag: dict[str, Any]) -> dict[str, Any]:
    """A plain copy to hand out, its keys in the order that both sides have."""
    return {key: bag[key] for key in keysOf(bag)}


def write(attributes: Any, previous: Any, changed: Any, attr: str, value: Any) -> Any:
    """Set one attribute and keep the books of a change: `previous` has what was there before the
    outermost set, `changed` what differs from that. Answers the value before, or SAME if it was equal.
    """
    if value.__class__ is float:
        value = inward(value)
    old = attributes.get(attr, MISSING)
    before = previous.setdefault(attr, old)
    attributes[attr] = value
    equal = same(old, value)
    if equal if before is old else same(before, value):
        changed.pop(attr, None)
    else:
        changed[attr] = value
    return SAME if equal else old


def erase(attributes: Any, previous: Any, changed: Any, attr: str) -> Any:
    """The same for an attribute that goes away."""
    old = attributes.pop(attr, MISSING)
    if previous.setdefault(attr, old) is MISSING:
        changed.pop(attr, None)
    else:
        changed[attr] = None
    return SAME if old is MISSING else old


def hasTextKeys(bag: Any) -> bool:
    """Whether a dict from outside is a bag."""
    return all(isinstance(key, str) for key in bag)


# -- values


def truth(value: Any) -> bool:
    """Python's truth of what a function of an app answered: an empty list is none."""
    return bool(value)


def whole(value: Any) -> int:
    """A number, or its text, without its fraction."""
    return int(value)


def sizeOf(value: Any) -> int:
    """The length of a list, of a text in code points, of a dict in keys."""
    return len(value)


def known(value: Any) -> Any:
    """None for MISSING."""
    return None if value is MISSING else value


def inward(value: Any) -> Any:
    """A value as an attribute keeps it: JavaScript has no 2.0, so an integral float becomes an int."""
    if value.__class__ is float and value.is_integer() and abs(value) <= MOST_INTEGER:
        return int(value)
    return value


def same(old: Any, value: Any) -> bool:
    """Equal as JSON is: lists and dicts by content, True is not 1, NaN equals itself. MISSING equals only itself."""
    if old is value:
        return True
    if old != value:
        return bool(old != old and value != value)
    kind = old.__class__
    if kind is not value.__class__:
        return not (kind is bool or value.__class__ is bool)
    if kind is list:
        return all(map(same, old, value))
    if kind is dict:
        return all(same(old[key], value[key]) for key in old)
    return True


def copyJSON(value: Any) -> Any:
    """A deep copy of lists and dicts; the rest is shared."""
    kind = value.__class__
    if kind is dict:
        return {key: copyJSON(value[key]) for key in keysOf(value)}
    if kind is list:
        return [copyJSON(item) for item in value]
    if kind is float:
        return inward(value)
    return value


def isNumber(value: Any) -> bool:
    """A finite number that both sides hold exactly."""
    kind = value.__class__
    if kind is int:
        return bool(-MOST_INTEGER <= value <= MOST_INTEGER)
    if kind is not float or value - value != 0.0:
        return False
    return bool(abs(value) <= MOST_INTEGER or not value.is_integer())


def isInteger(value: Any) -> bool:
    return isNumber(value) and (value.__class__ is int or value.is_integer())


def settle(bag: dict[str, Any]) -> dict[str, Any]:
    """`inward` for each value of a bag that is nobody else's."""
    for key, value in bag.items():
        if value.__class__ is float:
            bag[key] = inward(value)
    return bag


def flag(options: Any, name: str) -> bool:
    """Whether an option is set; there may be no options."""
    return options is not None and bool(options.get(name))


# -- functions


def leastArguments(function: Any) -> int:
    """How many arguments a function cannot do without."""
    return signature(function)[0]


def call(function: Any, args: Sequence[Any]) -> Any:
    """Call with as many of the arguments as the function takes, None for what it wants beyond them."""
    fewest, most = signature(function)
    return function(*fitted(args, fewest, most))


def callMethod(owner: Any, name: str, args: Sequence[Any]) -> Any:
    """`call` for a method, by name."""
    return call(getattr(owner, name), args)


def bound(owner: Any, name: str) -> Any:
    """A method as a value, with its owner."""
    return getattr(owner, name)


def adapted(function: Any, count: int) -> Any:
    """A function to be called with that many arguments, whatever it takes."""
    fewest, most = signature(function)
    if fewest <= count <= most:
        return function
    return lambda *args: function(*fitted(args, fewest, most))


def parameterCount(function: Any) -> int:
    """How many positional parameters a function declares (JavaScript's `length`)."""
    return signature(function)[1]


def sameFunction(a: Any, b: Any) -> bool:
    """Bound methods are made anew at each access: they are compared, never identified."""
    return bool(a == b)


def discard(answer: Any) -> None:
    """A rule may have answered with a coroutine: it is a refusal, and will never be awaited."""
    if inspect.iscoroutine(answer):
        answer.close()


# -- classes


def result(owner: Any, name: str) -> Any:
    """A member that may be a value or a method that gives it (Underscore's `result`)."""
    value = getattr(owner, name, None)
    return value() if callable(value) else value


def member(owner: Any, name: str) -> Any:
    """An attribute of an object or of its class; None when it has none."""
    return getattr(owner, name, None)


def prepareClass(cls: Any) -> None:
    """JavaScript makes `static` members visible from instances; here they are."""


def setMember(owner: Any, name: str, value: Any) -> None:
    setattr(owner, name, value)


def classMember(cls: Any, name: str) -> Any:
    """What the instances of a class inherit under a name; None for a factory function."""
    return getattr(cls, name, None)


def declared(cls: Any, name: str) -> list[Any]:
    """What a class and its bases declare themselves under a name, the base's first."""
    return [vars(base)[name] for base in reversed(cls.__mro__) if name in vars(base)]


def overrides(cls: Any, name: str, base: Any) -> bool:
    return getattr(cls, name) is not getattr(base, name)


def kept(cls: Any, name: str) -> Any:
    """What was kept on exactly this class: an inherited one does not count."""
    return vars(cls).get(name)


def keep(cls: Any, name: str, value: Any) -> None:
    setattr(cls, name, value)


def classOf(instance: Any) -> Any:
    return type(instance)


def className(cls: Any) -> str:
    return str(cls.__name__)


def isClass(value: Any) -> bool:
    """A class, as opposed to a factory function."""
    return isinstance(value, type)


def construct(factory: Any, first: Any, options: Any) -> Any:
    """An instance of a class, or whatever a factory function makes."""
    if isinstance(factory, type):
        return factory(first, options)
    return call(factory, [first, options])


# -- order


def chosen(models: list[Any], test: Callable[[Any, int], Any]) -> list[Any]:
    """The models for which a test (model, index) is true."""
    return [model for index, model in enumerate(models[:]) if test(model, index)]


def matcher(names: list[str], wanted: list[Any]) -> Callable[[Any, int], bool]:
    """A test for `chosen`: whether the attributes with these names have these values; None is as good as missing."""

    def test(model: Any, index: int) -> bool:
        for name, value in zip(names, wanted, strict=True):
            found = model.get(name)
            if value is not None and found is not None:
                if not same(found, value):
                    return False
            elif found is not value:
                return False
        return True

    return test


def indexOf(items: list[Any], item: Any, start: int = 0) -> int:
    """Where exactly this item is, or -1."""
    for index in range(start, len(items)):
        if items[index] is item:
            return index
    return -1


def insertAll(items: list[Any], added: list[Any], at: int) -> None:
    items[at:at] = added


def replaceAll(items: list[Any], others: list[Any]) -> None:
    items[:] = others


def removeAt(items: list[Any], index: int) -> None:
    del items[index]
