from capsule.server.closing import REASONS, CloseCode

from .protocol_page import table


def test_every_close_code_has_a_reason_and_is_told_in_the_protocol() -> None:
    assert set(REASONS) == set(CloseCode)
    assert {int(row["code"]) for row in table("Close codes")} == {int(code) for code in CloseCode}


def test_reasons_fit_into_a_close_frame() -> None:
    assert all(len(reason.encode()) <= 123 for reason in REASONS.values())
