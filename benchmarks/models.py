"""The compiled models beside Backbone 1.6.1, in one interleaved run: CPU time, and size.

    python -m benchmarks.models [--rounds 7]

A round runs each implementation in a Node process of its own, in turn; the number to read is the median over the
rounds of the ratio to Backbone in the same round.
"""

import argparse
import gzip
import json
import platform
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from capsule.compiler.build import build
from capsule.compiler.bundle import bundle, esbuild

HERE = Path(__file__).parent
IMPLEMENTATIONS = ("backbone", "capsule", "typed")
Times = dict[str, float]


def one_round(dist: Path) -> dict[str, Times]:
    """CPU milliseconds by implementation and operation. All must have heard and read the same, or nothing is told."""
    found = {implementation: run(implementation, dist) for implementation in IMPLEMENTATIONS}
    sums = {implementation: one["sink"] for implementation, one in found.items()}
    if len(set(sums.values())) != 1:
        raise SystemExit(f"They did not do the same: {sums}")
    return {implementation: one["times"] for implementation, one in found.items()}


def run(implementation: str, dist: Path) -> dict[str, Any]:
    command = ["node", "--expose-gc", "models.mjs", implementation, str(dist)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def backbone_size(folder: Path) -> tuple[int, int]:
    """Bytes of Backbone with Underscore, bundled and minified as ours is: raw and gzipped."""
    target = folder / "backbone.js"
    entry = 'export { default } from "backbone";'
    command = [*esbuild(), "--bundle", "--minify", "--format=esm", f"--outfile={target}", "--log-level=error"]
    subprocess.run(command, input=entry, cwd=HERE, text=True, check=True)
    content = target.read_bytes()
    return len(content), len(gzip.compress(content, 9))


def report(rounds: list[dict[str, Times]]) -> None:
    print(
        f"{'':<30}{'backbone ms':>14}{'capsule':>10}{'typed':>10}   (ratio to backbone, median of {len(rounds)})"
    )
    for name in rounds[0]["backbone"]:
        base = statistics.median(one["backbone"][name] for one in rounds)
        ratios = [
            statistics.median(one[implementation][name] / one["backbone"][name] for one in rounds)
            for implementation in IMPLEMENTATIONS[1:]
        ]
        print(f"{name:<30}{base:>14.1f}" + "".join(f"{ratio:>10.2f}" for ratio in ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    if not (HERE / "node_modules" / "backbone").is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        build(HERE / "task_models.py", out)
        print(f"{platform.machine()}, Node {node_version()}")
        report([one_round(out / "main.js") for _ in range(options.rounds)])
        ours = bundle(out).file
        raw, zipped = backbone_size(out)
        print(
            f"size: the whole bundle {ours.raw:,} B, {ours.gzip:,} gzipped; Backbone {raw:,} B, {zipped:,} gzipped"
        )


def node_version() -> str:
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
