"""What is old is no longer walked, and the process is given back as it was."""

import gc

from capsule.server.garbage import FEW, FREEZE_EVERY, MANY_NEW, THAW_EVERY, Collector


def test_many_new_sockets_are_frozen_at_once_and_few_after_a_while() -> None:
    before = gc.get_threshold()
    collector = Collector()
    collector.start()
    try:
        frozen = gc.get_freeze_count()
        assert frozen > 0
        kept = [[number] for number in range(1000)]
        collector.tick(FEW + MANY_NEW - 1)
        assert gc.get_freeze_count() >= frozen + len(kept)
        more = [[number] for number in range(1000)]
        frozen = gc.get_freeze_count()
        for _ in range(FREEZE_EVERY - 1):
            collector.tick(FEW + MANY_NEW)
        assert gc.get_freeze_count() == frozen
        collector.tick(FEW + MANY_NEW)
        assert gc.get_freeze_count() >= frozen + len(more)
    finally:
        collector.stop()
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == before


class Ring:
    """Something that only the collector frees."""

    freed = 0

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        Ring.freed += 1


def test_frozen_garbage_is_found_when_there_is_hardly_anybody() -> None:
    Ring.freed = 0
    collector = Collector()
    collector.start()
    try:
        ring: Ring | None = Ring()
        collector.tick(FEW + MANY_NEW)
        assert ring is not None
        ring = None
        for _ in range(THAW_EVERY):
            collector.tick(FEW + MANY_NEW)
        assert Ring.freed == 0
        collector.tick(FEW - 1)
        assert Ring.freed == 1
    finally:
        collector.stop()
