from capsule.shared import platform
from capsule.shared.marks import MISSING, MOST_INTEGER, SAME


def test_a_mark_equals_itself_alone_and_the_seam_hands_out_these() -> None:
    assert MISSING != SAME
    assert MISSING is not None
    assert [platform.MISSING, platform.SAME] == [MISSING, SAME]


def test_the_largest_integer_is_the_last_that_a_double_tells_from_its_neighbour() -> None:
    assert platform.MOST_INTEGER == MOST_INTEGER
    assert float(MOST_INTEGER) - 1 != float(MOST_INTEGER)
    assert float(MOST_INTEGER + 1) == float(MOST_INTEGER + 2)
