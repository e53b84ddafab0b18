"""The rounds of models_python.py. This file runs where the rivals are installed, and capsule is not."""

import dataclasses
import gc
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Any

from capsule import Model

CREATIONS = 20_000
SETS = 50_000
GETS = 1_000_000

Heard = list[int]
Work = Callable[[], None]


class Task(Model):
    type = "task"
    props = {
        "title": "string",
        "done": {"type": "boolean", "default": False},
        "order": {"type": "integer", "default": 0},
    }


class PlainTask(Model):
    """Without props anything is stored, as in Backbone."""

    defaults = {"done": False, "order": 0}


class Ours:
    """One implementation: how it makes a task, sets its title with one listener, and reads it."""

    task: Any = Task

    def create(self) -> None:
        make = self.task
        for n in range(CREATIONS):
            make({"title": "write", "done": False, "order": n})

    def set(self, heard: Heard) -> None:
        task = self.task({"title": "write"})
        task.on("change:title", lambda model, value: heard.append(1))
        for n in range(SETS):
            task.set("title", TITLES[n & 1])

    def get(self) -> None:
        get = self.task({"title": "write"}).get
        for _ in range(GETS):
            get("title")


class OursWithoutProps(Ours):
    task = PlainTask


class Rival:
    """A class whose attributes are the attributes."""

    task: Any

    def listen(self, task: Any, heard: Heard) -> None:
        raise NotImplementedError

    def create(self) -> None:
        make = self.task
        for n in range(CREATIONS):
            make(title="write", done=False, order=n)

    def set(self, heard: Heard) -> None:
        task = self.task(title="write")
        self.listen(task, heard)
        for n in range(SETS):
            task.title = TITLES[n & 1]

    def get(self) -> None:
        task = self.task(title="write")
        for _ in range(GETS):
            task.title  # noqa: B018


class Traitlets(Rival):
    def __init__(self) -> None:
        library = import_module("traitlets")
        members = {"title": library.Unicode(), "done": library.Bool(False), "order": library.Int(0)}
        self.task = type("TraitletsTask", (library.HasTraits,), members)

    def listen(self, task: Any, heard: Heard) -> None:
        task.observe(lambda change: heard.append(1), "title")


class Param(Rival):
    def __init__(self) -> None:
        library = import_module("param")
        members = {"title": library.String(""), "done": library.Boolean(False), "order": library.Integer(0)}
        self.task = type("ParamTask", (library.Parameterized,), members)

    def listen(self, task: Any, heard: Heard) -> None:
        task.param.watch(lambda event: heard.append(1), "title")


class Psygnal(Rival):
    def __init__(self) -> None:
        fields: list[Any] = [("title", str, ""), ("done", bool, False), ("order", int, 0)]
        self.task = import_module("psygnal").evented(dataclasses.make_dataclass("PsygnalTask", fields))

    def listen(self, task: Any, heard: Heard) -> None:
        task.events.title.connect(lambda value: heard.append(1))


class Pydantic(Rival):
    def __init__(self) -> None:
        library = import_module("pydantic")
        members = {
            "__annotations__": {"title": str, "done": bool, "order": int},
            "__module__": __name__,
            "model_config": library.ConfigDict(validate_assignment=True),
            "done": False,
            "order": 0,
        }
        self.task = type("PydanticTask", (library.BaseModel,), members)

    def listen(self, task: Any, heard: Heard) -> None:
        heard.extend([1] * SETS)


TITLES = ["read", "write"]
MAKERS: dict[str, Callable[[], Any]] = {
    "capsule": Ours,
    "without props": OursWithoutProps,
    "traitlets": Traitlets,
    "param": Param,
    "psygnal": Psygnal,
    "pydantic": Pydantic,
}


def seconds(work: Work) -> float:
    """CPU seconds of one stretch of work."""
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def one_round(subjects: dict[str, Any]) -> dict[str, dict[str, float]]:
    """CPU seconds by operation and implementation. All must have been told of each change."""
    found: dict[str, dict[str, float]] = {"create": {}, "set": {}, "get": {}}
    for name, subject in subjects.items():
        found["create"][name] = seconds(subject.create)
    for name, subject in subjects.items():
        heard: Heard = []
        found["set"][name] = seconds(partial(subject.set, heard))
        if len(heard) != SETS:
            raise SystemExit(f"{name} told of {len(heard)} changes out of {SETS}.")
    for name, subject in subjects.items():
        found["get"][name] = seconds(subject.get)
    return found


def report(rounds: list[dict[str, dict[str, float]]]) -> None:
    counts = {"create": CREATIONS, "set": SETS, "get": GETS}
    labels = {"create": "create", "set": "set, one listener", "get": "get"}
    print(f"{'':<20}" + "".join(f"{name:>16}" for name in MAKERS))
    for operation, count in counts.items():
        cells = []
        for name in MAKERS:
            own = statistics.median(one[operation][name] for one in rounds) / count * 1e6
            ratio = statistics.median(one[operation]["capsule"] / one[operation][name] for one in rounds)
            cells.append(f"{own:>8.2f} us {ratio:>4.2f}")
        print(f"{labels[operation]:<20}" + "".join(f"{cell:>16}" for cell in cells))
    million = statistics.median(one["get"]["capsule"] for one in rounds) / GETS * 1e6
    print(f"a million gets: {million:.3f} s")


def main() -> None:
    names = " ".join(f"{name} {version(name)}" for name in ("traitlets", "param", "psygnal", "pydantic"))
    print(f"{platform.machine()}, Python {platform.python_version()}, {names}")
    print(f"microseconds each, and capsule's time as a ratio to it (median of {sys.argv[1]} rounds)")
    subjects = {name: make() for name, make in MAKERS.items()}
    report([one_round(subjects) for _ in range(int(sys.argv[1]))])


if __name__ == "__main__":
    main()
