from capsule.feeds import Snapshot


def test_parsed_is_what_a_scope_loads() -> None:
    snapshot = Snapshot(
        "3-7", [(".", [("7", b'{"id":"7"}')]), ("chat", [("a", b'{"id":"a","n":1}'), ("b", b"{}")])]
    )
    assert snapshot.parsed() == {
        "id": "3-7",
        "feeds": [[".", ["7", {"id": "7"}]], ["chat", ["a", {"id": "a", "n": 1}, "b", {}]]],
    }
