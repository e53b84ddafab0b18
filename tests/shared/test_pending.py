from capsule.shared.pending import PendingOperation
from examples.bang.models import Team


def test_an_operation_begins_pending_without_a_verdict() -> None:
    action = {"do": "delete", "feed": "chat", "id": "m"}
    operation = PendingOperation(1, action, 5)
    assert (operation.n, operation.now, operation.state, operation.verdict) == (1, 5, "pending", None)
    assert operation.action == action
    assert operation.touched.items == {}


def test_an_operation_says_which_models_it_touches() -> None:
    team = Team({"id": "7"})
    team.members.add([{"id": "a"}, {"id": "b"}])
    operation = PendingOperation(1, {}, 5)
    operation.touched.add("members", "a")
    assert operation.touches(team.members.get("a"))
    assert not operation.touches(team.members.get("b"))
    assert not operation.touches(team)
