"""The models do the same on CPython and, compiled, in Node: event for event, answer for answer, error for error."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.parity.models_steps import Steps
from tests.parity.models_trace import attack, run
from tests.parity.node import run_node

UNTRUSTED = Path(__file__).parents[1] / "shared" / "untrusted.json"
# 500 steps each time; CAPSULE_STEPS=10000 for a long look.
STEPS = int(os.environ.get("CAPSULE_STEPS", "500"))
LENGTH = 50


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_random_steps_write_the_same_trace(models_bundle: Path, tmp_path: Path) -> None:
    runs = [Steps(seed).take(LENGTH) for seed in range(STEPS // LENGTH)]
    traces = run_node("models_trace.mjs", models_bundle, ["run", runs], tmp_path)
    for seed, (steps, trace) in enumerate(zip(runs, traces, strict=True)):
        ours = through_json(run(through_json(steps)))
        for index, (here, there) in enumerate(zip(ours, trace, strict=True)):
            assert here == there, f"seed {seed}, line {index}, of {steps}"


def test_a_trace_holds_events_answers_and_refusals() -> None:
    lines = [line for seed in range(5) for line in run(Steps(seed).take(LENGTH))]
    heard = {line[1] for line in lines if len(line) == 3 and line[0] != "state"}
    assert {
        "add",
        "remove",
        "change",
        "update",
        "sort",
        "move",
        "change:title",
        "change:label",
        "reset",
    } <= heard
    answers = [line[1] for line in lines if line[0] == "answer"]
    assert any(isinstance(answer, dict) and answer.get("allowed") is True for answer in answers)
    assert any(isinstance(answer, list) and answer[:1] == ["raised"] for answer in answers)


def test_javascript_sees_ordinary_classes(models_bundle: Path) -> None:
    script = Path(__file__).with_name("models_javascript.mjs")
    command = ["node", str(script), str(models_bundle.with_name("capsule.js"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def test_hostile_input_is_refused_with_the_same_codes_in_javascript(
    models_bundle: Path, tmp_path: Path
) -> None:
    cases = json.loads(UNTRUSTED.read_text())
    answers = run_node("models_trace.mjs", models_bundle, ["attack", cases], tmp_path)
    for case, answer in zip(cases, answers, strict=True):
        assert answer == [case[2], True, []], case
        assert answer == attack(case), case
