from capsule.shared.ordering import sortByKey, sortByOrder


def test_order() -> None:
    assert sortByKey(["b", None, 2, "a", True, []], lambda item: item) == [True, 2, "a", "b", [], None]
    items = [3, 1, 2]
    sortByOrder(items, lambda a, b: a - b)
    assert items == [1, 2, 3]
