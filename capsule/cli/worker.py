"""`capsule worker`: run a worker for the models of a module."""

import argparse
import asyncio
import logging
import signal

from capsule.cli.options import add_log_level, add_store, begin_log
from capsule.feeds import Capsule
from capsule.worker.roots import load_roots, load_workshops
from capsule.worker.worker import QUEUE, Worker

NAME = "worker"
HELP = "run a worker for jobs"
EXAMPLE = """examples:
  capsule worker examples.bang.models
  capsule worker myapp.models --jobs myapp.jobs"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument("module", help="the module with the models, as Python imports it")
    add_store(parser)
    parser.add_argument("--jobs", metavar="MODULE", help="a module with custom jobs: worker = Workshop()")
    parser.add_argument("--queue", default=QUEUE, help="the queue to work on (default: %(default)s)")
    add_log_level(parser)


def run(options: argparse.Namespace) -> int:
    begin_log(options)
    return asyncio.run(work(options))


async def work(options: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; then finish what is claimed and leave."""
    roots = load_roots(options.module)
    workshops = load_workshops(options.jobs) if options.jobs else []
    cap = await Capsule.connect(options.redis, data_dir=options.data)
    worker = Worker(cap, roots, queue=options.queue)
    runs = [workshop.run(cap, roots, stopping=worker.stopping) for workshop in workshops]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    names = ", ".join(sorted(root.type for root in roots))
    logging.getLogger("capsule.worker").info("working on %s for scopes of type %s", options.queue, names)
    try:
        await asyncio.gather(worker.run(), *runs)
    finally:
        await cap.close()
    return 0
