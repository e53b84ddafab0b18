"""Short cuts through the models for what most programs do most of the time. A part of the seam's CPython half.

Each does what the long way does, in a third of the calls (benchmarks/models_python.py), or leaves it to the long way.
They know text, booleans and integers, whose equality is that of Python.
"""

from typing import Any

from capsule.shared.dispatch import fire
from capsule.shared.marks import MISSING, MOST_INTEGER


def isPlainFor(prop: Any, value: Any) -> bool:
    """Whether a prop takes a value as it is, seen at one glance."""
    kind = value.__class__
    if kind is str:
        plain: bool = prop.plainText
    elif kind is bool:
        plain = prop.plainTruth
    else:
        plain = kind is int and prop.plainNumber and -MOST_INTEGER <= value <= MOST_INTEGER
    return plain


def takeQuickly(blueprint: Any, attrs: Any) -> dict[str, Any] | None:
    """The attributes of a new model, with defaults, if each is plain for its prop; else None."""
    if attrs.__class__ is not dict:
        return None
    props = blueprint.props
    for attr, value in attrs.items():
        prop = props.get(attr)
        if prop is None:
            return None
        # `isPlainFor`, without its calls.
        kind = value.__class__
        if kind is str:
            if not prop.plainText:
                return None
        elif kind is bool:
            if not prop.plainTruth:
                return None
        elif kind is not int or not prop.plainNumber or not -MOST_INTEGER <= value <= MOST_INTEGER:
            return None
    taken: dict[str, Any] = attrs.copy()
    for prop in blueprint.defaults:
        if prop.name not in taken:
            taken[prop.name] = prop.valueOfDefault()
    return taken


def setQuickly(model: Any, attr: str, value: Any) -> bool:
    """`State.set` of one attribute without options; False, with nothing done, if that takes more than is known here.

    Here: no change is under way, nothing is derived, nobody replicates, the id stays. What is left of `_change` are the
    same books and the same two events.
    """
    blueprint = model._blueprint
    prop = blueprint.simple.get(attr)
    if model._changing or blueprint.hasDerived:
        return False
    if prop is not None:
        if not isPlainFor(prop, value):
            return False
    elif blueprint.typed or attr == blueprint.idAttribute or attr in blueprint.nested:
        return False
    kind = value.__class__
    if kind is not str and kind is not int and kind is not bool:
        return False
    events = model._events
    if model._owner is None and model.collection is None:
        if events is not None and "publish" in events:
            return False
    elif model._publisher() is not None:
        return False
    attributes = model.attributes
    old = attributes.get(attr, MISSING)
    attributes[attr] = value
    model._previous = {attr: old}
    if old.__class__ is kind and old == value:
        model.changed = {}
        return True
    model.changed = {attr: value}
    if events is not None:
        _tell(model, events, attr)
    return True


def _tell(model: Any, events: Any, attr: str) -> None:
    """ "change:<attr>", then "change" as often as a handler sets again."""
    options: dict[str, Any] = {}
    model._changing = True
    model._pending = options
    try:
        fire(events, "change:" + attr, [model, model.get(attr), options])
        while model._pending is not None:
            pending = model._pending
            model._pending = None
            events = model._events
            if events is not None and ("change" in events or "all" in events):
                fire(events, "change", [model, pending])
    finally:
        model._pending = None
        model._changing = False
