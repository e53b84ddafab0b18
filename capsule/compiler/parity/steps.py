"""Steps for Hypothesis to draw, by what the models declare: mostly sensible ones, and some that nobody should send."""

from typing import Any

from hypothesis import strategies as st

from capsule.compiler.parity.machine import Step
from capsule.compiler.parity.subject import IDS, Place, Subject
from capsule.shared.blueprint import blueprintOf
from capsule.shared.model import Model
from capsule.shared.props import Prop

USERS: list[Any] = [*IDS, "mallory", "", None]
TEXTS = ["x", "Ship it", "", "  ", "é\U0001f600", "<b>", "10", "__proto__", "\ud800"]
HOSTILE: list[Any] = [
    *(None, True, 0, 7, -1, 1.5, 2**53 - 1, 2**53, 1e300),
    *("", "text", "__proto__", [], ["a"], {}, {"__proto__": {"x": 1}}, {"id": "a"}, [[[[]]]]),
]
KEYS = ["id", "__proto__", "constructor", "toString", "hasOwnProperty", "attributes", "nothing", ""]
METHODS = ["set", "constructor", "toString", "canEdit", "safeSet", "nothing"]
OWNERS = ("owner", "author", "user", "creator", "createdBy", "assignee")


def good_values(prop: Prop) -> st.SearchStrategy[Any]:
    """What a prop takes, and what lies right beside."""
    good: list[Any]
    if prop.values is not None:
        good = list(prop.values)
    elif prop.type == "string":
        good = [
            *TEXTS,
            *(text for size in (prop.min, prop.max) if size for text in ("x" * size, "x" * (size + 1))),
        ]
    elif prop.type == "boolean":
        good = [True, False]
    elif prop.type in ("integer", "time", "number"):
        good = [
            0,
            1,
            2,
            1000,
            -1,
            *(bound + more for bound in (prop.min, prop.max) if bound is not None for more in (0, 1)),
        ]
        good += [0.5, 1e-7, 1e21] if prop.type == "number" else []
    elif prop.type == "list":
        good = [[], ["a"], [1, [True, {"b": None}]], ["b", "a", "b"]]
    elif prop.type == "object":
        good = [{}, {"b": 1, "10": 2, "2": [3]}, {"__proto__": 1, "constructor": "x"}]
    elif prop.type == "ref":
        good = list(IDS)
    else:
        good = [*TEXTS[:3], 1, None, [1], {"a": 1}]
    return st.sampled_from(good)


def values(prop: Prop) -> st.SearchStrategy[Any]:
    return mostly(good_values(prop), st.sampled_from(HOSTILE))


