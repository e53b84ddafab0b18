"""Transactions are checked before they are sent: whoever wrote them learns what is wrong, and nothing was
written.
"""

import pytest

from capsule.feeds import (
    Edit,
    InputError,
    ItemInvalidError,
    LimitError,
    Move,
    NameInvalidError,
    Publish,
    ReadFeed,
    ReadItem,
    ReadScope,
    Retract,
    Transaction,
)
from capsule.feeds.operation import MAX_OPERATIONS, Operation, Read, commit_arguments


def test_the_arguments_are_those_of_the_script() -> None:
    transaction = Transaction(
        "ann.c1.1",
        [
            Publish("tasks", "t1", '{"a":1}', ":t0", "sorted_feed"),
            Edit("tasks", "t1", '{"b":2}', '{"b":2}', ["a", "é"]),
            Edit("tasks", "t1", "{}", "{}"),
            Retract("chat", "m1"),
            Move("tasks", "t1", "begin:"),
        ],
        [ReadScope(3), ReadFeed("tasks", 2), ReadItem("chat", "m1", 0)],
    )
    flat = commit_arguments([transaction])
    assert flat[:3] == ["ann.c1.1", "3", "5"]
    reads = [flat[n : n + 4] for n in range(3, 15, 4)]
    assert reads == [["scope", "", "", "3"], ["feed", "tasks", "", "2"], ["item", "chat", "m1", "0"]]
    assert [flat[n : n + 6] for n in range(15, 45, 6)] == [
        ["publish", "tasks", "t1", '{"a":1}', ":t0", "sorted_feed"],
        ["edit", "tasks", "t1", '{"b":2}', '{"b":2}', '["a", "\\u00e9"]'],
        ["edit", "tasks", "t1", "{}", "{}", ""],
        ["retract", "chat", "m1", "", "", ""],
        ["position", "tasks", "t1", "begin:", "", ""],
    ]


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (Publish("_x", "m1", "{}"), NameInvalidError),
        (Publish("chat", "m.1", "{}"), NameInvalidError),
        (Publish("chat", "end", "{}"), NameInvalidError),
        (Publish("chat", "m1", "{"), ItemInvalidError),
        (Publish("chat", "m1", "{}", "last"), NameInvalidError),
        (Publish("chat", "m1", "{}", kind="queue"), InputError),  # type: ignore[arg-type]
        (Edit("chat", "m1", "NaN", "{}"), ItemInvalidError),
        (Edit("chat", "m1", "{}", "[]"), ItemInvalidError),
        (Edit("chat", "m1", "{}", "{}", "key"), ItemInvalidError),
        (Edit("chat", "m1", "{}", "{}", [1]), ItemInvalidError),  # type: ignore[list-item]
        (Edit("chat", "m1", "{}", "{}", ["\ud800"]), ItemInvalidError),
        (Retract("chat", ""), NameInvalidError),
        (Move("chat", "m1", "m1:"), InputError),
        (Move("chat", "m1", ":m1"), InputError),
    ],
)
def test_an_operation_that_can_never_be_accepted_is_refused(
    operation: Operation, error: type[InputError]
) -> None:
    with pytest.raises(error):
        commit_arguments([Transaction("op", [operation])])


@pytest.mark.parametrize(
    "read",
    [ReadScope(-1), ReadScope("3"), ReadFeed("a.b", 1), ReadItem("a", "b.c", 1)],  # type: ignore[arg-type]
)
def test_a_malformed_read_is_refused(read: Read) -> None:
    with pytest.raises(InputError):
        commit_arguments([Transaction("op", [Retract("a", "b")], [read])])


def test_a_transaction_does_something_under_a_name() -> None:
    with pytest.raises(InputError, match="no operations"):
        commit_arguments([Transaction("op", [])])
    with pytest.raises(NameInvalidError):
        commit_arguments([Transaction("o p", [Retract("a", "b")])])


def test_a_commit_has_limits_that_its_error_names() -> None:
    half = [Retract("chat", f"m{n}") for n in range(MAX_OPERATIONS // 2 + 1)]
    with pytest.raises(LimitError, match="at most 1000 operations, not 1002") as caught:
        commit_arguments([Transaction("op.1", half), Transaction("op.2", half)])
    assert caught.value.code == "LIMIT"
    large = Publish("chat", "m1", '"' + "é" * 300_000 + '"')
    with pytest.raises(LimitError, match="at most 1048576 bytes"):
        commit_arguments([Transaction("op.1", [large, large])])
