"""What a CPython function takes. Only the seam's CPython half needs this: JavaScript's functions take anything."""

import inspect
from collections.abc import Sequence
from typing import Any

MANY = 1_000_000


def signature(function: Any) -> tuple[int, int]:
    """[fewest, most] positional arguments. JavaScript's functions take any number, CPython's do not."""
    bound = 0
    plain = function
    if inspect.ismethod(function):
        bound = 1
        plain = function.__func__
    code = getattr(plain, "__code__", None)
    if code is None:
        return _slowSignature(function)
    most = MANY if code.co_flags & inspect.CO_VARARGS else code.co_argcount - bound
    fewest = code.co_argcount - bound - len(plain.__defaults__ or ())
    return max(fewest, 0), most


def _slowSignature(function: Any) -> tuple[int, int]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0, MANY
    fewest = 0
    most = 0
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            most = MANY
        elif parameter.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD):
            most += 1
            fewest += parameter.default is inspect.Parameter.empty
    return fewest, most


def fitted(args: Sequence[Any], fewest: int, most: int) -> Sequence[Any]:
    if len(args) > most:
        return args[:most]
    if len(args) < fewest:
        return [*args, *([None] * (fewest - len(args)))]
    return args
