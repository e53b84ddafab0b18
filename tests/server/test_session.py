"""The session's state machine: every cell of the table in docs/protocol.md, then each rule by name."""

import json
from typing import Any

import pytest

from capsule.server.closing import CloseCode
from capsule.server.limits import Limits
from capsule.server.session import (
    Announce,
    Close,
    Effect,
    Page,
    Pause,
    Put,
    Session,
    State,
    Subscribe,
    Unsubscribe,
    Write,
)

from .protocol_page import table

EDIT = {"do": "edit", "feed": "members.42.tasks", "id": "t1", "attrs": {"done": True}}
MESSAGES: dict[str, str] = {
    "`hello`": '{"verb":"hello","protocol":1,"client":"k3J9x0aB","schema":""}',
    "`subscribe`": '{"verb":"subscribe","scope":"team.8","since":null,"pending":[]}',
    "`unsubscribe`": '{"verb":"unsubscribe","scope":"team.7"}',
    "`do`": json.dumps({"verb": "do", "scope": "team.7", "n": 1, "first": True, "action": EDIT}),
    "`page`": '{"verb":"page","scope":"team.7","feed":"chat","before":"m9","count":50}',
    "`presence`": '{"verb":"presence","scope":"team.7","state":{}}',
    "`ping`": '{"verb":"ping"}',
    "garbage": "{not json",
    "unknown verb": '{"verb":"shout"}',
    "too large": " " * (64 * 1024 + 1),
}
STATES = ("new", "ready", "draining", "closed")
CELLS = [(row["message"], state, row[state]) for row in table("States of a session") for state in STATES]


def session(state: str = "ready", limits: Limits | None = None, schema: str = "") -> Session:
    """A session in a state; from `ready` on it is subscribed to team.7."""
    made = Session("s1", "ann", limits or Limits(), 0.0, schema)
    if state != "new":
        made.receive(MESSAGES["`hello`"], 0.0)
        made.receive('{"verb":"subscribe","scope":"team.7","since":null}', 0.0)
    if state == "draining":
        made.drain(100)
    if state == "closed":
        made.closed()
    return made


def written(effects: list[Effect]) -> list[dict[str, Any]]:
    return [json.loads(effect.text) for effect in effects if isinstance(effect, Write)]


def told(effects: list[Effect]) -> str:
    """Effects in the words of the table."""
    words = []
    for effect in effects:
        if isinstance(effect, Write):
            line = json.loads(effect.text)
            words.append(f"error {line['name']}" if line["verb"] == "error" else line["verb"])
        elif isinstance(effect, Close):
            words.append(f"close {effect.code:d}")
        else:
            names = {
                Subscribe: "subscribe",
                Unsubscribe: "unsubscribe",
                Page: "page",
                Put: "put",
                Announce: "announce",
            }
            words.append(names[type(effect)])
    return ", ".join(words) or "ignored"


@pytest.mark.parametrize(("message", "state", "cell"), CELLS)
def test_every_cell_of_the_state_table(message: str, state: str, cell: str) -> None:
    subject = session(state)
    before = subject.state
    effects = subject.drain(100) if message == "(gateway drains)" else subject.receive(MESSAGES[message], 1.0)
    answer, _, after = cell.partition(" -> ")
    assert told(effects) == answer
    expected = "closed" if "close" in answer else after or before.value
    assert subject.state is State(expected)


def test_the_table_covers_every_state_and_every_verb() -> None:
    assert {message for message, _, _ in CELLS} == {*MESSAGES, "(gateway drains)"}
    assert set(STATES) == {state.value for state in State}


def test_welcome_names_the_authenticated_user_and_the_session() -> None:
    subject = session("new")
    [welcome] = written(subject.receive(MESSAGES["`hello`"], 0.0))
    assert welcome == {
        "verb": "welcome",
        "protocol": 1,
        "user": "ann",
        "session": "s1",
        "heartbeat": 25_000,
    }
    assert subject.client == "k3J9x0aB"


