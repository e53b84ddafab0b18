"""Running scripts: the keys they are given, and servers that do not know them."""

import asyncio

import pytest

from capsule.feeds import ServerError, script
from capsule.feeds.commands import LOADS, Commands
from capsule.feeds.link import Argument, Reply


class Forgetful(Commands):
    """A server that has to be taught a script `lessons` times."""

    def __init__(self, lessons: int, guarded: bool = False) -> None:
        self.lessons = lessons
        self.guarded = guarded
        self.heard: list[tuple[Argument, ...]] = []

    async def command(self, *arguments: Argument) -> Reply:
        self.heard.append(arguments)
        if arguments[0] == "SCRIPT":
            self.lessons -= 1
        elif self.lessons:
            raise ServerError("NOSCRIPT No matching script.")
        return b"done"


def test_a_script_gets_its_prefix_and_in_a_cluster_the_guard() -> None:
    found = script.load("log")
    for guarded, names in ((False, (1, "p:")), (True, (2, "p:", "p:guard"))):
        server = Forgetful(0, guarded)
        assert asyncio.run(server.run(found, "p:", "0-0", 7)) == b"done"
        assert server.heard == [("EVALSHA", found.sha1, *names, "0-0", 7)]


@pytest.mark.parametrize("lessons", [1, LOADS])
def test_a_server_that_does_not_know_it_is_taught_it(lessons: int) -> None:
    server = Forgetful(lessons)
    assert asyncio.run(server.run(script.load("log"), "p:", "0-0")) == b"done"
    assert [arguments[0] for arguments in server.heard] == ["EVALSHA", "SCRIPT"] * lessons + ["EVALSHA"]


def test_a_server_that_never_learns_is_given_up() -> None:
    with pytest.raises(ServerError, match="NOSCRIPT"):
        asyncio.run(Forgetful(LOADS + 1).run(script.load("log"), "p:", "0-0"))
