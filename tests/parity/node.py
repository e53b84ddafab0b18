"""Run a trace script under Node on the compiled bundle."""

import json
import subprocess
from pathlib import Path
from typing import Any


def run_node(script: str, bundle: Path, data: Any, scratch: Path) -> Any:
    """The JSON that `script` prints for `data`. Its stderr is the assertion's message when it fails."""
    steps = scratch / "steps.json"
    steps.write_text(json.dumps(data))
    command = ["node", str(Path(__file__).with_name(script)), str(bundle), str(steps)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
