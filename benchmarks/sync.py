"""The replica in the browser: what it costs to be told 10,000 events, beside the bare changes of the models.

    python -m benchmarks.sync [--rounds 9]

One Node process, the &bang models, a team of 2,551 models, a listener at its root. Each round does the same changes by
hand to a tree of models, then tells replicas of them; the number to read is the median over the rounds of the ratio
within a round. CPU time is the whole process's, the garbage collector's threads included.
"""

import argparse
import json
import platform
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.models import node_version
from capsule.compiler.build import build

HERE = Path(__file__).parent
MODELS = HERE.parent / "examples" / "bang" / "models.py"


def run(dist: Path, rounds: int) -> dict[str, Any]:
    command = ["node", "--expose-gc", "sync.mjs", str(dist), str(rounds)]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def report(found: dict[str, Any]) -> None:
    """The medians, as Markdown."""
    rounds = found["times"]
    print(
        f"{platform.machine()}, Node {node_version()}, {found['models']:,} models, median of {len(rounds)} rounds\n"
    )
    print("| 10,000 events | CPU ms | to bare |\n|---|---|---|")
    for name in rounds[0]:
        cost = statistics.median(one[name] for one in rounds)
        ratios = sorted(one[name] / one["bare"] for one in rounds)
        print(f"| {name} | {cost:.0f} | {statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}) |")
    print(
        f"\nmemory: the team {found['ofTeam'] / 1e6:.2f} MB, a replica of it {found['ofReplica'] / 1e6:.2f} MB "
        f"({found['ofReplica'] / found['ofTeam']:.2f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build(MODELS, Path(folder))
        report(run(Path(folder) / "main.js", options.rounds))


if __name__ == "__main__":
    main()
