"""`capsule build`: from Python files to ES modules.

    OUT/main.js          the entry's public names, and the core's where the entry uses it
    OUT/capsule.js       the shared core, the browser's driver and the DOM binding
    OUT/*.d.ts           their TypeScript declarations, where the core is used
    OUT/modules/*.js     one module for each Python file, and our runtime
    OUT/package.json     says that these are ES modules

The same sources give the same bytes: nothing of the machine, the time or the paths goes into them.
"""

import ast
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from capsule.compiler.allow import permitted
from capsule.compiler.check import check_sources, lower_all
from capsule.compiler.errors import Refused
from capsule.compiler.finding import Finding
from capsule.compiler.index import Index
from capsule.compiler.maps import finish
from capsule.compiler.sources import CORE, JS, RUNTIME, SEAM, Source, Sources, is_core, load
from capsule.compiler.transcrypt_driver import generate
from capsule.compiler.types import core_declarations, declarations

ENTRY = "capsule_entry"
# The JavaScript that ships beside the compiled core's modules, and imports them: the WebSocket driver, what it keeps
# for offline use, how tabs share it, the DOM binding.
HAND_WRITTEN = ("driver.js", "offline.js", "tabs.js", "dom.js")


@dataclass
class BuildResult:
    """What was written. `sizes` are bytes by file name relative to `out`."""

    out: Path
    files: list[Path] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)


def build(entry: Path | str | None, out: Path, *, maps: bool = True) -> BuildResult:
    """Compile an entry (a file or a dotted module), or with None the shared core alone.

    Raises Refused with the findings, EntryNotFound, TranscryptMissing, GenerationFailed.
    """
    return build_all(load(entry, core=entry is None), Path(out), maps)


def build_all(sources: Sources, out: Path, maps: bool) -> BuildResult:
    """Compile all modules of a program. Raises what `build` does."""
    refuse(check_sources(sources))
    index = Index(sources)
    trees, findings = lower_all(sources, index)
    refuse(permitted(sources, findings))
    return write(sources, index, trees, out, maps)


def refuse(findings: Sequence[Finding]) -> None:
    """Raises Refused where there are findings."""
    if findings:
        raise Refused(findings)


def write(
    sources: Sources, index: Index, trees: Mapping[str, ast.Module], out: Path, maps: bool
) -> BuildResult:
    result = BuildResult(out)
    with tempfile.TemporaryDirectory(prefix="capsule-build-") as place:
        stage, made = Path(place, "stage"), Path(place, "made")
        search = stage_sources(sources, stage)
        every = {ENTRY: entry_tree(sources), **trees}
        generate(ENTRY, every, search, made, maps)
        modules = out / "modules"
        if modules.is_dir():
            shutil.rmtree(modules)
        modules.mkdir(parents=True)
        for source in sources:
            put_module(result, source, made, maps)
        compiled = {source.name for source in sources} | {ENTRY}
        for path in sorted(made.glob("*.js")):
            if path.stem not in compiled and path.stem != "org.transcrypt.__runtime__":
                put(result, modules / path.name, clean(path.read_text(encoding="utf-8"), path.stem, False))
    facades(result, sources, index, out)
    return result


