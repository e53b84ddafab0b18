"""Keys: one slot for a scope, one for a queue."""

from capsule.feeds import keys, script
from capsule.feeds.layout import slot_of


def test_every_key_of_a_scope_carries_its_hash_tag() -> None:
    assert keys.scope("team.7") == "cap1:{team.7}:"
    assert keys.presence("team.7") == "cap1:{team.7}:presence:"
    assert keys.queue("actions") == "cap1:{actions}:jobs:"


def test_a_queue_and_a_scope_of_the_same_name_share_no_key() -> None:
    scope = {keys.scope("x") + suffix for suffix, _, _ in keys.SCOPE_KEYS}
    presence = {keys.presence("x") + suffix for suffix, _, _ in keys.PRESENCE_KEYS}
    queue = {keys.queue("x") + suffix for suffix, _, _ in keys.QUEUE_KEYS}
    assert len(scope | presence | queue) == len(scope) + len(presence) + len(queue)


def test_the_guard_is_the_name_of_no_key() -> None:
    """It must never exist: a server would run a script in a slot that is half moved."""
    for table in (keys.SCOPE_KEYS, keys.PRESENCE_KEYS, keys.QUEUE_KEYS, keys.HANDOUT_KEYS):
        assert keys.GUARD not in [suffix for suffix, _, _ in table]
    for name in script.names():
        assert f"'{keys.GUARD}" not in script.load(name).source


def test_the_keys_of_a_queue_and_their_number_share_a_slot() -> None:
    assert slot_of(keys.partitions("actions")) == slot_of(keys.queue("actions"))
