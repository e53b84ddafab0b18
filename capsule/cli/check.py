"""`capsule check`: say what in shared files would differ in JavaScript."""

import argparse
import sys
from pathlib import Path

from capsule.compiler.catalogue import RULES, explain
from capsule.compiler.check import check
from capsule.compiler.errors import CompilerError
from capsule.compiler.finding import STYLES, render

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
    parser.add_argument("--explain", metavar="CODE", help="the page of one rule, or of `all`")


def run(options: argparse.Namespace) -> int:
    """0: nothing was found. 1: something was. 2: wrong usage."""
    if options.explain is not None:
        return show(options.explain.upper())
    if not options.paths:
        print("capsule check: name a file or a folder (see capsule check --help).", file=sys.stderr)
        return 2
    try:
        findings = check(options.paths)
    except CompilerError as error:
        print(f"capsule check: {error}", file=sys.stderr)
        return 2
    text = render(findings, options.format)
    if text:
        print(text)
    if options.format == "text":
        print(f"\n{len(findings)} found." if findings else "Nothing found: it is the same on both sides.")
    return 1 if findings else 0


def show(code: str) -> int:
    if code == "ALL":
        print("\n\n".join(explain(each) for each in RULES))
        return 0
    if code not in RULES:
        print(f"capsule check: there is no rule {code}. Known: {', '.join(RULES)}.", file=sys.stderr)
        return 2
    print(explain(code))
    return 0
