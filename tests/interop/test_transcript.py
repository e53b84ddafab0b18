"""The golden transcripts say what docs/contract.md says, and what they cannot say is refused."""

import json
import re
from pathlib import Path

import pytest

from capsule.feeds.conformance import TranscriptError, load_all
from capsule.feeds.conformance.transcript import Transcript

PAGE = Path(__file__).parents[2] / "docs" / "contract.md"
GOOD = {"title": "t", "section": 4, "clause": "c", "steps": [{"cut": True}, {"let in": True, "clause": "d"}]}


def sections() -> dict[int, str]:
    parts = re.split(r"^## (\d+)\. ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {int(n): " ".join(text.split()) for n, text in zip(parts[::2], parts[1::2], strict=True)}


@pytest.mark.parametrize("transcript", load_all(), ids=lambda each: each.name)
def test_every_clause_is_a_sentence_of_the_contract(transcript: Transcript) -> None:
    page = sections()
    assert any(step.clause in page[transcript.section] for step in transcript.steps)
    for step in transcript.steps:
        assert step.clause in " ".join(page.values())


def test_every_section_that_binds_a_client_has_transcripts() -> None:
    assert {each.section for each in load_all()} >= {1, 2, 4, 5, 6}


def test_a_step_has_the_clause_of_its_transcript_unless_it_names_its_own() -> None:
    transcript = Transcript.parse("good", json.dumps(GOOD))
    assert [step.clause for step in transcript.steps] == ["c", "d"]
    assert [step.action for step in transcript.steps] == ["cut", "let in"]
    assert transcript.connects


@pytest.mark.parametrize(
    "change",
    [
        {"steps": [{"cut": True, "let in": True}]},
        {"steps": [{"answer": {}}]},
        {"steps": [{"cut": True, "anser": {}}]},
        {"steps": ["cut"]},
        {"section": "five"},
    ],
)
def test_a_transcript_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(TranscriptError, match="The transcript bad is malformed"):
        Transcript.parse("bad", json.dumps({**GOOD, **change}))
