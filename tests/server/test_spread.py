import pytest

from capsule.server.blob import Blob
from capsule.server.ports import Direct, Reader
from capsule.server.spread import Spread

from .scripted import Page


class Sink(Page):
    """A reader; `takes` bytes of a frame at once when it is a socket."""

    def __init__(self, takes: int | None = None) -> None:
        super().__init__()
        self.got: list[str] = []
        self.takes = takes
        self.left: list[bytes] = []
        if takes is not None:
            self.direct: Direct | None = self.take

    def write(self, blob: Blob) -> None:
        self.got.append(blob.text)

    def take(self, frame: bytes) -> int:
        if self.takes == 0:
            raise BlockingIOError
        self.got.append(frame[2:].decode())
        return min(self.takes or 0, len(frame))

    def rest(self, frame: bytes, sent: int) -> None:
        self.left.append(frame[sent:])


def live(*sinks: Sink) -> dict[Reader, Direct | None]:
    return {sink: sink.direct for sink in sinks}


def test_a_message_reaches_everybody_once_some_at_a_time() -> None:
    sinks = [Sink(takes) for takes in (None, 99) * 5]
    here = live(*sinks)
    spread = Spread()
    spread.begin(Blob.of("a"), here)
    assert spread.go(here, 4)
    assert [len(sink.got) for sink in sinks] == [1] * 4 + [0] * 6
    assert sinks[4] in spread
    assert sinks[3] not in spread
    assert spread.go(here, 4)
    assert not spread.go(here, 4)
    assert not spread.go(here)
    assert [sink.got for sink in sinks] == [["a"]] * 10


def test_who_left_meanwhile_is_passed_over_and_a_stop_is_a_stop() -> None:
    first, gone, here, last = Sink(), Sink(), Sink(), Sink()
    spread = Spread()
    spread.begin(Blob.of("a"), live(first, gone, here, last))
    assert spread.go(live(first, gone, here, last), 1)
    assert spread.go(live(here, last), 2)
    spread.stop()
    assert not spread.go(live(here, last))
    assert (first.got, gone.got, here.got, last.got) == (["a"], [], ["a"], [])


@pytest.mark.parametrize("takes", [0, 1, 5])
def test_what_the_kernel_does_not_take_is_given_to_the_transport(takes: int) -> None:
    slow, fast = Sink(takes), Sink(99)
    spread = Spread()
    blob = Blob.of("hello")
    spread.begin(blob, live(slow, fast))
    assert not spread.go(live(slow, fast))
    assert slow.left == [blob.whole[takes:]]
    assert (fast.left, fast.got) == ([], ["hello"])


def test_a_large_message_is_always_written_by_the_socket_itself() -> None:
    sink = Sink(99)
    spread = Spread()
    spread.begin(Blob(b"x" * 100_000), live(sink))
    spread.go(live(sink))
    assert sink.got == ["x" * 100_000]
    assert sink.left == []
