from capsule.server.wheel import Wheel


def test_whoever_stays_comes_by_once_a_turn() -> None:
    wheel: Wheel[object] = Wheel(7)
    things = [object() for _ in range(100)]
    for thing in things:
        wheel.add(thing)
        wheel.add(thing)
    assert len(wheel) == 100
    seen = [thing for _ in range(7) for thing in wheel.turn()]
    assert len(seen) == 100
    assert set(seen) == set(things) == set(wheel)


def test_who_leaves_does_not_come_by_and_may_leave_twice() -> None:
    wheel: Wheel[str] = Wheel(3)
    wheel.add("a")
    wheel.add("b")
    wheel.discard("a")
    wheel.discard("a")
    assert "a" not in wheel
    assert "b" in wheel
    assert len(wheel) == 1
    assert [thing for _ in range(3) for thing in wheel.turn()] == ["b"]


def test_a_part_may_change_while_it_is_looked_at() -> None:
    wheel: Wheel[str] = Wheel(1)
    for name in "abc":
        wheel.add(name)
    for name in wheel.turn():
        wheel.discard(name)
        wheel.add(name + name)
    assert set(wheel) == {"aa", "bb", "cc"}
