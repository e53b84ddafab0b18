from capsule.server.blob import Blob
from capsule.server.held import Held


class Sink:
    def __init__(self) -> None:
        self.got: list[str] = []

    def write(self, blob: Blob) -> None:
        self.got.append(blob.text)


def test_a_result_waits_for_its_version_and_keeps_its_place() -> None:
    held: Held[Sink] = Held()
    sink = Sink()
    for at, text in ((3, "c"), (1, "a"), (3, "d"), (2, "b")):
        held.add(sink, at, text)
    held.release({sink}, 2)
    assert sink.got == ["a", "b"]
    held.release({sink}, 3)
    assert sink.got == ["a", "b", "c", "d"]
    assert len(held) == 0


def test_a_result_waits_for_its_reader_to_be_live() -> None:
    held: Held[Sink] = Held()
    sink = Sink()
    held.add(sink, 1, "a")
    held.release(set(), 9)
    assert sink.got == []
    held.release({sink}, 9)
    assert sink.got == ["a"]


def test_only_a_result_that_a_live_reader_lacks_at_the_third_look_is_overdue() -> None:
    held: Held[Sink] = Held()
    live, joining = Sink(), Sink()
    held.add(live, 5, "x")
    held.add(joining, 5, "y")
    assert [held.look({live}) for _ in range(3)] == [False, False, True]
    held.release({live, joining}, 1, overdue=True)
    assert (live.got, joining.got) == (["x"], [])


def test_results_of_a_reader_that_left_are_forgotten() -> None:
    held: Held[Sink] = Held()
    gone, here = Sink(), Sink()
    held.add(gone, 1, "x")
    held.add(here, 1, "y")
    held.forget(gone)
    held.release({gone, here}, 1)
    assert (gone.got, here.got) == ([], ["y"])
