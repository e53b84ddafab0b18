"""From a JavaScript error back to the line of Python."""

import json
from pathlib import Path

from capsule.compiler.build import build
from tests.compiler.compiled import node

SOURCE = """
class Shape:
    def __init__(self, sides):
        self.sides = sides

    def boom(self):
        text = "many " + str(self.sides)
        raise ValueError(text)


def start():
    return Shape(3).boom()
"""


def test_a_stack_trace_shows_the_lines_of_python(tmp_path: Path) -> None:
    (tmp_path / "shapes.py").write_text(SOURCE)
    build(tmp_path / "shapes.py", tmp_path / "dist")
    script = "import { start } from './dist/main.js'; start();"
    done = node(script, tmp_path, "--enable-source-maps")
    assert done.returncode != 0
    assert "shapes.py:8" in done.stderr
    assert "shapes.py:12" in done.stderr


def test_a_map_holds_its_source_and_a_relative_path(tmp_path: Path) -> None:
    (tmp_path / "shapes.py").write_text(SOURCE)
    build(tmp_path / "shapes.py", tmp_path / "dist")
    found = json.loads((tmp_path / "dist" / "modules" / "shapes.js.map").read_text())
    assert found["sources"] == ["../../shapes.py"]
    assert found["sourcesContent"] == [SOURCE]
    script = (tmp_path / "dist" / "modules" / "shapes.js").read_text()
    assert script.endswith("//# sourceMappingURL=shapes.js.map\n")


def test_maps_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "shapes.py").write_text(SOURCE)
    build(tmp_path / "shapes.py", tmp_path / "dist", maps=False)
    assert list((tmp_path / "dist").rglob("*.map")) == []
    assert "sourceMappingURL" not in (tmp_path / "dist" / "modules" / "shapes.js").read_text()
