"""One minified file of a build, made by esbuild, with a source map that leads back to the `.py` files.

esbuild comes from npm and is optional: what `capsule build` writes are ES modules that browsers load as
they are.
"""

import gzip
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from capsule.compiler.errors import CompilerError

# The files that a build writes for a page to import: the app's names, and the core's with the driver.
FACADES = ("main.js", "capsule.js")
NAME = "bundle.js"


class BundleError(CompilerError):
    """There is nothing to bundle, or nothing to bundle it with, or esbuild refused."""


@dataclass(frozen=True)
class BundleFile:
    """One file and its sizes in bytes; `gzip` as a web server sends it (level 9)."""

    path: Path
    raw: int
    gzip: int

    @classmethod
    def measure(cls, path: Path) -> "BundleFile":
        content = path.read_bytes()
        return cls(path, len(content), len(gzip.compress(content, 9, mtime=0)))

    def __str__(self) -> str:
        return f"{self.path.name:<36}{self.raw:>10,} B{self.gzip:>10,} B gzip"


@dataclass(frozen=True)
class BundleResult:
    """What `bundle` wrote, and the modules that it was made of."""

    file: BundleFile
    sources: tuple[BundleFile, ...]
    map: Path | None

    def report(self) -> str:
        return "\n".join(str(file) for file in (*self.sources, self.file))


def bundle(out: Path, *, minify: bool = True, sourcemap: bool = True) -> BundleResult:
    """Join the modules that a build wrote to `out` into `out/bundle.js`, which exports all of their names.

    Beside it come its source map and `bundle.d.ts`, which leads to the declarations of the build.
    The source maps of the modules are composed, so that a stack trace of the bundle shows the `.py` line. Not
    with esbuild's --keep-names: compiled classes carry their names, and it would cost 6 % of the bundle.

    Raises BundleError when there is nothing to bundle, when Node or esbuild is missing, and with esbuild's
    own words when it refuses.
    """
    out = out.resolve()
    facades = [name for name in FACADES if (out / name).is_file()]
    if not facades:
        raise BundleError(
            f"There is no build in {out}: no {' or '.join(FACADES)}. Run `capsule build` first."
        )
    compiled = sorted(out.glob("modules/*.js"))
    target = out / NAME
    command = [
        *esbuild(),
        *("--bundle", "--format=esm", "--target=es2022", "--log-level=warning"),
        *(["--minify"] if minify else []),
        *(["--sourcemap", "--sources-content=true"] if sourcemap else []),
        f"--outfile={target}",
    ]
    entry = "".join(f'export * from "./{name}";\n' for name in facades)
    done = subprocess.run(command, input=entry, cwd=out, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BundleError(f"esbuild could not bundle {out}:\n{done.stderr.strip()}")
    # What the bundle exports has the types of what it was made of.
    target.with_suffix(".d.ts").write_text(entry)
    return BundleResult(
        BundleFile.measure(target),
        tuple(BundleFile.measure(path) for path in [*(out / name for name in facades), *compiled]),
        Path(f"{target}.map") if sourcemap else None,
    )


def esbuild() -> list[str]:
    """The command that starts esbuild: the project's own (from the working directory upwards), else ours.

    Not through npx: it costs a third of a second, ten times the bundling.
    """
    for folder in folders():
        script = folder / "node_modules" / "esbuild" / "bin" / "esbuild"
        if not script.is_file():
            continue
        if script.read_bytes()[:2] != b"#!":
            # npm ran its install script, which puts the program itself in the place of the JavaScript.
            return [str(script)]
        if (node := shutil.which("node")) is not None:
            return [node, str(script)]
        raise BundleError(
            "A bundle needs Node 20 or later, and there is no `node` on the PATH. "
            "Install it, or leave --bundle out."
        )
    raise BundleError(
        "A bundle needs esbuild. Run `npm install --save-dev esbuild` in your project, or leave --bundle out."
    )


def folders() -> Iterator[Path]:
    here = Path.cwd()
    yield from (here, *here.parents)
    yield Path(__file__).parents[2] / "js_build"
