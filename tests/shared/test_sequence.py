from typing import Any

import pytest

from capsule.shared import Collection, Model


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


def test_what_parse_gives_is_nothing_only_if_it_is_null_false_or_empty_text() -> None:
    class Reader(Collection):
        def parse(self, data: Any, options: Any) -> Any:
            return data["found"]

    nothings: list[Any] = [None, False, "", []]
    for found in nothings:
        assert Reader([{"id": "a"}]).set({"found": found}, {"parse": True}) == []
    reader = Reader()
    reader.set({"found": {}}, {"parse": True})
    assert len(reader) == 1
