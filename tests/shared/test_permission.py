from typing import Any

import pytest

from capsule.shared import Collection, Model, Operation, Verdict


class Task(Model):
    type = "task"
    props = {
        "title": {"type": "string", "max": 10},
        "done": "boolean",
        "owner": "string",
        "kind": {"type": "string", "setOnce": True},
        "tags": "list",
    }
    clientEditable = ["title", "done", "kind", "tags"]
    exposedServerMethods = ["finish", "rename", "delegate"]
    calls: Any = None

    def canEdit(self, user: str, attrs: Any) -> Any:
        return user == self.get("owner") or self.deny("Only the owner may edit a task.")

    def canDelete(self, user: str) -> Any:
        return user == self.get("owner")

    def canMove(self, user: str) -> Any:
        return user == self.get("owner")

    def canCall(self, user: str, method: str, args: Any) -> Any:
        return user == self.get("owner") or self.deny(f"You may not {method}.")

    def validate(self, attrs: Any) -> Any:
        return "No shouting." if attrs.get("title") == "AAA" else None

    def finish(self) -> None:
        self.set("done", True)

    def rename(self, title: str, suffix: str = "") -> None:
        self.set("title", title + suffix)

    def delegate(self) -> Any:
        return self.safeSet({"owner": "x"}, "ann")


class Tasks(Collection):
    model = Task
    sorted = True


class Root(Model):
    collections = {"tasks": Tasks}
    tasks: Tasks

    def canRead(self, user: str) -> Any:
        return user == "ann"


def task() -> Any:
    root = Root({"tasks": [{"id": "a", "owner": "ann", "title": "one"}, {"id": "b", "owner": "ann"}]})
    return root.tasks.get("a")


def test_an_allowed_edit_is_done() -> None:
    one = task()
    verdict = one.safeSet({"title": "new", "done": True}, "ann")
    assert [verdict.allowed, verdict.code, one.get("title"), one.get("done")] == [True, 200, "new", True]


@pytest.mark.parametrize(
    ("attrs", "user", "code", "rule", "field"),
    [
        ({"title": "x"}, "bob", 403, "canEdit", None),
        ({"title": "x", "owner": "bob"}, "ann", 403, "clientEditable", "owner"),
        ({"title": "x", "id": "z"}, "ann", 403, "clientEditable", "id"),
        ({"title": "x", "zip": 1}, "ann", 422, "clientEditable", "zip"),
        ({"title": 5}, "ann", 422, "props", "title"),
        ({"title": "x" * 11}, "ann", 422, "props", "title"),
        ({"title": "AAA"}, "ann", 422, "validate", None),
        ({"title": None}, "ann", 422, "props", "title"),
        ({"title": "x"}, "", 403, "user", None),
        ({"title": "x"}, None, 403, "user", None),
        ({"title": "x"}, 5, 403, "user", None),
        ({"title": "x"}, True, 403, "user", None),
        (["title"], "ann", 422, "clientEditable", None),
        (None, "ann", 422, "clientEditable", None),
    ],
)
def test_a_refused_edit_names_its_reason_and_changes_nothing(
    attrs: Any, user: Any, code: int, rule: str, field: str | None
) -> None:
    one = task()
    heard: list[str] = []
    one.on("all", heard.append)
    before = one.xport()
    verdict = one.safeSet(attrs, user)
    assert [verdict.allowed, verdict.code, verdict.rule, verdict.field] == [False, code, rule, field]
    assert verdict.sentence
    assert [one.xport(), heard] == [before, []]


def test_set_once_holds_for_clients() -> None:
    one = task()
    assert one.safeSet({"kind": "bug"}, "ann").allowed
    assert one.safeSet({"kind": "bug"}, "ann").allowed
    assert one.safeSet({"kind": "idea"}, "ann").rule == "props"


def test_arguments_are_not_kept_and_not_changed() -> None:
    one = task()
    attrs = {"tags": ["a"]}
    one.safeSet(attrs, "ann")
    attrs["tags"].append("b")
    assert one.get("tags") == ["a"]


