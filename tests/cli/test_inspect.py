"""`capsule inspect` as an operator uses it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from capsule.cli.main import main
from capsule.feeds import Capsule, Publish, Transaction
from tests.cli.test_jobs import prepare

Ask = Callable[..., tuple[int, str, str]]


async def fill(cap: Capsule) -> None:
    def put(feed: str, key: str, item: str, kind: str = "feed") -> Publish:
        return Publish(feed, key, item, kind=kind)  # type: ignore[arg-type]

    chat = [put("chat", f"c{n}", json.dumps({"text": f"Zoë {n}", "more": "x" * 200})) for n in range(30)]
    members = [put(".", "7", '{"name":"A team"}'), put("members", "ann", '{"name":"Ann"}', "sorted_feed")]
    await cap.scope("team.7").commit([Transaction("op1", tuple(members)), Transaction("op2", tuple(chat))])
    await cap.scope("desk.1").commit([Transaction("op1", (put(".", "1", "{}"),))])
    await cap.jobs("team").put("j1", "")  # a queue has a `meta`, and is no scope


@pytest.fixture
def ask(url: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    prepare(url, fill)

    def ask(*words: str) -> tuple[int, str, str]:
        status = main(["inspect", *words, "--redis", url])
        return status, *capsys.readouterr()

    return ask


def test_scopes_are_listed_with_their_last_event_and_feeds(ask: Ask) -> None:
    status, out, _ = ask()
    assert status == 0
    lines = [line.split() for line in out.splitlines()]
    assert [line[:3] for line in lines] == [["desk.1", "1", "feeds"], ["team.7", "3", "feeds"]]
    found = json.loads(ask("--match", "team.*", "--json")[1])
    assert [[each["scope"], each["feeds"], each["last"][:2]] for each in found] == [["team.7", 3, "1-"]]


def test_the_feeds_of_a_scope(ask: Ask) -> None:
    found = json.loads(ask("team.7", "--json")[1])
    assert [[each["feed"], each["kind"], each["items"]] for each in found["feeds"]] == [
        [".", "feed", 1],
        ["chat", "feed", 30],
        ["members", "sorted_feed", 1],
    ]
    assert found["log"] == 1
    assert found["feeds"][1]["bytes"] > 30 * 200
    assert "members " in ask("team.7")[1]


def test_the_last_items_of_a_feed_and_those_before(ask: Ask) -> None:
    _, out, _ = ask("team.7", "chat", "--count", "2")
    head, *items = out.splitlines()
    assert "2 of 30 items, from number 28" in head
    assert [line.split()[0] for line in items] == ["c28", "c29"]
    assert all(line.endswith("...") and "Zoë" in line for line in items)
    found = json.loads(ask("team.7", "chat", "--count", "2", "--before", "c28", "--json")[1])
    assert [[key, item["text"]] for key, item in found["items"]] == [["c26", "Zoë 26"], ["c27", "Zoë 27"]]


def test_one_item(ask: Ask) -> None:
    assert json.loads(ask("team.7", "members", "ann")[1]) == {"name": "Ann"}
    assert json.loads(ask("team.7", "members", "ann", "--json")[1])["item"] == {"name": "Ann"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["team.8"], "nothing was ever written to team.8."),
        (["team.7", "nothing"], "team.7 has no feed nothing."),
        (["team.7", "chat", "--before", "zz"], "chat of team.7 has no item zz."),
        (["team.7", "chat", "zz"], "chat of team.7 has no item zz."),
        (["no/scope"], "no/scope"),
    ],
)
def test_what_is_not_there_is_said(ask: Ask, words: list[str], sentence: str) -> None:
    status, out, complaint = ask(*words)
    assert [status, out] == [1, ""]
    assert sentence in complaint


def test_following_needs_a_scope(ask: Ask) -> None:
    assert ask("--follow")[0] == 2
    assert ask("team.7", "chat", "--follow")[0] == 2


def test_events_are_followed_as_they_happen(ask: Ask, url: str) -> None:
    assert ask("desk.1")[0] == 0
    since = json.loads(ask("desk.1", "--json")[1])["last"]
    command = [sys.executable, "-m", "capsule.cli.main", "inspect", "desk.1", "--follow", "--since", since]
    with subprocess.Popen([*command, "--redis", url], stdout=subprocess.PIPE, text=True) as process:
        try:

            async def change(cap: Capsule) -> None:
                await cap.scope("desk.1").commit([Transaction("op9", (Publish("notes", "n", '{"a":1}'),))])

            prepare(url, change)
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
        finally:
            process.terminate()
    assert told["prev"] == since
    assert told["tx"] == [["op9", [["publish", "notes", "n", {"a": 1}, ":end"]]]]


def test_several_servers_are_asked(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    databases = ",".join(f"{url}?db={number}" for number in range(3))

    async def body() -> None:
        cap = await Capsule.connect(databases)
        for n in range(20):
            await cap.scope(f"desk.{n}").commit([Transaction("op", (Publish(".", "a", "{}"),))])
        await cap.close()

    asyncio.run(body())
    assert main(["inspect", "--redis", databases, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 20
