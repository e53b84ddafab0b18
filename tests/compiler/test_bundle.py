"""Bundles: what esbuild makes of the modules of a build, and what is said when it cannot."""

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from capsule.compiler.bundle import BundleError, bundle, esbuild

MAIN = """import { Model } from "./capsule.js";
export class Task extends Model { name() { return "task " + this.word(); } }
export * from "./capsule.js";
"""
CORE = "export class Model { word() { return 'core'; } }\nexport class Events {}\n"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "main.js").write_text(MAIN)
    (tmp_path / "capsule.js").write_text(CORE)
    return tmp_path


def node(out: Path, script: str) -> str:
    (out / "run.mjs").write_text(script)
    done = subprocess.run(["node", "run.mjs"], cwd=out, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_bundle_is_one_module_with_the_names_of_all(out: Path) -> None:
    result = bundle(out)
    for name in ("main.js", "capsule.js"):
        (out / name).unlink()
    said = node(
        out, "import * as b from './bundle.js';\nconsole.log(Object.keys(b).join(), new b.Task().name());"
    )
    assert said == "Events,Model,Task task core"
    assert result.file.path == (out / "bundle.js").resolve()


def test_sizes_are_those_of_the_files_raw_and_as_a_server_sends_them(out: Path) -> None:
    result = bundle(out)
    content = result.file.path.read_bytes()
    assert (result.file.raw, result.file.gzip) == (len(content), len(gzip.compress(content, 9)))
    assert [source.path.name for source in result.sources] == ["main.js", "capsule.js"]
    assert [line.split()[0] for line in result.report().splitlines()] == [
        "main.js",
        "capsule.js",
        "bundle.js",
    ]


def test_without_minify_the_code_stays_readable_and_without_sourcemap_there_is_no_map(out: Path) -> None:
    small = bundle(out).file.raw
    result = bundle(out, minify=False, sourcemap=False)
    assert result.file.raw > small
    assert "  word() {" in result.file.path.read_text()
    assert result.map is None
    assert "sourceMappingURL" not in result.file.path.read_text()


def test_the_map_goes_through_the_modules_maps_to_the_python_source_and_has_no_absolute_path(
    out: Path,
) -> None:
    source = {
        "version": 3,
        "sources": ["models.py"],
        "sourcesContent": ["class Task: ..."],
        "names": [],
        "mappings": "AAAA;AAEA",
    }
    (out / "main.js.map").write_text(json.dumps(source))
    (out / "main.js").write_text(MAIN + "//# sourceMappingURL=main.js.map\n")
    result = bundle(out)
    assert result.map is not None
    composed = json.loads(result.map.read_text())
    assert "models.py" in composed["sources"]
    assert "main.js" not in composed["sources"]
    assert "class Task: ..." in composed["sourcesContent"]
    assert str(out) not in result.map.read_text()


def test_the_bundle_s_declarations_lead_to_those_of_the_modules(out: Path) -> None:
    bundle(out)
    assert (out / "bundle.d.ts").read_text() == 'export * from "./main.js";\nexport * from "./capsule.js";\n'


def test_the_same_modules_give_the_same_bytes(out: Path) -> None:
    first = bundle(out).file.path.read_bytes()
    assert bundle(out).file.path.read_bytes() == first


def test_a_folder_without_a_build_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"There is no build in .*Run `capsule build` first\."):
        bundle(tmp_path)


def test_what_esbuild_refuses_is_told_in_its_own_words(out: Path) -> None:
    (out / "main.js").write_text("import './nowhere.js';\n")
    with pytest.raises(BundleError, match=r'Could not resolve "\./nowhere\.js"'):
        bundle(out)


def test_the_project_s_own_esbuild_comes_first(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = out / "node_modules/esbuild/bin/esbuild"
    own.parent.mkdir(parents=True)
    own.write_text("#!/usr/bin/env node\n")
    deep = out / "static" / "js"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert esbuild()[-1] == str(own)


def test_without_node_the_error_names_it_and_the_way_out(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = out / "node_modules/esbuild/bin/esbuild"
    own.parent.mkdir(parents=True)
    own.write_text("#!/usr/bin/env node\n")
    monkeypatch.chdir(out)
    monkeypatch.setenv("PATH", str(out))
    with pytest.raises(BundleError, match=r"no `node` on the PATH.*leave --bundle out"):
        bundle(out)


def test_without_esbuild_the_error_names_the_command_that_installs_it(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capsule.compiler.bundle.folders", lambda: iter([out]))
    with pytest.raises(BundleError, match=r"npm install --save-dev esbuild"):
        bundle(out)
