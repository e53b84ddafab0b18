"""What compiled Python costs: per construct against stock Transcrypt and hand-written JavaScript, and the builds.

    python -m benchmarks.compiler [--rounds 5]

A round runs each implementation in a Node process of its own (stock Transcrypt changes Array.prototype), in turn. The
numbers are medians over the rounds; the ratios are medians of each round's ratio. A construct whose result is not
CPython's is marked: a fast wrong answer is no competition.
"""

import argparse
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import constructs

HERE = Path(__file__).parent
CHECKED = 1000
MODULES = 10
OURS = "import sys; from capsule.compiler.build import build; build(sys.argv[1], sys.argv[2])"
Round = dict[str, dict[str, tuple[float | None, Any]]]


def build_ours(entry: Path, out: Path) -> None:
    subprocess.run([sys.executable, "-c", OURS, entry.name, str(out)], cwd=entry.parent, check=True)


def build_stock(entry: Path, out: Path) -> None:
    """Without flags, but for maps: what its own documentation begins with, and what ours makes too."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "transcrypt",
        "-b",
        "-n",
        "-m",
        "-od",
        str(out),
        entry.name,
    ]
    subprocess.run(command, cwd=entry.parent, check=True, capture_output=True)
    (out / "package.json").write_text('{"type": "module"}')


def one_round(modules: dict[str, str]) -> Round:
    found: Round = {}
    for name, module in modules.items():
        done = subprocess.run(
            ["node", "compiler.mjs", module], cwd=HERE, capture_output=True, text=True, check=True
        )
        found[name] = json.loads(done.stdout)
    return found


def report(rounds: list[Round]) -> None:
    print(f"{'ns an iteration':<22}{'hand':>9}{'capsule':>9}{'stock':>9}{'to hand':>10}{'to stock':>10}")
    to_hand: list[float] = []
    to_stock: list[float] = []
    for name in rounds[0]["hand"]:
        right = getattr(constructs, name)(CHECKED)
        cells = {}
        for implementation in ("hand", "capsule", "stock"):
            nanoseconds, checksum = rounds[0][implementation][name]
            if nanoseconds is None:
                cells[implementation] = "fails"
            elif checksum != right:
                cells[implementation] = "wrong"
            else:
                cells[implementation] = f"{median(rounds, implementation, name):.1f}"
        ours = [
            ratio(rounds, name, other) if is_number(cells[other]) else None for other in ("hand", "stock")
        ]
        to_hand += [one for one in ours[:1] if one is not None]
        to_stock += [one for one in ours[1:] if one is not None]
        shown = [f"{one:.2f}" if one is not None else "-" for one in ours]
        print(
            f"{name:<22}{cells['hand']:>9}{cells['capsule']:>9}{cells['stock']:>9}{shown[0]:>10}{shown[1]:>10}"
        )
    print(f"{'median':<49}{statistics.median(to_hand):>10.2f}{statistics.median(to_stock):>10.2f}")


def is_number(text: str) -> bool:
    return text[:1].isdigit()


def median(rounds: list[Round], implementation: str, name: str) -> float:
    return statistics.median(float(one[implementation][name][0] or 0) for one in rounds)


def ratio(rounds: list[Round], name: str, other: str) -> float:
    return statistics.median(
        float(one["capsule"][name][0] or 0) / float(one[other][name][0] or 1) for one in rounds
    )


def children_seconds(work: Callable[[], None]) -> float:
    """CPU seconds of the processes that it starts: other work on the machine does not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def build_times(folder: Path, rounds: int) -> None:
    """An entry and what it imports, ten modules together, each as long as constructs.py."""
    text = (HERE / "constructs.py").read_text()
    names = [f"part{number}" for number in range(MODULES - 1)]
    for name in names:
        (folder / f"{name}.py").write_text(text)
    entry = folder / "entry.py"
    calls = [f"import {name}" for name in names] + [f"print({name}.add(1))" for name in names]
    entry.write_text("\n".join(calls) + "\n")
    ours, stock = [], []
    for number in range(rounds):
        ours.append(children_seconds(lambda: build_ours(entry, folder / f"ours{number}")))  # noqa: B023
        stock.append(children_seconds(lambda: build_stock(entry, folder / f"stock{number}")))  # noqa: B023
    ratios = [a / b for a, b in zip(ours, stock, strict=True)]
    lines = len(text.splitlines()) * (MODULES - 1)
    print(f"\nbuild of {MODULES} modules, {lines:,} lines; CPU seconds of the whole process:")
    print(f"capsule {statistics.median(ours):.2f}, stock {statistics.median(stock):.2f}, ", end="")
    print(f"ratio {statistics.median(ratios):.2f} (goal: at most 3)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        entry = folder / "constructs.py"
        shutil.copyfile(HERE / "constructs.py", entry)
        build_ours(entry, folder / "ours")
        build_stock(entry, folder / "stock")
        modules = {
            "hand": "hand",
            "capsule": str(folder / "ours" / "main.js"),
            "stock": str(folder / "stock" / "constructs.js"),
        }
        print(f"{platform.machine()}, Python {platform.python_version()}, medians of {options.rounds} rounds")
        report([one_round(modules) for _ in range(options.rounds)])
        build_times(folder, min(options.rounds, 3))


if __name__ == "__main__":
    main()
