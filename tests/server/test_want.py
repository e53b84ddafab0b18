"""What a subscriber asks for: feeds by name, and what they need."""

import pytest

from capsule.server.want import ALL, Want


@pytest.mark.parametrize(
    ("feed", "covered"),
    [
        (".", True),
        ("root---staff", True),
        ("readers", True),
        ("books", True),
        ("books--staff", True),
        ("books.b4.remarks", True),
        ("books.b4.remarks--staff", True),
        ("books.b4.remarks.r1.likes", True),
        ("books.b5.remarks", False),
        ("books.b4.notes", False),
        ("book", False),
        ("lines", False),
    ],
)
def test_a_feed_brings_what_is_below_and_above_it_and_what_rules_look_at(feed: str, covered: bool) -> None:
    assert Want(feeds=("books.b4.remarks",)).covers(feed, ["readers"]) is covered
    assert ALL.covers(feed, [])
