"""`capsule jobs`: look after a queue: what waits, what died, and what to do about it."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from capsule.cli.options import add_json, add_store, answer
from capsule.feeds import Capsule, Jobs, JobView
from capsule.feeds.schedule import Due
from capsule.worker.worker import QUEUE

NAME = "jobs"
HELP = "look after a queue: list, retry, redrive, cancel, hold, purge"
EXAMPLE = """examples:
  capsule jobs stats
  capsule jobs list dead --queue mail
  capsule jobs redrive --all --older-than 3600 --queue mail
  capsule jobs hold --group team.7"""

SHOWN = 100


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, summary: str) -> argparse.ArgumentParser:
        made = actions.add_parser(
            name, help=summary, description=summary, epilog=EXAMPLE, formatter_class=parser.formatter_class
        )
        made.add_argument("--queue", default=QUEUE, help="the queue (default: %(default)s)")
        add_store(made)
        add_json(made)
        return made

    action("stats", "numbers: waiting, delayed, active, dead, ended")
    listing = action("list", "a page of the jobs in one state")
    listing.add_argument("state", choices=["waiting", "delayed", "active", "dead", "groups", "schedules"])
    listing.add_argument("--group", help="waiting: the jobs of this group (default: those without one)")
    listing.add_argument("--first", type=int, default=0, help="where the page begins (default: %(default)s)")
    listing.add_argument("--count", type=int, default=20, help="how many (default: %(default)s)")
    for name, summary in (
        ("show", "jobs by id, with all that is known of them"),
        ("retry", "begin now with jobs that are delayed or back off"),
        ("cancel", "end jobs that have not begun"),
    ):
        action(name, summary).add_argument("ids", nargs="+", metavar="ID")
    redrive = action("redrive", "put dead letters again, with no failure charged")
    redrive.add_argument("ids", nargs="*", metavar="ID")
    redrive.add_argument("--all", action="store_true", help="every dead letter, or those of an age")
    redrive.add_argument("--older-than", type=float, metavar="SECONDS", help="died longer ago than this")
    redrive.add_argument("--younger-than", type=float, metavar="SECONDS", help="died less long ago than this")
    for name, summary in (("hold", "hand out nothing more"), ("release", "end a hold")):
        action(name, summary).add_argument("--group", help="one group (default: the whole queue)")
    purge = action("purge", "drop dead letters, or cancel what waits")
    purge.add_argument("state", choices=["dead", "waiting", "delayed"])
    purge.add_argument(
        "--older-than", type=float, metavar="SECONDS", help="dead letters: died longer ago than this"
    )
    purge.add_argument("--yes", action="store_true", help="needed: what is purged is gone")


def run(options: argparse.Namespace) -> int:
    """0: done. 1: an id was not in the state that the action needs. 2: wrong usage."""
    wrong = usage(options)
    if wrong is not None:
        print(f"capsule jobs {options.action}: {wrong}", file=sys.stderr)
        return 2
    return asyncio.run(act(options))


def usage(options: argparse.Namespace) -> str | None:
    if options.action == "redrive" and bool(options.ids) == options.all:
        return "name ids, or --all."
    if options.action == "redrive" and options.ids and (options.older_than or options.younger_than):
        return "an age goes with --all."
    if options.action == "purge" and not options.yes:
        return f"this deletes every {options.state} job of {options.queue}: say --yes."
    if options.action == "purge" and options.older_than is not None and options.state != "dead":
        return "only dead letters have an age."
    return None


async def act(options: argparse.Namespace) -> int:
    cap = await Capsule.connect(options.redis, data_dir=options.data)
    try:
        return await ACTIONS[options.action](cap.jobs(options.queue), options)
    finally:
        await cap.close()


async def stats(jobs: Jobs, options: argparse.Namespace) -> int:
    numbers = await jobs.stats()
    answer(options, numbers, [f"{name:20}{count:>12,}" for name, count in numbers.items()])
    return 0


async def listing(jobs: Jobs, options: argparse.Namespace) -> int:
    page = {"first": options.first, "count": options.count}
    if options.state == "groups":
        groups = await jobs.groups(**page)
        answer(options, dict(groups), [f"{name:40} {count:>10,}" for name, count in groups])
    elif options.state == "schedules":
        found = await jobs.schedules.all()
        lines = [schedule_line(due) for due in found]
        answer(options, [{**asdict(due.schedule), "next": due.at / 1000} for due in found], lines)
    else:
        views = await jobs.page(options.state, group=options.group, **page)
        answer(options, [plain(view) for view in views], [line(view) for view in views])
    return 0


async def show(jobs: Jobs, options: argparse.Namespace) -> int:
    views = await jobs.look(*options.ids)
    lines = [f"{name:10}{value}" for view in views for name, value in [*plain(view).items(), ("", "")]]
    answer(options, [plain(view) for view in views], lines)
    return int(any(view.state == "unknown" for view in views))


async def retry(jobs: Jobs, options: argparse.Namespace) -> int:
    return each(options, await jobs.retry(*options.ids), "ready")


async def cancel(jobs: Jobs, options: argparse.Namespace) -> int:
    return each(options, await jobs.cancel(*options.ids), "cancelled")


async def redrive(jobs: Jobs, options: argparse.Namespace) -> int:
    if options.all:
        count = await jobs.redrive_all(older_than=options.older_than, younger_than=options.younger_than)
        answer(options, {"redriven": count}, [f"{count:,} redriven"])
        return 0
    taken = await jobs.redrive(*options.ids)
    return each(
        options, ["redriven" if job_id in taken else "not dead" for job_id in options.ids], "redriven"
    )


async def hold(jobs: Jobs, options: argparse.Namespace) -> int:
    changed = await (jobs.hold if options.action == "hold" else jobs.resume)(options.group)
    what = options.group or options.queue
    word = "held" if options.action == "hold" else "released"
    answer(options, {word: what, "changed": changed}, [f"{what} is {word}" + ("" if changed else " already")])
    return 0


async def purge(jobs: Jobs, options: argparse.Namespace) -> int:
    count = await jobs.purge(options.state, older_than=options.older_than)
    answer(options, {"purged": count}, [f"{count:,} purged"])
    return 0


ACTIONS: dict[str, Callable[[Jobs, argparse.Namespace], Awaitable[int]]] = {
    "stats": stats,
    "list": listing,
    "show": show,
    "retry": retry,
    "cancel": cancel,
    "redrive": redrive,
    "hold": hold,
    "release": hold,
    "purge": purge,
}


def each(options: argparse.Namespace, states: list[Any], good: str) -> int:
    """Say what became of each id; 1 if something else than was asked for."""
    pairs = list(zip(options.ids, states, strict=True))
    answer(options, dict(pairs), [f"{job_id:40} {state}" for job_id, state in pairs])
    return int(any(state != good for _, state in pairs))


def plain(view: JobView) -> dict[str, Any]:
    """A view as JSON: bytes as text, no empty fields."""
    texts = {
        name: value.decode(errors="replace") if isinstance(value, bytes) else value
        for name, value in asdict(view).items()
    }
    return {name: value for name, value in texts.items() if value not in (None, "")}


def line(view: JobView) -> str:
    shown = (view.result or view.data).decode(errors="replace").replace("\n", " ")
    cells = [
        f"{view.id:32}",
        f"{view.group or '-':16}",
        f"{view.attempts:>3}",
        moment(view.due),
        shown[:SHOWN],
    ]
    return " ".join(cells).rstrip()


def schedule_line(due: Due) -> str:
    return f"{due.schedule.name:30} {moment(due.at / 1000)}  {due.schedule.cron} {due.schedule.zone}"


def moment(seconds: float | None) -> str:
    return "-" * 19 if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
