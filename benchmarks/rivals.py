"""Rivals live in environments of their own, so that none of their dependencies meets ours.

`rivals-<name>.txt` pins them; the environment `.rivals/<name>` is made on first use, and again when the file changes.
Rivals from npm are pinned in `package.json` and its lock.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def python(name: str) -> Path:
    """The interpreter of the environment of `rivals-<name>.txt`. Raises CalledProcessError when it cannot be made."""
    wanted = (HERE / f"rivals-{name}.txt").read_text()
    place = HERE / ".rivals" / name
    interpreter, stamp = place / "bin" / "python", place / "installed.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(HERE / f"rivals-{name}.txt")], check=True)
        stamp.write_text(wanted)
    return interpreter
