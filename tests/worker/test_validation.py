from typing import Any

import pytest

from capsule.worker.validation import Schemas, class_at
from examples.bang.models import Member, Message, ShippedItem, Task, Team
from tests.shared.test_scope import Club, Link

EDIT = {"do": "edit", "feed": "members.ann.tasks", "id": "a", "attrs": {"title": "x"}}


def refusal(action: Any, **envelope: Any) -> Any:
    return Schemas().refusal(Team, {"user": "ann", "scope": "team.7", "action": action, **envelope})


def test_a_good_job_passes() -> None:
    assert refusal(EDIT) is None
    assert refusal({"do": "add", "feed": "chat", "id": "m-1", "attrs": {"text": "hi"}}) is None


@pytest.mark.parametrize(
    ("attrs", "field"),
    [
        ({"title": 7}, "title"),
        ({"title": "x" * 141}, "title"),
        ({"id": "z"}, ""),
        ({"owner": "bob"}, ""),
        ({"zzz": 1}, ""),
    ],
)
def test_attributes_are_held_to_the_schema_of_their_class(attrs: dict[str, Any], field: str) -> None:
    verdict = refusal({**EDIT, "attrs": attrs})
    assert verdict.code == 422
    assert verdict.rule == "schema"
    assert (verdict.field or "") == field


@pytest.mark.parametrize(
    "job", [None, [], {}, {"user": "ann"}, {"user": "a.b", "scope": "team.7", "action": EDIT}]
)
def test_another_envelope_is_refused(job: Any) -> None:
    verdict = Schemas().refusal(Team, job)
    assert verdict is not None
    assert verdict.code == 422


def test_an_envelope_has_no_room_for_more() -> None:
    assert refusal(EDIT, extra=1).code == 422


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (".", Team),
        ("members", Member),
        ("members.42.tasks", Task),
        ("members.42.shipped", ShippedItem),
        ("chat", Message),
        ("zzz", None),
        ("members.42.zzz", None),
        ("chat.1.tasks", None),
    ],
)
def test_the_class_of_a_feed_comes_from_the_declarations(feed: str, expected: Any) -> None:
    assert class_at(Team, feed) is expected


@pytest.mark.parametrize(
    ("feed", "expected"), [("profile-links", Link), ("people.ann.profile-links", Link), ("zzz-links", None)]
)
def test_the_collections_of_child_models_have_a_class_too(feed: str, expected: Any) -> None:
    assert class_at(Club, feed) is expected


def test_a_validator_is_built_once() -> None:
    schemas = Schemas()
    assert schemas.validator(Task, "edit") is schemas.validator(Task, "edit")
    assert schemas.validator(Task, "edit") is not schemas.validator(Task, "add")
