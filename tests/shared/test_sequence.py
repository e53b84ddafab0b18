from typing import Any

import pytest

from capsule.shared import Collection, Model, ModelError


class Letters(Collection):
    comparator = "n"


def recorded(emitter: Any) -> list[Any]:
    heard: list[Any] = []
    emitter.on("all", lambda name, *rest: heard.append(name))
    return heard


def ids(collection: Any) -> list[Any]:
    return [model.id for model in collection]


def three() -> Collection:
    return Collection([{"id": "a", "n": 1}, {"id": "b", "n": 2}, {"id": "c", "n": 3}])


# -- reading


def test_get_by_id_by_cid_by_model_and_by_attributes() -> None:
    letters = three()
    b = letters.at(1)
    for key in ["b", b.cid, b, {"id": "b"}, {"cid": b.cid}, Model({"id": "b"})]:
        assert letters.get(key) is b
        assert letters.has(key)
    for key in [None, "z", Model(), {}, 5, {"id": None}]:
        assert letters.get(key) is None
    assert Collection([{"id": 0}]).get(0).id == 0
    assert Collection([{"id": 7}]).get("7").id == 7


def test_at_counts_from_both_ends() -> None:
    letters = three()
    assert [letters.at(index) and letters.at(index).id for index in (0, 2, -1, -3, 3, -4)] == [
        "a",
        "c",
        "c",
        "a",
        None,
        None,
    ]


def test_length_and_iteration() -> None:
    letters = three()
    assert [letters.length, len(letters), ids(letters), bool(Collection())] == [3, 3, ["a", "b", "c"], True]
    assert [list(letters.keys()), list(letters.values()), list(letters.entries())] == [
        ["a", "b", "c"],
        letters.models,
        [["a", letters.at(0)], ["b", letters.at(1)], ["c", letters.at(2)]],
    ]


@pytest.mark.parametrize("key", ["__proto__", "constructor", "toString", "hasOwnProperty"])
def test_ids_may_be_anything(key: str) -> None:
    letters = Collection()
    assert letters.get(key) is None
    letters.add({"id": key})
    assert letters.get(key).id == key
    letters.add({key: 1})
    assert letters.at(1).get(key) == 1
    letters.remove(key)
    assert letters.get(key) is None


# -- add


def test_add_fires_add_for_each_and_update_once() -> None:
    letters = Collection()
    seen: list[Any] = []
    letters.on("add", lambda model, collection, options: seen.append([model.id, options.get("index")]))
    letters.on("update", lambda collection, options: seen.append(options["changes"]))
    given = [{"id": "a"}, {"id": "b"}]
    options = {"at": 0}
    added = letters.add(given, options)
    assert seen == [["a", 0], ["b", 1], {"added": added, "merged": [], "removed": []}]
    assert [given, options] == [[{"id": "a"}, {"id": "b"}], {"at": 0}]
    assert letters.add({"id": "c"}).id == "c"


def test_all_models_are_in_before_the_first_add_is_told() -> None:
    letters = Collection()
    seen: list[int] = []
    letters.on("add", lambda: seen.append(letters.length))
    letters.add([{}, {}])
    assert seen == [2, 2]


@pytest.mark.parametrize(
    ("at", "expected"),
    [(0, "xabc"), (1, "axbc"), (-1, "abcx"), (-2, "abxc"), (99, "abcx"), (-99, "xabc"), ("1", "axbc")],
)
def test_add_at_a_place(at: Any, expected: str) -> None:
    letters = three()
    letters.add({"id": "x"}, {"at": at})
    assert "".join(ids(letters)) == expected


def test_a_known_model_is_not_added_again_but_merged_if_asked() -> None:
    letters = three()
    heard = recorded(letters)
    assert letters.add({"id": "b", "n": 9}) is letters.at(1)
    assert letters.get("b").get("n") == 2
    assert heard == []
    letters.add([{"id": "b", "n": 9}, Model({"id": "c", "n": 8})], {"merge": True})
    assert letters.pluck("n") == [1, 9, 8]
    assert heard == ["change:n", "change"] * 2 + ["update"]


def test_the_same_new_model_twice_in_one_add_is_added_once() -> None:
    model = Model()
    letters = Collection([model, model, {"id": 1}, {"id": 1}])
    assert letters.length == 2


def test_invalid_models_are_left_out_when_asked_to_validate() -> None:
    class Positive(Model):
        def validate(self, attrs: Any) -> Any:
            return "no" if attrs["n"] < 0 else None

    class Positives(Collection):
        model = Positive

    positives = Positives()
    seen: list[Any] = []
    positives.on("invalid", lambda collection, error: seen.append([collection, error]))
    positives.add([{"n": 1}, {"n": -1}, {"n": 2}], {"validate": True})
    assert positives.pluck("n") == [1, 2]
    assert seen == [[positives, "no"]]


