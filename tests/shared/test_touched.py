from capsule.shared.recorder import Recorder
from capsule.shared.touched import Touched
from tests.shared.team import tasks, team


def test_events_name_items_and_the_feeds_whose_order_may_differ() -> None:
    scope = team()
    recorder = Recorder(scope.root)
    tasks(scope).get("a").set({"title": "x"})
    scope.root.members.get("bob").tasks.remove("t3")
    scope.root.set({"name": "x"})
    assert recorder.touched.items == {
        "members.ann.tasks": {"a": True},
        "members.bob.tasks": {"t3": True},
        ".": {"andyet": True},
    }
    assert recorder.touched.orders == {"members.bob.tasks": True}


def test_frames_name_the_same_places() -> None:
    touched = Touched()
    touched.addFrame(
        {"tx": [["op", [["edit", "chat", "m", {}], ["position", "members.ann.tasks", "a", "begin:"]]]]}
    )
    assert touched.items == {"chat": {"m": True}, "members.ann.tasks": {"a": True}}
    assert touched.orders == {"members.ann.tasks": True}


def test_touched_places_add_up() -> None:
    one, two = Touched(), Touched()
    one.add("chat", "a")
    two.add("chat", "b")
    two.everything = True
    one.addAll(two)
    assert one.items == {"chat": {"a": True, "b": True}}
    assert one.everything
