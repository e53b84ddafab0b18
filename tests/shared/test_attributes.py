from typing import Any

import pytest

from capsule.shared import Collection, DeclarationError, Model, PropError


class Loose(Model):
    """Backbone mode: anything is stored."""


class Person(Model):
    props = {
        "first": "string",
        "last": "string",
        "tags": {"type": "list", "default": list},
        "age": {"type": "integer", "default": 1},
    }
    session = {"selected": {"type": "boolean", "default": False}}
    derived = {
        "full": {"deps": ["first", "last"], "fn": "makeFull"},
        "loud": {"deps": ["full"], "fn": lambda model: (model.get("full") or "").upper()},
        "dice": {"deps": ["age"], "fn": lambda model: model.get("age"), "cache": False},
    }
    made = 0

    def makeFull(self) -> str:
        self.made += 1
        return f"{self.get('first')} {self.get('last')}"


def test_attributes_are_copied_in_from_the_given_dict() -> None:
    given = {"a": 1}
    model = Loose(given)
    model.set("a", 2)
    assert given == {"a": 1}
    assert model.attributes == {"a": 2}


def test_defaults_are_a_dict_or_a_method_and_given_values_win() -> None:
    class WithDict(Model):
        defaults = {"one": 1, "two": 2}

    class WithMethod(Model):
        def defaults(self) -> dict[str, Any]:
            return {"one": 3, "list": []}

    assert WithDict({"two": None}).attributes == {"one": 1, "two": None}
    assert WithDict().attributes == {"one": 1, "two": 2}
    assert WithMethod({"two": 2}).attributes == {"one": 3, "list": [], "two": 2}
    assert WithMethod().get("list") is not WithMethod().get("list")


def test_set_up_runs_in_order_with_the_constructors_arguments() -> None:
    seen: list[Any] = []

    class Child(Model):
        def preinitialize(self, attributes: Any, options: Any) -> None:
            seen.append(["pre", attributes, options, self.get("a") if hasattr(self, "attributes") else None])

        def parse(self, data: Any, options: Any) -> Any:
            seen.append("parse")
            return {"a": data["a"] + 1}

        def initialize(self, attributes: Any, options: Any) -> None:
            seen.append(["init", self.get("a"), self.changed, options["parse"]])

    Child({"a": 1}, {"parse": True})
    assert seen == [["pre", {"a": 1}, {"parse": True}, None], "parse", ["init", 2, {}, True]]


def test_set_up_methods_may_declare_no_parameters() -> None:
    class Child(Model):
        def initialize(self) -> None:
            self.set("b", 1)

    assert Child({"a": 1}).attributes == {"a": 1, "b": 1}


def test_the_collection_is_known_during_set_up() -> None:
    seen: list[Any] = []

    class Child(Model):
        def initialize(self) -> None:
            seen.append(self.collection)

    class Children(Collection):
        model = Child

    children = Children([{}])
    assert seen == [children]


def test_a_class_that_has_its_own_set_is_made_through_it() -> None:
    class Doubling(Model):
        def set(self, key: Any, val: Any = None, options: Any = None) -> Any:
            if isinstance(key, dict):
                key = {name: key[name] * 2 for name in key}
            return super().set(key, val, options)

    assert Doubling({"a": 2}).get("a") == 4


def test_get_has_escape_and_is_new() -> None:
    model = Loose({"a": None, "b": 0, "html": '<a href="x">\'`&</a>', "n": 5, "id": 0})
    assert [model.get("a"), model.get("zip"), model.has("a"), model.has("b"), model.has("zip")] == [
        None,
        None,
        False,
        True,
        False,
    ]
    assert model.escape("html") == "&lt;a href=&quot;x&quot;&gt;&#x27;&#x60;&amp;&lt;/a&gt;"
    assert [model.escape("zip"), model.escape("n")] == ["", "5"]
    assert not model.isNew()
    assert Loose({"id": None}).isNew()


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "hasOwnProperty", "length", "get"])
def test_attributes_may_have_any_name(name: str) -> None:
    model = Loose()
    assert model.get(name) is None
    assert not model.has(name)
    assert not model.hasChanged(name)
    model.set(name, 1)
    assert model.get(name) == 1
    assert model.toJSON() == {name: 1}
    model.unset(name)
    assert model.toJSON() == {}


def test_integral_floats_become_ints() -> None:
    model = Loose({"a": 2.0, "b": 2.5})
    model.set({"c": 3.0})
    assert [type(model.get(key)) for key in "abc"] == [int, float, int]


def test_keys_that_look_like_integers_come_first_as_in_javascript() -> None:
    model = Loose({"b": 1, "10": 2, "2": 3, "02": 4})
    assert model.keys() == ["2", "10", "b", "02"]
    assert list(model.toJSON()) == ["2", "10", "b", "02"]


def test_matches_attributes_or_a_function() -> None:
    model = Loose({"a": 1, "b": [1, {"c": 2}]})
    assert model.matches({"b": [1, {"c": 2}]})
    assert not model.matches({"a": 1, "x": 1})
    assert not model.matches({"a": True})
    assert model.matches(lambda attributes: attributes["a"] == 1)