def test_a_rule_cannot_smuggle_by_changing_what_it_was_asked_about() -> None:
    class Sly(Task):
        def canEdit(self, user: str, attrs: Any) -> Any:
            attrs["owner"] = "bob"
            return True

    sly = Sly({"owner": "ann"})
    assert sly.safeSet({"title": "x"}, "bob").allowed
    assert sly.get("owner") == "ann"


@pytest.mark.parametrize("answer", [1, "yes", "Only the owner.", [True], None, False, 0, Verdict(True)])
def test_only_exactly_true_allows(answer: Any) -> None:
    class Odd(Task):
        def canEdit(self) -> Any:
            return answer

    assert not Odd().safeSet({"title": "x"}, "ann").allowed


def test_a_coroutine_or_an_exception_is_a_refusal_with_the_rules_name() -> None:
    class Later(Task):
        async def canEdit(self) -> Any:
            return True

    class Broken(Task):
        def canEdit(self) -> Any:
            return self.get("owner").upper()

    for cls in [Later, Broken]:
        verdict = cls().safeSet({"title": "x"}, "ann")
        assert [verdict.allowed, verdict.code, verdict.rule] == [False, 403, "canEdit"]


def test_the_default_of_every_rule_is_no() -> None:
    class Bare(Model):
        clientEditable = ["a"]
        exposedServerMethods = ["clear"]

    class Bares(Collection):
        model = Bare
        sorted = True

    bares = Bares([{"id": "x"}])
    bare = bares.at(0)
    verdicts = [
        bare.safeSet({"a": 1}, "ann"),
        bare.safeDelete("ann"),
        bare.safeMove({"first": True}, "ann"),
        bare.safeCall("clear", [], "ann"),
        bares.safeAdd({"a": 1}, "ann", {"id": "z"}),
        bare.can("read", "ann"),
        bares.can("read", "ann"),
    ]
    assert [verdict.code for verdict in verdicts] == [403] * 7
    assert [verdict.rule for verdict in verdicts] == [
        "canEdit",
        "canDelete",
        "canMove",
        "canCall",
        "canAdd",
        "canRead",
        "canRead",
    ]


def test_anonymous_classes_ask_about_nobody_too() -> None:
    class Open(Model):
        anonymous = True
        clientEditable = ["a"]

        def canEdit(self, user: Any) -> bool:
            return user is None

    assert Open().safeSet({"a": 1}, None).allowed
    assert not Open().safeSet({"a": 1}, "ann").allowed


def test_a_sentence_belongs_to_its_own_question() -> None:
    class Chatty(Task):
        def canEdit(self, user: str) -> Any:
            inner = self.can("delete", user)
            assert not inner.allowed
            return False

        def canDelete(self, user: str) -> Any:
            return self.deny("Never delete.")

    chatty = Chatty()
    chatty.deny("left over")
    assert chatty.safeSet({"title": "x"}, "ann").sentence == "You may not do that."
    assert chatty.can("delete", "ann").sentence == "Never delete."


def test_delete_and_move() -> None:
    one = task()
    tasks = one.collection
    assert one.safeDelete("bob").code == 403
    assert one.safeMove({"last": True}, "bob").code == 403
    assert one.safeMove({"after": "b"}, "ann").allowed
    assert [model.id for model in tasks] == ["b", "a"]
    for position in [{"before": "zip"}, {"at": 0}, None, {"before": "a"}]:
        verdict = one.safeMove(position, "ann")
        assert [verdict.code, verdict.field] == [422, "position"]
    assert one.safeDelete("ann").allowed
    assert [tasks.length, one.collection] == [1, None]
    assert one.safeDelete("ann").code == 422
    assert one.safeMove({"first": True}, "ann").rule == "sorted"


def test_calls_pass_their_arguments() -> None:
    one = task()
    assert one.safeCall("finish", [], "ann").allowed
    assert one.safeCall("finish", None, "ann").allowed
    assert one.safeCall("rename", ["x", "y"], "ann").allowed
    assert [one.get("done"), one.get("title")] == [True, "xy"]


