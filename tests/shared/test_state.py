from typing import Any

import pytest

from capsule.shared import Model, PropError


def recorded(model: Model) -> list[Any]:
    heard: list[Any] = []
    model.on("all", lambda name, *rest: heard.append(name))
    return heard


class Counted(Model):
    props = {
        "n": "integer",
        "size": {"type": "string", "values": ["s", "m", "l"], "default": "m"},
        "shape": {"type": "string", "values": ["round", "flat"]},
        "on": "boolean",
        "name": {"type": "string", "required": True},
    }


def test_change_events_of_all_attributes_come_before_change_and_see_all_new_values() -> None:
    model = Model({"a": 1, "b": 2})
    seen: list[Any] = []
    model.on("change:a", lambda m, value, options: seen.append(["a", value, m.get("b"), options["x"]]))
    model.on("change:b", lambda m, value: seen.append(["b", value]))
    model.on("change", lambda m, options: seen.append(["change", options["x"]]))
    assert model.set({"a": 3, "b": 4}, {"x": 1}) is model
    assert seen == [["a", 3, 4, 1], ["b", 4], ["change", 1]]


def test_an_equal_value_changes_nothing() -> None:
    model = Model({"a": 1, "l": [1, {"b": 2}], "n": None})
    heard = recorded(model)
    model.set({"a": 1, "l": [1, {"b": 2}], "n": None})
    model.set("a", 1.0)
    assert heard == []
    assert not model.hasChanged()


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, False), ("", None), ([1], [True]), (None, 0)])
def test_values_that_json_tells_apart_are_changes(old: Any, new: Any) -> None:
    model = Model({"a": old})
    heard = recorded(model)
    model.set("a", new)
    assert heard == ["change:a", "change"]


def test_none_on_a_missing_attribute_is_a_change_and_its_removal_too() -> None:
    model = Model()
    heard = recorded(model)
    model.set("a", None)
    assert model.toJSON() == {"a": None}
    model.unset("a")
    assert model.toJSON() == {}
    assert heard == ["change:a", "change"] * 2


def test_nested_sets_are_one_more_change_and_changed_holds_both() -> None:
    model = Model({"a": 1, "b": 1})
    seen: list[Any] = []
    model.on("change:a", lambda: model.set("b", 2))
    model.on("change:b", lambda: seen.append("b"))
    model.on("change", lambda: seen.append(model.changedAttributes()))
    model.set("a", 2)
    assert seen == ["b", {"a": 2, "b": 2}]


def test_a_set_inside_change_fires_change_again() -> None:
    model = Model({"n": 0})
    seen: list[Any] = []

    def grow() -> None:
        seen.append(model.previous("n"))
        if model.get("n") < 3:
            model.set("n", model.get("n") + 1)

    model.on("change", grow)
    model.set("n", 1)
    assert model.get("n") == 3
    assert seen == [0, 0, 0]


def test_setting_back_inside_a_handler_leaves_nothing_changed() -> None:
    model = Model({"a": 1})
    seen: list[Any] = []
    model.once("change:a", lambda: model.set("a", 1))
    model.on("change", lambda: seen.append(model.changedAttributes()))
    model.set("a", 2)
    assert seen == [False]
    assert model.get("a") == 1


def test_silent_changes_are_not_told_later() -> None:
    model = Model({"a": 1})
    heard = recorded(model)
    model.set("a", 2, {"silent": True})
    model.set("b", 1)
    assert heard == ["change:b", "change"]
    assert model.changedAttributes() == {"b": 1}


def test_unset_and_clear() -> None:
    model = Model({"id": "1", "a": 1, "b": 2, "c": 3})
    heard = recorded(model)
    model.unset("zip")
    assert heard == []
    model.unset("a")
    model.unset(["b", "zip"])
    model.set("c", 9, {"unset": True})
    assert heard == ["change:a", "change", "change:b", "change", "change:c", "change"]
    model.clear()
    assert heard[6:] == ["changeId", "change:id", "change"]
    assert [model.id, model.attributes] == [None, {}]


