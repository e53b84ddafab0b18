"""Names go into keys, channels and JSON text without escaping, so the allowed set is small and exact."""

import pytest

from capsule.feeds import NameInvalidError, names


@pytest.mark.parametrize(
    ("check", "good"),
    [
        (names.check_scope, ["team.7", "a", "A~b_c-d.e"]),
        (names.check_item_id, ["1", "k3x9-17-1", "A_b", "x" * 64]),
        (names.check_feed, [".", "members", "members.42.tasks", "a.b.c.d.e", "members.-1_.t2"]),
        (names.check_operation, ["ann.k3x9q0ab.17", "x" * 200]),
        (names.check_position, ["begin:", ":end", "x:", ":x", ":begin", "end:"]),
        (names.check_event_id, ["0-0", "12-81", "9007199254740991-2147483647"]),
    ],
)
def test_good_names_pass_unchanged(check, good) -> None:  # type: ignore[no-untyped-def]
    assert [check(name) for name in good] == good


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        (names.check_scope, ["", "team/7", "a b", "a{b}", "a:b", "é", "a\n", "x" * 129]),
        (names.check_item_id, ["", "a.b", "a b", "x" * 65, "a\n", "begin", "end", '"', "é"]),
        (
            names.check_feed,
            ["", "_a", "1a", "a.", ".a", "a.b", "a..b", "a.b.", "a.b._c", "members.4.2.tasks", "a.\n.b"],
        ),
        (names.check_operation, ["", "a b", "a/b", "x" * 201, "a\n"]),
        (names.check_position, ["", ":", "begin", "end", "a:b", "a.b:", "::", "begin:\n"]),
        (names.check_event_id, ["", "12", "-", "1-", "01-1", "1-01", "1-1 ", "-1-1", "1-99999999999"]),
    ],
)
def test_bad_names_are_refused_with_a_sentence(check, bad) -> None:  # type: ignore[no-untyped-def]
    for name in bad:
        with pytest.raises(NameInvalidError, match=r"must match|may not be called") as caught:
            check(name)
        assert caught.value.code == "NAME"


@pytest.mark.parametrize("value", [None, 7, b"team", ["team"], {"team": 1}])
def test_what_is_not_text_is_no_name(value: object) -> None:
    with pytest.raises(NameInvalidError):
        names.check_scope(value)  # type: ignore[arg-type]
    with pytest.raises(NameInvalidError):
        names.check_operation(value)  # type: ignore[arg-type]
