from typing import Any

import pytest

from capsule.shared.events import Events


class Ear:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def __call__(self, *args: Any) -> None:
        self.heard.append(args)

    def short(self, first: Any) -> None:
        self.heard.append(first)


def test_handlers_run_in_the_order_of_binding_and_get_the_arguments() -> None:
    emitter = Events()
    heard: list[Any] = []
    emitter.on("a", lambda *args: heard.append(("first", args)))
    emitter.on("a", lambda *args: heard.append(("second", args)))
    emitter.trigger("a", 1, 2)
    assert heard == [("first", (1, 2)), ("second", (1, 2))]


def test_a_handler_gets_as_many_arguments_as_it_declares() -> None:
    emitter = Events()
    ear = Ear()
    emitter.on("a", ear.short)
    emitter.on("a", lambda: ear.heard.append("none"))
    emitter.on("a", lambda a, b, c: ear.heard.append([a, b, c]))
    emitter.trigger("a", 1, 2)
    assert ear.heard == [1, "none", [1, 2, None]]


@pytest.mark.parametrize("names", ["a b c", "a  b\tc", "a\nb c"])
def test_several_events_in_one_string(names: str) -> None:
    emitter = Events()
    ear = Ear()
    emitter.on(names, ear)
    emitter.trigger("a").trigger("b").trigger("c")
    assert len(ear.heard) == 3
    emitter.trigger(names)
    assert len(ear.heard) == 6
    emitter.off("a c", ear)
    emitter.trigger(names)
    assert len(ear.heard) == 7


def test_an_event_map_binds_and_unbinds_with_its_context() -> None:
    emitter = Events()
    ear = Ear()
    context = object()
    emitter.on({"a": ear, "b c": ear}, context)
    emitter.trigger("a b c")
    assert len(ear.heard) == 3
    emitter.off({"a": ear}, object())
    emitter.trigger("a")
    assert len(ear.heard) == 4
    emitter.off({"a c": ear}, context)
    emitter.trigger("a c")
    assert len(ear.heard) == 4


def test_all_hears_the_name_first_and_after_the_events_own_handlers() -> None:
    emitter = Events()
    heard: list[Any] = []
    emitter.on("all", lambda name, value: heard.append([name, value]))
    emitter.on("a", lambda value: heard.append(value))
    emitter.trigger("a", 1)
    emitter.trigger("b", 2)
    assert heard == [1, ["a", 1], ["b", 2]]


def test_off_takes_a_name_a_callback_a_context_or_nothing() -> None:
    context, other = object(), object()
    for args, left in [
        (("a",), "bb"),
        ((None, None, context), "ab"),
        ((None, None, other), "ab"),
        ((), ""),
    ]:
        emitter = Events()
        heard: list[str] = []
        emitter.on("a", lambda heard=heard: heard.append("a"), context)
        emitter.on("a", lambda heard=heard: heard.append("a"), other)
        emitter.on("b", lambda heard=heard: heard.append("b"), context)
        emitter.on("b", lambda heard=heard: heard.append("b"), other)
        emitter.off(*args)
        emitter.trigger("a b")
        assert "".join(heard) == left


def test_off_finds_a_bound_method_by_equality() -> None:
    emitter = Events()
    ear = Ear()
    emitter.on("a", ear.short)
    emitter.off("a", ear.short)
    emitter.trigger("a", 1)
    assert ear.heard == []


def test_a_handler_added_by_an_event_waits_for_the_next_one() -> None:
    emitter = Events()
    heard: list[str] = []
    emitter.on("a", lambda: emitter.on("a", lambda: heard.append("late")))
    emitter.trigger("a")
    assert heard == []
    emitter.trigger("a")
    assert heard == ["late"]


def test_a_handler_removed_by_an_event_is_still_called_by_it() -> None:
    emitter = Events()
    heard: list[str] = []

    def second() -> None:
        heard.append("second")

    emitter.on("a", lambda: emitter.off("a", second))
    emitter.on("a", second)
    emitter.trigger("a")
    emitter.trigger("a")
    assert heard == ["second"]


def test_all_added_by_the_events_own_handler_waits_too() -> None:
    emitter = Events()
    heard: list[str] = []
    emitter.on("all", lambda: heard.append("old"))
    emitter.on("a", lambda: emitter.on("all", lambda: heard.append("new")))
    emitter.trigger("a")
    assert heard == ["old"]


def test_once_is_once_even_when_triggered_from_inside() -> None:
    emitter = Events()
    heard: list[int] = []

    def handler(depth: int) -> None:
        heard.append(depth)
        emitter.trigger("a", depth + 1)

    emitter.once("a", handler)
    emitter.trigger("a", 1)
    emitter.trigger("a", 9)
    assert heard == [1]


def test_once_with_several_events_is_once_for_each() -> None:
    emitter = Events()
    ear = Ear()
    emitter.once("a b", ear)
    emitter.trigger("a b a b")
    assert len(ear.heard) == 2
    emitter.once({"c": ear})
    emitter.trigger("c c")
    assert len(ear.heard) == 3


