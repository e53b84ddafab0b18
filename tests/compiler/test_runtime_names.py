"""What the runtime's files export is read from their text: no name is missed, and none is in two parts."""

import re
from pathlib import Path

import pytest

from capsule.compiler.runtime_names import LIBRARY, RUNTIME_NAMES, RUNTIME_PARTS
from capsule.compiler.sources import RUNTIME
from tests.compiler.compiled import node

PARTS = {part: RUNTIME / "runtime" / f"{part}.js" for part in RUNTIME_PARTS}


def exported(path: Path, folder: Path) -> set[str]:
    """What Node finds exported by a file alone, its imports left out: they are found only in a build."""
    text = re.sub(r"^import [^;]*;$", "", path.read_text(), flags=re.MULTILINE)
    (folder / "part.mjs").write_text(re.sub(r"^export .* from [^;]*;$", "", text, flags=re.MULTILINE))
    module = "new vm.SourceTextModule(fs.readFileSync('part.mjs', 'utf8'))"
    script = f"import fs from 'fs'; import vm from 'vm'; process.chdir({str(folder)!r});"
    script += f"const part = {module}; await part.link(() => {{ throw new Error('an import is left'); }});"
    done = node(
        script + "console.log(Object.getOwnPropertyNames(part.namespace).join());",
        folder,
        "--experimental-vm-modules",
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.strip().split(","))


@pytest.mark.parametrize("part", RUNTIME_PARTS)
def test_every_export_of_a_part_is_known_and_is_nowhere_else(part: str, tmp_path: Path) -> None:
    assert exported(PARTS[part], tmp_path) == {name for name, home in RUNTIME_NAMES.items() if home == part}


@pytest.mark.parametrize("name", LIBRARY)
def test_python_s_modules_have_what_their_twins_export(name: str, tmp_path: Path) -> None:
    assert exported(RUNTIME / f"{name}.js", tmp_path) == LIBRARY[name]
