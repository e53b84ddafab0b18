"""The `capsule` command: one thin file per subcommand, loaded when it is asked for."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import version

from capsule.feeds.errors import CapsuleError

COMMANDS = {
    "demo": "run the &bang example: server, worker, gateway and bots",
    "new": "make a folder with a first app: models, server, page, tests",
    "dev": "run an app while you work on it: builds, and begins again, at each change",
    "check": "say what in a shared file would differ in JavaScript",
    "build": "compile shared models to an ES module with types and source maps",
    "serve": "run a gateway for browsers",
    "worker": "run a worker for jobs",
    "jobs": "look after a queue: list, retry, redrive, cancel, hold, purge",
    "inspect": "look at what is stored: scopes, feeds, items, events",
    "doctor": "check this machine and the server, and say what to do",
    "contract": "hold a client in any language against the Redis contract",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit status is 0 for done, 1 for a finding or a failure, 2 for wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="capsule",
        description="Realtime models, written once in Python, alive in the browser and on the server.",
        epilog="example: capsule build examples/bang/models.py -o examples/bang/dist",
    )
    parser.add_argument("--version", action="version", version=f"capsule {version('capsule')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        subparser = commands.add_parser(
            name, help=summary, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if arguments[:1] == [name]:
            importlib.import_module(f"capsule.cli.{name}").configure(subparser)
    options = parser.parse_args(arguments)
    command = importlib.import_module(f"capsule.cli.{options.command}")
    try:
        status: int = command.run(options)
    except CapsuleError as error:
        print(f"capsule {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
