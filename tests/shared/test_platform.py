from typing import Any

import pytest

from capsule.shared import platform
from capsule.shared.platform import (
    MISSING,
    SAME,
    adapted,
    call,
    callMethod,
    chosen,
    copyInto,
    copyJSON,
    erase,
    isIndex,
    isInteger,
    isNumber,
    keysOf,
    matcher,
    raw,
    same,
    write,
)


def test_the_javascript_half_has_the_same_names() -> None:
    import re
    from pathlib import Path

    twin = Path(platform.__file__).parents[1] / "compiler" / "js" / "platform.js"
    text = twin.read_text()
    theirs = set(re.findall(r"^export (?:function|const) (\w+)", text, re.MULTILINE))
    for passed in re.findall(r"^export \{ ([\w, ]+) \} from", text, re.MULTILINE):
        theirs.update(passed.split(", "))
    ours = {name for name, value in vars(platform).items() if callable(value) or name.isupper()}
    ours = {name for name in ours if not name.startswith("_")}
    assert ours - {"Any", "Callable", "Sequence", "fitted", "signature"} == theirs


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (float("nan"), float("nan"), True),
        ([1, {"a": [True]}], [1, {"a": [True]}], True),
        ([1, {"a": [True]}], [1, {"a": [1]}], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {}, False),
        (None, MISSING, False),
        ("1", 1, False),
        ([], {}, False),
    ],
)
def test_same_is_equality_of_json(a: Any, b: Any, equal: bool) -> None:
    assert same(a, b) is equal
    assert same(b, a) is equal


def test_write_and_erase_keep_the_books() -> None:
    attributes: Any = {"a": 1}
    previous: Any = {}
    changed: Any = {}
    assert write(attributes, previous, changed, "a", 2) == 1
    assert write(attributes, previous, changed, "a", 2.0) is SAME
    assert write(attributes, previous, changed, "b", None) is MISSING
    assert [attributes, previous, changed] == [
        {"a": 2, "b": None},
        {"a": 1, "b": MISSING},
        {"a": 2, "b": None},
    ]
    assert erase(attributes, previous, changed, "b") is None
    assert erase(attributes, previous, changed, "zip") is SAME
    assert write(attributes, previous, changed, "a", 1) == 2
    assert [attributes, changed] == [{"a": 1}, {}]


def test_keys_in_javascripts_order() -> None:
    assert keysOf({"b": 1, "10": 1, "a": 1, "9": 1, "01": 1, "-1": 1}) == ["9", "10", "b", "a", "01", "-1"]
    assert keysOf({"²": 1, "a": 1}) == ["²", "a"]
    assert [isIndex(key) for key in ["0", "4294967294", "4294967295", "00", "", "1.5", "1"]] == [
        True,
        True,
        False,
        False,
        False,
        False,
        True,
    ]


def test_numbers_both_sides_hold() -> None:
    for good in [0, -1, 2**53 - 1, 0.1, 3.0, -1e-300]:
        assert isNumber(good)
    for bad in [2**53, float("nan"), float("inf"), True, "1", None, 1e300]:
        assert not isNumber(bad)
    assert [isInteger(3.0), isInteger(3.5), isInteger(True)] == [True, False, False]


def test_copies() -> None:
    value = {"b": [1, {"c": 2.0}], "1": None}
    copy = copyJSON(value)
    assert copy == value
    assert [list(copy), copy["b"] is value["b"]] == [["1", "b"], False]
    assert copyInto({"a": 1}, None) == {"a": 1}
    assert raw({}, "constructor") is MISSING


class Thing:
    def method(self, a: Any, b: Any = 2) -> Any:
        return [a, b]

    def many(self, *args: Any) -> Any:
        return list(args)


def test_calls_pass_what_fits_and_fill_up_with_none() -> None:
    thing = Thing()
    assert call(thing.method, [1, 5, 9]) == [1, 5]
    assert call(thing.method, []) == [None, 2]
    assert callMethod(thing, "many", [1, 2, 3]) == [1, 2, 3]
    assert adapted(thing.method, 2) == thing.method
    assert adapted(lambda a: a, 2)(1, 2) == 1


def test_chosen_looks_at_all_models_even_if_some_leave_meanwhile() -> None:
    items = [1, 2, 3, 4]

    def leave(item: int, index: int) -> bool:
        items.remove(item)
        return index != 1

    assert chosen(items, leave) == [1, 3, 4]


def test_a_matcher_takes_none_for_missing() -> None:
    test = matcher(["a", "b"], [None, [1]])
    assert [
        test({"b": [1]}, 0),
        test({"a": None, "b": [1]}, 0),
        test({"a": 0, "b": [1]}, 0),
        test({"b": [True]}, 0),
    ] == [
        True,
        True,
        False,
        False,
    ]
