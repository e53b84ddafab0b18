"""`capsule serve`: run the gateway of an application."""

import argparse
import asyncio
import importlib
import inspect
import sys
from typing import Any

from capsule.cli.options import add_log_level, add_store, begin_log
from capsule.feeds import Capsule
from capsule.server.standalone import server

NAME = "serve"
HELP = "run a gateway for browsers"
EXAMPLE = """\
TARGET names a function that takes the connected Capsule and returns a Gateway,
or an ASGI application around one (which uvicorn serves: --reuse-port and
--metrics are the standalone gateway's):

    def app(cap):
        return Gateway(cap, authenticate=who, authorize=may_read)

example: capsule serve myapp.server:app --port 8000"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument("target", metavar="TARGET", help="module:function, as Python imports it")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="0 for any free one (default: %(default)s)")
    parser.add_argument(
        "--reuse-port", action="store_true", help="share the port with other processes, one for each core"
    )
    parser.add_argument(
        "--metrics",
        metavar="HOST:PORT",
        type=address,
        help="also answer /metrics (Prometheus) and /health there, for operators only",
    )
    add_store(parser)
    add_log_level(parser)


def run(options: argparse.Namespace) -> int:
    begin_log(options)
    try:
        make = load(options.target)
    except (ImportError, AttributeError, ValueError) as error:
        print(f"capsule serve: {options.target}: {error}", file=sys.stderr)
        return 2
    return asyncio.run(serve(make, options))


def address(text: str) -> tuple[str, int]:
    """The host and port of `HOST:PORT` or `PORT`. Raises ArgumentTypeError."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def load(target: str) -> Any:
    """The function that `module:function` names. Raises ImportError, AttributeError, ValueError."""
    module, colon, name = target.partition(":")
    if not colon or not name:
        raise ValueError("a target is module:function")
    if "" not in sys.path:
        sys.path.insert(0, "")
    made = getattr(importlib.import_module(module), name)
    if not callable(made):
        raise ValueError(f"{name} is not a function")
    return made


async def serve(make: Any, options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; then send the clients elsewhere and leave."""
    cap = await Capsule.connect(options.redis, data_dir=options.data)
    try:
        app = make(cap)
        if inspect.isawaitable(app):
            app = await app
        standing = server(
            app,
            host=options.host,
            port=options.port,
            reuse_port=options.reuse_port,
            metrics=options.metrics,
        )
        await standing.serve()
        return 0 if standing.started else 1
    finally:
        await cap.close()
