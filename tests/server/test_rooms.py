"""Rooms on a real store that goes away, comes back, and is sometimes asked for what cannot be."""

import asyncio
from pathlib import Path

import pytest

from capsule.feeds import Capsule, InputError
from capsule.feeds.embedded import Server, ensure
from capsule.server.limits import Limits
from capsule.server.rooms import Rooms
from tests.conftest import until

from .scripted import Page, resume
from .site import caller, site


def test_a_name_that_no_scope_can_have_opens_nothing(url: str) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        rooms = Rooms(cap, Limits())
        with pytest.raises(InputError):
            rooms.join("team/7", Page(), None)
        assert len(rooms) == 0
        await cap.close()

    asyncio.run(body())


def test_an_id_that_no_commit_gave_is_answered_with_a_snapshot(url: str) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        rooms = Rooms(cap, Limits())
        page = resume(Page(), "007-00000000000000000000")
        rooms.join("team.7", page, page.at)
        await until(lambda: page.arrivals)
        assert page.verbs() == ["snapshot"]
        await rooms.close()
        await cap.close()

    asyncio.run(body())


def test_a_killed_store_that_returns_costs_no_event_and_no_answer(own_server: Server, tmp_path: Path) -> None:
    async def body() -> None:
        async with site(own_server.url) as place, caller(place) as ann:
            worker = asyncio.create_task(place.work())
            await ann.join()
            await ann.act(1)
            await ann.hear("result", n=1)
            assert own_server.process is not None
            own_server.process.kill()
            own_server.process.wait()
            acting = asyncio.create_task(ann.act(2, first=False))
            joining = asyncio.create_task(ann.say("subscribe", scope="team.8", since=None))
            await asyncio.sleep(0.1)
            again = ensure(tmp_path / "data")
            await asyncio.gather(acting, joining)
            await ann.hear("result", n=2)
            await ann.act(3, first=False)
            await ann.hear("result", n=3)
            assert len(ann.seen) == 3
            await ann.say("subscribe", scope="team.8", since=None)
            await ann.hear("snapshot", scope="team.8")
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        again.stop()

    asyncio.run(body())
