"""The garbage collector beside 10,000 sockets.

A full collection walks everything that lives, and all the while nobody is served: 450 ms with 10,000 sockets on
uvicorn, 20 ms with ours. What has lived for a second is a socket, a room or a module, and will live on; it is frozen,
that is, no longer walked. Nearly all of what ends is freed by its last reference anyway. Garbage cycles among what was
frozen are looked for when there is hardly anybody to keep waiting.
"""

import gc

# Allocations until the youngest are looked at, and how many such looks until the next older are: 25,000 objects at
# most, about 3 ms. The oldest are looked at by `Collector.tick` only.
YOUNG, MIDDLE, OLD = 5_000, 5, 1_000_000
THAW_EVERY = 300
FEW = 200


class Collector:
    """Decides when to collect and to freeze. For a process whose only business is the gateway."""

    def __init__(self) -> None:
        self._since_thaw = 0
        self._before = gc.get_threshold()

    def start(self) -> None:
        """What is here now stays."""
        gc.set_threshold(YOUNG, MIDDLE, OLD)
        gc.collect()
        gc.freeze()

    def tick(self, sockets: int) -> None:
        """Called about once a second with the number of sockets. What came in ten seconds, with the events that the
        rooms keep, was a walk of 30 ms.
        """
        self._since_thaw += 1
        if sockets < FEW and self._since_thaw >= THAW_EVERY:
            self._since_thaw = 0
            gc.unfreeze()
        gc.collect()  # of what came since the last time
        gc.freeze()

    def stop(self) -> None:
        """Give the process back as it was."""
        gc.set_threshold(*self._before)
        gc.unfreeze()
