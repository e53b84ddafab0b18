"""docs/protocol.md says what the code does: its tables are compared with the words, codes and limits in
use.
"""

import json
import re

import pytest

from capsule.server.limits import Limits
from capsule.shared.codes import CODES
from capsule.shared.wire import CLIENT_VERBS, PROTOCOL, messageProblem

from .protocol_page import PAGE, examples, table


@pytest.mark.parametrize("line", examples())
def test_every_example_of_a_client_message_is_accepted(line: str) -> None:
    assert messageProblem(json.loads(line)) is None


def test_every_verb_of_a_client_has_its_keys_in_the_table() -> None:
    told = {
        row["verb"].strip("`"): [key.strip("` ") for key in row["keys"].split(",") if key.strip()]
        for row in table("From the client")
    }
    assert told == CLIENT_VERBS


def test_the_version_in_the_title_is_the_one_that_is_spoken() -> None:
    assert PAGE.read_text().startswith(f"# The client protocol, version {PROTOCOL}\n")


def test_the_errors_have_the_codes_of_the_code_table() -> None:
    rows = table("Errors")
    told = {name: int(row["code"]) for row in rows for name in re.findall(r"`(\w+)`", row["name"])}
    assert {name: CODES[name] for name in told} == told


def test_the_default_limits_are_the_ones_told() -> None:
    limits = Limits()
    told = {row["limit"]: row["default"] for row in table("Limits")}
    assert told == {
        "size of a message from a client": f"{limits.message_bytes // 1024} KB",
        "depth of nesting": f"{limits.nesting}",
        "messages": f"{limits.rate:g} a second, bursts of {limits.burst:,}",
        "refused messages": f"1 in {1 / limits.bad_rate:g} s, bursts of {limits.bad_burst}",
        "pages": f"{limits.page_rate:g} a second, bursts of {limits.page_burst}",
        "views of a scope, when single feeds are asked for": f"{limits.views} in one gateway",
        "subscriptions of a session": f"{limits.subscriptions}",
        "presence state": f"{limits.presence_bytes // 1024} KB",
        "frames kept by a room for resuming": f"{limits.tail_frames:,} and {limits.tail_bytes // 2**20} MB",
    }
    prose = " ".join(PAGE.read_text().split())
    assert limits.silence == 6 * limits.heartbeat
    assert "said nothing for six heartbeats" in prose
    assert limits.overflows == 3
    assert f"this three times within a minute, or takes nothing at all for {limits.stall:g} seconds" in prose
    assert f"not said `hello` within {limits.hello_within:g} seconds" in prose
    assert f"lets more than {limits.buffer_bytes // 2**20} MB of answers pile up" in prose
