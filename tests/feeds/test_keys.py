"""Keys: one slot for a scope, one for a queue."""

from capsule.feeds import keys


def test_every_key_of_a_scope_carries_its_hash_tag() -> None:
    assert keys.scope("team.7") == "cap1:{team.7}:"
    assert keys.presence("team.7") == "cap1:{team.7}:presence:"
    assert keys.queue("actions") == "cap1:{actions}:jobs:"


def test_a_queue_and_a_scope_of_the_same_name_share_no_key() -> None:
    scope = {keys.scope("x") + suffix for suffix, _, _ in keys.SCOPE_KEYS}
    presence = {keys.presence("x") + suffix for suffix, _, _ in keys.PRESENCE_KEYS}
    queue = {keys.queue("x") + suffix for suffix, _, _ in keys.QUEUE_KEYS}
    assert len(scope | presence | queue) == len(scope) + len(presence) + len(queue)
