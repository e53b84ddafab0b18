from typing import Any

from capsule.shared import Events
from capsule.shared.dispatch import fire, runHandlers
from capsule.shared.events import Handler, OnceHandler


def test_a_handler_gets_as_many_arguments_as_it_declares_and_none_for_more() -> None:
    heard: list[Any] = []

    def wants_more(a: Any, b: Any, c: Any) -> None:
        heard.append([a, b, c])

    handlers = [
        Handler(lambda: heard.append([]), None, None),
        Handler(lambda a: heard.append([a]), None, None),
        Handler(lambda a, b=0: heard.append([a, b]), None, None),
        Handler(lambda *rest: heard.append(list(rest)), None, None),
        Handler(wants_more, None, None),
    ]
    runHandlers(handlers, [1, 2])
    assert heard == [[], [1], [1, 2], [1, 2], [1, 2, None]]


def test_a_handler_that_joins_waits_and_one_for_one_time_is_spent_before_it_is_called() -> None:
    heard: list[str] = []
    emitter = Events()
    handlers: list[Handler] = []

    def join() -> None:
        heard.append("first")
        handlers.append(Handler(join, None, None))

    def told() -> None:
        heard.append("once" if once.spent else "early")

    once = OnceHandler(emitter, "x", told, None)
    handlers.extend([Handler(join, None, None), once])
    runHandlers(handlers, [])
    assert [heard, len(handlers)] == [["first", "once"], 3]
    runHandlers([once], [])
    assert heard == ["first", "once"]


def test_all_comes_after_with_the_name_and_is_looked_up_before() -> None:
    heard: list[Any] = []
    events: dict[str, Any] = {"all": [Handler(lambda *rest: heard.append(list(rest)), None, None)]}
    events["x"] = [Handler(lambda: events["all"].clear(), None, None)]
    fire(events, "y", [1])
    fire(events, "x", [1])
    assert heard == [["y", 1], ["x", 1]]
