import pytest

from capsule.shared import Operation, Verdict
from capsule.shared.verdict import refusal


def test_a_verdict_is_neither_true_nor_false() -> None:
    for verdict in [Verdict(True), Verdict(False, 403)]:
        with pytest.raises(TypeError, match=r"verdict\.allowed"):
            bool(verdict)


def test_json_there_and_back() -> None:
    verdict = refusal("FORBIDDEN", "No.", "canEdit", "title")
    assert verdict.toJSON() == {
        "allowed": False,
        "code": 403,
        "rule": "canEdit",
        "field": "title",
        "sentence": "No.",
    }
    assert Verdict.fromJSON(verdict.toJSON()).toJSON() == verdict.toJSON()
    assert repr(verdict) == "Verdict(403, rule=canEdit, field=title, No.)"
    assert repr(Verdict(True)) == "Verdict(allowed)"


def test_only_exactly_true_is_read_as_allowed() -> None:
    for value in [1, "true", None, [True]]:
        assert Verdict.fromJSON({"allowed": value}).allowed is False
    assert Verdict.fromJSON({}).code == 500


def test_a_refusal_has_its_codes_sentence_unless_another_is_given() -> None:
    assert refusal("TAKEN").sentence == "That id is taken."
    assert refusal("TAKEN").code == 409


def test_an_operations_ids_are_the_same_on_every_replay() -> None:
    for _ in range(2):
        operation = Operation("ann.smith.client01.17", "ann.smith", 5)
        assert [operation.newId(), operation.newId()] == ["client01-17-1", "client01-17-2"]
