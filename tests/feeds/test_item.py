"""Items are one line of strict JSON, or they are refused."""

import json

import pytest

from capsule.feeds import ItemInvalidError, LimitError
from capsule.feeds.item import MAX_BYTES, check_json, check_object, dump


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "null", "1", "-1.5e10", '"é😀"', '{"a": [1, {"b": "\\u00e9\\ud83d\\ude00"}]}', '"\\n"'],
)
def test_strict_json_passes(text: str) -> None:
    assert check_json(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("{'a': 1}", "is not JSON"),
        ("{} {}", "is not JSON"),
        ('"\x01"', "is not JSON"),
        ("NaN", "no NaN"),
        ('{"a": [Infinity]}', "no Infinity"),
        ("-Infinity", "no -Infinity"),
        ("1e999", "too large"),
        ('{"a":\n1}', "one line"),
        ('{"a":\r1}', "one line"),
        ('"\ud800"', "lone surrogate"),
        ('"\\ud800"', "lone surrogate"),
        ('{"\\udc00": 1}', "lone surrogate"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
    ],
)
def test_everything_else_is_refused_with_its_reason(text: str, sentence: str) -> None:
    with pytest.raises(ItemInvalidError, match=sentence) as caught:
        check_json(text)
    assert caught.value.code == "ITEM"


def test_text_that_no_commit_can_hold_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(LimitError):
        check_json("[" * (MAX_BYTES + 1))


@pytest.mark.parametrize("value", [None, b"{}", {}, 7])
def test_what_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(ItemInvalidError, match="must be JSON text"):
        check_json(value)  # type: ignore[arg-type]


def test_an_object_is_asked_for_where_it_is_needed() -> None:
    check_object("{}", "Changes")
    for text in ("[]", "null", '"{}"'):
        with pytest.raises(ItemInvalidError, match="Changes must be a JSON object"):
            check_object(text, "Changes")


def test_a_value_is_written_on_one_line_and_what_json_cannot_say_is_refused() -> None:
    assert dump({"text": "é\n", "n": 1.0, "list": []}) == '{"text":"é\\n","n":1.0,"list":[]}'
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, float("nan"), float("-inf"), {1, 2}, b"x", "\ud800", 2j):
        with pytest.raises(ItemInvalidError, match="An item"):
            dump(value)
    with pytest.raises(LimitError):
        dump("x" * (1 << 20) + "x")
