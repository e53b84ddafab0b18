"""Clients of the past against the gateway of today: each recorded conversation is played again, line by line."""

import asyncio
from pathlib import Path

import pytest

from capsule.server.closing import CloseCode
from capsule.shared.wire import PROTOCOL

from .tape import FOLDER, Player, Wire, fits, load, opened, stage

TAPES = sorted(FOLDER.glob("protocol-*.jsonl"))


def version(path: Path) -> int:
    return int(path.stem.split("-")[1])


def test_there_is_a_record_of_the_protocol_that_is_spoken() -> None:
    assert any(version(path) == PROTOCOL for path in TAPES)


@pytest.mark.parametrize(
    "path", [path for path in TAPES if version(path) == PROTOCOL], ids=lambda path: path.stem
)
def test_an_old_client_of_this_version_hears_all_that_it_relied_on(url: str, path: Path) -> None:
    async def body() -> None:
        async with stage(url) as place:
            await Player(place).play(load(path))

    asyncio.run(body())


@pytest.mark.parametrize("protocol", sorted({0, PROTOCOL + 1, *map(version, TAPES)} - {PROTOCOL}))
def test_a_client_of_another_version_is_told_so_and_turned_away(url: str, protocol: int) -> None:
    async def body() -> None:
        async with stage(url) as place:
            wire: Wire = await opened(place, "ann")
            await wire.say({"verb": "hello", "protocol": protocol, "client": "recordedann1", "schema": ""})
            line = await wire.line()
            assert line is not None
            assert (line["verb"], line["name"], line["code"]) == ("error", "PROTOCOL", 426)
            assert await wire.end() == CloseCode.PROTOCOL

    asyncio.run(body())


@pytest.mark.parametrize(
    ("then", "now", "understood"),
    [
        ({"verb": "pong"}, {"verb": "pong", "new": 1}, True),
        ({"verb": "result", "n": 1}, {"verb": "result"}, False),
        ({"n": 1}, {"n": "1"}, False),
        ({"n": 1}, {"n": True}, False),
        ({"feeds": [["."]]}, {"feeds": [[".", 1]]}, False),
        ({"verdict": {"allowed": False}}, {"verdict": {"allowed": False, "why": []}}, True),
        ({"verdict": {"allowed": False}}, {"verdict": {"allowed": True}}, False),
        ({"sentence": "So."}, {"sentence": "Otherwise."}, True),
        ({"sentence": "So."}, {"sentence": None}, False),
        ({"at": 1_700_000_000_000}, {"at": 1_800_000_000_000}, True),
    ],
)
def test_what_counts_as_understood(then: dict[str, object], now: dict[str, object], understood: bool) -> None:
    assert fits(then, now) is understood
