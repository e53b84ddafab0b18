from capsule.shared.pending import PendingOperation
from capsule.shared.verdict import refusal


def test_an_operation_settles_once_with_its_verdict() -> None:
    operation = PendingOperation(1, {"do": "delete", "feed": "chat", "id": "m"}, 5)
    seen: list[str] = []
    operation.on("settled", lambda settled: seen.append(settled.state))
    assert operation.state == "pending"
    operation.settle("rejected", refusal("FORBIDDEN"))
    assert seen == ["rejected"]
    assert operation.verdict is not None
    assert operation.verdict.code == 403
