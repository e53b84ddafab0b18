from capsule.shared.pending import PendingOperation


def test_an_operation_begins_pending_without_a_verdict() -> None:
    action = {"do": "delete", "feed": "chat", "id": "m"}
    operation = PendingOperation(1, action, 5)
    assert (operation.n, operation.now, operation.state, operation.verdict) == (1, 5, "pending", None)
    assert operation.action == action
    assert operation.touched.items == {}