def mostly(good: st.SearchStrategy[Any], bad: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One in eight is bad; a counter-example shrinks to good ones where it can."""
    return st.integers(0, 7).flatmap(lambda drawn: bad if drawn == 7 else good)


class Vocabulary:
    """The steps that make sense for these models, and their hostile relatives."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.user = mostly(st.sampled_from(IDS[:2]), st.sampled_from(USERS))
        self.id = mostly(st.sampled_from(IDS[:2]), st.sampled_from([IDS[2], "root", "nothing"]))
        self.new_id = mostly(st.sampled_from(["c", "d", "e"]), self.id)
        self.position = mostly(
            st.one_of(
                st.sampled_from([{"first": True}, {"last": True}, {}]),
                st.sampled_from([{where: key} for where in ("before", "after") for key in IDS]),
            ),
            st.sampled_from([{"before": None}, {"first": 1}, {"before": "a", "after": "b"}, {"x": 1}]),
        )

    def attributes(self, cls: type[Model], preferred: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        """Up to three attributes: mostly those that may be set."""
        props: dict[str, Prop] = blueprintOf(cls).props
        known = [name for name in preferred if name in props] or [
            name for name in props if name != cls.idAttribute
        ]
        everything = [*props, *blueprintOf(cls).nested, *KEYS]
        name = mostly(st.sampled_from(known or ["text", "rank"]), st.sampled_from(everything))

        def pair(key: str) -> st.SearchStrategy[tuple[str, Any]]:
            one = values(props[key]) if key in props else st.sampled_from([*TEXTS, *HOSTILE])
            return st.tuples(st.just(key), one)

        return st.lists(name.flatmap(pair), min_size=0, max_size=3).map(dict)

    def required(self, place: Place) -> st.SearchStrategy[dict[str, Any]]:
        """What a new model must have, and whose it is: that is what most rules ask about."""
        props: dict[str, Prop] = blueprintOf(place.model).props
        wanted = {prop.name: good_values(prop) for prop in blueprintOf(place.model).required}
        owners = {name: self.owner(place) for name in OWNERS if name in props}
        return st.fixed_dictionaries({**wanted, **owners})

    def owner(self, place: Place) -> st.SearchStrategy[Any]:
        """What is below somebody's item is mostly theirs, and mostly touched by them."""
        parts = place.feed.split(".")
        return mostly(st.just(parts[-2]), self.user) if len(parts) > 2 else self.user

    def item(self, place: Place) -> st.SearchStrategy[dict[str, Any]]:
        return joined(self.required(place), self.attributes(place.model, []))

    def proposal(self, place: Place) -> st.SearchStrategy[dict[str, Any]]:
        """What a user sends to be added."""
        model = place.model
        addable = model.clientEditable if model.clientAddable is None else model.clientAddable
        wanted = {
            prop.name: good_values(prop) for prop in blueprintOf(model).required if prop.name in addable
        }
        return joined(st.fixed_dictionaries(wanted), mostly(st.just({}), self.attributes(model, addable)))

    def begin(self) -> st.SearchStrategy[list[Step]]:
        """Something in every collection, parents first; each may be left out."""
        adds = [
            st.tuples(st.just("add"), st.just(place.feed), st.just(key), self.required(place)).map(list)
            for place in self.subject.places
            for key in IDS[:2]
        ]
        kept = [
            st.tuples(st.integers(0, 7), add).map(lambda one: [one[1]] if one[0] > 0 else []) for add in adds
        ]
        return st.tuples(*kept).map(lambda parts: [step for part in parts for step in part])

    def step(self) -> st.SearchStrategy[Step]:
        places = [self.at(place) for place in self.subject.places]
        root = self.on_model(".", st.just("root"), self.subject.root)
        return st.one_of(*places, root)

    def at(self, place: Place) -> st.SearchStrategy[Step]:
        feed, key, user = place.feed, self.id, self.owner(place)
        position = self.position if place.collection.sorted else mostly(st.just({}), self.position)
        kinds = [
            step("safeAdd", feed, self.new_id, self.proposal(place), user, position),
            step("safeDelete", feed, key, user),
            self.on_model(feed, key, place.model, user),
            self.on_model(feed, key, place.model, user),
            step("add", feed, self.new_id, self.item(place)),
            step("remove", feed, key),
        ]
        if place.collection.sorted:
            kinds += [
                step("safeMove", feed, key, self.position, user),
                step("move", feed, key, self.position),
            ]
        return st.one_of(kinds)

    def on_model(
        self,
        feed: str,
        key: st.SearchStrategy[str],
        cls: type[Model],
        user: st.SearchStrategy[Any] | None = None,
    ) -> st.SearchStrategy[Step]:
        user = self.user if user is None else user
        props: dict[str, Prop] = blueprintOf(cls).props
        names = [*props, "nothing"]
        toggled = [name for name, prop in props.items() if prop.type == "boolean" or prop.values is not None]
        arguments = st.sampled_from([*TEXTS, *IDS, 1, True])
        args = mostly(st.lists(arguments, max_size=2), st.sampled_from([None, "x", {}, [None]]))
        method = mostly(st.sampled_from(cls.exposedServerMethods or METHODS), st.sampled_from(METHODS))
        options = st.sampled_from([None, {"silent": True}, {"validate": True}])
        more = [
            step("setChild", feed, key, st.just(name), self.attributes(child, []))
            for name, child in blueprintOf(cls).children.items()
        ]
        return st.one_of(
            step("safeSet", feed, key, self.attributes(cls, cls.clientEditable), user),
            step("safeCall", feed, key, method, args, user),
            step("set", feed, key, self.attributes(cls, []), options),
            step("unset", feed, key, st.sampled_from(names)),
            step("toggle", feed, key, mostly(st.sampled_from(toggled or names), st.sampled_from(names))),
            *more,
        )

    def sequence(self) -> st.SearchStrategy[list[Step]]:
        # In handfuls: one list alone would be short, mostly.
        steps = st.lists(st.lists(self.step(), min_size=1, max_size=12), min_size=1, max_size=6)
        return st.tuples(self.begin(), steps).map(
            lambda parts: [*parts[0], *(one for handful in parts[1] for one in handful)]
        )


def step(what: str, feed: str, *rest: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(what), st.just(feed), *rest).map(list)


def joined(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """One dict; the later part wins."""
    return st.tuples(*parts).map(lambda drawn: {key: value for part in drawn for key, value in part.items()})
