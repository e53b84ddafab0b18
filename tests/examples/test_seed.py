"""The demo's team is believable, valid, and filled once."""

import asyncio
from pathlib import Path

from capsule.feeds import Capsule
from examples.bang.models import Team
from examples.bang.seed import SCOPE, seed, team_data

NOW = 1_700_000_000_000


def test_the_team_is_what_its_models_allow() -> None:
    team = Team()
    team.mport(team_data(NOW))
    assert 6 <= team.members.length <= 8
    for member in team.members.models:
        for model in [member, *member.tasks.models, *member.shipped.models]:
            assert model.isValid(), model.validationError
        assert 3 <= member.tasks.length <= 8
        assert member.shipped.length >= 2
        assert all(task.get("owner") == member.id for task in member.tasks.models)
        assert member.get("activeTask") in ["", *(task.id for task in member.tasks.models)]
    assert any(member.get("activeTask") == "" for member in team.members.models)


def test_every_shipped_item_is_in_the_past_and_in_order() -> None:
    team = Team()
    team.mport(team_data(NOW))
    for member in team.members.models:
        times = [item.get("shippedAt") for item in member.shipped.models]
        assert times == sorted(times)
        assert times[-1] < NOW


def test_every_card_in_the_chat_has_its_shipped_item() -> None:
    team = Team()
    team.mport(team_data(NOW))
    cards = [message for message in team.chat.models if message.get("kind") == "shipped"]
    assert len(cards) >= 3
    for card in cards:
        member = team.members.get(card.get("author"))
        done = {(item.get("title"), item.get("shippedAt")) for item in member.shipped.models}
        assert (card.get("text"), card.get("at")) in done
    times = [message.get("at") for message in team.chat.models]
    assert times == sorted(times)


def test_a_second_seed_changes_nothing(tmp_path: Path) -> None:
    async def twice() -> tuple[list[bool], str, str]:
        cap = await Capsule.connect(data_dir=tmp_path)
        try:
            scope = cap.scope(SCOPE)
            first = await seed(cap)
            after_first = await scope.last()
            return [first, await seed(cap)], after_first, await scope.last()
        finally:
            await cap.close()

    filled, after_first, after_second = asyncio.run(twice())
    assert filled == [True, False]
    assert after_first == after_second != "0-0"


def test_two_seeds_at_the_same_moment_are_one(tmp_path: Path) -> None:
    async def race() -> list[bool]:
        cap = await Capsule.connect(data_dir=tmp_path)
        try:
            return list(await asyncio.gather(seed(cap), seed(cap), seed(cap)))
        finally:
            await cap.close()

    assert sorted(asyncio.run(race())) == [False, False, True]