@pytest.mark.parametrize("protocol", [0, 2, "1", None, True, [1]])
def test_another_protocol_version_is_told_so_and_closed(protocol: Any) -> None:
    subject = session("new")
    effects = subject.receive(json.dumps({"verb": "hello", "protocol": protocol, "client": "k3J9x0aB"}), 0.0)
    assert told(effects) == "error PROTOCOL, close 4426"
    assert subject.receive(MESSAGES["`ping`"], 0.0) == []


def test_a_page_of_other_models_is_told_to_reload() -> None:
    hello = '{"verb":"hello","protocol":1,"client":"k3J9x0aB","schema":"old"}'
    effects = session("new", schema="new").receive(hello, 0.0)
    assert told(effects) == "error PROTOCOL, close 4426"
    assert "Reload" in written(effects)[0]["sentence"]


@pytest.mark.parametrize(("mine", "theirs"), [("", "new"), ("old", ""), ("same", "same")])
def test_a_schema_is_compared_only_when_both_sides_have_one(mine: str, theirs: str) -> None:
    hello = json.dumps({"verb": "hello", "protocol": 1, "client": "k3J9x0aB", "schema": theirs})
    assert told(session("new", schema=mine).receive(hello, 0.0)) == "welcome"


def test_one_message_may_hold_several_lines_which_are_handled_in_order() -> None:
    effects = session().receive(
        "\n".join([MESSAGES["`ping`"], MESSAGES["`do`"], MESSAGES["`ping`"], ""]), 1.0
    )
    assert told(effects) == "pong, put, pong"


def test_a_bad_line_does_not_take_its_neighbours_with_it() -> None:
    effects = session().receive("\n".join(["{", MESSAGES["`do`"]]), 1.0)
    assert told(effects) == "error BAD_JSON, put"


def test_an_action_is_put_as_valid_json_without_the_envelope() -> None:
    message = {
        "verb": "do",
        "scope": "team.7",
        "n": 17,
        "first": False,
        "action": {**EDIT, "attrs": {"t": "é\n"}},
    }
    [put] = session().receive(json.dumps(message), 1.0)
    assert isinstance(put, Put)
    assert (put.scope, put.n, put.first) == ("team.7", 17, False)
    assert json.loads(put.action) == message["action"]
    assert "\n" not in put.action


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"user": "bob"}, "USER_IN_PAYLOAD"),
        ({"action": {**EDIT, "user": "bob"}}, "USER_IN_PAYLOAD"),
        ({"extra": 1}, "UNKNOWN_KEY"),
        ({"n": 0}, "BAD_MESSAGE"),
        ({"n": 1.5}, "BAD_MESSAGE"),
        ({"n": 2**53}, "BAD_MESSAGE"),
        ({"scope": "../etc"}, "BAD_MESSAGE"),
        ({"scope": None}, "BAD_MESSAGE"),
        ({"action": []}, "BAD_MESSAGE"),
        ({"action": {"do": "drop"}}, "UNKNOWN_VERB"),
        ({"action": {**EDIT, "feed": "members..tasks"}}, "BAD_MESSAGE"),
        ({"action": {**EDIT, "id": "a.b"}}, "BAD_MESSAGE"),
        ({"action": {**EDIT, "attrs": "x"}}, "BAD_MESSAGE"),
        ({"action": {**EDIT, "attrs": {"t": "\ud800"}}}, "BAD_MESSAGE"),
        ({"scope": "team.8"}, "NOT_FOUND"),
    ],
)
def test_a_forged_action_gets_its_name_and_is_not_put(change: dict[str, Any], name: str) -> None:
    message = {"verb": "do", "scope": "team.7", "n": 3, "first": True, "action": EDIT, **change}
    subject = session()
    effects = subject.receive(json.dumps(message), 1.0)
    assert told(effects) == f"error {name}"
    assert written(effects)[0].get("n") == (3 if "n" not in change else None)
    assert told(subject.receive(MESSAGES["`do`"], 1.0)) == "put"


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1e999", "1" * 5000],
    ids=["nan", "inf", "-inf", "1e999", "huge"],
)
def test_numbers_that_json_does_not_have_are_refused(number: str) -> None:
    line = MESSAGES["`do`"].replace("true}", number + "}", 1)
    [error] = written(session().receive(line, 1.0))
    assert error["code"] == 422


