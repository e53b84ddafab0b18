"""Presence: who is here, told once, gone with its lease."""

import asyncio
import json
from typing import Any

import pytest

from capsule.feeds import (
    Capsule,
    InputError,
    ItemInvalidError,
    NameInvalidError,
    Presence,
    ScriptError,
    script,
)
from tests.conftest import Run, until


async def listen(cap: Capsule, presence: Presence) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    await cap.events.subscribe(presence.channel, lambda text: heard.append(json.loads(text)), lambda: None)
    return heard


def test_joins_changes_and_leaves_are_told_once(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        presence = cap.presence("team.7")
        heard = await listen(cap, presence)
        await presence.join({"s1": '{"user":"ann"}', "s2": '{"user":"bob"}'}, 60)
        await presence.join({"s1": '{"user":"ann"}'}, 60)
        await presence.join({"s1": '{"user":"ann","state":1}', "s2": '{"user":"bob"}'}, 60)
        assert await presence.all() == {"s1": b'{"user":"ann","state":1}', "s2": b'{"user":"bob"}'}
        await presence.leave(["s2", "nobody"])
        await presence.leave(["s2"])
        assert await presence.all() == {"s1": b'{"user":"ann","state":1}'}
        await until(lambda: len(heard) >= 3)
        base = {"verb": "presence", "scope": "team.7"}
        assert heard == [
            {**base, "join": {"s1": {"user": "ann"}, "s2": {"user": "bob"}}, "leave": []},
            {**base, "join": {"s1": {"user": "ann", "state": 1}}, "leave": []},
            {**base, "join": {}, "leave": ["s2"]},
        ]

    run(test)


def test_sessions_whose_lease_ran_out_are_evicted_by_whoever_calls_next(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        presence = cap.presence("team.7")
        heard = await listen(cap, presence)
        await presence.join({"crashed": "{}"}, 0.02)
        await presence.join({"alive": "{}"}, 60)
        await asyncio.sleep(0.05)
        assert await presence.all() == {"alive": b"{}"}
        await until(lambda: any(told["leave"] == ["crashed"] for told in heard))

    run(test)


def test_a_refresh_that_comes_late_is_not_a_leave_and_a_join(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        presence = cap.presence("team.7")
        heard = await listen(cap, presence)
        await presence.join({"s1": "{}"}, 0.02)
        await asyncio.sleep(0.05)
        await presence.join({"s1": "{}"}, 60)
        assert await presence.all() == {"s1": b"{}"}
        await presence.join({"s2": "{}"}, 60)
        await until(lambda: any("s2" in told["join"] for told in heard))
        assert [list(told["join"]) for told in heard] == [["s1"], ["s2"]]

    run(test)


def test_scopes_do_not_touch_and_leave_their_state_alone(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await cap.presence("team.7").join({"s1": "{}"}, 60)
        assert await cap.presence("team.8").all() == {}
        assert (await cap.scope("team.7").snapshot()).event_id == "0-0"

    run(test)


def test_bad_input_is_refused_before_it_is_sent(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        presence = cap.presence("team.7")
        with pytest.raises(ItemInvalidError):
            await presence.join({"s1": "nonsense"}, 60)
        with pytest.raises(ItemInvalidError):
            await presence.join({"s1": "[1]"}, 60)
        with pytest.raises(NameInvalidError):
            await presence.join({'s"1': "{}"}, 60)
        with pytest.raises(NameInvalidError):
            await presence.leave(["s 1"])
        with pytest.raises(InputError):
            await presence.join({"s1": "{}"}, 0)
        assert await presence.all() == {}

    run(test)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (1000, 0),
        (1000, 0, 1, "s1"),
        (1000, 0, 1, "s 1", "{}"),
        (1000, 0, 1, "s1", "{\n}"),
        (0, 0, 0, 's"'),
    ],
)
def test_malformed_arguments_change_nothing(run: Run, arguments: tuple[str | int, ...]) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(ScriptError):
            await cap.connection.run(script.load("presence"), cap.presence("team.7").prefix, *arguments)
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)
