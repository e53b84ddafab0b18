"""The models on CPython beside traitlets, param, psygnal and pydantic, in one interleaved run: CPU time.

    python -m benchmarks.models_python [--rounds 9]

All run in one process of an environment that has the rivals (rivals-models.txt), in turn within each round. The
number to read is the median over the rounds of our time by the rival's in the same round: below 1, ours is faster.

Three attributes of three types everywhere. psygnal does not check types. pydantic (validate on assignment) has no
events: its "set" has nobody to tell.
"""

import argparse
import subprocess
from pathlib import Path

from benchmarks import rivals

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    interpreter = rivals.python("models")
    command = [str(interpreter), "-m", "benchmarks.models_rounds", str(options.rounds)]
    subprocess.run(command, cwd=HERE.parent, check=True)


if __name__ == "__main__":
    main()
