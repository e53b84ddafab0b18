"""A proposal by itself; the adds that are made of proposals are in test_collection.py."""

from typing import Any

import pytest

from capsule.shared import Collection, Model, Operation
from capsule.shared.proposal import Proposal


class Task(Model):
    props = {"title": {"type": "string", "required": True}, "at": "time"}
    clientEditable = ["title"]

    def stamp(self, user: str, now: int) -> None:
        self.set("at", now)


class Tasks(Collection):
    model = Task
    sorted = True

    def canAdd(self) -> bool:
        return True


class Team(Model):
    collections = {"tasks": Tasks}
    tasks: Tasks


def team() -> Team:
    return Team({"id": "t", "tasks": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]})


def test_an_allowed_proposal_is_whole_stamped_and_still_outside() -> None:
    root = team()
    root.operation = Operation("ann.client01.1", "ann", 1000)
    proposal = Proposal(root.tasks, {"title": "N"}, "ann", {"before": "b"})
    assert proposal.judge(True).allowed
    assert proposal.model.xport() == {"id": "client01-1-1", "title": "N", "at": 1000}
    assert [proposal.at, proposal.model.parent is root, root.tasks.length] == [1, True, 2]


def test_a_question_has_no_time_and_may_lack_what_is_required() -> None:
    proposal = Proposal(team().tasks, {}, "ann", {"id": "n"})
    assert proposal.judge(False).allowed
    assert proposal.model.get("at") == 0
    assert Proposal(team().tasks, {}, "ann", {"id": "n"}).judge(True).field == "title"


def test_what_is_withdrawn_is_nobodys() -> None:
    proposal = Proposal(team().tasks, {"title": "N"}, "ann", {"id": "n"})
    proposal.withdraw()  # before there is a model
    assert proposal.judge(True).allowed
    proposal.withdraw()
    assert [proposal.model.collection, proposal.model.parent] == [None, None]


@pytest.mark.parametrize(
    ("options", "rule", "field"),
    [
        ("before", "options", None),
        ({"at": 1}, "options", "at"),
        ({"id": "n", "before": "z"}, "position", "position"),
        ({"id": "n", "first": True, "last": True}, "position", "position"),
        ({"id": "a"}, "id", "id"),
        ({"id": "no dots."}, "id", "id"),
        ({}, "id", "id"),
    ],
)
def test_options_of_an_add(options: Any, rule: str, field: str | None) -> None:
    proposal = Proposal(team().tasks, {"title": "N"}, "ann", options)
    verdict = proposal.judge(True)
    assert [verdict.allowed, verdict.rule, verdict.field, proposal.model] == [False, rule, field, None]
