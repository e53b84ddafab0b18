"""`capsule inspect`: look at what is stored: scopes, their feeds, items, and events as they happen. Changes nothing."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from capsule.cli.options import add_json, add_store, answer
from capsule.feeds import NOTHING_YET, Capsule, Frame, keys

NAME = "inspect"
HELP = "look at what is stored: scopes, feeds, items, events"
EXAMPLE = """examples:
  capsule inspect                          every scope, its last event, how many feeds
  capsule inspect team.7                   the feeds of a scope, with items and bytes
  capsule inspect team.7 members           the last items of a feed
  capsule inspect team.7 members ann       one item
  capsule inspect team.7 --follow          events as they happen, one a line"""

BATCH = 1000
SHOWN = 100


class NotThereError(Exception):
    """What was named does not exist; the message says so."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument("scope", nargs="?", metavar="SCOPE", help="such as team.7 (default: list all scopes)")
    parser.add_argument("feed", nargs="?", metavar="FEED", help="such as members.42.tasks; . is the root's")
    parser.add_argument("id", nargs="?", metavar="ID", help="one item of the feed")
    parser.add_argument("--match", metavar="GLOB", default="*", help="list only these scopes, as in team.*")
    parser.add_argument(
        "--count", type=int, default=20, help="how many items of a feed (default: %(default)s)"
    )
    parser.add_argument(
        "--before", metavar="ID", help="the items before this one (default: the last of the feed)"
    )
    parser.add_argument("--follow", action="store_true", help="print events as they happen, until Ctrl-C")
    parser.add_argument("--since", metavar="EVENT", help="with --follow: first what came after this event id")
    add_store(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """0: shown. 1: there is no such thing. 2: wrong usage."""
    if options.follow and (options.scope is None or options.feed is not None):
        print("capsule inspect: --follow goes with a scope.", file=sys.stderr)
        return 2
    try:
        asyncio.run(look(options))
    except NotThereError as error:
        print(f"capsule inspect: {error}", file=sys.stderr)
        return 1
    return 0


async def look(options: argparse.Namespace) -> None:
    cap = await Capsule.connect(options.redis, data_dir=options.data)
    try:
        if options.scope is None:
            await list_scopes(cap, options)
        elif options.follow:
            await follow(cap, options)
        elif options.feed is None:
            await list_feeds(cap, options)
        elif options.id is None:
            await list_items(cap, options)
        else:
            await show_item(cap, options)
    finally:
        await cap.close()


async def list_scopes(cap: Capsule, options: argparse.Namespace) -> None:
    names = sorted(await scopes(cap, options.match))
    found = [
        {"scope": name, "last": await cap.scope(name).last(), "feeds": await feed_count(cap, name)}
        for name in names
    ]
    answer(
        options,
        found,
        [f"{each['scope']:40} {each['feeds']:>7,} feeds   last event {each['last']}" for each in found],
    )


async def scopes(cap: Capsule, match: str) -> set[str]:
    """The names of all scopes that were ever written, from every server. Blocks none of them: SCAN."""
    before, after = keys.scope("*").split("*")
    after += "meta"
    names: set[str] = set()
    for node in cap.store.nodes():
        cursor = b"0"
        while True:
            cursor, found = await node.connection.command(
                "SCAN", cursor, "MATCH", f"{before}{match}{after}", "COUNT", BATCH, "TYPE", "hash"
            )
            names.update(key.decode()[len(before) : -len(after)] for key in found)
            if cursor == b"0":
                break
    return names


async def feed_count(cap: Capsule, scope: str) -> int:
    key = f"{cap.scope(scope).prefix}feeds"
    count: int = await cap.at(key).command("ZCARD", key)
    return count


async def list_feeds(cap: Capsule, options: argparse.Namespace) -> None:
    scope = cap.scope(options.scope)
    commands = cap.at(scope.prefix)
    last = await scope.last()
    names = [name.decode() for name in await commands.command("ZRANGE", f"{scope.prefix}feeds", 0, -1)]
    if not names and last == NOTHING_YET:
        raise NotThereError(f"nothing was ever written to {options.scope}.")
    feeds: list[dict[str, Any]] = []
    for name in names:
        kind = await scope.kind(name)
        size = await commands.command("MEMORY", "USAGE", f"{scope.prefix}items:{name}")
        feeds.append(
            {
                "feed": name,
                "kind": "feed" if kind is None else kind[0],
                "max_length": None if kind is None else kind[1],
                "items": await scope.length(name),
                "bytes": size or 0,
            }
        )
    frames = await commands.command("XLEN", f"{scope.prefix}log")
    lines = [f"{options.scope}   last event {last}   {frames:,} events in the log"]
    lines += [
        f"  {each['feed']:40} {each['kind']:12} {each['items']:>9,} items {each['bytes']:>13,} bytes"
        for each in feeds
    ]
    answer(options, {"scope": options.scope, "last": last, "log": frames, "feeds": feeds}, lines)


async def list_items(cap: Capsule, options: argparse.Namespace) -> None:
    scope = cap.scope(options.scope)
    if await scope.kind(options.feed) is None:
        raise NotThereError(f"{options.scope} has no feed {options.feed}.")
    page = await scope.page(
        options.feed, ":end" if options.before is None else f":{options.before}", options.count
    )
    if page is None:
        raise NotThereError(f"{options.feed} of {options.scope} has no item {options.before}.")
    last, length, first, pairs = page
    items = [(key, json.loads(item or b"null")) for key, item in pairs]
    lines = [f"{options.scope}/{options.feed}   {len(items):,} of {length:,} items, from number {first:,}"]
    lines += [f"  {key:24} {short(item)}" for key, item in items]
    data = {"feed": options.feed, "last": last, "length": length, "first": first}
    answer(options, {**data, "items": items}, lines)


def short(item: Any) -> str:
    text = json.dumps(item, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


async def show_item(cap: Capsule, options: argparse.Namespace) -> None:
    last, found = await cap.scope(options.scope).get(options.feed, [options.id])
    if found[0] is None:
        raise NotThereError(f"{options.feed} of {options.scope} has no item {options.id}.")
    item = json.loads(found[0])
    answer(
        options,
        {"feed": options.feed, "id": options.id, "last": last, "item": item},
        json.dumps(item, indent=2, ensure_ascii=False).splitlines(),
    )


async def follow(cap: Capsule, options: argparse.Namespace) -> None:
    """Each commit on a line of JSON; a resync, when events were lost, is a line of its own."""
    scope = cap.scope(options.scope)
    since = options.since or await scope.last()
    async for news in scope.subscribe(since):
        told = asdict(news) if isinstance(news, Frame) else {"resync": news.event_id}
        print(json.dumps(told, ensure_ascii=False), flush=True)