@pytest.mark.parametrize(
    ("method", "args", "user", "code", "rule"),
    [
        ("finish", [], "bob", 403, "canCall"),
        ("clear", [], "ann", 403, "exposedServerMethods"),
        ("__init__", [], "ann", 403, "exposedServerMethods"),
        ("constructor", [], "ann", 403, "exposedServerMethods"),
        (5, [], "ann", 403, "exposedServerMethods"),
        ("rename", [], "ann", 422, "arguments"),
        ("rename", None, "ann", 422, "arguments"),
        ("rename", {"0": "x"}, "ann", 422, "arguments"),
        ("rename", "xy", "ann", 422, "arguments"),
        ("rename", [float("nan")], "ann", 422, "arguments"),
    ],
)
def test_refused_calls(method: Any, args: Any, user: str, code: int, rule: str) -> None:
    one = task()
    verdict = one.safeCall(method, args, user)
    assert [verdict.code, verdict.rule, one.get("title"), one.get("done")] == [code, rule, "one", None]


def test_a_method_that_sets_what_a_prop_refuses_is_refused() -> None:
    one = task()
    verdict = one.safeCall("rename", [5, 6], "ann")
    assert [verdict.code, verdict.field, one.get("title")] == [422, "title", "one"]


def test_a_method_that_answers_with_a_verdict_has_the_last_word() -> None:
    verdict = task().safeCall("delegate", [], "ann")
    assert [verdict.allowed, verdict.field] == [False, "owner"]


def test_can_is_the_verdict_without_the_deed() -> None:
    one = task()
    root = one.root
    assert [
        one.can("edit", "ann").allowed,
        one.can("edit", "ann", {"title": "x"}).allowed,
        one.can("delete", "ann").allowed,
        one.can("move", "ann").allowed,
        one.can("move", "ann", {"after": "b"}).allowed,
        one.can("call", "ann", "finish").allowed,
        one.can("call", "ann", "rename", ["x"]).allowed,
        root.can("read", "ann").allowed,
    ] == [True] * 8
    refused = [
        one.can("edit", "bob"),
        one.can("edit", "ann", {"title": 5}),
        one.can("delete", "bob"),
        one.can("move", "bob"),
        one.can("call", "ann", "zip"),
        root.can("read", "bob"),
        one.can("fly", "ann"),
    ]
    assert [verdict.code for verdict in refused] == [403, 422, 403, 403, 403, 403, 422]
    assert [one.get("title"), one.collection.length] == ["one", 2]


def test_required_props_cannot_be_taken_away() -> None:
    class Named(Model):
        props = {"name": {"type": "string", "required": True, "allowNull": True}}
        clientEditable = ["name"]

        def canEdit(self) -> bool:
            return True

    verdict = Named({"name": "x"}).safeSet({"name": None}, "ann")
    assert [verdict.code, verdict.rule, verdict.field] == [422, "validate", "name"]


def test_a_validation_error_may_name_its_field() -> None:
    class Range(Model):
        clientEditable = ["low", "high"]

        def canEdit(self) -> bool:
            return True

        def validate(self, attrs: Any) -> Any:
            if attrs["low"] > attrs["high"]:
                return {"field": "low", "sentence": "Too high."}
            return None

    verdict = Range({"low": 1, "high": 2}).safeSet({"low": 3}, "ann")
    assert [verdict.code, verdict.field, verdict.sentence] == [422, "low", "Too high."]
    # A validate that throws over hostile values is a refusal, not a crash.
    assert Range({"low": 1, "high": 2}).safeSet({"low": "x"}, "ann").code == 422


def test_operation_is_seen_by_methods() -> None:
    class Signed(Model):
        exposedServerMethods = ["sign"]

        def canCall(self) -> bool:
            return True

        def sign(self) -> None:
            self.set({"by": self.root.operation.user, "at": self.now()})

    signed = Signed()
    signed.operation = Operation("ann.client01.1", "ann", 77)
    assert signed.safeCall("sign", [], "ann").allowed
    assert signed.attributes == {"by": "ann", "at": 77}
