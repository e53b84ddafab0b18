"""CAP206: a Verdict has no truth. CAP208: a rule answers True or False."""

from pathlib import Path

import pytest

from tests.compiler.models import told

ASKED = "task.safeSet({'title': 'x'}, user)"


def program(body: str) -> str:
    return "def act(task: Any, user: str, others: list[Any]) -> Any:\n    " + body + "\n"


def rule(body: str, name: str = "canEdit") -> str:
    return f"class Task(Model):\n    def {name}(self, user: str) -> Any:\n        " + body + "\n"


@pytest.mark.parametrize(
    "body",
    [
        f"if {ASKED}:\n        return 1",
        f"while {ASKED}:\n        return 1",
        f"return not {ASKED}",
        "return not task.safeDelete(user)",
        f"return 1 if {ASKED} else 2",
        f"return {ASKED} and 1",
        f"return {ASKED} or 1",
        f"if others and (user or {ASKED}):\n        return 1",
        "return [one for one in others if one.can('edit', user)]",
        f"return bool({ASKED})",
        f"assert {ASKED}",
        f"verdict = {ASKED}\n    if verdict:\n        return 1",
        f"verdict = {ASKED}\n    return lambda: not verdict",
        f"if verdict := {ASKED}:\n        return verdict",
        "return task.safeMove({'last': True}, user) and 1",
        "return task.safeCall('ship', [], user) and 1",
        "return task.tasks.safeAdd({}, user) and 1",
    ],
)
def test_the_truth_of_a_verdict_is_refused(body: str, tmp_path: Path) -> None:
    (one,) = told(program(body), tmp_path)
    assert one.startswith("CAP206: ")


@pytest.mark.parametrize(
    "body",
    [
        f"if {ASKED}.allowed:\n        return 1",
        f"verdict = {ASKED}\n    if verdict.allowed:\n        return 1",
        f"verdict = {ASKED}\n    if verdict is None:\n        return 1",
        f"verdict = None\n    if user:\n        verdict = {ASKED}\n    if verdict:\n        return 1",
        f"return user and {ASKED}",
        f"return {ASKED}",
        "return [one for one in others if one.can('edit', user).allowed]",
        f"verdict = {ASKED}\n    verdict = verdict.allowed\n    return not verdict",
        f"verdict = {ASKED}\n    return [verdict for verdict in others if verdict]",
        f"verdict = {ASKED}\n    return (lambda verdict: not verdict)(user)",
    ],
)
def test_other_uses_of_a_verdict_pass(body: str, tmp_path: Path) -> None:
    assert told(program(body), tmp_path) == []


def test_a_can_of_the_app_s_own_may_answer_what_it_likes(tmp_path: Path) -> None:
    own = "class Role:\n    def can(self, deed: str, user: str) -> bool:\n        return True\n\n\n"
    assert told(own + program("return 1 if task.can('edit', user) else 2"), tmp_path) == []


@pytest.mark.parametrize(
    "body",
    [
        "return 'Only the owner.'",
        "return user == self.id or 'Only the owner.'",
        "return True if user == self.id else f'Not {user}.'",
        "return 1",
        "return []",
        "return self.parent.can('edit', user)",
        "verdict = self.parent.can('edit', user)\n        return verdict",
        "if user != self.id:\n            self.deny('Only the owner.')\n        return True",
        "user == self.id or self.deny('x')\n        self.deny('Only the owner.')",
    ],
)
@pytest.mark.parametrize("name", ["canEdit", "canRead"])
def test_a_rule_that_answers_no_bool_is_refused(body: str, name: str, tmp_path: Path) -> None:
    (one,) = told(rule(body, name), tmp_path)
    assert one.startswith(f"CAP208: The rule `{name}` ")


@pytest.mark.parametrize(
    "body",
    [
        "return user == self.id or self.deny('Only the owner.')",
        "return self.parent.can('edit', user).allowed",
        "return True",
        "return None",
        "return user == self.id and self.isOpen()\n\n    def isOpen(self) -> Any:\n        return 'yes'",
        "if user != self.id:\n            self.deny('Only the owner.')\n            return False\n        return True",
        "if user != self.id:\n            self.deny('Only the owner.')\n            raise ValueError('x')",
        "words = [(lambda: 'a text')() for one in user]\n        return len(words) == 1",
        "return self.parent.isNew()",
        "if user == 'root':\n            return True",
    ],
)
def test_a_rule_that_may_answer_a_bool_passes(body: str, tmp_path: Path) -> None:
    assert told(rule(body), tmp_path) == []


def test_a_method_of_another_name_is_no_rule(tmp_path: Path) -> None:
    assert told(rule("return 'a text'", "canopy"), tmp_path) == []


def test_a_rule_s_name_outside_of_models_is_no_rule(tmp_path: Path) -> None:
    text = "class Door:\n    def canEdit(self, user: str) -> Any:\n        return 'a text'\n"
    assert told(text, tmp_path) == []
