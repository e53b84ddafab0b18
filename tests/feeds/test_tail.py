"""What events mean for a reader that holds the end of a feed. See also test_random_feeds.py."""

import pytest

from capsule.feeds.tail import Tail


def tail() -> Tail:
    """d and e of a b c d e."""
    return Tail([("d", b"{}"), ("e", b"{}")], 5)


@pytest.mark.parametrize(
    ("event", "held", "length"),
    [
        (("publish", "x", [{}, ":end"]), "dex", 6),
        (("publish", "x", [{}, "begin:"]), "de", 6),
        (("publish", "x", [{}, "c:"]), "de", 6),
        (("publish", "x", [{}, ":c"]), "de", 6),
        (("publish", "x", [{}, ":d"]), "xde", 6),
        (("publish", "x", [{}, "d:"]), "dxe", 6),
        (("retract", "a", []), "de", 4),
        (("retract", "d", []), "e", 4),
        (("edit", "a", [{"n": 1}]), "de", 5),
        (("position", "e", ["begin:"]), "d", 5),
        (("position", "e", ["a:"]), "d", 5),
        (("position", "e", [":d"]), "ed", 5),
        (("position", "d", [":end"]), "ed", 5),
        (("position", "a", ["b:"]), "de", 5),
        (("position", "a", ["begin:"]), "de", 5),
    ],
)
def test_what_is_not_held_lies_before_what_is(
    event: tuple[str, str, list[object]], held: str, length: int
) -> None:
    reader = tail()
    assert reader.apply(*event)
    assert ("".join(reader.items), reader.length) == (held, length)


@pytest.mark.parametrize("position", [":end", "d:", ":d", ":e"])
def test_an_item_that_comes_into_sight_must_be_read(position: str) -> None:
    reader = tail()
    assert not reader.apply("position", "a", [position])
    assert ("".join(reader.items), reader.length) == ("de", 5)


def test_who_holds_all_of_a_feed_sees_its_beginning() -> None:
    reader = Tail([("a", b"{}")])
    reader.apply("publish", "b", [{}, "begin:"])
    reader.apply("position", "a", ["begin:"])
    assert list(reader.items) == ["a", "b"]


def test_an_edit_puts_changed_attributes_over_the_item_and_drops_what_went() -> None:
    reader = Tail([("a", b'{"keep":[1.0,"\xc3\xa9"],"n":1,"gone":2}')])
    reader.apply("edit", "a", [{"n": {"deep": None}}, ["gone", "never"]])
    assert reader.items == {"a": '{"keep":[1.0,"é"],"n":{"deep":null}}'.encode()}


def test_events_that_are_contained_already_do_no_harm_if_the_later_ones_follow() -> None:
    events: list[tuple[str, str, list[object]]] = [
        ("publish", "a", [{"n": 0}, ":end"]),
        ("edit", "a", [{"n": 1}]),
        ("publish", "b", [{}, ":end"]),
        ("retract", "b", []),
        ("publish", "c", [{}, ":end"]),
    ]
    once, twice = Tail(), Tail()
    for verb, item_id, rest in events:
        once.apply(verb, item_id, rest)
        twice.apply(verb, item_id, rest)
    for verb, item_id, rest in events:
        twice.apply(verb, item_id, rest)
    assert list(twice.items.items()) == list(once.items.items())
