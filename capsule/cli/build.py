"""`capsule build`: compile shared models to ES modules."""

import argparse
import sys
from pathlib import Path

from capsule.compiler.build import BuildResult, build
from capsule.compiler.bundle import bundle
from capsule.compiler.errors import CompilerError, EntryNotFound, Refused
from capsule.compiler.finding import STYLES, render

NAME = "build"
HELP = "compile shared models to ES modules with types and source maps"
CORE_FOLDER = Path("js_build", "dist")
EXAMPLE = """examples:
  capsule build examples/bang/models.py -o examples/bang/dist
  capsule build examples.bang.models -o dist --bundle
  capsule build                 (the core alone, to js_build/dist/capsule.js)"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument(
        "entry", nargs="?", metavar="FILE_OR_MODULE", help="the models; without: the core alone"
    )
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help="where the modules go (default: dist)")
    parser.add_argument("--bundle", action="store_true", help="also join them into one file, by esbuild")
    parser.add_argument("--no-maps", action="store_true", help="leave the source maps out")
    parser.add_argument(
        "--format", choices=STYLES, default="text", help="how findings are written (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """0: built. 1: refused, with the findings, or failed. 2: there is no such entry."""
    out = options.out or (CORE_FOLDER if options.entry is None else Path("dist"))
    try:
        result = build(options.entry, out, maps=not options.no_maps)
        print(report(result))
        if options.bundle:
            print(bundle(out, sourcemap=not options.no_maps).file)
    except EntryNotFound as error:
        print(f"capsule build: {error}", file=sys.stderr)
        return 2
    except Refused as error:
        print(render(error.findings, options.format), file=sys.stderr)
        return 1
    except CompilerError as error:
        print(f"capsule build: {error}", file=sys.stderr)
        return 1
    return 0


def report(result: BuildResult) -> str:
    """What a page imports, by name, and the size of all that it loads with it."""
    scripts = {name: size for name, size in result.sizes.items() if name.endswith(".js")}
    entries = [name for name in scripts if "/" not in name]
    modules, total = len(scripts) - len(entries), sum(scripts.values())
    return f"{result.out}: {', '.join(sorted(entries))} and {modules} modules, {total:,} bytes"
