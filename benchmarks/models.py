"""The compiled models beside Backbone 1.6.1 and ampersand-state 5, in one interleaved run: CPU time, memory and size.

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
IMPLEMENTATIONS = ("backbone", "ampersand", "capsule", "typed")
# Each with those that it is measured by: ampersand's properties are typed, as the second of ours are.
PAIRS = (("capsule", "backbone"), ("typed", "backbone"), ("typed", "ampersand"))
CORE = ("model", "collection")
Times = dict[str, float]


def one_round(dist: Path) -> dict[str, Times]:
    """CPU milliseconds by implementation and operation, with bytes a model as one more."""
    found = {implementation: run(implementation, dist) for implementation in IMPLEMENTATIONS}
    sums = {implementation: one["sink"] for implementation, one in found.items()}
    if len(set(sums.values())) != 1:
        raise SystemExit(f"They did not do the same: {sums}")
    return {
        implementation: {**one["times"], "memory (bytes a model)": one["memory"]}
        for implementation, one in found.items()
    }


def run(implementation: str, dist: Path) -> dict[str, Any]:
    command = ["node", "--expose-gc", "models.mjs", implementation, str(dist)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def minified(entry: str, folder: Path, place: Path) -> tuple[int, int]:
    """Bytes of what an entry needs, bundled and minified: raw and gzipped."""
    target = place / "minified.js"
    command = [*esbuild(), "--bundle", "--minify", "--format=esm", f"--outfile={target}", "--log-level=error"]
    subprocess.run(command, input=entry, cwd=folder, text=True, check=True)
    content = target.read_bytes()
    return len(content), len(gzip.compress(content, 9))


def ratio(rounds: list[dict[str, Times]], ours: str, theirs: str, name: str) -> float:
    return statistics.median(one[ours][name] / one[theirs][name] for one in rounds)


def report(rounds: list[dict[str, Times]]) -> None:
    heads = "".join(f"{f'{ours} / {theirs}':>22}" for ours, theirs in PAIRS)
    print(f"{f'median of {len(rounds)} rounds':<38}{'backbone ms':>12}{heads}")
    names = list(rounds[0]["backbone"])
    for name in names:
        base = statistics.median(one["backbone"][name] for one in rounds)
        ratios = "".join(f"{ratio(rounds, ours, theirs, name):>22.2f}" for ours, theirs in PAIRS)
        print(f"{name:<38}{base:>12.1f}{ratios}")
    timed = names[:-1]
    means = [statistics.geometric_mean(ratio(rounds, a, b, name) for name in timed) for a, b in PAIRS]
    print(f"{'geometric mean of the times':<50}" + "".join(f"{mean:>22.2f}" for mean in means))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    if not (HERE / "node_modules" / "ampersand-state").is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        build(HERE / "task_models.py", out)
        print(f"{platform.machine()}, Node {node_version()}")
        report([one_round(out / "main.js") for _ in range(options.rounds)])
        exports = "".join(
            f'export {{ {name.title()} }} from "./modules/capsule.shared.{name}.js";' for name in CORE
        )
        rows = {
            "Model and Collection": minified(exports, out, out),
            "Backbone with Underscore": minified('export { default } from "backbone";', HERE, out),
            "ampersand-state and -collection": minified(
                'export * from "ampersand-state"; export * from "ampersand-collection";', HERE, out
            ),
        }
        whole = bundle(out).file
        rows["everything: sync, driver, DOM, runtime"] = (whole.raw, whole.gzip)
        for what, (raw, zipped) in rows.items():
            print(f"{what:<40}{raw:>10,} B minified{zipped:>10,} B gzipped")


def node_version() -> str:
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