def stage_sources(sources: Sources, stage: Path) -> list[Path]:
    """A private tree that holds what may be found, and nothing else: a file for each module, and our JavaScript."""
    stage.mkdir()
    (stage / f"{ENTRY}.py").touch()
    for source in sources:
        parts = source.name.split(".")
        path = (
            stage.joinpath(*parts) / "__init__.py"
            if source.package
            else stage.joinpath(*parts).with_suffix(".py")
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    seam = stage.joinpath(*SEAM.split(".")).with_suffix(".js")
    if (JS / "platform.js").is_file():
        seam.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(JS / "platform.js", seam)
    return [stage, RUNTIME]


def entry_tree(sources: Sources) -> ast.Module:
    """A module that imports every other, so that Transcrypt meets them all."""
    body: list[ast.stmt] = [ast.ImportFrom(module=source.name, names=[], level=0) for source in sources]
    return ast.fix_missing_locations(ast.Module(body=body, type_ignores=[]))


def clean(text: str, name: str, maps: bool) -> str:
    """Without Transcrypt's reference to its own map (it writes one even where there is none)."""
    lines = text.rstrip().splitlines()
    while lines and (lines[-1].startswith("//# sourceMappingURL=") or not lines[-1].strip()):
        lines.pop()
    if maps:
        lines.append(f"//# sourceMappingURL={name}.js.map")
    return "\n".join(lines) + "\n"


def put(result: BuildResult, path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    result.files.append(path)
    result.sizes[path.relative_to(result.out).as_posix()] = len(text.encode())


def put_module(result: BuildResult, source: Source, made: Path, maps: bool) -> None:
    """One module's JavaScript, and its map, from where Transcrypt made them."""
    modules = result.out / "modules"
    text = (made / f"{source.name}.js").read_text(encoding="utf-8")
    put(result, modules / f"{source.name}.js", clean(text, source.name, maps))
    if maps:
        found = (made / f"{source.name}.map").read_text(encoding="utf-8")
        finished = finish(found, source.name, source.path, source.text, modules)
        put(result, modules / f"{source.name}.js.map", finished)


ONE_CORE = """\
const mark = Symbol.for('capsule.core');
if (globalThis[mark] !== undefined && globalThis[mark] !== import.meta.url) {
    throw new Error('A second capsule core was loaded (' + import.meta.url + '): this page already runs '
        + globalThis[mark] + '. Models of two cores do not know each other. Import everything from one bundle.');
}
Object.defineProperty(globalThis, mark, {
    value: import.meta.url, enumerable: false, configurable: true, writable: true,
});
"""


def facades(result: BuildResult, sources: Sources, index: Index, out: Path) -> None:
    """The files that a page imports."""
    has_core = CORE in sources.modules
    if has_core:
        put(result, out / "modules" / "capsule.once.js", ONE_CORE)
        lines = [
            "import './modules/capsule.once.js';",
            reexport(f"./modules/{CORE}.js", public(index, CORE, True)),
        ]
        for written in HAND_WRITTEN:
            if (JS / written).is_file():
                put(
                    result, out / "modules" / f"capsule.{written}", (JS / written).read_text(encoding="utf-8")
                )
                lines.append(f"export * from './modules/capsule.{written}';")
        put(result, out / "capsule.js", "\n".join(lines) + "\n")
    if sources.entry is not None:
        path = f"./modules/{sources.entry}.js"
        lines = [f"import '{path}';"]
        names = public(index, sources.entry, sources.modules[sources.entry].package)
        if names:
            lines.append(reexport(path, names))
        if has_core:
            lines.append("export * from './capsule.js';")
        put(result, out / "main.js", "\n".join(lines) + "\n")
    acting = [s.name for s in sources if not is_core(s.name)]
    loaded = ["./modules/capsule.once.js", "./modules/runtime.written.js", "./main.js"]
    effects = [*loaded, *[f"./modules/{name}.js" for name in acting]]
    if has_core:
        put(result, out / "capsule.d.ts", core_declarations())
        if sources.entry is not None:
            entry = sources.modules[sources.entry]
            rest = [s for s in sources if not s.core and s is not entry]
            put(result, out / "main.d.ts", declarations([entry, *rest]))
    package = {"type": "module", "sideEffects": effects}
    put(result, out / "package.json", json.dumps(package, indent=2) + "\n")


def reexport(path: str, names: Iterable[str]) -> str:
    return f"export {{ {', '.join(names)} }} from '{path}';"


def public(index: Index, name: str, imported: bool) -> list[str]:
    """The names a module shows: its own without an underscore (for a package: the imported too), or its `__all__`."""
    module = index.modules[name]
    listed = declared_all(module.source)
    if listed is not None:
        return sorted(set(listed))
    names = {n for n in module.names if not n.startswith("_")}
    if not imported:
        names -= set(module.imports)
    return sorted(n for n in names if exported(module.source, n))


def declared_all(source: Source) -> list[str] | None:
    for node in source.tree.body:
        if (
            isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
            and isinstance(node.value, ast.List | ast.Tuple)
        ):
            return [
                e.value for e in node.value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)
            ]
    return None


def exported(source: Source, name: str) -> bool:
    """Whether the compiled module has the name: what is for the type checker alone is gone."""
    return any(there == name for _, there in source.exports)
