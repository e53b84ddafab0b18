from typing import Any

from capsule.shared import Collection


def people() -> Collection:
    return Collection(
        [
            {"id": "a", "n": 3, "team": "x", "done": True},
            {"id": "b", "n": 1, "team": "y", "done": False},
            {"id": "c", "n": 2, "team": "x"},
        ]
    )


def ids(models: Any) -> list[Any]:
    return [model.id for model in models]


def test_a_function_an_attribute_or_attributes_choose() -> None:
    c = people()
    for choice in [lambda model: model.get("team") == "x", {"team": "x"}]:
        assert ids(c.filter(choice)) == ids(c.select(choice)) == ["a", "c"]
        assert ids(c.reject(choice)) == ["b"]
        assert [ids(part) for part in c.partition(choice)] == [["a", "c"], ["b"]]
        assert c.find(choice) is c.detect(choice) is c.at(0)
        assert [c.findIndex(choice), c.findLastIndex(choice)] == [0, 2]
        assert [c.some(choice), c.any(choice), c.every(choice), c.all(choice)] == [True, True, False, False]
    assert ids(c.filter("done")) == ["a"]
    assert [c.find("zip"), c.findIndex("zip"), c.findLastIndex("zip")] == [None, -1, -1]
    assert ids(c.filter(lambda model, index: index == 1)) == ["b"]


def test_where_and_by_property() -> None:
    c = people()
    assert ids(c.where({"team": "x", "n": 2})) == ["c"]
    assert c.where({"team": "x"}, True) is c.findWhere({"team": "x"}) is c.at(0)
    assert ids(c.where({})) == ["a", "b", "c"]
    assert ids(c.filterByProperty("team", "x")) == ["a", "c"]
    assert c.findByProperty("n", 1) is c.at(1)
    assert c.findByProperty("done", 1) is None


def test_map_pluck_invoke_each() -> None:
    c = people()
    seen: list[Any] = []
    assert c.each(lambda model, index: seen.append([model.id, index])) is c
    c.forEach(lambda model: seen.append(model.id))
    assert seen == [["a", 0], ["b", 1], ["c", 2], "a", "b", "c"]
    assert (
        c.map("n")
        == c.collect(lambda model: model.get("n"))
        == c.pluck("n")
        == c.invoke("get", "n")
        == [3, 1, 2]
    )
    assert c.map() == c.models


def test_reduce_from_both_sides() -> None:
    c = people()
    assert (
        c.reduce(lambda memo, model: memo + model.get("n"), 10)
        == c.inject(lambda m, x: m + x.get("n"), 10)
        == 16
    )
    assert c.foldl(lambda memo, model: memo + model.id, "") == "abc"
    assert (
        c.reduceRight(lambda memo, model: memo + model.id, "") == c.foldr(lambda m, x: m + x.id, "") == "cba"
    )
    assert c.reduce(lambda memo, model: model) is c.at(2)
    assert Collection().reduce(lambda memo, model: model) is None


def test_places() -> None:
    c = people()
    a, b, d = c.models
    assert [c.indexOf(b), c.indexOf(a, 1), c.lastIndexOf(b), c.indexOf(None), c.lastIndexOf(None)] == [
        1,
        -1,
        1,
        -1,
        -1,
    ]
    assert [c.includes(b), c.include(b), c.contains(Collection())] == [True, True, False]
    assert [
        c.first(),
        c.head(2),
        c.take(0),
        c.last(),
        c.last(2),
        Collection().first(),
        Collection().last(),
    ] == [
        a,
        [a, b],
        [],
        d,
        [b, d],
        None,
        None,
    ]
    assert [c.initial(), c.initial(2), c.rest(), c.tail(2), c.drop(3)] == [[a, b], [a], [b, d], [d], []]
    assert [c.slice(1), c.slice(0, 1), c.slice(-1), c.toArray()] == [[b, d], [a], [d], [a, b, d]]
    assert [c.size(), c.isEmpty(), Collection().isEmpty()] == [3, False, True]
    assert [c.without(a, d), c.difference([b])] == [[b], [a, d]]
    assert c.toArray() is not c.models


def test_order_and_groups() -> None:
    c = people()
    assert ids(c.sortBy("n")) == ids(c.sortBy(lambda model: model.get("n"))) == ["b", "c", "a"]
    assert [c.max("n").id, c.min("n").id, Collection().max("n"), Collection().min("n")] == [
        "a",
        "b",
        None,
        None,
    ]
    assert {key: ids(group) for key, group in c.groupBy("team").items()} == {"x": ["a", "c"], "y": ["b"]}
    assert c.countBy("done") == {"true": 1, "false": 1, "undefined": 1}
    assert {key: model.id for key, model in c.indexBy("team").items()} == {"x": "c", "y": "b"}


def test_text_is_ordered_by_code_points() -> None:
    c = Collection([{"s": "\U0001f600"}, {"s": "\uffff"}, {"s": "a"}, {"s": "A"}])
    assert [model.get("s") for model in c.sortBy("s")] == ["A", "a", "\uffff", "\U0001f600"]


def test_removing_while_filtering_does_not_skip() -> None:
    c = people()
    assert len(c.filter(lambda model: c.remove(model))) == 3
    assert c.isEmpty()