def test_the_id_follows_its_attribute_and_change_id_comes_first() -> None:
    class Mongo(Model):
        idAttribute = "_id"

    model = Mongo({"_id": 7})
    seen: list[Any] = []
    model.on("changeId", lambda m, before: seen.append([m.id, before]))
    model.on("change:_id", lambda: seen.append("change:_id"))
    model.set({"_id": 8})
    assert model.id == 8
    assert seen == [[8, 7], "change:_id"]


def test_set_of_none_is_a_noop() -> None:
    model = Model({"a": 1})
    assert model.set(None) is model
    assert model.attributes == {"a": 1}


# -- validate


class Positive(Model):
    def validate(self, attrs: Any, options: Any) -> Any:
        if attrs["n"] < 0:
            return "negative"
        return None


def test_validation_is_asked_for_and_refuses_the_whole_set() -> None:
    model = Positive({"n": 1})
    heard: list[Any] = []
    model.on(
        "invalid",
        lambda m, error, options: heard.append([error, options["validationError"], options.get("x")]),
    )
    assert model.set({"n": -1}) is model
    model.set({"n": 1})
    options = {"validate": True, "x": 1}
    assert model.set({"n": -1, "b": 2}, options) is False
    assert options == {"validate": True, "x": 1}
    assert [model.attributes, model.validationError, heard] == [
        {"n": 1},
        "negative",
        [["negative", "negative", 1]],
    ]
    assert model.isValid()
    assert model.validationError is None
    model.set("n", -5)
    assert not model.isValid()


def test_the_constructor_validates_when_asked() -> None:
    model = Positive({"n": -1}, {"validate": True})
    assert [model.validationError, model.attributes] == ["negative", {}]


def test_required_props_make_a_model_valid() -> None:
    model = Counted({"n": 1})
    assert not model.isValid()
    assert model.validationError == 'Property "name" of Counted is required.'
    model.set("name", "x")
    assert model.isValid()


# -- typed


def test_a_refused_value_leaves_everything_as_it_was() -> None:
    model = Counted({"n": 1})
    heard = recorded(model)
    with pytest.raises(PropError):
        model.set({"name": "x", "n": "many"})
    assert [heard, model.attributes] == [[], {"n": 1, "size": "m"}]


def test_unset_goes_back_to_the_default() -> None:
    model = Counted({"size": "l", "n": 1})
    model.unset(["size", "n", "undeclared"])
    assert model.attributes == {"size": "m"}
    assert model.changedAttributes() == {"size": "m", "n": None}


def test_unset_wins_over_a_value() -> None:
    model = Counted({"n": 1})
    model.set({"n": 2}, {"unset": True})
    assert model.get("n") is None


def test_toggle_flips_booleans_and_steps_through_values() -> None:
    model = Counted()
    assert [model.toggle("on").get("on"), model.toggle("on").get("on")] == [True, False]
    assert [model.toggle("size").get("size"), model.toggle("size").get("size")] == ["l", "s"]
    assert model.toggle("shape").get("shape") == "round"
    with pytest.raises(PropError, match="cannot be toggled"):
        model.toggle("n")
    assert Model().toggle("x").get("x") is True


# -- a listener that throws


def test_a_throwing_listener_leaves_the_model_usable() -> None:
    model = Model({"a": 1})

    def angry() -> None:
        raise ValueError("no")

    for event in ["change:a", "change", "changeId"]:
        model.on(event, angry)
        with pytest.raises(ValueError, match="no"):
            model.set({"a": model.get("a") + 1, "id": str(model.get("a"))})
        model.off(event)
    heard = recorded(model)
    model.set("a", 50)
    assert heard == ["change:a", "change"]
    assert model.previous("a") == 4
    assert model.changedAttributes() == {"a": 50}


def test_a_throwing_nested_listener_does_not_lose_the_outer_state() -> None:
    model = Model({"a": 1})

    def outer() -> None:
        with pytest.raises(ValueError, match="no"):
            model.set("b", 2)

    def angry() -> None:
        raise ValueError("no")

    model.on("change:a", outer)
    model.on("change:b", angry)
    model.set("a", 2)
    assert model.changedAttributes() == {"a": 2, "b": 2}
    assert not model._changing
