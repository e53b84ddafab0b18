"""Teammates that never sleep: a few bots, each an ordinary client with a login of its own.

Run `python -m examples.bang.bots http://127.0.0.1:8020`. They add, edit, reorder, activate, ship and chat at
a human pace, and keep between 3 and 8 tasks each, so that a demo may run for days.
"""

import argparse
import asyncio
import http.client
import logging
import random
import signal
import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from capsule.server.client import Client, newClientId
from capsule.shared.pending import PendingOperation
from capsule.shared.replica import Replica
from examples.bang import phrases
from examples.bang.models import Member, Message, Task, Team
from examples.bang.seed import SCOPE

log = logging.getLogger("bang.bots")

BOTS = ("chidi", "dana", "eva", "hugo")
FEWEST, MOST = 3, 8  # tasks on a bot's list
PAUSE = (4.0, 14.0)  # seconds between two things that a bot does
STARTING = 0.7  # how often a bot without an active task begins one next
CHEERING = 0.3  # how often a bot cheers when somebody ships


class Bot:
    """One user of `address`. `chance` decides what it does, and when."""

    def __init__(self, user: str, address: str, chance: random.Random) -> None:
        self.user = user
        self.address = address
        self.chance = chance
        self.replica = Replica(
            Team, SCOPE, {"client": newClientId(), "user": user, "now": lambda: int(time.time() * 1000)}
        )
        self.to_cheer: str | None = None

    @property
    def member(self) -> Member:
        found: Member = self.replica.root.members.get(self.user)
        return found

    @property
    def tasks(self) -> list[Task]:
        models: list[Task] = self.member.tasks.models
        return models

    async def run(self) -> None:
        """Work until cancelled."""
        cookie = await asyncio.to_thread(log_in, self.address, self.user)
        url = self.address.replace("http", "ws", 1) + "/ws"
        async with Client(url, self.replica, cookie=cookie) as client:
            self.replica.root.chat.on("add", self.on_chat)
            while True:
                await asyncio.sleep(self.chance.uniform(*PAUSE))
                operation = self.act()
                if operation is not None:
                    await client.settled(operation)
                    log.info("%s: %s %s", self.user, operation.action["do"], operation.state)

    def act(self) -> PendingOperation | None:
        """Do one thing, or nothing when there is nothing to do it with."""
        count = len(self.tasks)
        if count < FEWEST:
            return self.add()
        if count >= MOST:
            return self.ship()
        if self.member.get("activeTask") == "" and self.chance.random() < STARTING:
            return self.activate()
        habits: list[tuple[Callable[[], PendingOperation | None], int]] = [
            (self.add, 2),
            (self.ship, 2),
            (self.activate, 4),
            (self.move, 3),
            (self.edit, 2),
            (self.talk, 3),
        ]
        [habit] = self.chance.choices([habit for habit, _ in habits], [weight for _, weight in habits])
        return habit()

    def on_chat(self, message: Message) -> None:
        if message.get("kind") == "shipped" and message.get("author") != self.user:
            self.to_cheer = message.get("author") if self.chance.random() < CHEERING else None

    # -- habits

    def add(self) -> PendingOperation | None:
        titles = {task.get("title") for task in self.tasks}
        title = phrases.task(self.chance)
        if title in titles:
            return None
        operation: PendingOperation = self.member.tasks.addServer({"title": title})
        return operation

    def ship(self) -> PendingOperation | None:
        """What is being worked on, else what is on top."""
        task = self.member.tasks.get(self.member.get("activeTask")) or self.tasks[0]
        operation: PendingOperation = task.callServerMethod("ship")
        return operation

    def activate(self) -> PendingOperation | None:
        task = self.chance.choice(self.tasks[:3])
        if self.member.get("activeTask") == task.id:
            return None
        operation: PendingOperation = task.callServerMethod("activate")
        return operation

    def move(self) -> PendingOperation | None:
        task, other = self.chance.sample(self.tasks, 2)
        operation: PendingOperation = task.moveServer({"before": other.id})
        return operation

    def edit(self) -> PendingOperation | None:
        task = self.chance.choice(self.tasks)
        title = phrases.second_thought(task.get("title"), self.chance)
        operation: PendingOperation = task.setServer({"title": title})
        return operation

    def talk(self) -> PendingOperation | None:
        text = self.chance.choice(phrases.LINES)
        author = self.replica.root.members.get(self.to_cheer)
        if author is not None:
            text = phrases.cheer(author.get("name").split()[0], self.chance)
            self.to_cheer = None
        operation: PendingOperation = self.replica.root.chat.addServer({"text": text})
        return operation


def log_in(address: str, user: str) -> str:
    """Choose the user on the login page; answers the cookie. Raises OSError when that fails."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    try:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/login", urlencode({"user": user}), form)
        cookie = connection.getresponse().headers.get("set-cookie")
    finally:
        connection.close()
    if cookie is None:
        raise ConnectionRefusedError(f"{address} does not let {user} in.")
    return cookie.partition(";")[0]


async def work(address: str) -> None:
    """Run all bots until SIGTERM or SIGINT; ends with an error when one of them does."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with asyncio.TaskGroup() as group:
        for user in BOTS:
            group.create_task(Bot(user, address, random.Random()).run())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.bang.bots", description="Keep &bang busy.")
    parser.add_argument("address", help="where &bang is, such as http://127.0.0.1:8020")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        asyncio.run(work(parser.parse_args().address))
    except asyncio.CancelledError:
        log.info("the bots go home")


if __name__ == "__main__":
    main()
