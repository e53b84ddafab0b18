"""Options that commands share."""

import argparse
from pathlib import Path

import pytest

from capsule.cli.options import add_json, add_log_level, add_store, answer


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_store(parser)
    add_json(parser)
    add_log_level(parser)
    return parser.parse_args(words)


def test_defaults_leave_the_store_to_the_environment() -> None:
    options = parsed()
    assert [options.redis, options.data, options.json, options.log_level] == [None, None, False, "INFO"]


def test_a_store_is_a_url_or_a_folder() -> None:
    options = parsed("--redis", "redis://x", "--data", "here")
    assert [options.redis, options.data] == ["redis://x", Path("here")]


def test_an_answer_is_for_a_program_or_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    answer(parsed("--json"), {"name": "Zoë"}, ["Zoë"])
    answer(parsed(), {"name": "Zoë"}, ["name", "Zoë"])
    answer(parsed(), {}, [])
    assert capsys.readouterr().out == '{"name": "Zoë"}\nname\nZoë\n'
