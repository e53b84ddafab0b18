"""`capsule check`: say what in shared files would differ in JavaScript."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from capsule.compiler.catalogue import RULES
from capsule.compiler.errors import CompilerError
from capsule.compiler.finding import STYLES, render
from capsule.compiler.pages import nearest, page
from capsule.compiler.survey import Survey, survey

NAME = "check"
HELP = "say what in a shared file would differ in JavaScript"
EXAMPLE = """examples:
  capsule check examples/bang/models.py
  capsule check models/ --format github
  capsule check --explain CAP122"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", type=Path, help="shared files, or folders of them"
    )
    parser.add_argument(
        "--format", choices=STYLES, default="text", help="how findings are written (default: %(default)s)"
    )
    parser.add_argument("--explain", metavar="CODE", help="print the page of one rule, or of `all`")


def run(options: argparse.Namespace) -> int:
    """0: nothing was found. 1: something was. 2: wrong usage."""
    if options.explain is not None:
        return explain(options.explain.upper())
    if not options.paths:
        return misused("Name a file or a folder (see capsule check --help).")
    try:
        result = survey(options.paths)
    except CompilerError as error:
        return misused(str(error))
    text = render(result.findings, options.format)
    if text:
        print(text)
    if options.format == "text":
        print(("\n" if text else "") + summary(result))
    return 1 if result.findings else 0


def summary(result: Survey) -> str:
    """`3 found in 2 of 5 files: 2 CAP120, 1 CAP160.`"""
    files = f"{result.files} file{'' if result.files == 1 else 's'}"
    skipped = f" {len(result.skipped)} skipped: only CPython runs them." if result.skipped else ""
    if not result.findings:
        return f"Nothing found in {files}: the same on both sides.{skipped}"
    counts = Counter(finding.code for finding in result.findings)
    codes = ", ".join(f"{count} {code}" for code, count in counts.most_common())
    places = len({finding.path for finding in result.findings})
    return f"{len(result.findings)} found in {places} of {files}: {codes}.{skipped}"


def explain(code: str) -> int:
    if code == "ALL":
        print("\n".join(page(rule) for rule in RULES.values()), end="")
        return 0
    if code not in RULES:
        near = nearest(code)
        hint = f" Did you mean {', '.join(near)}?" if near else " `--explain all` lists every rule."
        return misused(f"There is no rule {code}.{hint}")
    print(page(RULES[code]), end="")
    return 0


def misused(sentence: str) -> int:
    print(f"capsule check: {sentence}", file=sys.stderr)
    return 2
