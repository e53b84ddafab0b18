import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsule.shared import wire

DO = {
    "verb": "do",
    "scope": "team.7",
    "n": 1,
    "first": True,
    "action": {"do": "edit", "feed": "members.42.tasks", "id": "T1", "attrs": {"title": "x"}},
}


def doing(**action: object) -> dict[str, object]:
    return {**DO, "action": {**DO["action"], **action}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "message",
    [
        {"verb": "hello", "protocol": 1, "client": "abcd1234"},
        {"verb": "hello", "protocol": 1, "client": "abcd1234", "schema": "f00"},
        {"verb": "subscribe", "scope": "team.7", "since": None},
        {"verb": "subscribe", "scope": "team.7", "since": "12-81", "pending": [1, 2]},
        {"verb": "unsubscribe", "scope": "team.7"},
        {"verb": "presence", "scope": "team.7", "state": {}},
        {"verb": "ping"},
        DO,
        {**DO, "action": {"do": "add", "feed": "chat", "id": "c-1", "attrs": {}}},
        {
            **DO,
            "action": {"do": "add", "feed": "chat", "id": "c-1", "attrs": {}, "position": {"before": "x"}},
        },
        {**DO, "action": {"do": "move", "feed": "chat", "id": "c", "position": {"first": True}}},
        {**DO, "action": {"do": "delete", "feed": ".", "id": "7"}},
        {**DO, "action": {"do": "call", "feed": "chat", "id": "c", "method": "ship", "args": []}},
    ],
)
def test_well_formed_messages_have_no_problem(message: dict[str, object]) -> None:
    assert wire.messageProblem(message) is None


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ([], "BAD_MESSAGE"),
        (None, "BAD_MESSAGE"),
        ({}, "UNKNOWN_VERB"),
        ({"verb": "drop"}, "UNKNOWN_VERB"),
        ({"verb": ["do"]}, "UNKNOWN_VERB"),
        ({"verb": "__class__"}, "UNKNOWN_VERB"),
        ({"verb": "ping", "extra": 1}, "UNKNOWN_KEY"),
        ({"verb": "ping", "__proto__": {}}, "UNKNOWN_KEY"),
        ({**DO, "user": "bob"}, "USER_IN_PAYLOAD"),
        (doing(user="bob"), "USER_IN_PAYLOAD"),
        (doing(do="drop"), "UNKNOWN_VERB"),
        (doing(feed="members.42"), "BAD_MESSAGE"),
        (doing(feed="../x"), "BAD_MESSAGE"),
        (doing(id="42.tasks.T1"), "BAD_MESSAGE"),
        (doing(id=7), "BAD_MESSAGE"),
        (doing(attrs=[["title", "x"]]), "BAD_MESSAGE"),
        (doing(attrs="title"), "BAD_MESSAGE"),
        (doing(attrs=None), "BAD_MESSAGE"),
        ({**DO, "n": 0}, "BAD_MESSAGE"),
        ({**DO, "n": True}, "BAD_MESSAGE"),
        ({**DO, "n": 2**53}, "BAD_MESSAGE"),
        ({**DO, "first": 1}, "BAD_MESSAGE"),
        ({**DO, "scope": "team/7"}, "BAD_MESSAGE"),
        ({**DO, "action": "edit"}, "BAD_MESSAGE"),
        ({"verb": "subscribe", "scope": "team.7", "since": "12"}, "BAD_MESSAGE"),
        ({"verb": "subscribe", "scope": "team.7"}, "BAD_MESSAGE"),
        ({"verb": "hello", "protocol": 1, "client": "short"}, "BAD_MESSAGE"),
    ],
)
def test_malformed_messages_get_a_stable_name(message: object, name: str) -> None:
    problem = wire.messageProblem(message)
    assert problem is not None
    assert problem[0] == name


@pytest.mark.parametrize(
    ("position", "text"),
    [
        ({"first": True}, "begin:"),
        ({"last": True}, ":end"),
        ({"before": "a"}, ":a"),
        ({"after": "a"}, "a:"),
    ],
)
def test_positions_go_to_text_and_back(position: dict[str, object], text: str) -> None:
    assert wire.positionText(position) == text
    assert wire.positionFrom(text) == position


@pytest.mark.parametrize(
    "position", [{"at": 1}, {"before": "a", "after": "b"}, {"first": 1}, {"before": "a.b"}, []]
)
def test_other_positions_are_refused(position: object) -> None:
    assert not wire.isPosition(position)


@given(st.text())
def test_an_id_never_holds_a_dot_or_anything_that_could_build_another_name(text: str) -> None:
    if wire.isId(text):
        assert not set(text) & set("./:{}* \n\0")
        assert 1 <= len(text) <= 64


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_anything_that_json_can_carry_is_judged_without_a_throw(value: object) -> None:
    problem = wire.messageProblem(value)
    assert problem is None or problem[0] in ("BAD_MESSAGE", "UNKNOWN_VERB", "UNKNOWN_KEY", "USER_IN_PAYLOAD")


@pytest.mark.parametrize("word", ["begin", "end", "", "a.b", "a:", "x" * 65])
def test_words_that_a_position_could_mistake_are_no_ids(word: str) -> None:
    assert not wire.isId(word)


def test_the_version_of_an_event_id() -> None:
    assert wire.versionOf("12-81") == 12
    assert wire.versionOf(wire.NOTHING) == 0
