import json

from capsule.server.snapshot import snapshot_blob, with_contained

FEEDS = [
    (".", [("7", b'{"id":"7","name":"caf\xc3\xa9"}')]),
    ("members", [("1", b'{"id":"1"}'), ("2", b'{\n "id": "2"\n}')]),
    ("chat", []),
]


def test_a_snapshot_is_one_line_of_the_stored_items_in_their_order() -> None:
    text = snapshot_blob("team.7", "12-81", FEEDS).text
    assert "\n" not in text
    assert json.loads(text) == {
        "verb": "snapshot",
        "scope": "team.7",
        "id": "12-81",
        "feeds": [
            [".", ["7", {"id": "7", "name": "café"}]],
            ["members", ["1", {"id": "1"}, "2", {"id": "2"}]],
            ["chat", []],
        ],
    }


def test_contained_numbers_are_added_for_one_client_without_building_it_again() -> None:
    blob = snapshot_blob("team.7", "12-81", FEEDS)
    assert with_contained(blob, []) is blob
    assert json.loads(with_contained(blob, [3, 17]).text) == {**json.loads(blob.text), "contained": [3, 17]}
