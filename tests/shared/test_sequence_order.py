"""Sequence's order, ids, options and what happens when something throws; the rest is in test_sequence.py."""

from typing import Any

import pytest

from capsule.shared import Collection, Model, ModelError
from tests.shared.test_sequence import Letters, ids, recorded, three

# -- order


def test_an_attributes_name_as_comparator_keeps_the_order() -> None:
    letters = Letters([{"n": 3}, {"n": 1}])
    letters.add({"n": 2})
    assert letters.pluck("n") == [1, 2, 3]
    letters.add({"n": 0}, {"sort": False})
    letters.add({"n": 9}, {"at": 0})
    assert letters.pluck("n") == [9, 1, 2, 3, 0]


def test_a_comparator_of_one_model_gives_its_key_of_two_the_order() -> None:
    class ByKey(Collection):
        def comparator(self, model: Any) -> Any:
            return -model.get("n")

    class ByOrder(Collection):
        def comparator(self, a: Any, b: Any) -> Any:
            return a.get("n") - b.get("n")

    data = [{"n": 2}, {"n": 3}, {"n": 1}]
    assert ByKey(data).pluck("n") == [3, 2, 1]
    assert ByOrder(data).pluck("n") == [1, 2, 3]
    assert Collection(data, {"comparator": lambda model: model.get("n")}).pluck("n") == [1, 2, 3]
    assert ByKey(data, {"comparator": False}).pluck("n") == [2, 3, 1]


def test_sorting_is_stable_and_puts_nothing_last() -> None:
    letters = Letters(
        [{"id": "x"}, {"id": "b", "n": "b"}, {"id": "2", "n": 2}, {"id": "y", "n": None}, {"id": "1", "n": 1}]
    )
    assert ids(letters) == ["1", "2", "b", "x", "y"]


def test_sort_is_told_once_after_the_adds() -> None:
    letters = Letters([{"n": 1}])
    heard = recorded(letters)
    letters.add([{"n": 3}, {"n": 2}])
    assert heard == ["add", "add", "sort", "update"]
    del heard[:]
    letters.add({"id": "q", "n": 4, "x": 1})
    letters.add({"id": "q", "x": 2}, {"merge": True})
    assert heard == ["add", "sort", "update", "change:x", "change", "update"]
    letters.add({"id": "q", "n": 0}, {"merge": True})
    assert letters.at(0).id == "q"


def test_sort_without_a_comparator_is_refused() -> None:
    with pytest.raises(ModelError, match="without a comparator"):
        Collection().sort()


# -- ids


def test_the_index_follows_changes_of_ids() -> None:
    letters = three()
    model = letters.at(0)
    model.set({"id": "z"})
    assert [letters.get("a"), letters.get("z")] == [None, model]
    model.unset("id")
    assert letters.get("z") is None
    letters.remove(model)
    assert ids(letters) == ["b", "c"]


def test_model_id_can_be_computed() -> None:
    class Mixed(Collection):
        def modelId(self, attrs: Any) -> Any:
            return f"{attrs.get('kind')}-{attrs.get('id')}"

    mixed = Mixed([{"kind": "a", "id": 1}, {"kind": "b", "id": 1}])
    assert mixed.get("a-1") is mixed.at(0)
    assert mixed.get({"kind": "b", "id": 1}) is mixed.at(1)
    mixed.at(0).set("id", 5)
    assert [mixed.get("a-1"), mixed.get("a-5")] == [None, mixed.at(0)]


def test_a_factory_makes_models_of_several_classes() -> None:
    class A(Model):
        pass

    class B(Model):
        idAttribute = "_id"

    class Zoo(Collection):
        def model(self, attrs: Any, options: Any) -> Any:
            return B(attrs, options) if "_id" in attrs else A(attrs, options)

    zoo = Zoo([{"id": 1}, {"_id": 2}])
    assert [type(model) for model in zoo] == [A, B]
    assert zoo.at(1).collection is zoo
    assert zoo.get(2) is zoo.at(1)


def test_options_give_model_and_comparator_and_clone_keeps_them() -> None:
    class Special(Model):
        pass

    letters = Collection([{"n": 2}, {"n": 1}], {"model": Special, "comparator": "n"})
    copy = letters.clone()
    copy.add({"n": 0})
    assert [copy.pluck("n"), letters.pluck("n")] == [[0, 1, 2], [1, 2]]
    assert type(copy.at(0)) is Special
    assert copy.at(1) is letters.at(0)


def test_silent_is_silent() -> None:
    letters = three()
    heard = recorded(letters)
    letters.add({"id": "z"}, {"silent": True})
    letters.remove("a", {"silent": True})
    letters.reset([], {"silent": True})
    assert heard == []


def test_set_up_runs_in_order() -> None:
    seen: list[Any] = []

    class Own(Collection):
        def preinitialize(self, models: Any) -> None:
            seen.append(["pre", hasattr(self, "models")])

        def initialize(self, models: Any, options: Any) -> None:
            seen.append(["init", len(self.models), options])

    own = Own([{}], {"x": 1})
    assert seen == [["pre", False], ["init", 0, {"x": 1}]]
    assert own.length == 1


def test_events_that_are_not_about_models_pass_through() -> None:
    letters = three()
    seen: list[Any] = []
    letters.on("hello", lambda *args: seen.append(args))
    letters.at(0).trigger("hello", 1, 2)
    letters.at(0).trigger("hello")
    letters.trigger("change")
    assert seen[0][:2] == (1, 2)


def test_an_item_that_cannot_be_made_leaves_no_trace_of_the_others() -> None:
    class Typed(Model):
        props = {"n": "integer"}

    class Types(Collection):
        model = Typed

    types = Types([{"id": "a"}])
    heard = recorded(types)
    with pytest.raises(ModelError):
        types.add([{"id": "b"}, {"id": "c", "n": "x"}])
    assert [ids(types), types.get("b"), heard] == [["a"], None, []]


def test_a_listener_that_throws_leaves_the_collection_whole() -> None:
    letters = three()

    def angry() -> None:
        raise ValueError("no")

    letters.on("add remove", angry)
    gone = letters.at(0)
    with pytest.raises(ValueError, match="no"):
        letters.remove(gone)
    with pytest.raises(ValueError, match="no"):
        letters.add({"id": "z"})
    letters.off()
    heard = recorded(letters)
    gone.set("n", 5)
    letters.get("z").set("n", 6)
    assert [ids(letters), gone.collection, heard] == [["b", "c", "z"], None, ["change:n", "change"]]


@pytest.mark.parametrize("nothing", [None, False, ""])
def test_a_comparator_can_be_switched_off(nothing: Any) -> None:
    assert ids(Letters([{"id": "b", "n": 2}, {"id": "a", "n": 1}], {"comparator": nothing})) == ["b", "a"]


def test_a_comparator_given_as_an_option_is_called_with_what_it_takes() -> None:
    assert ids(
        Collection([{"id": "b"}, {"id": "a"}], {"comparator": lambda a, b: -1 if a.id < b.id else 1})
    ) == ["a", "b"]
