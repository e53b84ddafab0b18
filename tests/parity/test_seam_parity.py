"""The two halves of the platform seam keep one contract: same answers, same effects on what they were given."""

import json
from pathlib import Path
from typing import Any

import pytest

from capsule.compiler.build import build
from capsule.shared import platform
from tests.parity.node import run_node

BAG = {"b": 1, "10": 2, "2": [1], "__proto__": 3, "constructor": 4}
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.5,
    1e-7,
    1e21,
    2**53 - 1,
    2**53,
    "",
    "1",
    "a",
    "é\u2028",
    "\U0001f600",
    "\ud800",
    "a\udc00b",
    [],
    [1],
    [True],
    {},
    {"a": 1},
    {"a": True},
    {"a": None},
    {"10": [{"b": 2.0}], "2": {}, "__proto__": [1]},
]
NAMES = ["b", "10", "__proto__", "constructor", "toString", "hasOwnProperty", "zip"]
CALLS: list[list[Any]] = [
    *[[name, BAG, key] for name in ("holds", "raw", "fetch", "attribute", "drop") for key in NAMES],
    *[["put", BAG, key, value] for key in NAMES for value in (None, [1])],
    *[[name, BAG] for name in ("keysOf", "shallowCopy", "copyBag")],
    *[["copyInto", {"a": 1, "b": 2}, source] for source in (None, {}, BAG)],
    *[["pair", key, 1] for key in NAMES],
    *[
        ["isIndex", text]
        for text in ("0", "1", "01", "4294967294", "4294967295", "-1", "1.0", "", "a", "²", "9" * 12)
    ],
    *[["same", a, b] for a in VALUES for b in VALUES],
    *[[name, value] for name in ("copyJSON", "isNumber", "isInteger", "dumpJSON") for value in VALUES],
    *[[name, value] for name in ("isWellFormed", "isLong") for value in VALUES if isinstance(value, str)],
    *[["isLong", "x" * n] for n in (1_000_000, 1_000_001)],
    *[["isLong", "é" * n] for n in (500_000, 500_001)],
    *[
        ["parseJSON", text]
        for text in ("", "{", "NaN", "1.0", "-0", "[1e2]", '{"__proto__": 1}', '"\\ud800"')
    ],
    *[
        ["write", {"a": 1}, previous, {"a": 9}, "a", value]
        for previous in ({}, {"a": 5})
        for value in (1, 5, None)
    ],
    *[["write", {}, {}, {}, key, 1] for key in NAMES],
    *[["erase", {"a": 1}, previous, {"a": 9}, key] for previous in ({}, {"a": 5}) for key in ("a", "zip")],
    *[["flag", options, "x"] for options in (None, {}, {"x": True}, {"x": False})],
    ["insertAll", [1, 2, 3], [8, 9], 1],
    ["insertAll", [], [1], 0],
    ["removeAt", [1, 2, 3], 1],
    *[["indexOf", ["a", "b"], key, 0] for key in ("b", "z")],
    ["indexOf", ["a"], "a", 1],
    *[["truth", value] for value in VALUES],
    *[["hasTextKeys", value] for value in ({}, BAG)],
    *[["sizeOf", value] for value in VALUES if isinstance(value, str | list | dict)],
    *[["whole", value] for value in (0, -1, 2.9, -2.9, True, "3")],
    *[["words", text] for text in ("", "a", " a  b ", "a\tb\nc", "a\x1fb", "a\u2003b", "a\ufeffb", "a\x85b")],
    *[
        ["after", text, "change:"]
        for text in ("change:a", "change:", "change", "xchange:a", "change:\U0001f600")
    ],
    *[["cut", text, 2] for text in ("", "a", "abc", "\U0001f600\U0001f600\U0001f600")],
    *[
        ["isId", value]
        for value in (
            "a",
            "A-_9",
            "",
            "a.b",
            "a\n",
            "begin",
            "end",
            "begins",
            "x" * 64,
            "x" * 65,
            "é",
            1,
            None,
        )
    ],
    *[["look", {"a": 1}, key] for key in ("a", "b")],
    ["replaceAll", [1, 2, 3], [4]],
]


def answer(call: list[Any]) -> Any:
    """What our half answers, and what its arguments are afterwards, in words that JSON has."""
    try:
        given = getattr(platform, call[0])(*call[1:])
    except ValueError:
        # json's own errors are kinds of it.
        return ["raised", "ValueError"]
    if given is platform.MISSING:
        return "MISSING"
    arguments = [known(argument) for argument in call[1:]]
    return ["SAME" if given is platform.SAME else given, arguments]


def known(argument: Any) -> Any:
    """The books of `write` may hold MISSING."""
    if not isinstance(argument, dict):
        return argument
    return {key: None if value is platform.MISSING else value for key, value in argument.items()}


@pytest.fixture(scope="module")
def seam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("seam")
    build(None, out)
    return out / "modules" / "capsule.shared.platform.js"


def test_both_halves_answer_alike(seam: Path, tmp_path: Path) -> None:
    theirs = run_node("seam_trace.mjs", seam, CALLS, tmp_path)
    for call, there in zip(CALLS, theirs, strict=True):
        here = json.loads(json.dumps(answer(json.loads(json.dumps(call)))))
        if call[0] in ("write", "erase"):
            # Nothing is undefined there, and left out; here it is None.
            here, there = without_none(here), without_none(there)
        if call[0] == "dumpJSON" and here[0] != "raised":
            # Two spellings of one number ("1e-07", "1e-7") are the same JSON.
            here[0], there[0] = json.loads(here[0]), json.loads(there[0])
        assert here == there, call
        if call[0] in ("keysOf", "shallowCopy", "copyJSON"):
            assert json.dumps(here[0]) == json.dumps(there[0]), call


def without_none(value: Any) -> Any:
    if isinstance(value, list):
        return [without_none(item) for item in value if item is not None]
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return value
