"""Scripts are product: named by their text, headed by what another language needs to know."""

import hashlib

import pytest

from capsule.feeds import script
from capsule.feeds.script import HEADINGS, Script


@pytest.mark.parametrize("name", script.names())
def test_every_script_says_what_it_is(name: str) -> None:
    found = script.load(name)
    header = found.header()
    assert set(header) == {heading.lower() for heading in HEADINGS}
    assert all(header.values())
    assert found.sha1 == hashlib.sha1(found.source.encode()).hexdigest()


def test_the_scripts_are_those_of_the_contract() -> None:
    jobs = {"cancel", "extend", "hold", "look", "progress", "put", "redrive", "retry", "schedule", "step"}
    assert set(script.names()) >= {"commit", "log", "presence", "snapshot"} | jobs
    assert not any(name.startswith("_") for name in script.names())


def test_a_header_without_a_heading_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"broken\.lua says nothing about ARGV, Returns, Events, Errors"):
        Script("broken", "-- Purpose: none\n-- KEYS: none\nreturn 1\n", "").header()


def test_a_heading_may_span_lines() -> None:
    source = "".join(f"-- {heading}: {heading} one\n--   two\n" for heading in HEADINGS) + "return 1\n"
    assert Script("long", source, "").header()["argv"] == "ARGV one two"