@pytest.mark.parametrize("depth", [40, 900, 30_000])
def test_deep_nesting_is_refused_before_anything_walks_it(depth: int) -> None:
    line = MESSAGES["`do`"].replace("true}", "[" * depth + "]" * depth + "}", 1)
    [error] = written(session().receive(line, 1.0))
    assert error["code"] == 422


def test_many_brackets_side_by_side_are_not_deep() -> None:
    line = MESSAGES["`do`"].replace("true}", json.dumps([[]] * 100) + "}", 1)
    assert told(session().receive(line, 1.0)) == "put"


def test_the_size_limit_counts_bytes_not_characters() -> None:
    text = '{"verb":"ping"}' + "\n" + "é" * 40_000
    assert told(session().receive(text, 1.0)) == "error TOO_LARGE, close 1009"


def test_binary_messages_are_refused() -> None:
    assert told(session().binary(1.0)) == "error BAD_MESSAGE"


def test_garbage_closes_only_when_it_does_not_end() -> None:
    subject = session(limits=Limits(bad_burst=3))
    answers = [told(subject.receive("{", 1.0)) for _ in range(4)]
    assert answers == ["error BAD_JSON"] * 3 + ["error BAD_JSON, close 1008"]
    assert subject.receive("{", 1.0) == []


def test_occasional_garbage_is_forgiven() -> None:
    subject = session(limits=Limits(bad_burst=1, bad_rate=0.1))
    assert [told(subject.receive("{", 11.0 * i)) for i in range(1, 9)] == ["error BAD_JSON"] * 8


def test_a_flood_gets_429_with_its_number_and_a_pause_and_is_not_put() -> None:
    subject = session(limits=Limits(rate=1.0, burst=3))
    effects = subject.receive("\n".join([MESSAGES["`do`"]] * 3), 0.0)
    assert [type(effect) for effect in effects] == [Put, Write, Pause, Write, Pause]
    assert [(line["name"], line["n"]) for line in written(effects)] == [("TOO_MANY", 1)] * 2
    assert told(subject.receive(MESSAGES["`do`"], 5.0)) == "put"


def test_subscriptions_are_limited_and_leaving_one_makes_room() -> None:
    subject = session(limits=Limits(subscriptions=2))
    third = '{"verb":"subscribe","scope":"team.9","since":null}'
    assert told(subject.receive(MESSAGES["`subscribe`"], 1.0)) == "subscribe"
    assert told(subject.receive(third, 1.0)) == "error TOO_MANY"
    assert told(subject.receive(MESSAGES["`subscribe`"], 1.0)) == "subscribe"
    subject.receive(MESSAGES["`unsubscribe`"], 1.0)
    assert told(subject.receive(third, 1.0)) == "subscribe"


def test_a_presence_state_has_a_size_and_a_subscription() -> None:
    subject = session()
    large = json.dumps({"verb": "presence", "scope": "team.7", "state": {"t": "x" * 2000}})
    assert told(subject.receive(large, 1.0)) == "error TOO_LARGE"
    assert subject.receive(MESSAGES["`presence`"], 1.0) == [Announce("team.7", "{}")]
    elsewhere = '{"verb":"presence","scope":"team.8","state":{}}'
    assert told(subject.receive(elsewhere, 1.0)) == "error NOT_FOUND"


def test_a_refused_subscription_takes_back_the_right_to_act() -> None:
    subject = session()
    [effect] = subject.receive(MESSAGES["`subscribe`"], 1.0)
    assert isinstance(effect, Subscribe)
    [error] = written(subject.refuse(effect))
    assert (error["code"], error["name"], error["scope"]) == (404, "NOT_FOUND", "team.8")
    action = MESSAGES["`do`"].replace("team.7", "team.8")
    assert told(subject.receive(action, 1.0)) == "error NOT_FOUND"


def test_closing_from_outside_closes_once() -> None:
    subject = session()
    assert subject.cut(CloseCode.STALLED) == [Close(CloseCode.STALLED)]
    assert subject.cut(CloseCode.RESTART) == []
