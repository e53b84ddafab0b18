"""Who is here: joins and leaves across gateways, without flicker, and without ghosts."""

import asyncio
import json
from typing import Any

from tests.conftest import until

from .site import Caller, Site, caller, site


async def everybody(who: Caller) -> dict[str, Any]:
    """The presence that a client is shown when it has joined, by user."""
    line = await who.hear("presence")
    while "all" not in line:
        line = await who.hear("presence")
    return {entry["user"]: entry["state"] for entry in line["all"].values()}


async def change(who: Caller, user: str) -> dict[str, Any]:
    """The next join of this user that a client hears of; its state."""
    while True:
        line = await who.hear("presence")
        for entry in line.get("join", {}).values():
            if entry["user"] == user:
                state: dict[str, Any] = entry["state"]
                return state


async def absence(who: Caller, session: str) -> None:
    while session not in (await who.hear("presence")).get("leave", []):
        pass


async def here(place: Site, sessions: set[str]) -> None:
    """Wait until the store has exactly these in team.9."""

    async def are_here() -> bool:
        return set(await place.cap.presence("team.9").all()) == sessions

    await until(are_here)


def sessions(place: Site) -> dict[str, str]:
    return {connection.session.user: connection.session.id for connection in place.gateway.connections}


def test_joins_states_and_leaves_are_seen_across_gateways(url: str) -> None:
    async def body() -> None:
        async with site(url) as one, site(url) as two, caller(one, "ann") as ann:
            await ann.join()
            assert await everybody(ann) == {"ann": {}}
            async with caller(two, "bob") as bob:
                await bob.join()
                assert await everybody(bob) == {"ann": {}, "bob": {}}
                assert await change(ann, "bob") == {}
                await bob.say("presence", scope="team.7", state={"active": "t\u00e91"})
                assert await change(ann, "bob") == {"active": "t\u00e91"}
                left = sessions(two)["bob"]
            await absence(ann, left)
            assert list(await one.cap.presence("team.7").all()) == [sessions(one)["ann"]]

    asyncio.run(body())


def test_leaving_a_scope_is_leaving_its_presence(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place, "ann") as ann, caller(place, "bob") as bob:
            await ann.join()
            await bob.join()
            await change(ann, "bob")
            await bob.say("unsubscribe", scope="team.7")
            await absence(ann, sessions(place)["bob"])

    asyncio.run(body())


def test_a_session_that_comes_back_in_time_never_left_and_keeps_its_state(url: str) -> None:
    async def body() -> None:
        async with (
            site(url, presence_leave_delay=60.0) as place,
            caller(place, "ann") as ann,
            caller(place, "bob") as bob,
        ):
            await ann.join()
            await bob.join()
            busy = {"user": "bob", "state": {"busy": True}}
            await bob.say("presence", scope="team.7", state=busy["state"])
            await bob.hear("presence", join={sessions(place)["bob"]: busy})
            await bob.say("unsubscribe", scope="team.7")
            await until(lambda: place.gateway.board._leaving)
            [leaving] = place.gateway.board._leaving.values()
            await bob.join()
            assert (await everybody(bob))["bob"] == {"busy": True}
            assert leaving.cancelled()
            await ann.say("ping")
            await ann.hear("pong")
            assert all(line.get("leave", []) == [] for line in ann.lines)

    asyncio.run(body())


def test_a_lease_is_renewed_while_the_session_lives_and_quietly(url: str) -> None:
    async def body() -> None:
        async with site(url, presence_lease=600.0) as place, caller(place, "ann") as ann:
            await ann.join()
            await everybody(ann)
            ann.lines.clear()
            command, leases = place.cap.connection.command, "cap1:{team.7}:presence:leases"
            [session, before] = await command("ZRANGE", leases, 0, -1, "WITHSCORES")
            assert session.decode() == sessions(place)["ann"]
            await until(lambda: place.gateway.board._since_refresh > 0)  # the gateway counts the seconds
            place.gateway.board.tick(200.0)

            async def renewed() -> bool:
                return float(await command("ZSCORE", leases, session)) > float(before)

            await until(renewed)
            await ann.say("ping")
            await ann.hear("pong")
            assert ann.lines == []

    asyncio.run(body())


def test_the_sessions_of_a_gateway_that_died_leave_when_their_lease_ends(url: str) -> None:
    async def body() -> None:
        async with site(url, presence_lease=0.6) as place, caller(place, "ann") as ann:
            await ann.join()
            await everybody(ann)
            ghost = {"ghost": json.dumps({"user": "gus", "state": {}})}
            await place.cap.presence("team.7").join(ghost, 0.2)
            await change(ann, "gus")
            await absence(ann, "ghost")

    asyncio.run(body())


def test_leaving_and_coming_back_in_one_breath_is_being_here(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            board = place.gateway.board
            board.join("team.9", "s1", "ann")
            board.join("team.9", "s2", "bob")
            board.leave("team.9", "s1")
            await here(place, {"s2"})
            board._left["team.9"] = {"s1"}
            board.join("team.9", "s1", "ann")
            await here(place, {"s1", "s2"})
            board.join("team.9", "s3", "cy")  # is written after all that was said of s1
            await here(place, {"s1", "s2", "s3"})

    asyncio.run(body())


def test_many_sessions_arrive_in_few_calls(url: str) -> None:
    async def body() -> None:
        async with site(url) as place:
            board = place.gateway.board
            for number in range(1000):
                board.join("team.9", f"s{number}", "ann")
            await here(place, {f"s{number}" for number in range(1000)})
            for number in range(1000):
                board.leave("team.9", f"s{number}")
            await here(place, set())

    asyncio.run(body())
