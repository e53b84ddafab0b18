"""`capsule contract test`: hold a client of the Redis contract, in any language, against golden transcripts."""

import argparse
import asyncio
import sys
import tempfile
import textwrap

from capsule.feeds.conformance import Transcript, Trial, load_all, play_all
from capsule.feeds.embedded import Server, ensure

NAME = "contract"
HELP = "hold a client in any language against the Redis contract"
EXAMPLE = """examples:
  capsule contract test -- node examples/node/conformance.mjs
  capsule contract test --only reading -- ./my-client

The client answers requests, one line of JSON each, from stdin to stdout: see docs/conformance.md."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    actions = parser.add_subparsers(dest="action", metavar="test", required=True)
    test = actions.add_parser(
        "test",
        help="play golden transcripts to a client and say which clause it breaks",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    test.add_argument("--only", metavar="WORD", default="", help="only transcripts whose name holds this")
    test.add_argument("--list", action="store_true", help="list the transcripts instead of playing them")
    test.add_argument("--partial", action="store_true", help="what the client does not offer is no failure")
    test.add_argument(
        "--timeout",
        type=float,
        default=15.0,
        metavar="SECONDS",
        help="how long an answer may take (default: %(default)g)",
    )
    test.add_argument("client", nargs="*", metavar="COMMAND", help="the client, and its arguments, after --")


def run(options: argparse.Namespace) -> int:
    """0: the client keeps the contract. 1: it does not. 2: wrong usage."""
    transcripts = [each for each in load_all() if options.only in each.name]
    if options.list:
        for transcript in transcripts:
            print(f"{transcript.name:30}  {transcript.section}  {transcript.title}")
        return 0
    if not options.client or not transcripts:
        missing = "name a client after --" if transcripts else f"no transcript is called *{options.only}*"
        print(f"capsule contract test: {missing} (see capsule contract test --help).", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="capsule-contract-") as directory:
        server = ensure(directory)
        try:
            trials = asyncio.run(play(transcripts, options, server))
        finally:
            server.stop()
    counts = {name: sum(each.outcome == name for each in trials) for name in ("passed", "failed", "absent")}
    absent = f", {counts['absent']} not offered" if counts["absent"] else ""
    print(f"\n{counts['passed']} passed, {counts['failed']} failed{absent}.")
    bad = counts["failed"] or not counts["passed"] or (counts["absent"] and not options.partial)
    return 1 if bad else 0


async def play(transcripts: list[Transcript], options: argparse.Namespace, server: Server) -> list[Trial]:
    trials = []
    async for trial in play_all(transcripts, options.client, server, patience=options.timeout):
        trials.append(trial)
        print(report(trial), flush=True)
    return trials


def report(trial: Trial) -> str:
    """One line, and for a failure the broken clause, the step, and what happened instead."""
    word = {"passed": "ok", "failed": "FAIL", "absent": "absent"}[trial.outcome]
    text = f"{word:6}  {trial.transcript.name}: {trial.transcript.title}"
    if trial.outcome == "failed":
        asked = trial.asked if len(trial.asked) <= 300 else f"{trial.asked[:300]}..."
        lines = (
            f"contract {trial.transcript.section}: {trial.clause}",
            f"step {trial.step}: {asked}",
            trial.sentence,
        )
        text += "\n" + textwrap.indent("\n".join(lines), " " * 8)
    return text
