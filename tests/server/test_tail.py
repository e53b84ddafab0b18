import pytest

from capsule.server.tail import Frame, Tail, version


def frame(number: int, size: int = 10) -> Frame:
    return Frame(f"{number}-7", f"{number - 1}-7", b"x" * size)


def filled(count: int, frames: int = 100, size: int = 10_000) -> Tail:
    tail = Tail(frames, size)
    for number in range(1, count + 1):
        tail.append(frame(number))
    return tail


def test_a_frame_is_parsed_into_ids_and_untouched_json() -> None:
    parsed = Frame.parse(b'12-81 11-93 * .,members\n{"verb":"event"}')
    assert parsed == Frame("12-81", "11-93", b'{"verb":"event"}', (".", "members"))
    assert parsed.version == 12


@pytest.mark.parametrize(
    "data", [b"", b"12-81 11-93 * .", b"12-81 11-93 *\n{}", b"x y * .\n{}", b"\xff-1 1-1 * .\n{}"]
)
def test_what_is_not_a_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Frame.parse(data)


def test_after_gives_exactly_what_follows() -> None:
    tail = filled(5)
    assert [missed.id for missed in tail.after("3-7") or []] == ["4-7", "5-7"]
    assert tail.after("5-7") == []


def test_the_predecessor_of_the_oldest_frame_is_still_a_place_to_resume_from() -> None:
    assert [missed.version for missed in filled(3).after("0-7") or []] == [1, 2, 3]


@pytest.mark.parametrize("event_id", ["3-8", "9-7", "0-0", ""])
def test_an_id_of_another_history_is_not_found(event_id: str) -> None:
    assert filled(5).after(event_id) is None


def test_the_oldest_give_way_by_count_and_the_index_stays_right() -> None:
    tail = filled(250, frames=100)
    assert len(tail) == 100
    assert [missed.version for missed in tail.after("248-7") or []] == [249, 250]
    assert len(tail.after("150-7") or []) == 100
    assert tail.after("149-7") is None


def test_the_oldest_give_way_by_size_but_the_newest_stays() -> None:
    tail = filled(10, size=35)
    assert len(tail) == 3
    tail.append(frame(11, size=1000))
    assert len(tail) == 1
    assert tail.after("10-7") == [frame(11, size=1000)]


def test_a_cleared_tail_knows_nothing_and_starts_again() -> None:
    tail = filled(10)
    tail.clear()
    assert tail.after("9-7") is None
    tail.append(frame(42))
    assert tail.after("41-7") == [frame(42)]
    assert tail.after("42-7") == []


def test_versions_are_numbers() -> None:
    assert version("12-81") == 12
    with pytest.raises(ValueError, match="invalid literal"):
        version("x-1")