def test_one_model_in_several_collections() -> None:
    model = Model({"id": "a"})
    one, two = Collection(), Collection()
    heard, other = recorded(one), recorded(two)
    one.add(model)
    two.add(model)
    assert model.collection is one
    assert [heard, other] == [["add", "update"], ["add", "update"]]
    one.remove(model)
    assert [model.collection, two.get("a")] == [None, model]
    assert [heard[2:], other[2:]] == [["remove", "update"], []]
    model.set("x", 1)
    assert other[2:] == ["change:x", "change"]
    assert heard[4:] == []


def test_push_pop_shift_unshift() -> None:
    letters = three()
    letters.push({"id": "z"})
    letters.unshift({"id": "y"})
    assert ids(letters) == ["y", "a", "b", "c", "z"]
    assert [letters.pop().id, letters.shift().id, Collection().pop()] == ["z", "y", None]


# -- remove


def test_remove_answers_what_went_and_tells_where_it_was() -> None:
    letters = three()
    seen: list[Any] = []
    letters.on("remove", lambda model, collection, options: seen.append([model.id, options["index"]]))
    letters.on(
        "update", lambda collection, options: seen.append([m.id for m in options["changes"]["removed"]])
    )
    gone = letters.get("a")
    assert letters.remove("a") is gone
    assert ids(letters.remove(["c", "zip"])) == ["c"]
    assert gone.collection is None
    assert seen == [["a", 0], ["a"], ["c", 1], ["c"]]
    assert letters.remove("zip") is None
    assert letters.remove([]) == []


def test_a_removed_model_is_not_found_inside_its_own_remove() -> None:
    letters = three()
    seen: list[Any] = []
    letters.on("remove", lambda model: seen.append([letters.get(model), letters.remove(model)]))
    letters.remove("a")
    assert seen == [[None, None]]


def test_removing_during_iteration_of_a_copy() -> None:
    letters = three()
    for model in letters.toArray():
        letters.remove(model)
    assert letters.length == 0


def test_a_destroyed_model_leaves_all_its_collections_and_stops_listening() -> None:
    one, two = three(), Collection()
    model = one.at(0)
    two.add(model)
    model.listenTo(one, "x", lambda: None)
    heard = recorded(two)
    model.destroy()
    assert [ids(one), two.length, heard] == [["b", "c"], 0, ["remove", "update", "destroy"]]
    assert not model._listeningTo


# -- set and reset


def test_set_is_a_diff() -> None:
    letters = three()
    a, b = letters.at(0), letters.at(1)
    seen: list[Any] = []
    letters.on("add remove", lambda model: seen.append(model.id))
    letters.on("update", lambda c, options: seen.append({k: ids(v) for k, v in options["changes"].items()}))
    letters.set([{"id": "d"}, {"id": "b", "n": 20}, a])
    assert ids(letters) == ["d", "b", "a"]
    assert letters.at(1) is b
    assert b.get("n") == 20
    assert seen == ["c", "d", {"added": ["d"], "merged": ["b"], "removed": ["c"]}]


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"add": False}, "b"), ({"remove": False}, "abcd"), ({"merge": False}, "bd"), ({}, "bd")],
)
def test_set_can_leave_out_each_of_its_parts(options: Any, expected: str) -> None:
    letters = three()
    letters.set([{"id": "b", "n": 20}, {"id": "d"}], options)
    assert "".join(ids(letters)) == expected
    assert letters.get("b").get("n") == (2 if options.get("merge") is False else 20)


def test_set_to_nothing_removes_all_and_none_is_a_noop() -> None:
    letters = three()
    assert letters.set(None) is None
    assert letters.length == 3
    letters.set([])
    assert letters.length == 0


def test_sort_is_told_only_when_the_order_changed() -> None:
    letters = three()
    heard = recorded(letters)
    letters.set([{"id": "a"}, {"id": "b"}, {"id": "c"}])
    assert heard == ["update"]
    letters.set([{"id": "b"}, {"id": "a"}, {"id": "c"}])
    assert heard == ["update", "sort", "update"]


def test_reset_is_one_event_with_the_previous_models() -> None:
    letters = three()
    before = letters.toArray()
    heard = recorded(letters)
    seen: list[Any] = []
    letters.on("reset", lambda c, options: seen.append(options["previousModels"]))
    options = {"x": 1}
    letters.reset([{"id": "z"}, before[0]], options)
    assert [ids(letters), heard, seen, options] == [["z", "a"], ["reset"], [before], {"x": 1}]
    assert [before[0].collection, before[1].collection, letters.get("b")] == [letters, None, None]
    letters.reset()
    assert letters.length == 0


def test_parse_is_asked_of_the_collection_and_of_the_models() -> None:
    class Parsing(Model):
        def parse(self, data: Any) -> Any:
            return {"id": data["id"], "n": data["n"] + 1}

    class Parsings(Collection):
        model = Parsing

        def parse(self, data: Any) -> Any:
            return data["list"]

    parsings = Parsings({"list": [{"id": "a", "n": 1}]}, {"parse": True})
    assert parsings.pluck("n") == [2]
    parsings.set({"list": [{"id": "a", "n": 5}, {"id": "b", "n": 7}]}, {"parse": True})
    assert parsings.pluck("n") == [6, 8]


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
