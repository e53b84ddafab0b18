import json

import pytest

from capsule.shared.texts import dumpJSON, isLong, isWellFormed, parseJSON


def test_text() -> None:
    assert [isWellFormed("é\U0001f600"), isWellFormed("\ud800"), isWellFormed("a\udc00b")] == [
        True,
        False,
        False,
    ]
    assert [
        isLong("x" * 1_000_000),
        isLong("x" * 1_000_001),
        isLong("é" * 500_001),
        isLong("é" * 500_000),
    ] == [
        False,
        True,
        True,
        False,
    ]


def test_json_in_and_out() -> None:
    assert parseJSON('{"a": 1.0, "b": [1.5], "__proto__": 1}') == {"a": 1, "b": [1.5], "__proto__": 1}
    assert type(parseJSON("2.0")) is int
    for bad in ["", "{", "NaN", "[Infinity]", "[" * 200_000]:
        with pytest.raises(ValueError, match=r"JSON|Expecting|nested"):
            parseJSON(bad)
    assert dumpJSON({"a": "é\u2028", "b": None}) == '{"a":"é\u2028","b":null}'
    assert json.loads(dumpJSON("\ud800")) == "\ud800"
    assert dumpJSON("\ud800") == '"\\ud800"'
    with pytest.raises(ValueError, match="JSON"):
        dumpJSON(float("nan"))
