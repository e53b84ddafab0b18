"""Building one entry again and again: what did not change since the last time is kept.

The core is two thirds of a build's time, and compiles to the same bytes whatever is built with it. So after the first
build only the app's own modules are compiled; a change of the core, or of which modules there are, builds all anew.
"""

import ast
import tempfile
from collections.abc import Mapping
from pathlib import Path

from capsule.compiler.allow import permitted
from capsule.compiler.build import (
    ENTRY,
    BuildResult,
    build_all,
    clean,
    entry_tree,
    facades,
    put,
    put_module,
    refuse,
    stage_sources,
)
from capsule.compiler.finding import Finding
from capsule.compiler.index import Index
from capsule.compiler.lower import lower
from capsule.compiler.sources import JS, Sources, load
from capsule.compiler.transcrypt_driver import generate

Stamp = tuple[int, int]


class Rebuild:
    """Compiles an entry (None: the core alone) to `out`, as often as `run` is called."""

    def __init__(self, entry: Path | str | None, out: Path, *, maps: bool = True) -> None:
        self.entry = entry
        self.out = Path(out)
        self.maps = maps
        # What was read last, whether it was built or refused.
        self.files: list[Path] = []
        self._last: Sources | None = None
        self._result = BuildResult(self.out)
        self._core: dict[Path, Stamp] = {}

    def run(self) -> BuildResult:
        """Raises Refused with the findings that are not allowed, EntryNotFound, TranscryptMissing, GenerationFailed.

        After any of them, `out` holds what the last good build wrote.
        """
        sources = self.read()
        core = stamps(sources)
        if self._last is not None and core == self._core and self._kept(sources, self._last):
            self._result = self._partly(sources, self._last)
        else:
            self._result = build_all(sources, self.out, self.maps)
        self._last, self._core = sources, core
        return self._result

    def read(self) -> Sources:
        """The sources as they are now. Raises EntryNotFound."""
        sources = load(self.entry, core=self.entry is None)
        self.files = [*(source.path for source in sources), *(path for path, _ in sources.broken)]
        return sources

    def _kept(self, sources: Sources, last: Sources) -> bool:
        """Whether the last build's files of the core are there, and are those that this one needs."""
        return (
            not sources.broken
            and list(last.modules) == list(sources.modules)
            and any(not source.core for source in sources)
            and all(path.is_file() for path in self._result.files)
        )

    def _partly(self, sources: Sources, last: Sources) -> BuildResult:
        index = Index(sources)
        trees: dict[str, ast.Module] = {}
        findings: list[Finding] = []
        for source in sources:
            if source.core:
                # Its text is not written: an empty module keeps its place.
                trees[source.name] = ast.Module(body=[], type_ignores=[])
                source.exports = last.modules[source.name].exports
            else:
                trees[source.name], found = lower(source, index)
                findings.extend(found)
        refuse(permitted(sources, findings))
        return self._write_app(sources, index, trees)

    def _write_app(self, sources: Sources, index: Index, trees: Mapping[str, ast.Module]) -> BuildResult:
        result = BuildResult(self.out)
        with tempfile.TemporaryDirectory(prefix="capsule-build-") as place:
            stage, made = Path(place, "stage"), Path(place, "made")
            generate(
                ENTRY, {ENTRY: entry_tree(sources), **trees}, stage_sources(sources, stage), made, self.maps
            )
            for path in sorted(made.glob("*.js")):
                source = sources.modules.get(path.stem)
                if source is not None and not source.core:
                    put_module(result, source, made, self.maps)
                elif source is None and path.stem not in (ENTRY, "org.transcrypt.__runtime__"):
                    # A part of the runtime that the app may need only now.
                    text = path.read_text(encoding="utf-8")
                    put(result, self.out / "modules" / path.name, clean(text, path.stem, False))
        facades(result, sources, index, self.out)
        for path in self._result.files:
            if path not in result.files:
                result.files.append(path)
                result.sizes[path.relative_to(self.out).as_posix()] = path.stat().st_size
        return result


def stamps(sources: Sources) -> dict[Path, Stamp]:
    """When the core's files and the JavaScript that ships beside them were written."""
    files = [*(source.path for source in sources if source.core), *JS.rglob("*.js")]
    if sources.seam is not None:
        files.append(sources.seam.path)
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}
