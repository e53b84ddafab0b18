"""The lines of traps.md that are marked (T) and concern models, by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from capsule.shared import Collection, Model, Operation, PropError
from capsule.shared.schema import editSchema
from capsule.shared.untrusted import Inspection
from tests.parity.models_trace import Team, attack

CASES = json.loads(Path(__file__).with_name("untrusted.json").read_text())


def team() -> Any:
    root = Team({"id": "7", "members": [{"id": "ann"}, {"id": "bob"}]})
    root.members.get("ann").tasks.add(
        [{"id": "a", "title": "one", "owner": "ann"}, {"id": "b", "owner": "ann"}]
    )
    return root


def task() -> Any:
    return team().members.get("ann").tasks.get("a")


# -- Capsule.js (2011)


def test_capsule_1_one_allowed_key_does_not_let_the_others_through() -> None:
    one = task()
    smuggling: list[dict[str, Any]] = [{"id": "z"}, {"owner": "bob"}, {"made": 1}]
    for smuggled in smuggling:
        assert one.safeSet({"title": "new", **smuggled}, "ann").code == 403
    assert one.xport()["title"] == "one"


def test_capsule_2_one_verdict_for_the_whole_hash() -> None:
    verdict = task().safeSet({"title": 1, "done": 2, "zip": 3}, "ann")
    assert verdict.toJSON()["field"] == "zip"


def test_capsule_3_an_add_asks_about_a_model_that_has_its_parent() -> None:
    seen: list[Any] = []

    class Notes(Collection):
        def canAdd(self, user: str, model: Any) -> bool:
            seen.append([model.parent is self.parent, model.root is self.root, self.includes(model)])
            return False

    class Root(Model):
        collections = {"notes": Notes}
        notes: Notes

    root = Root()
    assert not root.notes.safeAdd({}, "ann", {"id": "x"}).allowed
    assert [seen, root.notes.length] == [[[True, True, False]], 0]


def test_capsule_3_nothing_is_added_when_an_attribute_was_refused() -> None:
    tasks = team().members.get("ann").tasks
    assert tasks.safeAdd({"zip": 1}, "ann", {"id": "new"}).code == 422
    assert tasks.length == 2


def test_capsule_4_exposed_methods_get_their_arguments() -> None:
    one = task()
    assert one.safeCall("rename", ["other"], "ann").allowed
    assert one.get("title") == "other"


def test_capsule_5_set_leaves_the_callers_hash_alone_and_an_unset_list_is_fine() -> None:
    one = task()
    tags = ["a"]
    given = {"tags": tags, "title": "x"}
    one.set(given)
    assert given == {"tags": ["a"], "title": "x"}
    assert given["tags"] is tags
    one.unset("tags")
    assert one.get("tags") == []


def test_capsule_6_a_registry_belongs_to_its_root_and_forgets() -> None:
    one, two = team(), team()
    one.members.get("ann").tasks.add({"id": "secret"})
    assert [one.modelGetter("task", "secret").id, two.modelGetter("task", "secret")] == ["secret", None]
    one.members.remove("ann")
    assert one.modelGetter("task", "secret") is None


def test_capsule_7_a_change_event_carries_what_changed_alone() -> None:
    root = team()
    heard: list[Any] = []
    root.on("publish", heard.append)
    root.members.get("ann").tasks.get("a").set({"title": "new", "done": False})
    assert [event["changed"] for event in heard] == [{"title": "new"}]


def test_capsule_8_removals_name_their_collection_additions_their_position_and_children_bubble() -> None:
    root = team()
    ann = root.members.get("ann")
    heard: list[Any] = []
    root.on("publish", heard.append)
    ann.tasks.remove("a")
    ann.tasks.add({"id": "c"}, {"at": 0})
    ann.profile.set("bio", "x")
    assert [heard[0]["collection"], heard[0]["at"]] == [ann.tasks, 0]
    assert [heard[1]["event"], heard[1]["at"]] == ["add", 0]
    assert [heard[2]["model"], heard[2]["changed"]] == [ann, {"profile": {"bio": "x"}}]


def test_capsule_9_moving_an_unknown_id_moves_nothing_and_positions_are_clamped() -> None:
    tasks = team().members.get("ann").tasks
    assert tasks.moveItem("zip", {"first": True}) is None
    assert tasks.pluck("id") == ["a", "b"]
    tasks.moveItem("a", 99)
    assert tasks.pluck("id") == ["b", "a"]
    tasks.moveItem("a", -99)
    assert tasks.pluck("id") == ["a", "b"]


def test_capsule_10_a_wrong_type_is_an_error_with_a_code_and_unknown_types_are_told_early() -> None:
    with pytest.raises(PropError) as caught:
        task().set("title", 5)
    assert [caught.value.code, caught.value.field] == [422, "title"]


def test_capsule_11_of_radio_models_the_last_one_to_be_chosen_wins() -> None:
    tasks = team().members.get("ann").tasks
    tasks.get("a").set("selected", True)
    tasks.add({"id": "c", "selected": True})
    assert tasks.pluck("selected") == [False, None, True]


# -- untrusted input


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case[0]}" for n, case in enumerate(CASES)])
def test_untrusted_input_is_refused_with_its_code_and_nothing_is_half_done(case: list[Any]) -> None:
    before = json.dumps(case)
    assert attack(case) == [case[2], True, []]
    assert json.dumps(case) == before


def test_untrusted_arguments_are_left_as_they_were() -> None:
    one = task()
    for attrs in [{"title": "ok", "tags": [1, {"a": [2.0]}]}, {"title": "ok", "zip": [1]}]:
        copy = json.loads(json.dumps(attrs))
        one.safeSet(attrs, "ann")
        one.collection.safeAdd(attrs, "ann", {"id": "new"})
        assert json.dumps(attrs) == json.dumps(copy)


def test_untrusted_sizes_are_looked_at_only_up_to_their_limits() -> None:
    for hostile in [[[0] * 1000] * 1_000_000, [0] * 5_000_000]:
        inspection = Inspection()
        assert inspection.problem(hostile, 0) is not None
        # Stopped by counting lengths, not by looking at each value.
        assert inspection.left < 0


# -- permissions


def test_nobody_is_refused_before_any_rule_runs() -> None:
    asked: list[Any] = []

    class Unowned(Model):
        clientEditable = ["a"]

        def canEdit(self, user: Any) -> bool:
            asked.append(user)
            return bool(user == self.get("owner"))

    for nobody in [None, ""]:
        verdict = Unowned().safeSet({"a": 1}, nobody)
        assert [verdict.allowed, verdict.rule] == [False, "user"]
        assert not Unowned().can("edit", nobody).allowed
    assert asked == []


@pytest.mark.parametrize("answer", ["Only the owner.", {"allowed": True}, 1, [True]])
def test_a_sentence_or_any_other_truth_does_not_allow(answer: Any) -> None:
    class Odd(Model):
        clientEditable = ["a"]

        def canEdit(self) -> Any:
            return answer

    assert not Odd().safeSet({"a": 1}, "ann").allowed


def test_a_verdict_cannot_be_taken_for_yes() -> None:
    verdict = task().can("edit", "bob")
    with pytest.raises(TypeError, match=r"verdict\.allowed"):
        assert not verdict


def test_ids_have_no_dots() -> None:
    root = team()
    assert root.members.get("ann").tasks.safeAdd({"title": "x"}, "ann", {"id": "42.tasks.T1"}).field == "id"
    root.operation = Operation("ann.client01.1", "ann", 5)
    assert "." not in root.newId()


def test_schema_and_safe_set_have_one_whitelist() -> None:
    assert list(editSchema(type(task()))["properties"]) == type(task()).clientEditable
