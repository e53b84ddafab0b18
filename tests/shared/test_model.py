from capsule.shared import Model


def model() -> Model:
    return Model({"a": 1, "b": "x", "c": None})


def test_keys_values_pairs_invert() -> None:
    assert model().keys() == ["a", "b", "c"]
    assert model().values() == [1, "x", None]
    assert model().pairs() == [["a", 1], ["b", "x"], ["c", None]]
    assert Model({"a": 1, "b": "x"}).invert() == {"1": "a", "x": "b"}


def test_pick_and_omit_take_names_lists_and_functions() -> None:
    assert model().pick("a", "c", "zip") == {"a": 1, "c": None}
    assert model().pick(["a", "b"], "c") == {"a": 1, "b": "x", "c": None}
    assert model().pick(lambda value, key: value == 1 or key == "b") == {"a": 1, "b": "x"}
    assert model().omit("a", ["b"]) == {"c": None}
    assert model().omit(lambda value, key: key == "a") == {"b": "x", "c": None}


def test_is_empty() -> None:
    assert Model().isEmpty()
    assert not model().isEmpty()


def test_destroy_tells_with_the_collection_it_was_in() -> None:
    heard = []
    one = model()
    one.on("destroy", lambda *args: heard.append(args))
    assert one.destroy({"x": 1}) is False
    assert heard == [(one, None, {"x": 1})]