@pytest.mark.parametrize("given", [[1], "text", 5, True])
def test_attributes_that_are_no_object_are_refused(given: Any) -> None:
    with pytest.raises(PropError, match="Attributes are an object"):
        Loose(given)
    model = Loose({"a": 1})
    with pytest.raises(PropError):
        model.set(given) if not isinstance(given, str) else model.set([given])
    assert model.attributes == {"a": 1}


# -- typed


def test_typed_defaults_are_made_for_each_instance() -> None:
    one, two = Person(), Person({"age": 5})
    assert one.attributes == {"tags": [], "age": 1, "selected": False}
    assert two.get("age") == 5
    assert one.attributes["tags"] is not two.attributes["tags"]


def test_declared_lists_are_copied_in_and_out() -> None:
    tags = ["a"]
    person = Person({"tags": tags})
    tags.append("b")
    assert person.get("tags") == ["a"]
    person.get("tags").append("c")
    assert person.get("tags") == ["a"]
    person.set({"tags": tags})
    tags.append("d")
    assert person.get("tags") == ["a", "b"]
    assert person.xport()["tags"] is not person.attributes["tags"]


def test_extra_properties_are_rejected_ignored_or_allowed() -> None:
    class Ignoring(Person):
        extraProperties = "ignore"

    class Allowing(Person):
        extraProperties = "allow"

    class Broken(Person):
        extraProperties = "maybe"

    with pytest.raises(PropError, match='Person has no property "zip"') as caught:
        Person({"zip": 1})
    assert (caught.value.code, caught.value.field) == (422, "zip")
    assert Ignoring({"zip": 1, "first": "A"}).get("zip") is None
    assert Allowing({"zip": 1}).get("zip") == 1
    with pytest.raises(DeclarationError, match="extraProperties of Broken"):
        Broken()


def test_set_once_counts_from_the_constructor_or_the_first_set() -> None:
    class Badge(Model):
        props = {"owner": {"type": "string", "setOnce": True}, "kind": "string"}

    badge = Badge({"kind": "x"})
    badge.set("owner", "ann")
    badge.set("owner", "ann")
    with pytest.raises(PropError, match='Property "owner" of Badge can be set only once'):
        badge.set({"owner": "bob", "kind": "y"})
    assert badge.attributes == {"kind": "x", "owner": "ann"}


# -- derived


def test_a_cached_derived_value_is_computed_once_per_change() -> None:
    person = Person({"first": "A", "last": "B"})
    assert [person.get("full"), person.get("full"), person.made] == ["A B", "A B", 1]
    person.set("age", 4)
    assert [person.get("full"), person.made] == ["A B", 1]
    person.set("last", "C")
    assert [person.get("full"), person.get("loud"), person.made] == ["A C", "A C", 2]


def test_derived_changes_are_told_after_what_they_depend_on_if_they_differ() -> None:
    person = Person({"first": "A", "last": "B"})
    heard: list[Any] = []
    person.on("all", lambda name, *rest: heard.append(name))
    assert person.get("loud") == "A B"
    person.set({"first": "a", "last": "b"})
    assert heard == ["change:first", "change:last", "change:full", "change"]
    assert person.hasChanged("full")
    assert not person.hasChanged("loud")
    assert person.previous("full") == "A B"
    del heard[:]
    person.set("age", 9)
    assert heard == ["change:age", "change:dice", "change"]


def test_derived_values_cannot_be_set_and_are_never_exported() -> None:
    person = Person({"first": "A"})
    with pytest.raises(PropError, match='"full" of Person is derived'):
        person.set("full", "x")
    assert person.xport() == {"first": "A", "tags": [], "age": 1}


def test_derived_values_are_right_inside_the_first_handler() -> None:
    person = Person({"first": "A", "last": "B"})
    seen: list[Any] = []
    person.get("full")
    person.on("change:first", lambda: seen.append(person.get("full")))
    person.set("first", "X")
    assert seen == ["X B"]


# -- changed and previous


def test_previous_and_changed_attributes() -> None:
    model = Loose({"a": 1, "b": 2})
    assert [model.previous("a"), model.previousAttributes(), model.changedAttributes()] == [None, {}, False]
    seen: list[Any] = []
    model.on(
        "change",
        lambda: seen.append([model.changedAttributes(), model.previous("a"), model.previousAttributes()]),
    )
    model.set({"a": 5, "c": 1})
    assert seen == [[{"a": 5, "c": 1}, 1, {"a": 1, "b": 2}]]
    assert model.hasChanged("a")
    assert not model.hasChanged("b")
    assert model.changedAttributes({"a": 5, "b": 9}) == {"b": 9}
    assert model.changedAttributes({"a": 5}) is False
    assert model.previous(None) is None
    model.unset("a")
    assert model.changedAttributes() == {"a": None}
    assert model.previousAttributes() == {"a": 5, "b": 2, "c": 1}