def test_once_can_be_taken_back_by_its_callback() -> None:
    emitter = Events()
    ear = Ear()
    emitter.once("a", ear)
    emitter.off("a", ear)
    emitter.trigger("a")
    assert ear.heard == []


def test_on_without_a_callback_binds_nothing() -> None:
    emitter = Events()
    emitter.on("a").once("a").listenTo(emitter, "a")
    emitter.trigger("a")
    assert emitter._events is None
    assert emitter._listeningTo is None or not emitter._listeningTo


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "hasOwnProperty", "__class__"])
def test_event_names_may_be_anything(name: str) -> None:
    emitter = Events()
    ear = Ear()
    emitter.trigger(name)
    emitter.on(name, ear)
    emitter.trigger(name, 1)
    emitter.off(name)
    emitter.trigger(name, 2)
    assert ear.heard == [(1,)]


def test_bind_and_unbind_are_on_and_off() -> None:
    emitter = Events()
    ear = Ear()
    emitter.bind("a", ear)
    emitter.trigger("a")
    emitter.unbind("a", ear)
    emitter.trigger("a")
    assert len(ear.heard) == 1


# -- listenTo


@pytest.mark.parametrize(
    ("what", "left"),
    [
        (["b"], ["c.x"]),
        (["b", "x"], ["b.y", "c.x"]),
        (["b", "x", "callback"], ["b.y", "c.x"]),
        (["b", "x", "another"], ["b.x", "b.y", "c.x"]),
        ([None, "x"], ["b.y"]),
        ([], []),
    ],
)
def test_stop_listening_by_object_by_event_by_callback_and_altogether(
    what: list[Any], left: list[str]
) -> None:
    a, b, c = Events(), Events(), Events()
    heard: list[str] = []
    given: dict[Any, Any] = {"b": b, "callback": heard.append, "another": len}
    a.listenTo(b, "x y", heard.append)
    a.listenTo(c, "x", heard.append)
    a.stopListening(*[given.get(one, one) for one in what])
    b.trigger("x", "b.x").trigger("y", "b.y")
    c.trigger("x", "c.x")
    assert heard == left


def test_neither_side_remembers_the_other_when_nothing_is_bound_any_more() -> None:
    for stop in ["off", "off name", "stop", "stop one", "once"]:
        a, b = Events(), Events()
        ear = Ear()
        if stop == "once":
            a.listenToOnce(b, "x", ear)
            b.trigger("x")
        else:
            a.listenTo(b, "x", ear)
            assert list(a._listeningTo) == [b._listenId]
            assert list(b._listeners) == [a._listenId]
        if stop == "off":
            b.off()
        elif stop == "off name":
            b.off("x", ear)
        elif stop == "stop":
            a.stopListening()
        elif stop == "stop one":
            a.stopListening(b, "x", ear)
        b.trigger("x")
        assert len(ear.heard) == (1 if stop == "once" else 0)
        assert not a._listeningTo
        assert not b._listeners


def test_listening_twice_is_remembered_until_both_are_gone() -> None:
    a, b = Events(), Events()
    ear = Ear()
    a.listenTo(b, "x", ear)
    a.listenTo(b, "y", ear)
    a.stopListening(b, "x")
    assert list(a._listeningTo) == [b._listenId]
    a.stopListening(b, "y")
    assert not a._listeningTo


def test_an_object_can_listen_to_itself() -> None:
    a = Events()
    ear = Ear()
    a.listenTo(a, "x", ear)
    a.trigger("x")
    a.stopListening()
    a.trigger("x")
    assert len(ear.heard) == 1


def test_listen_to_nothing_is_a_noop() -> None:
    a = Events()
    assert a.listenTo(None, "x", Ear()) is a
    assert a.listenToOnce(None, "x", Ear()) is a
    assert a.stopListening() is a


def test_listen_to_takes_an_event_map() -> None:
    a, b = Events(), Events()
    ear = Ear()
    a.listenTo(b, {"x": ear, "y": ear})
    b.trigger("x y")
    a.stopListening(b, {"x": ear})
    b.trigger("x y")
    assert len(ear.heard) == 3


class Foreign:
    """An emitter of another library."""

    def __init__(self) -> None:
        self.bound: list[Any] = []

    def on(self, name: str, callback: Any, context: Any) -> None:
        self.bound.append([name, callback])

    def off(self, name: str, callback: Any, context: Any) -> None:
        self.bound.remove([name, callback])


def test_emitters_of_other_libraries_can_be_listened_to() -> None:
    a, foreign = Events(), Foreign()
    ear = Ear()
    a.listenTo(foreign, "x y", ear)
    assert [entry[0] for entry in foreign.bound] == ["x", "y"]
    a.stopListening(foreign, "x")
    assert [entry[0] for entry in foreign.bound] == ["y"]
    a.stopListening()
    assert foreign.bound == []
    assert not a._listeningTo


def test_a_handler_that_throws_leaves_the_emitter_usable() -> None:
    emitter = Events()
    ear = Ear()

    def angry() -> None:
        raise ValueError("no")

    emitter.on("a", angry)
    emitter.on("b", ear)
    with pytest.raises(ValueError, match="no"):
        emitter.trigger("a")
    emitter.trigger("b")
    assert len(ear.heard) == 1
