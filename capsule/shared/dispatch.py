"""Calling the handlers of an event. A part of the seam's CPython half."""

from collections.abc import Sequence
from typing import Any

from capsule.shared.signatures import fitted, signature


def noteArity(handler: Any) -> None:
    """Note how many arguments a handler's callback takes: JavaScript's functions take anything, CPython's do not."""
    handler.fewest, handler.most = signature(handler.callback)


def runHandlers(handlers: list[Any], args: Sequence[Any]) -> None:
    """Call each handler that is in the list now; one added meanwhile waits for the next event."""
    count = len(args)
    for handler in handlers[:]:
        if handler.once:
            if handler.spent:
                continue
            handler.spend()
        if count > handler.most:
            handler.callback(*args[: handler.most])
        elif count >= handler.fewest:
            handler.callback(*args)
        else:
            handler.callback(*fitted(args, handler.fewest, handler.most))


def fire(events: Any, name: str, args: list[Any]) -> None:
    """Call an event's handlers, then those of "all" with the name first."""
    handlers = events.get(name)
    everything = events.get("all")
    if handlers is not None:
        if everything is not None:
            everything = everything[:]
        runHandlers(handlers, args)
    if everything is not None:
        runHandlers(everything, [name, *args])
