"""The models that are looked at: their file, their root class, and what there is below it."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from capsule.compiler.sources import locate
from capsule.shared.blueprint import Blueprint, blueprintOf
from capsule.shared.collection import Collection
from capsule.shared.model import Model

# Members' ids, and so the users that the rules know.
IDS = ("a", "b", "c")
DEEPEST = 3


class SubjectError(Exception):
    """The file has no model that could be the root, or several."""


@dataclass(frozen=True)
class Place:
    """One feed: its name within the scope, its collection's class and the class of its models, if that is one class."""

    feed: str
    collection: type[Collection]
    model: type[Model]


class Subject:
    """`models`: a file or a dotted module, and after a colon the root class where the file has more than one."""

    def __init__(self, models: str | Path) -> None:
        text = str(models)
        file, colon, name = text.rpartition(":")
        # A Windows path has a colon of its own.
        self.entry = file if colon and name.isidentifier() else text
        wanted = name if self.entry != text else ""
        module = load_module(self.entry)
        self.root = root_of(module, wanted)
        self.models = f"{self.entry}:{self.root.__name__}"
        self.places = list(places(self.root, "", 1))


def load_module(entry: str) -> ModuleType:
    """Import the models under the name that the build gives them, so that their own imports work."""
    name, path, folder = locate(entry)
    known = sys.modules.get(name)
    if known is not None and known.__file__ is not None and Path(known.__file__).resolve() == path:
        return known
    sys.path.insert(0, str(folder))
    try:
        if known is None:
            return importlib.import_module(name)
        # Another file of that name is imported already: this one stays outside sys.modules.
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(folder))


def root_of(module: ModuleType, wanted: str) -> type[Model]:
    """Raises SubjectError."""
    classes = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Model) and value.__module__ == module.__name__
    }
    if wanted:
        if wanted not in classes:
            raise SubjectError(
                f"{module.__name__} has no model {wanted}. It has: {', '.join(classes) or 'none'}."
            )
        return classes[wanted]
    below = {one for cls in classes.values() for one in nested(cls)}
    roots = [cls for cls in classes.values() if cls not in below]
    if len(roots) != 1:
        names = ", ".join(cls.__name__ for cls in roots) or "none"
        raise SubjectError(
            f"Which model of {module.__name__} is the root? Add it as :Name. Candidates: {names}."
        )
    return roots[0]


def nested(cls: type[Model]) -> Iterator[Any]:
    """What stands directly below a model, and what it is derived from."""
    blueprint: Blueprint = blueprintOf(cls)
    yield from blueprint.children.values()
    yield from (collection.model for collection in blueprint.collections.values())
    yield from cls.__mro__[1:]


def places(cls: type[Model], prefix: str, depth: int) -> Iterator[Place]:
    """The feeds below a model, for the ids there may be."""
    for name, collection in collections(cls):
        model = collection.model if isinstance(collection.model, type) else Model
        yield Place(prefix + name, collection, model)
        if depth < DEEPEST:
            for key in IDS[:2]:
                yield from places(model, f"{prefix}{name}.{key}.", depth + 1)


def collections(cls: type[Model], prefix: str = "") -> Iterator[tuple[str, type[Collection]]]:
    """A model's collections by the names of their feeds, those of its child models included."""
    blueprint: Blueprint = blueprintOf(cls)
    for name, collection in blueprint.collections.items():
        yield prefix + name, collection
    for name, child in blueprint.children.items():
        yield from collections(child, f"{prefix}{name}-")
