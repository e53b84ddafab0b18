from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capsule.shared.patching import patchView
from capsule.shared.recorder import Recorder
from capsule.shared.touched import Touched
from tests.shared.team import ids, tasks, team
from tests.shared.test_transaction import walk


def test_only_real_differences_fire_events() -> None:
    view, target = team(), team()
    tasks(target).get("a").set({"title": "new"})
    touched = Touched()
    for key in "abcd":
        touched.add("members.ann.tasks", key)
    seen: list[Any] = []
    tasks(view).on("all", lambda name, *rest: seen.append(name))
    patchView(view, target, touched, {})
    assert seen == ["change:title", "change"]


def test_a_kept_instance_returns() -> None:
    view, target = team(), team()
    a = tasks(view).get("a")
    tasks(view).remove(a)
    tasks(target).get("a").set({"title": "meanwhile"})
    touched = Touched()
    touched.add("members.ann.tasks", "a")
    touched.orders["members.ann.tasks"] = True
    patchView(view, target, touched, {"members.ann.tasks/a": a})
    assert tasks(view).get("a") is a
    assert a.get("title") == "meanwhile"
    assert ids(tasks(view)) == ["a", "b", "c", "d"]


def test_a_throwing_listener_leaves_nothing_undone() -> None:
    view, target = team(), team()
    tasks(target).get("a").set({"title": "new"})
    target.root.set({"name": "new"})

    def broken(*rest: Any) -> None:
        raise RuntimeError("listener")

    view.root.on("change:name", broken)
    touched = Touched()
    touched.add(".", "andyet")
    touched.add("members.ann.tasks", "a")
    with pytest.raises(RuntimeError, match="listener"):
        patchView(view, target, touched, {})
    assert view.root.xport() == target.root.xport()


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 20))
def test_the_view_becomes_equal_wherever_it_was_touched(random: Random, steps: int) -> None:
    view, target = team(), team()
    there, here = Recorder(target.root), Recorder(view.root)
    for step in range(steps):
        walk(target, random, step)
        walk(view, random, step)
    touched = Touched()
    touched.addAll(there.touched)
    touched.addAll(here.touched)
    patchView(view, target, touched, {})
    assert view.root.xport() == target.root.xport()
