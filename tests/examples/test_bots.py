"""The bots are ordinary clients, do only what they may, and keep their lists short."""

import asyncio
import random

import pytest

from capsule.cli.demo import HOST
from capsule.server.client import Client
from examples.bang.bots import FEWEST, MOST, Bot, log_in
from tests.examples.stack import Stack


def test_hundreds_of_acts_are_all_accepted_and_bounded(stack: Stack) -> None:
    async def work() -> tuple[set[str], set[str], set[int]]:
        bot = Bot("dana", stack.url, random.Random(3))
        cookie = await asyncio.to_thread(log_in, stack.url, "dana")
        states: set[str] = set()
        done: set[str] = set()
        counts: set[int] = set()
        async with (
            asyncio.timeout(300),
            Client(f"ws://{HOST}:{stack.port}/ws", bot.replica, cookie=cookie) as client,
        ):
            for _ in range(300):
                operation = bot.act()
                if operation is not None:
                    await client.settled(operation)
                    states.add(operation.state)
                    done.add(operation.action.get("method") or operation.action["do"])
                counts.add(len(bot.tasks))
            assert bot.member.shipped.length <= 100
            assert bot.replica.root.chat.length <= 200
        return states, done, counts

    states, done, counts = asyncio.run(work())
    assert states == {"accepted"}
    assert done == {"add", "ship", "activate", "move", "edit"}
    assert min(counts) >= FEWEST - 1
    assert max(counts) <= MOST


def test_a_bot_cheers_for_others_but_not_for_itself(stack: Stack) -> None:
    class Sure(random.Random):
        def random(self) -> float:
            return 0.0

    async def cheer() -> list[str]:
        shipper, fan = Bot("eva", stack.url, Sure(1)), Bot("hugo", stack.url, Sure(2))
        url = f"ws://{HOST}:{stack.port}/ws"
        cookies = [await asyncio.to_thread(log_in, stack.url, bot.user) for bot in (shipper, fan)]
        async with (
            asyncio.timeout(120),
            Client(url, shipper.replica, cookie=cookies[0]) as one,
            Client(url, fan.replica, cookie=cookies[1]) as other,
        ):
            for bot in (shipper, fan):
                bot.replica.root.chat.on("add", bot.on_chat)
            heard = asyncio.Event()
            fan.replica.root.chat.on("add", lambda message: heard.set())
            operation = shipper.ship()
            assert operation is not None
            await one.settled(operation)
            await heard.wait()
            assert shipper.to_cheer is None
            operation = fan.talk()
            assert operation is not None
            await other.settled(operation)
            return [operation.action["attrs"]["text"]]

    [text] = asyncio.run(cheer())
    assert "Eva" in text


def test_a_bot_that_is_not_let_in_says_so(stack: Stack) -> None:
    with pytest.raises(ConnectionRefusedError, match="does not let nobody in"):
        log_in(stack.url, "nobody")
