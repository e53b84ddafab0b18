"""Source maps that lead from the JavaScript back to the `.py` lines."""

import json
import os
from collections.abc import Mapping
from pathlib import Path


def finish(map_text: str, name: str, source: Path, text: str, target: Path) -> str:
    """Transcrypt's line map made complete: the source's own path, relative to `target`, and its content."""
    found = json.loads(map_text)
    result: Mapping[str, object] = {
        "version": 3,
        "file": f"{name}.js",
        "sources": [Path(os.path.relpath(source, target)).as_posix()],
        "sourcesContent": [text],
        "names": [],
        "mappings": found["mappings"],
    }
    return json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n"
