"""Both machines do the same steps; the first step of which they tell different things is the counter-example."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pprint import pformat
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from capsule.compiler.build import build
from capsule.compiler.parity.machine import Machine, Step, plain
from capsule.compiler.parity.node import NodeMachine
from capsule.compiler.parity.steps import Vocabulary
from capsule.compiler.parity.subject import Subject


class Difference(AssertionError):  # noqa: N818 - it is what was looked for
    """CPython and JavaScript did not do the same. `steps` lead there; the last one is the one that differs."""

    def __init__(self, models: str, steps: list[Step], python: Any, javascript: Any) -> None:
        self.models = models
        self.steps = steps
        self.python = python
        self.javascript = javascript
        super().__init__(
            "\n".join(
                [
                    "CPython and JavaScript differ after the last of these steps:",
                    *(f"    {step!r}" for step in steps),
                    *told(python, javascript),
                    "",
                    "As a test:",
                    "",
                    as_test(models, steps),
                ]
            )
        )


def check_parity(
    models: str | Path, *, examples: int = 100, dist: Path | None = None, number: int | None = None
) -> None:
    """Try random sequences of operations on the models of `FILE[:Root]`. Raises Difference with a minimal one.

    `dist` is a build of theirs to look at (the one that is served, say); without it one is made. `number` is the seed:
    without it the sequences are others each time.
    """
    subject = Subject(models)
    with built(subject, dist) as main, NodeMachine(main, subject.root.__name__) as node:

        def same(steps: list[Step]) -> None:
            compare(subject, node, steps)

        test = given(Vocabulary(subject).sequence())(same)
        checks = list(HealthCheck)
        test = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            report_multiple_bugs=False,
            suppress_health_check=checks,
            print_blob=False,
        )(test)
        if number is not None:
            test = seed(number)(test)
        try:
            test()
        except Difference as difference:
            raise smallest(subject, node, difference) from None


def check_steps(models: str | Path, steps: list[Step], *, dist: Path | None = None) -> None:
    """Do these steps on both sides. Raises Difference."""
    subject = Subject(models)
    with built(subject, dist) as main, NodeMachine(main, subject.root.__name__) as node:
        compare(subject, node, steps)


@contextmanager
def built(subject: Subject, dist: Path | None) -> Iterator[Path]:
    if dist is not None:
        yield dist / "main.js"
        return
    with tempfile.TemporaryDirectory(prefix="capsule-parity-") as folder:
        build(subject.entry, Path(folder), maps=False)
        yield Path(folder, "main.js")


def compare(subject: Subject, node: NodeMachine, steps: list[Step]) -> None:
    # Both get what JSON makes of the steps: 1.0 and 1 are one number in a browser's message.
    steps = plain(json.loads(json.dumps(steps)))
    ours = Machine(subject.root).run(json.loads(json.dumps(steps)))
    theirs = plain(node.run(steps))
    for count, (python, javascript) in enumerate(zip(ours, theirs, strict=True), 1):
        if not same(python, javascript):
            raise Difference(subject.models, steps[:count], python, javascript)


def smallest(subject: Subject, node: NodeMachine, difference: Difference) -> Difference:
    """Leave out every step, then every attribute and argument, without which there is a difference all the same.

    Hypothesis could do this too, but knows less: here one pass is enough, and takes milliseconds instead of minutes.
    """
    for smaller in (without_step, with_less):
        position = 0
        while True:
            tries = list(smaller(difference.steps))
            if position >= len(tries):
                break
            try:
                compare(subject, node, tries[position])
            except Difference as found:
                difference = found
            else:
                position += 1
    return difference


def without_step(steps: list[Step]) -> Iterator[list[Step]]:
    """The last steps first: what they need stands before them."""
    for index in range(len(steps) - 1, -1, -1):
        yield [*steps[:index], *steps[index + 1 :]]


def with_less(steps: list[Step]) -> Iterator[list[Step]]:
    for index, step in enumerate(steps):
        for place, part in enumerate(step):
            smaller: list[Any] = []
            if isinstance(part, dict):
                smaller = [{name: part[name] for name in part if name != gone} for gone in part]
            elif isinstance(part, list):
                smaller = [[*part[:at], *part[at + 1 :]] for at in range(len(part))]
            for less in smaller:
                yield [*steps[:index], [*step[:place], less, *step[place + 1 :]], *steps[index + 1 :]]


def same(a: Any, b: Any) -> bool:
    """Equal as JSON: True is not 1; the order of keys does not count."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def told(python: dict[str, Any], javascript: dict[str, Any]) -> Iterator[str]:
    """The parts that differ."""
    for part in python:
        if not same(python[part], javascript[part]):
            yield f"  {part}"
            yield f"    CPython     {json.dumps(python[part])}"
            yield f"    JavaScript  {json.dumps(javascript[part])}"


def as_test(models: str, steps: list[Step]) -> str:
    listed = pformat(steps, width=100, sort_dicts=False)
    return "\n".join(
        [
            "from capsule.compiler.parity import check_steps",
            "",
            "",
            "def test_the_models_are_the_same_in_javascript():",
            f"    steps = {listed.replace(chr(10), chr(10) + ' ' * 12)}",
            f"    check_steps({models!r}, steps)",
            "",
        ]
    )
