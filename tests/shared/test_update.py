from capsule.shared import Collection, Model
from capsule.shared.update import Update


def test_each_given_item_is_added_merged_or_kept_once() -> None:
    letters = Collection([{"id": "a"}, {"id": "b"}])
    a = letters.at(0)
    step = Update(letters, False)
    options = {"add": True, "merge": True}
    taken = [step.take(item, options) for item in [{"id": "a", "n": 1}, a, {"id": "c"}, {"id": "c"}]]
    step.findRemoved()
    c = step.added[0]
    assert taken == [a, a, c, c]
    assert [step.merged, step.kept, [model.id for model in step.removed]] == [[a, c], [a, c], ["b"]]


def test_without_add_an_unknown_item_stays_what_it_was() -> None:
    step = Update(Collection(), False)
    item = {"id": "x"}
    assert step.take(item, {"add": False}) is item
    assert step.kept == []


def test_a_merge_asks_for_a_sort_only_if_the_comparators_attribute_changed() -> None:
    letters = Collection([{"id": "a", "n": 1}], {"comparator": "n"})
    for data, sort in [
        ({"id": "a", "x": 1}, False),
        ({"id": "a", "n": 2}, True),
        (Model({"id": "a", "n": 3}), True),
    ]:
        step = Update(letters, True)
        step.take(data, {"merge": True})
        assert step.sort is sort


def test_what_was_given_is_kept() -> None:
    letters = Collection([{"id": "a"}, {"id": "b"}])
    step = Update(letters, False)
    step.take({"id": "b"}, {"add": True})
    assert [step.keeps(model) for model in letters.models] == [False, True]
