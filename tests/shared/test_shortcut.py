"""The short cuts do what the long way does: each program here is run by both."""

from collections.abc import Callable
from typing import Any

import pytest

from capsule.shared import Collection, Model, attributes, state
from capsule.shared.shortcut import isPlainFor, setQuickly, takeQuickly


class Task(Model):
    type = "task"
    props = {
        "title": "string",
        "done": {"type": "boolean", "default": False},
        "rank": {"type": "integer", "min": 0},
        "ratio": "number",
        "made": {"type": "time", "setOnce": True},
        "tags": {"type": "list", "default": list},
        "level": {"type": "number", "default": 2.0},
    }


class Card(Task):
    derived = {"label": {"deps": ["title"], "fn": lambda task: f"{task.get('title')}!"}}


class Free(Model):
    pass


class Member(Model):
    children = {"task": Task}


VALUES: list[Any] = ["a", "a", "", 1, 1, True, 0, False, 1.0, 2.5, -1, None, 2**53, [], "b"]
PLACES: dict[str, Callable[[], Any]] = {
    "alone": lambda: Task({"title": "x"}),
    "derived": lambda: Card({"title": "x"}),
    "without props": lambda: Free({"title": "x", "id": "f"}),
    "in a collection": lambda: Collection([Task({"title": "x"})]).at(0),
    "a child": lambda: Member().task,  # type: ignore[attr-defined]
}


def story(place: str, listening: bool, published: bool) -> list[Any]:
    """What a model holds and fires while attributes are set one by one, one of its listeners setting again."""
    model = PLACES[place]()
    lines: list[Any] = []
    if published:
        model.root.on(
            "publish", lambda event: lines.append([event["event"], event["changed"], event["previous"]])
        )
    if listening:
        model.on(
            "all",
            lambda name, one, *rest: lines.append([name, one is model, model.changed.copy(), *rest[:1]]),
        )
        model.on("change:done", lambda: model.set("title", "done"))
    for name in ["title", "done", "rank", "ratio", "made", "zip", "id", "level"]:
        for value in VALUES:
            try:
                model.set(name, value)
            except Exception as error:
                lines.append(str(error))
            lines.append([model.xport(), model.id, model.changedAttributes(), model.previous(name)])
            lines.append(model.previousAttributes())
    return lines


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize("listening", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_setting_one_attribute_is_the_same_either_way(
    place: str, listening: bool, published: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = story(place, listening, published)
    taken: list[bool] = []

    def count(model: Any, attr: str, value: Any) -> bool:
        taken.append(setQuickly(model, attr, value))
        return taken[-1]

    monkeypatch.setattr(state, "setQuickly", count)
    story(place, listening, published)
    assert any(taken) == (place != "derived" and not published)
    monkeypatch.setattr(state, "setQuickly", lambda *rest: False)
    assert repr(story(place, listening, published)) == repr(quick)


GIVEN: list[Any] = [
    None,
    {},
    {"title": "a", "done": True, "ratio": 5, "made": 9, "id": "t"},
    {"title": "a", "ratio": 2.0},
    {"title": "a", "rank": 1},
    {"tags": ["x"], "level": 1},
    {"title": 5},
    {"done": 1},
    {"made": True},
    {"ratio": 2**53},
    {"zip": 1},
    {"title": None},
    [],
    "title",
]


@pytest.mark.parametrize("given", GIVEN, ids=repr)
def test_a_new_model_is_the_same_either_way(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def made() -> Any:
        try:
            model = Task(given)
        except Exception as error:
            return str(error)
        assert model.attributes is not given
        return [repr(model.attributes), model.id]

    quick = made()
    monkeypatch.setattr(attributes, "takeQuickly", lambda *rest: None)
    assert made() == quick


def test_only_plain_attributes_are_taken_quickly() -> None:
    blueprint = Task()._blueprint
    assert takeQuickly(blueprint, {"title": "a", "ratio": 5}) == {
        "title": "a",
        "ratio": 5,
        "done": False,
        "tags": [],
        "level": 2,
    }
    for long in GIVEN[3:]:
        assert takeQuickly(blueprint, long) is None
    assert isPlainFor(blueprint.props["title"], "a")
    assert not isPlainFor(blueprint.props["rank"], 1)


def test_after_a_listener_that_throws_the_next_set_is_an_ordinary_one() -> None:
    task = Task({"title": "a"})
    heard: list[Any] = []

    def throw() -> None:
        raise ValueError("no such luck")

    task.on("change:title", throw)
    with pytest.raises(ValueError, match="no such luck"):
        task.set("title", "b")
    task.off("change:title").on("all", lambda name: heard.append(name))
    task.set("title", "c")
    assert heard == ["change:title", "change"]
