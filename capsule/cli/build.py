"""`capsule build`: compile shared models to ES modules."""

import argparse
import sys
from functools import partial
from pathlib import Path

from capsule.compiler.bundle import FACADES, bundle
from capsule.compiler.errors import CompilerError, EntryNotFound, Refused
from capsule.compiler.finding import STYLES, render
from capsule.compiler.rebuild import Rebuild
from capsule.compiler.sizes import sizes
from capsule.compiler.watch import watch

NAME = "build"
HELP = "compile shared models to ES modules with types and source maps"
CORE_FOLDER = Path("js_build", "dist")
EXAMPLE = """examples:
  capsule build examples/bang/models.py -o examples/bang/dist
  capsule build examples.bang.models -o dist --bundle
  capsule build models.py -o static/models --watch
  capsule build                 (the core alone, to js_build/dist/capsule.js)"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument(
        "entry", nargs="?", metavar="FILE_OR_MODULE", help="the models; without: the core alone"
    )
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help="where the modules go (default: dist)")
    parser.add_argument("--bundle", action="store_true", help="also join them into one file, by esbuild")
    parser.add_argument("--watch", action="store_true", help="build again whenever a source changes")
    parser.add_argument("--no-maps", action="store_true", help="leave the source maps out")
    parser.add_argument(
        "--format", choices=STYLES, default="text", help="how findings are written (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """0: built, or a watch was ended by Ctrl-C. 1: refused, with the findings, or failed. 2: there is no such entry."""
    out = options.out or (CORE_FOLDER if options.entry is None else Path("dist"))
    rebuild = Rebuild(options.entry, out, maps=not options.no_maps)
    finished = partial(finish, out, options.bundle, not options.no_maps)
    try:
        if options.watch:
            watch(rebuild, finished, partial(print, flush=True), style=options.format)
        else:
            rebuild.run()
            print(finished())
    except KeyboardInterrupt:
        if not options.watch:
            raise
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


def finish(out: Path, bundled: bool, maps: bool) -> str:
    """Bundle what was built, where that is wanted, and say what each entry costs a page."""
    entries = list(FACADES)
    if bundled:
        entries.append(bundle(out, sourcemap=maps).file.path.name)
    return "\n".join(str(size) for size in sizes(out, entries))
