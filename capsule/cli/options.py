"""The options that several commands have."""

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any


def add_store(parser: argparse.ArgumentParser) -> None:
    """Where the data is: `options.redis` and `options.data`, as `Capsule.connect` takes them."""
    parser.add_argument(
        "--redis", metavar="URL", help="the server (default: REDIS_URL, else the embedded one)"
    )
    parser.add_argument("--data", metavar="DIR", type=Path, help="data directory of the embedded server")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer with JSON")


def add_log_level(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log-level", default="INFO", help="DEBUG, INFO, WARNING or ERROR (default: %(default)s)"
    )


def begin_log(options: argparse.Namespace) -> None:
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )


def answer(options: argparse.Namespace, data: Any, lines: list[str]) -> None:
    """Print for a program, or for a person."""
    if options.json:
        print(json.dumps(data, ensure_ascii=False))
    elif lines:
        print("\n".join(lines))


def complain(command: str, sentence: str) -> int:
    """Say on stderr why a command does nothing; answers its exit status."""
    print(f"capsule {command}: {sentence}", file=sys.stderr)
    return 1
