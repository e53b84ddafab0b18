import re
from dataclasses import fields as fields_of
from pathlib import Path

import pytest

from capsule.server.limits import Limits, TokenBucket

PAGE = Path(__file__).parents[2] / "docs" / "gateway.md"


def test_a_bucket_allows_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(rate=2.0, burst=3, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.5), bucket.take(0.5)] == [True, False]
    assert [bucket.take(1.0), bucket.take(1.4), bucket.take(1.6)] == [True, False, True]


def test_a_rested_bucket_holds_no_more_than_its_burst() -> None:
    bucket = TokenBucket(rate=10.0, burst=2, now=0.0)
    assert [bucket.take(1000.0) for _ in range(3)] == [True, True, False]


UNITS = {"": 1, "s": 1, "KB": 1024, "MB": 1024 * 1024, "a second": 1, "in 10 s": 0.1, "in 60 s": 1}


def test_the_operators_page_tells_every_limit_with_its_default() -> None:
    told = set()
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)?) \| ([^|]+) \|", PAGE.read_text(), re.MULTILINE)
    for names, values in rows:
        fields = re.findall(r"`(\w+)`", names)
        if not hasattr(Limits(), fields[0]):
            continue
        parts = re.findall(r"([\d,]*\d)(?: (s|KB|MB|a second|in 10 s|in 60 s))?(?=,|$| in)", values.strip())
        told.update(fields)
        for field, (number, unit) in zip(fields, parts, strict=False):
            expected = float(number.replace(",", "")) * UNITS[unit]
            assert getattr(Limits(), field) == pytest.approx(expected), field
    internal = {"heartbeat", "room_idle_check", "room_linger", "presence_lease", "presence_leave_delay"}
    assert told == {field.name for field in fields_of(Limits)} - internal
