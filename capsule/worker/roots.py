"""What a module of an application has for a worker: roots, that is classes whose instances are scopes; workshops."""

import importlib
import os
import sys
from types import ModuleType
from typing import Any

from capsule.feeds.errors import CapsuleError
from capsule.shared.blueprint import blueprintOf
from capsule.shared.model import Model
from capsule.worker.workshop import Workshop


class NoRootsError(CapsuleError):
    """There is no module of that name, or it has no model that could be a scope."""

    code = "NO_ROOTS"


class NoWorkshopError(CapsuleError):
    """A module has no Workshop."""

    code = "NO_WORKSHOP"


def load_module(module: str) -> ModuleType:
    """Import a module of the application. Raises NoRootsError when there is none of that name."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there; something that it imports is not
        raise NoRootsError(f"there is no module {module} to import") from None


def load_workshops(module: str) -> list[Workshop]:
    """The Workshops of a module. Raises NoRootsError when there is no such module, NoWorkshopError when it has none."""
    found = [value for value in vars(load_module(module)).values() if isinstance(value, Workshop)]
    if not found:
        raise NoWorkshopError(f"{module} has no Workshop: worker = Workshop(), then @worker.job(...).")
    return found


def load_roots(module: str) -> list[type[Model]]:
    """The roots of a module (`examples.bang.models`): models with a `type` that no other model of it nests.

    Raises NoRootsError when there is no such module, or no root in it.
    """
    found = load_module(module)
    models = [
        value for value in vars(found).values() if is_model(value) and value.__module__ == found.__name__
    ]
    nested: set[Any] = set()
    for model in models:
        declared = blueprintOf(model)
        nested.update(collection.model for collection in declared.collections.values())
        nested.update(declared.children.values())
    roots = [model for model in models if model not in nested]
    if not roots:
        raise NoRootsError(f'{module} has no root: a Model with a "type" that no other model nests.')
    return roots


def is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Model) and value is not Model and bool(value.type)
