"""What is old is no longer walked, and the process is given back as it was."""

import gc

from capsule.server.garbage import FEW, THAW_EVERY, Collector


def test_what_came_since_the_last_tick_is_frozen() -> None:
    before = gc.get_threshold()
    collector = Collector()
    collector.start()
    try:
        frozen = gc.get_freeze_count()
        assert frozen > 0
        for _ in range(2):
            kept = [[number] for number in range(1000)]
            collector.tick(FEW)
            assert gc.get_freeze_count() >= frozen + len(kept)
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
        collector.tick(FEW)
        assert ring is not None
        ring = None
        for _ in range(THAW_EVERY):
            collector.tick(FEW)
        assert Ring.freed == 0
        collector.tick(FEW - 1)
        assert Ring.freed == 1
    finally:
        collector.stop()
