"""Codes are for programs and never change; the sentences are for people."""

import inspect

import pytest

from capsule.feeds import errors
from capsule.feeds.errors import CapsuleError, from_reply


def test_every_error_has_a_code_of_its_own_and_stands_in_the_tree() -> None:
    classes = [
        value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, CapsuleError)
    ]
    codes = {error.code: error for error in classes}
    assert len(codes) == len(classes)
    for code, error in codes.items():
        assert f"{error.__name__}" in (errors.__doc__ or "")
        assert code in (errors.__doc__ or "").upper()
        assert error.__doc__


def test_input_errors_are_value_errors_and_lost_connections_connection_errors() -> None:
    assert issubclass(errors.LimitError, ValueError)
    assert issubclass(errors.ConnectionLostError, ConnectionError)


@pytest.mark.parametrize(
    ("reply", "error", "text"),
    [
        ("CAP STALE The epoch is over.", errors.StaleError, "The epoch is over."),
        ("CAP LIMIT Too much.", errors.LimitError, "Too much."),
        ("CAP ARGS Malformed.", errors.ScriptError, "Malformed."),
        ("CAP NEWER Something of a later contract.", errors.ScriptError, "Something of a later contract."),
        ("WRONGTYPE Operation against", errors.WrongTypeError, "WRONGTYPE Operation against"),
        ("ERR Error running script: WRONGTYPE Operation", errors.WrongTypeError, "ERR Error running script"),
        ("OOM command not allowed", errors.ServerError, "OOM command not allowed"),
    ],
)
def test_replies_become_exceptions(reply: str, error: type[CapsuleError], text: str) -> None:
    found = from_reply(reply)
    assert type(found) is error
    assert str(found).startswith(text)


def test_a_servers_error_keeps_its_first_word() -> None:
    assert errors.ServerError("NOAUTH Authentication required.").reply == "NOAUTH"
